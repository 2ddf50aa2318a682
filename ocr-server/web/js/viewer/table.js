/** A table of the model: its grid, the parts it is shown in, and its texts as rows. */

/** @typedef {import("../api/types.js").Table} Table */
/** @typedef {import("../api/types.js").Cell} Cell */
/** @typedef {"th" | "td"} Tag */
/** @typedef {{ tag: Tag, cell: Cell | null, rowSpan: number, columnSpan: number, scope?: "col" | "colgroup" | "rowgroup" }} Spot */

/**
 * The tables of a page whose cells were found, in reading order.
 * @param {import("../api/types.js").Page} page
 */
export const tablesOf = (page) => page.blocks.flatMap(({ table }) => (table ? [table] : []));

/** A box of plain text for a check box; nothing where there is none. */
const boxText = (/** @type {boolean | undefined} */ selected) => (selected === undefined ? "" : selected ? "[x]" : "[ ]");

/**
 * What a cell or a field says, in plain text.
 * @param {string} text
 * @param {boolean} [selected] whether its check box is ticked, where there is one
 */
export const plainText = (text, selected) => [boxText(selected), text].filter(Boolean).join(" ");

/**
 * For each row, what stands in each column: a cell where it begins, `undefined` where it goes on,
 * null where there is none.
 * @param {Table} table
 */
function gridOf({ rows, columns, cells }) {
  /** @type {(Cell | null | undefined)[][]} */
  const grid = Array.from({ length: rows }, () => Array.from({ length: columns }, () => null));
  for (const cell of cells) {
    for (const row of grid.slice(cell.row - 1, cell.row - 1 + cell.rowSpan)) row.fill(undefined, cell.column - 1, cell.column - 1 + cell.columnSpan);
    const first = grid[cell.row - 1];
    if (first && cell.column <= columns) first[cell.column - 1] = cell;
  }
  return grid;
}

/**
 * The texts of a table, a cell that covers several places standing in its first.
 * @param {Table} table
 */
export const tableTexts = (table) => gridOf(table).map((row) => row.map((cell) => (cell ? plainText(cell.text, cell.selected) : "")));

/**
 * The table as HTML has it: rows of elements, in a head, where the first rows name the columns, and
 * bodies that begin with their titles. A cell cannot reach from one part into another there, so
 * parts end only where no cell does.
 * @param {Table} table
 * @returns {{ head: Spot[][], bodies: Spot[][][] }}
 */
export function tableParts(table) {
  const grid = gridOf(table);
  const begins = (/** @type {number} */ row, /** @type {Cell["kind"]} */ kind) => grid[row]?.some((cell) => cell?.kind === kind) ?? false;
  const isWhole = (/** @type {number} */ row) => table.cells.every((cell) => cell.row > row || cell.row - 1 + cell.rowSpan <= row);
  const other = grid.findIndex((row) => row.every((cell) => cell === null) || row.some((cell) => cell && cell.kind !== "column-header" && cell.kind !== "title"));
  let head = other < 0 ? grid.length : other;
  while (head > 0 && !isWhole(head)) head -= 1;
  if (!grid.slice(0, head).some((_, row) => begins(row, "column-header"))) head = 0;
  const starts = grid.map((_, row) => row).filter((row) => row === head || (row > head && begins(row, "section-title") && isWhole(row)));
  const spots = grid.map((row, at) => row.flatMap((cell) => (cell === undefined ? [] : [spot(cell, starts.includes(at))])));
  return { head: spots.slice(0, head), bodies: starts.map((from, index) => spots.slice(from, starts[index + 1])) };
}

/**
 * @param {Cell | null} cell
 * @param {boolean} first whether its row begins a body
 * @returns {Spot}
 */
function spot(cell, first) {
  const { rowSpan = 1, columnSpan = 1, kind = "data" } = cell ?? {};
  const named = cell !== null && plainText(cell.text, cell.selected) !== "";
  if (named && kind === "column-header") return { tag: "th", cell, rowSpan, columnSpan, scope: columnSpan > 1 ? "colgroup" : "col" };
  if (named && kind === "section-title" && first) return { tag: "th", cell, rowSpan, columnSpan, scope: "rowgroup" };
  return { tag: "td", cell, rowSpan, columnSpan };
}

/** @param {string[][]} rows */
export const csv = (rows) => rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join("");

/**
 * A value of a CSV file. Text that a spreadsheet would take for a formula is quoted by an apostrophe.
 * @param {string} value
 */
function quoted(value) {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
