/** What was corrected on the page one is at, and changing it: one change after another, each on the version before. */
import { ApiError } from "../api/client.js";
import { t } from "../core/i18n.js";
import { signal } from "../core/signal.js";
import { explain } from "../tasks/explain.js";
import { hasEnded } from "../tasks/store.js";

/** @typedef {import("../api/types.js").Corrections} Answer */
/** @typedef {import("../api/types.js").Operation} Operation */

export class Corrections {
  /** What is known of the page one is at; null while nothing is, or where nothing can be corrected. */
  known = signal(/** @type {Answer | null} */ (null));
  /** Whether a change is on its way. */
  busy = signal(false);
  #client;
  #state;
  #notices;
  /** The page of which it was asked last. @type {import("../api/types.js").Page | null} */
  #asked = null;
  /** @type {Promise<unknown>} */
  #queue = Promise.resolve();

  /**
   * @param {Pick<import("../api/client.js").Client, "corrections" | "correct" | "stepCorrection" | "carryOver">} client
   * @param {import("../viewer/state.js").ViewerState} state
   * @param {Pick<import("../core/notices.js").Notices, "error" | "info">} notices
   */
  constructor(client, state, notices) {
    this.#client = client;
    this.#state = state;
    this.#notices = notices;
  }

  /** Asks what was corrected on the page one is at, once it was read; for an effect. */
  follow() {
    const read = this.#state.read.value;
    const task = this.#state.task.value;
    if (!read || !task || !hasEnded(task)) {
      this.#asked = null;
      this.known.value = null;
      return;
    }
    if (read.page === this.#asked) return;
    if (read.page.number !== this.#asked?.number) this.known.value = null;
    this.#asked = read.page;
    void this.#load(read.page.number).catch(() => {});
  }

  /** @param {number} number */
  async #load(number) {
    this.#take(number, await this.#client.corrections(this.#state.id, number));
  }

  /**
   * @param {number} number
   * @param {Answer} answer
   */
  #take(number, answer) {
    if (this.#state.number.peek() !== number) return;
    // An answer that was late must not take back what was done since.
    const known = this.known.peek();
    if (known && known.page.number === number && known.version > answer.version) return;
    // The words are there before what is shown on them.
    this.#asked = this.#state.replace(answer.page);
    this.known.value = answer;
  }

  /**
   * Changes the page one is at, after the changes that are on their way. Never rejects.
   * @param {Operation[]} operations
   * @returns {Promise<boolean>} whether it was changed
   */
  apply(operations) {
    return this.#change((number, version) => this.#client.correct(this.#state.id, number, version, operations));
  }

  /** @returns {Promise<boolean>} */
  undo() {
    return this.#step("undo");
  }

  /** @returns {Promise<boolean>} */
  redo() {
    return this.#step("redo");
  }

  /** @param {"undo" | "redo"} direction */
  #step(direction) {
    return this.#change((number, version) => this.#client.stepCorrection(this.#state.id, number, version, direction));
  }

  /**
   * Looks for the corrections of the text before on the one that was read since, and says what became of them.
   * @returns {Promise<boolean>}
   */
  carryOver() {
    return this.#change(async (number, version) => {
      const { corrections, carried } = await this.#client.carryOver(this.#state.id, number, version);
      const lost = carried.filter(({ fate }) => fate === "not-found");
      const texts = lost.map(({ original, text }) => `“${original}” → “${text ?? ""}”`).join(", ");
      this.#notices.info(t("edit.carried", { n: carried.length - lost.length, total: carried.length }), lost.length ? { detail: t("edit.lost", { texts }), time: 15_000 } : {});
      return corrections;
    });
  }

  /**
   * @param {(number: number, version: number) => Promise<Answer>} send
   * @returns {Promise<boolean>}
   */
  #change(send) {
    const number = this.#state.number.peek();
    const change = async () => {
      const known = this.known.peek();
      // Whoever turned the page means another one by now.
      if (!known || known.page.number !== number) return false;
      this.busy.value = true;
      try {
        this.#take(number, await send(number, known.version));
        return true;
      } catch (error) {
        this.#refused(error);
        if (error instanceof ApiError && error.status === 409) await this.#load(number).catch(() => {});
        return false;
      } finally {
        this.busy.value = false;
      }
    };
    const done = this.#queue.then(change);
    this.#queue = done;
    return done;
  }

  /** @param {unknown} error */
  #refused(error) {
    if (error instanceof ApiError && error.version !== null) {
      this.#notices.error(t("edit.conflict"));
      return;
    }
    const { cause, advice, original } = explain(error);
    this.#notices.error(cause, { detail: advice, original });
  }
}
