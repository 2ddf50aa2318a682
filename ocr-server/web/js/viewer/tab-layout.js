/** The blocks of the page in reading order, and their tables. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { saveText } from "../tasks/actions.js";
import { copyButton } from "../shell/clipboard.js";
import { emptyState } from "../shell/states.js";
import { tableElement } from "./tab-markdown.js";
import { tablesOf } from "./tables.js";
import { csv } from "./words.js";

/** @typedef {import("./state.js").ViewerState} ViewerState */

const KINDS = /** @type {const} */ (["paragraph", "heading", "list", "table", "key-value", "figure", "signature"]);

/** @param {string} kind */
function kindName(kind) {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`kind.${known}`) : kind;
}

export class LayoutTab extends Component {
  #state;

  /** @param {ViewerState} state */
  constructor(state) {
    super();
    this.#state = state;
  }

  build() {
    const state = this.#state;
    const list = h("ol", { class: "blocks" });
    this.append(list);
    this.watch(() => {
      const blocks = state.read.value?.page.blocks ?? [];
      const point = (/** @type {number} */ index) => () => {
        state.block.value = index;
      };
      fill(list, blocks.map((block, index) => {
        const first = () => state.read.peek()?.words.find((word) => word.block === index);
        const go = () => {
          state.chosen.value = first()?.index ?? -1;
        };
        const text = block.lines.map((line) => line.text).join(" ");
        return h("li", null, h("button", { type: "button", onclick: go, onpointerenter: point(index), onpointerleave: point(-1), onfocus: point(index), onblur: point(-1) }, h("span", { class: "kind" }, kindName(block.kind)), h("span", { class: "excerpt" }, text)));
      }));
    });
    this.onLeave(() => (state.block.value = -1));
  }
}
customElements.define("ocr-layout", LayoutTab);

export class TablesTab extends Component {
  #app;
  #state;

  /**
   * @param {import("../app.js").App} app
   * @param {ViewerState} state
   */
  constructor(app, state) {
    super();
    this.#app = app;
    this.#state = state;
  }

  build() {
    const state = this.#state;
    this.watch(() => {
      const page = state.read.value?.page;
      const tables = page ? tablesOf(page) : [];
      if (tables.length === 0) {
        fill(this, emptyState({ icon: "boxes", title: t("tables.none"), text: t("tables.noneText") }));
        return;
      }
      fill(this, tables.map(({ rows, guessed }, index) => {
        const title = t("tables.number", { n: index + 1 });
        const name = `table-${page?.number}-${index + 1}.csv`;
        const save = h("button", { type: "button", class: "small", onclick: () => saveText(`\ufeff${csv(rows)}`, "text/csv;charset=utf-8", name) }, t("tables.save"));
        return h("section", null, h("div", { class: "tab-tools" }, h("h2", null, title), copyButton(() => csv(rows), this.#app.notices, t("tables.copy")), save), guessed && h("p", { class: "quiet" }, t("tables.guessed")), tableElement(rows, title));
      }));
    });
  }
}
customElements.define("ocr-tables", TablesTab);
