/** Asks why a document is where it is, again whenever that may have changed. */
import { signal } from "../core/signal.js";

/** @typedef {import("../api/types.js").Explanation} Explanation */

/** Changes that come within this time cause one request, in milliseconds. */
const CALM = 700;
/** How often it is asked without any change, in milliseconds: that a worker has fallen silent is told by nobody. */
const REPEAT = 10_000;

const ENDED = new Set(["completed", "failed", "cancelled"]);

export class ExplanationWatch {
  /** What was told last. */
  told = signal(/** @type {Explanation | null} */ (null));
  #client;
  #clock;
  #id;
  /** @type {any} */
  #timer = null;
  #due = Infinity;
  #asking = false;
  #stopped = false;

  /**
   * @param {Pick<import("../api/client.js").Client, "exchange" | "url">} client
   * @param {{ now: () => number, setTimeout: (run: () => void, ms: number) => any, clearTimeout: (timer: any) => void }} clock
   * @param {string} id of the document
   */
  constructor(client, clock, id) {
    this.#client = client;
    this.#clock = clock;
    this.#id = id;
  }

  /** The document has changed, or is looked at for the first time. */
  changed() {
    this.#askIn(this.told.peek() ? CALM : 0);
  }

  /** Asks no more. */
  stop() {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** @param {number} ms unless it is asked sooner anyway */
  #askIn(ms) {
    const due = this.#clock.now() + ms;
    if (this.#stopped || due >= this.#due) return;
    this.#due = due;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.#ask(), ms);
  }

  async #ask() {
    this.#due = Infinity;
    // One after the other: an older answer must not replace a newer one.
    if (this.#asking) return this.#askIn(CALM);
    this.#asking = true;
    try {
      /** @type {Explanation} */
      const told = await this.#client.exchange("GET", this.#client.url(`/api/tasks/${this.#id}/explain`));
      if (!this.#stopped) this.told.value = told;
    } catch {
      // What was known stays; it is asked again.
    }
    this.#asking = false;
    const { status, until } = this.told.peek() ?? {};
    if (status && ENDED.has(status)) return;
    const left = until ? Date.parse(until) - this.#clock.now() : Infinity;
    this.#askIn(Math.min(REPEAT, left > 0 ? left + CALM : REPEAT));
  }
}
