/** The review desk: pages with doubtful words, one after another, and what is corrected most often. */
import { Component, fill, h, iconButton, scrollBox } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { emptyState, errorState, skeleton } from "../shell/states.js";
import { emptyQueue, withMore } from "./queue.js";

/** @typedef {import("../api/types.js").DoubtfulDocument} DoubtfulDocument */
/** @typedef {import("../api/types.js").CommonCorrections} CommonCorrections */

/** Words of a page that are shown. */
const SHOWN = 8;

export class ReviewScreen extends Component {
  #app;
  #queue = emptyQueue();
  #list = h("div", null, skeleton(5));
  #table = h("section");
  #said = h("p", { class: "quiet", role: "status" });
  #progress = h("div", { class: "review-progress" });

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const refresh = () => void this.#load();
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.review")), iconButton("refresh", t("action.refresh"), refresh)),
      h("p", { class: "quiet" }, t("review.about")),
      this.#said,
      this.#progress,
      this.#list,
      this.#table,
    );
    this.onLeave(this.#app.keyboard.register(t("nav.review"), [
      { keys: ["."], label: t("keys.refresh"), run: refresh },
      { keys: ["n"], label: t("review.next"), run: () => this.#begin() },
    ]));
    void this.#load();
  }

  get #below() {
    return this.#app.settings.values.peek().weakBelow / 100;
  }

  async #load() {
    this.#queue = emptyQueue();
    try {
      await this.#more();
      const common = await this.#app.client.commonCorrections();
      if (this.isConnected) fill(this.#table, common.corrections.length > 0 && commonTable(common));
    } catch (error) {
      if (this.isConnected) fill(this.#list, errorState(error, () => void this.#load()));
    }
  }

  /** Looks at further documents, until some have doubtful words or there are no more. */
  async #more() {
    this.#queue = await withMore(this.#queue, (cursor) => this.#app.client.review(this.#below, cursor));
    if (this.isConnected) this.#show();
  }

  #show() {
    const { documents, lookedAt, progress, cursor } = this.#queue;
    const pages = documents.reduce((count, { pages: found }) => count + found.length, 0);
    this.#said.textContent = t("review.found", { n: pages, documents: lookedAt, share: percent(this.#below) });
    fill(this.#progress, progress.words > 0 && progressBar(progress));
    const more = () => void this.#more().catch((error) => fill(this.#list, errorState(error, () => void this.#load())));
    if (documents.length === 0) fill(this.#list, emptyState({ icon: "check", title: t("review.none") }));
    else fill(this.#list, documents.map(documentSection), cursor && h("button", { type: "button", class: "more-hits", onclick: more }, t("review.more")));
  }

  /** Opens the first page; false when there is none. */
  #begin() {
    const link = /** @type {HTMLElement | null} */ (this.querySelector(".review a"));
    link?.click();
    return link !== null;
  }
}
customElements.define("ocr-review", ReviewScreen);

/** @param {import("../api/types.js").ReviewProgress} progress */
function progressBar({ words, wordsLeft, pages, pagesLeft }) {
  const done = words - wordsLeft;
  const said = t("review.progress", { done: number(done), words: number(words), pages: number(pages - pagesLeft), of: number(pages) });
  return [h("progress", { max: words, value: done, "aria-label": t("review.progressLabel") }), h("p", { class: "quiet" }, said)];
}

/** @param {DoubtfulDocument} document */
function documentSection({ taskId, filename, pages, reviewed, more }) {
  const rows = pages.map((page) => {
    const [first] = page.words;
    const href = formatRoute("document", { page: page.number > 1 ? page.number : "", word: first ? first.index + 1 : "" }, taskId);
    const words = page.words.slice(0, SHOWN).map((word) => word.text).join("  ");
    const begun = page.doubtful < page.asRead ? ` · ${t("review.begun", { n: page.asRead - page.doubtful })}` : "";
    const said = `${t("review.words", { n: page.doubtful, total: page.total })}${begun}`;
    return h("li", null, h("a", { href }, h("span", { class: "page-number" }, t("hits.page", { page: page.number })), h("span", { class: "snippet", dir: "auto" }, words), h("span", { class: "quiet" }, said)));
  });
  return h("section", { class: "review" }, h("h2", null, filename), h("ul", null, rows), reviewed.length > 0 && h("p", { class: "quiet" }, t("review.reviewed", { n: reviewed.length })), more && h("p", { class: "quiet" }, t("review.morePages")));
}

/** @param {CommonCorrections} common */
function commonTable({ corrections, documents }) {
  const head = h("tr", null, ["review.read", "review.written", "info.engine", "review.count"].map((key) => h("th", { scope: "col" }, t(/** @type {import("../core/i18n.js").Key} */ (key)))));
  const rows = corrections.map(({ original, text, engine, count }) => h("tr", null, h("td", { dir: "auto" }, original), h("td", { dir: "auto" }, text || "–"), h("td", null, engine), h("td", { class: "number" }, number(count))));
  return [h("h2", null, t("review.common")), h("p", { class: "quiet" }, t("review.counted", { n: documents })), scrollBox(t("review.common"), h("table", null, h("thead", null, head), h("tbody", null, rows)))];
}
