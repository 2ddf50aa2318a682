/** Cells of a table that can be walked through and written by keyboard. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

const CELL = "[data-cell]";

/**
 * Lets the arrow keys walk through the cells of a table, and Enter, F2 or a double click write one.
 * @param {HTMLElement} table
 * @param {(element: HTMLElement, index: number) => void} write
 */
export function editCells(table, write) {
  /** @returns {HTMLElement[]} */
  const cells = () => [...table.querySelectorAll(/** @type {"td"} */ (CELL))];
  const first = cells()[0];
  if (first) first.tabIndex = 0;
  const begin = (/** @type {HTMLElement} */ element) => write(element, Number(element.getAttribute("data-cell")));
  table.addEventListener("dblclick", (event) => {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(CELL));
    if (cell) begin(cell);
  });
  table.addEventListener("keydown", (event) => {
    const cell = /** @type {HTMLElement} */ (event.target);
    if (!cell.matches(CELL) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      begin(cell);
      return;
    }
    const next = beside(cells(), cell, event.key);
    if (!next) return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}

/**
 * Remembers at which cell the keyboard is, where what holds it is made anew; what is returned goes back to it.
 * @param {HTMLElement} holder
 */
export function keepCell(holder) {
  const cells = () => /** @type {HTMLElement[]} */ ([...holder.querySelectorAll(CELL)]);
  const at = cells().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  return () => {
    const cell = cells()[at];
    if (!cell) return;
    for (const other of cells()) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  };
}

/**
 * The cell that an arrow key leads to.
 * @param {HTMLElement[]} cells
 * @param {HTMLElement} cell
 * @param {string} key
 */
function beside(cells, cell, key) {
  const at = cells.indexOf(cell);
  if (key === "ArrowRight") return cells[at + 1];
  if (key === "ArrowLeft") return cells[at - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const box = cell.getBoundingClientRect();
  const middle = (box.left + box.right) / 2;
  const others = cells.filter((other) => {
    const { left, right, top, bottom } = other.getBoundingClientRect();
    const across = left <= middle && middle <= right;
    return across && (key === "ArrowDown" ? top >= box.bottom - 1 : bottom <= box.top + 1);
  });
  return key === "ArrowDown" ? others[0] : others.at(-1);
}

/**
 * Makes a field of a cell. Enter and leaving it change the cell, Escape does not.
 * @param {HTMLElement} cell
 * @param {string} text
 * @param {(text: string) => void} change
 */
export function writeCell(cell, text, change) {
  if (cell.classList.contains("writing")) return;
  const content = [...cell.childNodes];
  const field = h("input", { class: "word-editor cell-editor", type: "text", maxlength: 10_000, autocomplete: "off", spellcheck: "false", value: text, "aria-label": t("edit.cell") });
  let ended = false;
  const end = (/** @type {boolean} */ changes) => {
    if (ended) return;
    ended = true;
    cell.classList.remove("writing");
    cell.replaceChildren(...content);
    const now = field.value.trim().replace(/\s+/g, " ");
    if (changes && now !== text) change(now);
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    end(event.key === "Enter");
    cell.focus();
  });
  field.addEventListener("blur", () => end(true));
  cell.classList.add("writing");
  cell.replaceChildren(field);
  field.focus();
  field.select();
}
