/** What the answers to a search say, put in order for showing. */

/** @typedef {import("../api/types.js").SearchHit} SearchHit */
/** @typedef {{ id: string, filename: string, hits: SearchHit[] }} FoundDocument */
/** @typedef {{ page: number, words: number[] }} Place */

/**
 * Hits by document: each document stands where its best hit does, its pages in the order of their numbers.
 * @param {SearchHit[]} hits best first
 * @returns {FoundDocument[]}
 */
export function byDocument(hits) {
  /** @type {Map<string, FoundDocument>} */
  const documents = new Map();
  for (const hit of hits) {
    const known = documents.get(hit.taskId);
    if (known) known.hits.push(hit);
    else documents.set(hit.taskId, { id: hit.taskId, filename: hit.filename, hits: [hit] });
  }
  for (const { hits: pages } of documents.values()) pages.sort((one, other) => one.page - other.page);
  return [...documents.values()];
}

/**
 * A snippet in pieces that were found and pieces that were not.
 * @param {{ text: string, ranges: [number, number][] }} snippet ranges in characters, not in units of UTF-16
 * @returns {{ text: string, found: boolean }[]}
 */
export function pieces({ text, ranges }) {
  const characters = [...text];
  const all = [];
  let at = 0;
  for (const [from, to] of ranges) {
    all.push({ text: characters.slice(at, from).join(""), found: false }, { text: characters.slice(from, to).join(""), found: true });
    at = to;
  }
  all.push({ text: characters.slice(at).join(""), found: false });
  return all.filter((piece) => piece.text);
}

/**
 * Words that follow each other are one place.
 * @param {readonly number[]} words indices, ascending
 * @returns {number[][]}
 */
export function runs(words) {
  /** @type {number[][]} */
  const all = [];
  for (const word of words) {
    const last = all.at(-1);
    if (last?.at(-1) === word - 1) last.push(word);
    else all.push([word]);
  }
  return all;
}

/**
 * Every place of a document in which something was found, in reading order.
 * @param {SearchHit[]} hits of one document
 * @returns {Place[]}
 */
export function places(hits) {
  const pages = [...hits].sort((one, other) => one.page - other.page);
  return pages.flatMap(({ page, words }) => runs(words.map(({ index }) => index)).map((run) => ({ page, words: run })));
}

/**
 * The place one is at, or the first one behind it; the first of all behind the last.
 * @param {Place[]} all in reading order
 * @param {number} page
 * @param {number} word index, or -1
 */
export function placeAt(all, page, word) {
  const at = all.findIndex((place) => place.page > page || (place.page === page && (place.words.at(-1) ?? -1) >= word));
  return Math.max(0, at);
}

/**
 * A query around the character at which it cannot be understood.
 * @param {string} query
 * @param {number} position characters before it
 */
export function around(query, position) {
  const characters = [...query];
  return { before: characters.slice(0, position).join(""), at: characters[position] ?? "", after: characters.slice(position + 1).join("") };
}
