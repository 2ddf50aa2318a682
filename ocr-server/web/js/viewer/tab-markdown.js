/** The page as Markdown: as it reads, or as it is written. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { errorState, skeleton } from "../shell/states.js";
import { parseMarkdown } from "./markdown.js";
import { rowsElement } from "./table-element.js";

/** @param {import("./markdown.js").Part} part */
function element(part) {
  switch (part.kind) {
    case "heading":
      return h(part.level < 2 ? "h2" : "h3", null, part.text);
    case "list":
      return h(part.ordered ? "ol" : "ul", null, part.items.map((item) => h("li", null, item)));
    case "table":
      return rowsElement(part.rows, t("tables.one"));
    case "code":
      return h("pre", { tabindex: 0 }, part.text);
    case "rule":
      return h("hr");
    default:
      return h("p", null, part.text);
  }
}

export class MarkdownTab extends Component {
  #app;
  #state;
  #source;
  #text = "";

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("../core/signal.js").Signal<boolean>} source whether it is shown as it is written
   */
  constructor(app, state, source) {
    super();
    this.#app = app;
    this.#state = state;
    this.#source = source;
  }

  build() {
    const body = h("div", { class: "markdown" });
    const toggle = h("button", { type: "button", class: "small" }, t("markdown.source"));
    toggle.addEventListener("click", () => {
      this.#source.value = !this.#source.peek();
      if (this.#text) this.#show(body);
    });
    this.watch(() => toggle.setAttribute("aria-pressed", String(this.#source.value)));
    this.append(h("div", { class: "tab-tools" }, toggle, copyButton(() => this.#text, this.#app.notices)), body);
    this.watch(() => {
      void this.#state.read.value;
      void this.#load(body, this.#state.number.value);
    });
  }

  /**
   * @param {HTMLElement} body
   * @param {number} page
   */
  async #load(body, page) {
    fill(body, skeleton(3));
    this.#text = "";
    try {
      const text = await this.#app.client.text(this.#state.id, { format: "markdown", from: page, to: page });
      // A late answer is of a page that is not shown any more.
      if (page !== this.#state.number.peek()) return;
      this.#text = text;
      this.#show(body);
    } catch (error) {
      if (page === this.#state.number.peek()) fill(body, errorState(error, () => void this.#load(body, page)));
    }
  }

  /** @param {HTMLElement} body */
  #show(body) {
    fill(body, this.#source.peek() ? h("pre", { tabindex: 0 }, this.#text) : parseMarkdown(this.#text).map(element));
  }
}
customElements.define("ocr-markdown", MarkdownTab);
