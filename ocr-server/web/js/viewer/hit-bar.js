/** What was searched for in all documents, within this one: lit on each page, and walked through. */
import { Component, fill, h, iconButton } from "../core/dom.js";
import { number } from "../core/format.js";
import { t } from "../core/i18n.js";
import { signal } from "../core/signal.js";
import { placeAt, places } from "../search/hits.js";

/** Maximum number of answers that are asked for, and pages in one. */
const MAXIMUM_ANSWERS = 10;
const PAGES = 100;

export class HitBar extends Component {
  #app;
  #state;
  #go;
  /** @type {import("../search/hits.js").Place[]} */
  #places = [];
  #at = 0;
  /** Whether another search within the document is open, which lights its own words. */
  #covered = false;
  #version = signal(0);
  #said = h("span", { role: "status", class: "hit-count" });

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {(page: number, word: number) => void} go
   */
  constructor(app, state, go) {
    super();
    this.#app = app;
    this.#state = state;
    this.#go = go;
  }

  /** What is searched for. */
  get query() {
    const { id, query } = this.#app.router.route.value;
    return id === this.#state.id ? (query.q ?? "").trim() : "";
  }

  build() {
    const what = h("span", { class: "hit-query" });
    this.hidden = true;
    this.append(
      what,
      this.#said,
      iconButton("up", t("hits.previous"), () => this.step(-1)),
      iconButton("down", t("hits.next"), () => this.step(1)),
      iconButton("close", t("close"), () => this.close()),
    );
    /** @type {string | null} */
    let asked = null;
    this.watch(() => {
      const { query } = this;
      if (query === asked) return;
      asked = query;
      fill(what, query);
      void this.#search(query);
    });
    this.watch(() => this.#light());
    this.listen(document, "find", (event) => {
      this.#covered = event.detail;
      if (!this.#covered) this.#light();
    });
    /** @type {(() => void) | null} */
    let off = null;
    this.watch(() => {
      void this.#version.value;
      off?.();
      off = this.#places.length ? this.#app.keyboard.register(t("keys.hits"), this.#shortcuts()) : null;
    });
    this.onLeave(() => off?.());
  }

  /** @returns {import("../core/keyboard.js").Shortcut[]} */
  #shortcuts() {
    return [
      { keys: ["n"], label: t("hits.next"), run: () => this.step(1) },
      { keys: ["N"], label: t("hits.previous"), run: () => this.step(-1) },
    ];
  }

  /** @param {string} query */
  async #search(query) {
    this.#take([]);
    if (!query) return;
    /** @type {import("../api/types.js").SearchHit[]} */
    const hits = [];
    try {
      let cursor = null;
      for (let answers = 0; answers < MAXIMUM_ANSWERS && (answers === 0 || cursor); answers += 1) {
        const answer = await this.#app.client.search({ q: query, taskId: this.#state.id, limit: PAGES, cursor });
        hits.push(...answer.hits);
        cursor = answer.nextCursor;
      }
    } catch {
      // The document is shown all the same; only the words are not lit.
    }
    if (query !== this.query || !this.isConnected) return;
    this.#take(places(hits));
    this.#at = placeAt(this.#places, this.#state.number.peek(), this.#state.chosen.peek());
    this.#light();
  }

  /** @param {import("../search/hits.js").Place[]} found */
  #take(found) {
    this.#places = found;
    this.#at = 0;
    this.hidden = found.length === 0;
    this.#version.value = this.#version.peek() + 1;
    this.#light();
  }

  /** Lights the words of the page, and says at which of the places one is. */
  #light() {
    const page = this.#state.number.value;
    void this.#state.read.value;
    if (this.#covered) return;
    const here = this.#places[this.#at];
    const all = this.#places.filter((place) => place.page === page).flatMap(({ words }) => words);
    this.#state.hits.value = { all: new Set(all), here: new Set(here?.page === page ? here.words : []) };
    this.#said.textContent = t("find.count", { at: number(this.#at + 1), total: number(this.#places.length) });
  }

  /**
   * Goes to the next place, or to the one before, round the ends of the document.
   * @param {1 | -1} by
   */
  step(by) {
    const count = this.#places.length;
    if (count === 0) return;
    const { number: page, chosen } = this.#state;
    const at = this.#places[this.#at];
    // Who went elsewhere goes on from there.
    const moved = at?.page !== page.peek() || (chosen.peek() >= 0 && !at.words.includes(chosen.peek()));
    const from = moved ? placeAt(this.#places, page.peek(), chosen.peek()) : this.#at;
    this.#at = moved && by > 0 ? from : (from + by + count) % count;
    const { page: to, words } = /** @type {import("../search/hits.js").Place} */ (this.#places[this.#at]);
    this.#go(to, words[0] ?? -1);
    this.#light();
  }

  /** Ends the search; false when there is none. */
  close() {
    if (this.hidden) return false;
    this.#app.router.refine({ q: "" });
    return true;
  }
}
customElements.define("ocr-hits", HitBar);
