/** The pages in which what is searched for stands, under the documents they belong to. */
import { ApiError } from "../api/client.js";
import { Component, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { signal } from "../core/signal.js";
import { around, byDocument, pieces } from "../search/hits.js";
import { errorState } from "../shell/states.js";

/** @typedef {import("../api/types.js").SearchHit} SearchHit */

export class SearchHits extends Component {
  #app;
  #query = "";
  /** @type {SearchHit[]} */
  #hits = [];
  /** @type {string | null} */
  #cursor = null;
  /** @type {AbortController | null} */
  #asking = null;
  /** Whether Enter was pressed before the answer came. */
  #opens = false;
  /** How many pages were found; null while that is not known. */
  count = signal(/** @type {number | null} */ (0));

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    this.listen(this, "keydown", (event) => this.#walk(event));
    this.onLeave(() => this.#asking?.abort());
  }

  /** @param {string} query as typed; nothing is searched while it is empty */
  search(query) {
    if (query === this.#query) return;
    this.#query = query;
    this.#hits = [];
    this.#cursor = null;
    this.#opens = false;
    this.#asking?.abort();
    if (query) {
      this.count.value = null;
      void this.#ask();
    } else {
      this.count.value = 0;
      fill(this);
    }
  }

  async #ask() {
    const query = this.#query;
    const cursor = this.#cursor;
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const answer = await this.#app.client.search({ q: query, cursor }, asking.signal);
      if (asking.signal.aborted) return;
      this.#hits.push(...answer.hits);
      this.#cursor = answer.nextCursor;
      this.count.value = this.#hits.length;
      this.#show(cursor ? this.#hits.length - answer.hits.length : 0);
      if (this.#opens) this.openFirst();
    } catch (error) {
      if (asking.signal.aborted) return;
      this.count.value = this.#hits.length;
      fill(this, this.#failure(error));
    }
  }

  /** @param {unknown} error */
  #failure(error) {
    if (!(error instanceof ApiError) || error.position === null) return errorState(error, () => void this.#ask());
    const { before, at, after } = around(this.#query, error.position);
    return h(
      "div",
      { class: "bad-query", role: "alert" },
      h("p", null, t("hits.badQuery", { position: error.position + 1 })),
      h("p", { class: "query" }, before, h("mark", null, at || "‸"), after),
      h("p", { class: "quiet", lang: "en" }, error.message),
    );
  }

  /** @param {number} from the first hit that was not shown before */
  #show(from) {
    const had = from > 0 && this.contains(document.activeElement);
    const documents = byDocument(this.#hits);
    const more = this.#cursor && h("button", { type: "button", class: "more-hits", onclick: () => void this.#ask() }, t("hits.more"));
    const pages = this.#hits.length;
    const said = this.#cursor ? t("hits.first", { pages }) : t("hits.found", { pages, documents: documents.length });
    fill(
      this,
      pages > 0 && h("p", { class: "quiet", role: "status" }, said),
      documents.map((found) => h("section", null, h("h2", null, icon("page"), h("span", null, found.filename)), h("ul", null, found.hits.map((hit) => h("li", null, this.#link(hit)))))),
      more,
    );
    const next = this.#hits[from];
    if (had && next) /** @type {HTMLElement | undefined} */ (this.#links.find((link) => link.dataset.hit === key(next)))?.focus();
  }

  /** @param {SearchHit} hit */
  #link(hit) {
    const first = hit.words[0];
    const href = formatRoute("document", { page: hit.page > 1 ? hit.page : "", word: first ? first.index + 1 : "", q: this.#query }, hit.taskId);
    const text = pieces(hit.snippet).map((piece) => (piece.found ? h("mark", null, piece.text) : piece.text));
    return h("a", { href, "data-hit": key(hit) }, h("span", { class: "page-number" }, t("hits.page", { page: hit.page })), h("span", { class: "snippet", dir: "auto" }, text), hit.exactness !== "exact" && h("span", { class: "quiet" }, t(`hits.${hit.exactness}`)));
  }

  get #links() {
    return [...this.querySelectorAll("a")];
  }

  /** Gives the keyboard to the first hit; false when there is none. */
  focusFirst() {
    this.#links[0]?.focus();
    return this.#links.length > 0;
  }

  /** Opens the first hit, as soon as there is one. */
  openFirst() {
    this.#opens = this.count.peek() === null;
    this.#links[0]?.click();
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = this.#links.indexOf(/** @type {HTMLAnchorElement} */ (event.target));
    if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (at + step < 0) /** @type {HTMLElement | null} */ (document.querySelector("#list-search"))?.focus();
    else (this.#links[at + step] ?? /** @type {HTMLElement | null} */ (this.querySelector(".more-hits")))?.focus();
  }
}
customElements.define("ocr-search-hits", SearchHits);

/** @param {SearchHit} hit */
const key = (hit) => `${hit.taskId} ${hit.page}`;
