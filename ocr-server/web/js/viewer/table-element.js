/** Tables as elements of the page. */
import { h, scrollBox } from "../core/dom.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { tableParts } from "./table.js";

/** @typedef {import("./table.js").Spot} Spot */

/** A cell that is set to the right: a number, with its sign, currency or unit. */
const NUMBER = /^[-+(]?\p{Sc}?\s?\d[\d.,'\s]*\s?[%)\p{Sc}]?$/u;

/**
 * A check box of the document, as a sign with its meaning in words.
 * @param {boolean} selected
 */
export function boxElement(selected) {
  const name = t(selected ? "selection.on" : "selection.off");
  return h("span", { class: "box", role: "img", "aria-label": name, title: name }, selected ? "☑" : "☐");
}

/**
 * A table of the model. What begins in it carries the place of its cell in `data-cell`.
 * @param {import("../api/types.js").Table} table
 * @param {string} label
 */
export function tableElement(table, label) {
  const { head, bodies } = tableParts(table);
  const row = (/** @type {Spot[]} */ spots) => h("tr", null, spots.map((spot) => spotElement(spot, table)));
  const hasTitle = table.cells.some((cell) => cell.kind === "title");
  return h("div", null, scrollBox(
    label,
    h(
      "table",
      null,
      table.title && !hasTitle && h("caption", null, table.title),
      head.length > 0 && h("thead", null, head.map(row)),
      bodies.map((rows) => h("tbody", null, rows.map(row))),
    ),
  ), table.footer && !table.cells.some((cell) => cell.kind === "footer") && h("p", { class: "quiet" }, table.footer));
}

/**
 * @param {Spot} spot
 * @param {import("../api/types.js").Table} table
 */
function spotElement({ tag, cell, rowSpan, columnSpan, scope }, table) {
  if (!cell) return h(tag);
  const { text, kind, selected, confidence } = cell;
  const names = [kind !== "data" && `is-${kind}`, kind !== "column-header" && NUMBER.test(text) && "number"].filter(Boolean).join(" ");
  const properties = { scope, rowspan: rowSpan > 1 && rowSpan, colspan: columnSpan > 1 && columnSpan, class: names || null, title: percent(confidence), "data-cell": table.cells.indexOf(cell) };
  return h(tag, properties, selected !== undefined && [boxElement(selected), " "], text);
}

/**
 * A table that is only rows of text.
 * @param {string[][]} rows the first one names the columns
 * @param {string} label
 */
export function rowsElement([head = [], ...rows], label) {
  const names = h("tr", null, head.map((cell) => (cell ? h("th", { scope: "col" }, cell) : h("td"))));
  const body = rows.map((row) => h("tr", null, row.map((cell) => h("td", { class: NUMBER.test(cell) && "number" }, cell))));
  return scrollBox(label, h("table", null, h("thead", null, names), h("tbody", null, body)));
}
