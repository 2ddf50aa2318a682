/** Search within the document. */
import { Component, h, icon, iconButton } from "../core/dom.js";
import { number } from "../core/format.js";
import { t } from "../core/i18n.js";
import { matchCounts, matches } from "./words.js";

/** Pause in typing after which is searched, in milliseconds. */
const PAUSE = 150;

export class FindBar extends Component {
  #app;
  #state;
  #go;
  #query = "";
  /** Index of the occurrence on its page. */
  #at = 0;
  /** Occurrences of each page, the first page first; null while the text is not known. @type {number[] | null} */
  #counts = null;
  /** @type {Promise<string> | null} */
  #text = null;
  #input = h("input", { type: "search", id: "find", autocomplete: "off", spellcheck: "false" });
  #said = h("span", { role: "status", class: "quiet" });

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

  build() {
    const input = this.#input;
    input.placeholder = t("find.placeholder");
    input.setAttribute("aria-label", t("find.placeholder"));
    this.hidden = true;
    this.append(
      h("label", { class: "search" }, icon("search"), input),
      this.#said,
      iconButton("up", t("find.previous"), () => void this.step(-1)),
      iconButton("down", t("find.next"), () => void this.step(1)),
      iconButton("close", t("close"), () => this.close()),
    );
    let timer = 0;
    this.listen(input, "input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.#search(), PAUSE);
    });
    this.onLeave(() => clearTimeout(timer));
    this.listen(input, "keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        void (input.value === this.#query ? this.step(event.shiftKey ? -1 : 1) : this.#search());
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.close();
      }
    });
    this.watch(() => this.#light());
    this.watch(() => {
      if (this.#state.task.value?.status === "completed") return;
      // What is read anew may have another text.
      this.#text = null;
      this.#counts = null;
    });
  }

  /** @param {string} [query] */
  open(query) {
    this.hidden = false;
    this.#tell();
    if (query !== undefined) this.#input.value = query;
    this.#input.focus();
    this.#input.select();
    if (this.#input.value) void this.#search();
  }

  close() {
    if (this.hidden) return false;
    this.hidden = true;
    this.#query = "";
    this.#state.hits.value = { all: new Set(), here: new Set() };
    this.#tell();
    /** @type {HTMLElement | null} */ (document.querySelector(".stage"))?.focus({ preventScroll: true });
    return true;
  }

  /** Tells whether words are lit for this search. */
  #tell() {
    this.dispatchEvent(new CustomEvent("find", { detail: !this.hidden, bubbles: true }));
  }

  async #search() {
    this.#query = this.#input.value;
    this.#at = 0;
    await this.#count();
    const here = this.#hits();
    if (here.length) this.#choose();
    else if (this.#total > 0) await this.#jump(1);
    this.#light();
  }

  /** Counts on all pages: from the whole text where there is one, else from the pages at hand. */
  async #count() {
    const query = this.#query;
    if (!query.trim()) {
      this.#counts = [];
      return;
    }
    this.#text ??= this.#app.client.text(this.#state.id);
    try {
      const counts = matchCounts(await this.#text, query);
      if (query === this.#query) this.#counts = counts;
    } catch {
      this.#text = null;
      this.#counts = null;
    }
  }

  get #total() {
    return this.#counts ? this.#counts.reduce((sum, count) => sum + count, 0) : this.#hits().length;
  }

  #hits() {
    return matches(this.#state.read.peek()?.words ?? [], this.#query);
  }

  /** Lights the occurrences on the page, and says which one this is. */
  #light() {
    void this.#state.read.value;
    if (this.hidden) return;
    if (!this.#query.trim()) {
      this.#state.hits.value = { all: new Set(), here: new Set() };
      this.#said.textContent = "";
      return;
    }
    const hits = this.#hits();
    this.#state.hits.value = { all: new Set(hits.flat()), here: new Set(hits[this.#at]) };
    const at = this.#state.numbers.indexOf(this.#state.number.peek());
    const before = this.#counts?.slice(0, Math.max(0, at)).reduce((sum, count) => sum + count, 0) ?? 0;
    this.#said.textContent = this.#total === 0 ? t("find.none") : t("find.count", { at: number(hits.length ? before + this.#at + 1 : 0), total: number(this.#total) });
  }

  /** @param {1 | -1} direction */
  async step(direction) {
    const hits = this.#hits();
    const next = this.#at + direction;
    if (next >= 0 && next < hits.length) {
      this.#at = next;
      this.#choose();
    } else {
      await this.#jump(direction);
    }
    this.#light();
  }

  /** Goes to the next page with occurrences, round the end of the document. */
  async #jump(/** @type {1 | -1} */ direction) {
    const state = this.#state;
    await state.knowNumbers();
    const counts = this.#counts ?? [];
    const total = counts.length;
    const from = Math.max(0, state.numbers.indexOf(state.number.peek()));
    for (let by = 1; by <= total; by += 1) {
      const at = (from + direction * by + total * by) % total;
      if (!counts[at]) continue;
      // The texts follow one another as the pages do, whatever their numbers are.
      const number = state.numbers[at] ?? 1;
      await state.show(number);
      // Where that page was not read, it is known by now which were.
      const known = state.numbers[at] ?? 1;
      if (known !== number) await state.show(known);
      const hits = this.#hits();
      this.#at = direction > 0 ? 0 : Math.max(0, hits.length - 1);
      this.#choose();
      return;
    }
  }

  #choose() {
    const word = this.#hits()[this.#at]?.[0];
    if (word !== undefined) this.#go(this.#state.number.peek(), word);
  }
}
customElements.define("ocr-find", FindBar);
