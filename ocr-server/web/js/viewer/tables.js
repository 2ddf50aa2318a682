/** Tables out of a page: rows and columns, found by where the words stand. */
import { bounds } from "./geometry.js";

/** @typedef {import("../api/types.js").Block} Block */
/** @typedef {import("../api/types.js").Word} Word */
/** @typedef {{ text: string, left: number, right: number, middle: number, height: number }} Piece */

/** Gap between two words, in heights of a line, from which they belong to different cells. */
const CELL_GAP = 1.1;
/** Share of a line's height by which the middles of one row may differ. */
const SAME_ROW = 0.6;

/** Fewest rows and columns of a block that counts as a table although the engine does not say so. */
const LEAST_ROWS = 3;
const LEAST_COLUMNS = 2;
/** Share of its rows that must have more than one cell. */
const LEAST_SHARE = 0.7;

/**
 * The tables of a page: blocks that the engine took for tables, and blocks whose words stand in
 * columns.
 * @param {import("../api/types.js").Page} page
 * @returns {{ rows: string[][], guessed: boolean }[]}
 */
export function tablesOf(page) {
  return page.blocks
    .filter((block) => block.kind === "table" || block.kind === "paragraph")
    .map((block) => ({ rows: tableRows(block), guessed: block.kind !== "table" }))
    .filter(({ rows, guessed }) => !guessed || isRegular(rows));
}

/** @param {string[][]} rows */
function isRegular(rows) {
  const full = rows.filter((row) => row.filter(Boolean).length >= LEAST_COLUMNS).length;
  return rows.length >= LEAST_ROWS && full >= rows.length * LEAST_SHARE;
}

/**
 * @param {Block} block
 * @returns {string[][]}
 */
export function tableRows(block) {
  const pieces = block.lines.flatMap((line) => cellsOf(line.words.length ? line.words : [line]));
  const columns = columnEdges(pieces);
  return rowsOf(pieces).map((row) => {
    const cells = columns.map(() => "");
    for (const piece of row) {
      const at = columnOf(piece, columns);
      cells[at] = cells[at] ? `${cells[at]} ${piece.text}` : piece.text;
    }
    return cells;
  });
}

/**
 * Words of a line, gathered where they stand close.
 * @param {Pick<Word, "text" | "polygon">[]} words
 * @returns {Piece[]}
 */
function cellsOf(words) {
  /** @type {Piece[]} */
  const cells = [];
  for (const word of words) {
    const { left, right, top, bottom } = bounds(word.polygon);
    const height = bottom - top;
    const last = cells.at(-1);
    if (last && left - last.right < height * CELL_GAP) {
      last.text += ` ${word.text}`;
      last.right = Math.max(last.right, right);
    } else {
      cells.push({ text: word.text, left, right, middle: (top + bottom) / 2, height });
    }
  }
  return cells;
}

/**
 * @param {Piece[]} pieces
 * @returns {Piece[][]}
 */
function rowsOf(pieces) {
  /** @type {Piece[][]} */
  const rows = [];
  for (const piece of [...pieces].sort((a, b) => a.middle - b.middle)) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row && first && piece.middle - first.middle < first.height * SAME_ROW) row.push(piece);
    else rows.push([piece]);
  }
  return rows.map((row) => row.sort((a, b) => a.left - b.left));
}

/**
 * Ranges across the page that no gap runs through.
 * @param {Piece[]} pieces
 */
function columnEdges(pieces) {
  /** @type {{ left: number, right: number }[]} */
  const columns = [];
  for (const { left, right } of [...pieces].sort((a, b) => a.left - b.left)) {
    const last = columns.at(-1);
    if (last && left < last.right) last.right = Math.max(last.right, right);
    else columns.push({ left, right });
  }
  return columns;
}

/**
 * @param {Piece} piece
 * @param {{ left: number, right: number }[]} columns
 */
const columnOf = (piece, columns) => Math.max(0, columns.findLastIndex((column) => column.left <= piece.left));
