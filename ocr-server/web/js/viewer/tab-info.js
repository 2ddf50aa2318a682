/** Facts about the document and the page. */
import { Component, fill, h, icon } from "../core/dom.js";
import { bytes, dateTime, duration, language, number, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { copyButton } from "../shell/clipboard.js";
import { statusText } from "../documents/status-text.js";
import { chipLink } from "../filing/chips.js";
import { openFiling } from "../filing/dialog.js";
import { WhoSaw } from "./who-saw.js";
import { Why } from "./why.js";

/** @typedef {import("../core/i18n.js").Key} Key */
/** @typedef {[Key, string | number | null | undefined | Node][]} Facts */

/** @param {Facts} facts */
const list = (facts) =>
  h(
    "dl",
    { class: "facts-list" },
    facts.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([key, value]) => h("div", null, h("dt", null, t(key)), h("dd", null, typeof value === "number" ? number(value) : value))),
  );

export class InfoTab extends Component {
  #app;
  #state;
  #facts = h("div");

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   */
  constructor(app, state) {
    super();
    this.#app = app;
    this.#state = state;
  }

  build() {
    this.append(new Why(this.#app, this.#state), this.#facts);
    // Where nobody signs in there is nobody to name.
    if (this.#app.accounts.user) this.append(new WhoSaw(this.#app, this.#state.id));
    this.watch(() => {
      const task = this.#state.task.value;
      const page = this.#state.read.value?.page;
      fill(this.#facts, task && [h("h2", null, t("info.document")), list(this.#documentFacts(task))], page && [h("h2", null, t("viewer.pageOf", { page: page.number })), list(pageFacts(page))]);
    });
  }

  /**
   * How the document is filed, and a button to change that.
   * @param {import("../api/types.js").Task} task
   */
  #filed(task) {
    const { labels = [], collection = null, note = "" } = task;
    return h(
      "div",
      { class: "filing-facts" },
      collection && chipLink("collection", collection),
      labels.map((name) => chipLink("label", name)),
      note && h("p", { class: "filing-note", dir: "auto" }, note),
      h("button", { type: "button", onclick: () => openFiling(this.#app, [task]) }, icon("tag"), h("span", null, t("action.file"))),
    );
  }

  /**
   * @param {import("../api/types.js").Task} task
   * @returns {Facts}
   */
  #documentFacts(task) {
    const engine = this.#app.engines.value?.engines.find(({ name }) => name === task.engine);
    return [
      ["info.name", task.filename],
      ["info.filed", this.#filed(task)],
      ["info.status", statusText(task)],
      ["info.type", task.mime_type],
      ["info.size", bytes(task.file_size)],
      ["info.created", dateTime(task.created_at)],
      ["info.updated", dateTime(task.updated_at)],
      ["info.engine", engine ? `${engine.name} ${engine.version}` : task.engine],
      ["info.pages", task.page_count],
      ["info.words", task.word_count],
      ["info.confidence", task.confidence_score === null ? null : percent(task.confidence_score)],
      ["info.time", task.processing_time_ms === null ? null : duration(task.processing_time_ms)],
      ["info.sameAs", task.same_as && h("a", { href: formatRoute("document", {}, task.same_as) }, t("info.earlier"))],
      ["info.attempts", task.attempt],
      ["info.id", h("span", null, h("code", null, task.id), " ", copyButton(() => task.id, this.#app.notices))],
    ];
  }
}
customElements.define("ocr-info", InfoTab);

/**
 * @param {import("../api/types.js").Page} page
 * @returns {Facts}
 */
function pageFacts(page) {
  const source = { ocr: t("source.ocr"), "text-layer": t("source.text"), mixed: t("source.mixed"), empty: t("source.empty") }[page.source];
  return [
    ["info.source", source],
    ["info.pixels", t("info.pixelsOf", { width: page.width, height: page.height })],
    ["info.dpi", page.dpi ? Math.round(page.dpi) : null],
    ["info.rotation", page.rotation ? `${page.rotation}°` : null],
    ["info.skew", Math.abs(page.skew) >= 0.1 ? `${page.skew.toFixed(1)}°` : null],
    ["info.language", page.language ? language(page.language) : null],
    ["info.confidence", page.confidence === undefined ? null : percent(page.confidence)],
    ["info.time", duration(page.elapsedMs)],
    ["info.samePage", page.sameAs && h("a", { href: formatRoute("document", { page: String(page.sameAs.page) }, page.sameAs.taskId) }, t("info.earlierPage", { page: page.sameAs.page }))],
    ["info.warnings", page.warnings?.length ? h("ul", null, page.warnings.map((warning) => h("li", null, warning))) : null],
  ];
}
