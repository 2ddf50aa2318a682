/** The words of a page in reading order, and what can be asked of them. */

import { bounds, liesWithin } from "./geometry.js";

/** @typedef {import("../api/types.js").Page} Page */
/** @typedef {import("../api/types.js").Word & { index: number, line: number, block: number }} PlacedWord */

/**
 * @param {Page} page
 * @returns {PlacedWord[]}
 */
export function placedWords(page) {
  /** @type {PlacedWord[]} */
  const words = [];
  let line = 0;
  page.blocks.forEach((block, blockIndex) => {
    for (const one of block.lines) {
      for (const word of one.words) words.push({ ...word, index: words.length, line, block: blockIndex });
      line += 1;
    }
  });
  return words;
}

/**
 * The index of the first word that stands within outlines, or -1.
 * @param {PlacedWord[]} words
 * @param {import("../api/types.js").Polygon[]} outlines
 */
export function firstWordWithin(words, outlines) {
  const boxes = outlines.map((outline) => bounds(outline));
  return words.find((word) => boxes.some((box) => liesWithin(box, word.polygon)))?.index ?? -1;
}

/** Share of a block's width up to which a line must reach for its text to flow on. */
const FULL_LINE = 0.82;

/** Share of a block's width beyond which a gap between two words parts columns, as on a receipt. */
const COLUMN_GAP = 0.12;

/**
 * For each line of a block, whether its text flows on into the next line, as in a paragraph, rather
 * than ending where it ends, as in an address.
 * @param {import("../api/types.js").Block} block
 */
export function flowingLines(block) {
  const { left, right } = bounds(block.polygon);
  const full = left + (right - left) * FULL_LINE;
  const gap = (right - left) * COLUMN_GAP;
  return block.lines.map(
    (line, index) => index < block.lines.length - 1 && bounds(line.polygon).right >= full && line.words.length > 3 && !hasGap(line, gap),
  );
}

/**
 * @param {import("../api/types.js").Line} line
 * @param {number} minimum
 */
function hasGap(line, minimum) {
  const boxes = line.words.map((word) => bounds(word.polygon));
  return boxes.some(({ left }, index) => index > 0 && left - /** @type {{ right: number }} */ (boxes[index - 1]).right > minimum);
}

/**
 * @param {PlacedWord[]} words
 * @param {number} below percent
 */
export const weakWords = (words, below) => words.filter((word) => isWeak(word, below));

/**
 * @param {{ confidence: number }} word
 * @param {number} below percent
 */
export const isWeak = (word, below) => Math.round(word.confidence * 100) < below;

/**
 * How doubtful a word is, in four steps: 0 is sure, 3 the most doubtful.
 * @param {{ confidence: number }} word
 * @param {number} below percent from which words are sure
 */
export function doubt(word, below) {
  if (!isWeak(word, below)) return 0;
  const share = (word.confidence * 100) / below;
  return share > 0.85 ? 1 : share > 0.6 ? 2 : 3;
}

/**
 * Text as it is compared: without accents, in small letters.
 * @param {string} text
 */
export const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Places where a text holds what is searched, as positions in the folded text.
 * @param {string} text folded
 * @param {string} wanted folded
 */
export function occurrences(text, wanted) {
  /** @type {number[]} */
  const found = [];
  if (!wanted) return found;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) found.push(at);
  return found;
}

/** @param {string} query as typed */
export const foldedQuery = (query) => folded(query).split(/\s+/).filter(Boolean).join(" ");

/**
 * The words each occurrence covers.
 * @param {PlacedWord[]} words
 * @param {string} query
 * @returns {number[][]} indices of words, one list an occurrence
 */
export function matches(words, query) {
  /** @type {{ from: number, to: number, index: number }[]} */
  const spans = [];
  let text = "";
  for (const word of words) {
    const own = foldedQuery(word.text);
    if (!own) continue;
    if (text) text += " ";
    spans.push({ from: text.length, to: text.length + own.length, index: word.index });
    text += own;
  }
  const wanted = foldedQuery(query);
  return occurrences(text, wanted).map((at) => spans.filter(({ from, to }) => from < at + wanted.length && to > at).map(({ index }) => index));
}

/**
 * How often each page of a plain text holds what is searched.
 * @param {string} text pages separated by form feeds
 * @param {string} query
 */
export const matchCounts = (text, query) => text.split("\f").map((page) => occurrences(foldedQuery(page), foldedQuery(query)).length);
