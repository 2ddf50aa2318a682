/** The tables of the page, cell by cell as the model holds them. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { editCells, keepCell, writeCell } from "../corrections/cells.js";
import { saveBlob } from "../tasks/actions.js";
import { copyButton } from "../shell/clipboard.js";
import { csv, tableTexts, tablesOf } from "./table.js";
import { tableElement } from "./table-element.js";
import { firstWordWithin } from "./words.js";

/** @typedef {import("../api/types.js").Table} Table */

export class TablesTab extends Component {
  #app;
  #state;
  #corrections;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("../corrections/corrections.js").Corrections} corrections
   */
  constructor(app, state, corrections) {
    super();
    this.#app = app;
    this.#state = state;
    this.#corrections = corrections;
  }

  build() {
    const state = this.#state;
    this.watch(() => {
      const page = state.read.value?.page;
      const tables = page ? tablesOf(page) : [];
      const back = keepCell(this);
      if (page && tables.length > 0) fill(this, tables.map((table, index) => this.#section(table, page.number, index + 1)));
      else fill(this, h("p", { class: "absent" }, t("tables.none")));
      back();
    });
    this.onLeave(() => (state.pointed.value = []));
  }

  /**
   * @param {Table} table
   * @param {number} page
   * @param {number} n which table of the page it is, from 1
   */
  #section(table, page, n) {
    const title = t("tables.number", { n });
    const text = () => csv(tableTexts(table));
    const save = () => saveBlob(new Blob(["\ufeff", text()], { type: "text/csv;charset=utf-8" }), `table-${page}-${n}.csv`);
    const tools = h("div", { class: "tab-tools" }, h("h2", null, title), copyButton(text, this.#app.notices, t("tables.copy")), h("button", { type: "button", class: "small", onclick: save }, t("tables.save")));
    const element = tableElement(table, title);
    element.addEventListener("pointerover", (event) => this.#point(cellOf(table, event)));
    element.addEventListener("pointerleave", () => this.#point(undefined));
    element.addEventListener("click", (event) => this.#choose(cellOf(table, event)));
    editCells(element, (at, cell) => this.#write(table, at, cell));
    return h("section", null, tools, element);
  }

  /** @param {import("../api/types.js").Cell | undefined} cell */
  #point(cell) {
    this.#state.pointed.value = cell ? [cell.polygon] : [];
  }

  /**
   * Makes a field of a cell, until it is left.
   * @param {Table} table
   * @param {HTMLElement} element
   * @param {number} index of the cell
   */
  #write(table, element, index) {
    const cell = table.cells[index];
    const block = (this.#state.read.peek()?.page.blocks ?? []).findIndex((one) => one.table === table);
    if (!cell || block < 0 || !this.#corrections.known.peek()) return;
    writeCell(element, cell.text, (text) => {
      void this.#corrections.apply([{ op: "set-cell", block, row: cell.row, column: cell.column, text }]);
    });
  }

  /** @param {import("../api/types.js").Cell | undefined} cell */
  #choose(cell) {
    if (!cell || !(getSelection()?.isCollapsed ?? true)) return;
    this.#state.chosen.value = firstWordWithin(this.#state.read.peek()?.words ?? [], [cell.polygon]);
  }
}
customElements.define("ocr-tables", TablesTab);

/**
 * @param {Table} table
 * @param {Event} event
 */
function cellOf(table, event) {
  const at = /** @type {HTMLElement} */ (event.target).closest("[data-cell]")?.getAttribute("data-cell");
  return at ? table.cells[Number(at)] : undefined;
}
