/** Tables of what accounts have. */
import { h, scrollBox } from "../core/dom.js";

/**
 * @param {string} label
 * @param {string[]} heads
 * @param {Node[]} rows
 */
export const table = (label, heads, rows) =>
  scrollBox(label, h("table", { class: "accounts" }, h("thead", null, h("tr", null, heads.map((head) => (head ? h("th", { scope: "col" }, head) : h("td"))))), h("tbody", null, rows)));
