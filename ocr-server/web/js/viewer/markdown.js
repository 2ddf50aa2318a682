/** The Markdown that the server writes, as a tree; nothing in it can become markup of ours. */

/** @typedef {{ kind: "heading", level: number, text: string }} Heading */
/** @typedef {{ kind: "paragraph", text: string }} Paragraph */
/** @typedef {{ kind: "list", ordered: boolean, items: string[] }} List */
/** @typedef {{ kind: "table", rows: string[][] }} Table */
/** @typedef {{ kind: "code", text: string }} Code */
/** @typedef {{ kind: "rule" }} Rule */
/** @typedef {Heading | Paragraph | List | Table | Code | Rule} Part */

/**
 * @param {string} source
 * @returns {Part[]}
 */
export function parseMarkdown(source) {
  /** @type {Part[]} */
  const parts = [];
  const lines = source.split(/\r?\n|\f/);
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? "";
    if (!line.trim()) at += 1;
    else at = readPart(lines, at, parts);
  }
  return parts;
}

/**
 * Reads the part that begins at a line; returns the line after it.
 * @param {string[]} lines
 * @param {number} at
 * @param {Part[]} parts
 */
function readPart(lines, at, parts) {
  const line = lines[at] ?? "";
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) {
    parts.push({ kind: "heading", level: heading[1]?.length ?? 1, text: plain(heading[2] ?? "") });
    return at + 1;
  }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
    parts.push({ kind: "rule" });
    return at + 1;
  }
  if (/^```/.test(line)) {
    const end = lines.findIndex((other, index) => index > at && /^```\s*$/.test(other));
    const last = end < 0 ? lines.length : end;
    parts.push({ kind: "code", text: lines.slice(at + 1, last).join("\n") });
    return last + 1;
  }
  if (/^\s*\|/.test(line)) return readTable(lines, at, parts);
  if (ITEM.test(line)) return readList(lines, at, parts);
  let end = at + 1;
  while (end < lines.length && lines[end]?.trim() && !/^(#{1,6}\s|```|\s*\|)/.test(lines[end] ?? "")) end += 1;
  parts.push({ kind: "paragraph", text: plain(lines.slice(at, end).join("\n")) });
  return end;
}

const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Part[]} parts
 */
function readList(lines, at, parts) {
  const ordered = ITEM.exec(lines[at] ?? "")?.[1] !== undefined;
  const items = [];
  let end = at;
  for (let found = ITEM.exec(lines[end] ?? ""); found; found = ITEM.exec(lines[(end += 1)] ?? "")) items.push(plain(found[2] ?? ""));
  parts.push({ kind: "list", ordered, items });
  return end;
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {Part[]} parts
 */
function readTable(lines, at, parts) {
  let end = at;
  while (/^\s*\|/.test(lines[end] ?? "")) end += 1;
  const rows = lines.slice(at, end).map((line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => plain(cell.trim())));
  parts.push({ kind: "table", rows: rows.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell))) });
  return end;
}

/** Without the signs of emphasis and the backslashes that escape them. Every pattern is linear: texts come from strangers. */
const plain = (/** @type {string} */ text) =>
  text
    .replace(/(?<!\\)(\*\*|__)(?=\S)(.{1,200}?)(?<=\S)\1/g, "$2")
    .replace(/(?<!\\)`([^`]*)`/g, "$1")
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~&])/g, "$1")
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
