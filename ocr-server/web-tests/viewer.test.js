import assert from "node:assert/strict";
import { test } from "node:test";
import { everyDay, niceTop } from "../web/js/dashboard/days.js";
import { snippets } from "../web/js/developers/snippets.js";
import { imageWidth, shownSize, slantedBox, zoomStep } from "../web/js/viewer/geometry.js";
import { parseMarkdown } from "../web/js/viewer/markdown.js";
import { csv, tableParts, tableTexts, tablesOf } from "../web/js/viewer/table.js";
import { doubt, firstWordWithin, flowingLines, foldedQuery, isWeak, matchCounts, matches, placedWords } from "../web/js/viewer/words.js";

/** @typedef {import("../web/js/api/types.js").Polygon} Polygon */

/** @returns {Polygon} */
const box = (/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ right, /** @type {number} */ bottom) => [[left, top], [right, top], [right, bottom], [left, bottom]];

const word = (/** @type {string} */ text, confidence = 1, polygon = box(0, 0, 0.1, 0.1)) => ({ text, confidence, polygon });

const line = (/** @type {ReturnType<typeof word>[]} */ ...words) => ({ text: words.map(({ text }) => text).join(" "), polygon: box(0, 0, 1, 1), confidence: 1, words });

const page = (/** @type {ReturnType<typeof line>[][]} */ ...blocks) =>
  /** @type {import("../web/js/api/types.js").Page} */ ({ number: 1, width: 1000, height: 1400, rotation: 0, skew: 0, source: "ocr", elapsedMs: 1, blocks: blocks.map((lines) => ({ kind: "paragraph", polygon: box(0, 0, 1, 1), lines })) });

test("words are numbered in reading order through lines and blocks", () => {
  const words = placedWords(page([line(word("a"), word("b")), line(word("c"))], [line(word("d"))]));
  assert.deepEqual(words.map(({ text, index, line: at, block }) => `${text}${index}${at}${block}`), ["a000", "b100", "c210", "d321"]);
});

test("a word is weak below the threshold as it is shown, in whole percent", () => {
  assert.ok(isWeak({ confidence: 0.794 }, 80));
  assert.ok(!isWeak({ confidence: 0.796 }, 80));
  assert.deepEqual([0.9, 0.75, 0.55, 0.2].map((confidence) => doubt({ confidence }, 80)), [0, 1, 2, 3]);
});

test("a search ignores case, accents and where lines end", () => {
  const words = placedWords(page([line(word("Straße"), word("in")), line(word("MÜNCHEN,"), word("Bayern"))]));
  assert.deepEqual(matches(words, "in munchen"), [[1, 2]]);
  assert.deepEqual(matches(words, "N"), [[1], [2], [2], [3]]);
  assert.deepEqual(matches(words, "   "), []);
  assert.equal(foldedQuery("  Ünder\n the "), "under the");
});

test("occurrences counted in the whole text are those found on the page", () => {
  const words = placedWords(page([line(word("one"), word("two"))], [line(word("two"), word("three"))]));
  assert.deepEqual(matchCounts("one two\n\ntwo three\fnothing\fTWO", "two"), [2, 0, 1]);
  assert.equal(matches(words, "two two").length, matchCounts("one two\n\ntwo three", "two two")[0]);
});

test("slanted words keep their slant", () => {
  const upright = slantedBox(box(0.1, 0.2, 0.3, 0.25), { width: 1000, height: 2000 });
  assert.equal(upright.degrees, 0);
  assert.ok(Math.abs(upright.width - 20) < 1e-9 && Math.abs(upright.height - 5) < 1e-9);
  const turned = slantedBox([[0.5, 0.5], [0.5, 0.6], [0.4, 0.6], [0.4, 0.5]], { width: 1000, height: 1000 });
  assert.ok(Math.abs(turned.degrees - 90) < 1e-9);
  assert.ok(Math.abs(turned.run - 100) < 1e-9);
});

test("a page fits its room, in any turn, between a quarter and four times its size", () => {
  const a4 = { width: 1654, height: 2339, dpi: 200 };
  const room = { width: 600, height: 800 };
  assert.equal(Math.round(shownSize("width", a4, room, 0).width), 600);
  assert.ok(shownSize("page", a4, room, 0).height <= 800.001);
  assert.equal(Math.round(shownSize("width", a4, room, 1).height), 600);
  assert.equal(shownSize(100, a4, room, 0).scale, 4);
  assert.equal(shownSize("width", a4, { width: 10, height: 10 }, 0).scale, 0.05);
  const photo = shownSize("width", { width: 3000, height: 4000, dpi: 72 }, { width: 350, height: 350 }, 0);
  assert.equal(Math.round(photo.width), 350, "a large photo fits a phone");
  assert.equal(Math.round(shownSize(1, a4, room, 0).width), 794);
  assert.equal(zoomStep(1, 1), 1.25);
  assert.equal(zoomStep(0.54, -1), 0.5);
  assert.equal(zoomStep(4, 1), 4);
  assert.equal(imageWidth(700), 960);
  assert.equal(imageWidth(9000), 2560);
});

/** A cell of a table of the model. */
const cell = (/** @type {string} */ text, /** @type {number} */ row, /** @type {number} */ column, /** @type {Partial<import("../web/js/api/types.js").Cell>} */ more = {}) =>
  /** @type {import("../web/js/api/types.js").Cell} */ ({ row, column, rowSpan: 1, columnSpan: 1, kind: "data", text, polygon: box(0, 0, 0.1, 0.1), confidence: 1, ...more });

/** The elements of a part of a table, in short. */
const shown = (/** @type {import("../web/js/viewer/table.js").Spot[][]} */ rows) =>
  rows.map((row) => row.map((spot) => [spot.tag, spot.scope, spot.rowSpan > 1 && `${spot.rowSpan} rows`, spot.columnSpan > 1 && `${spot.columnSpan} columns`, spot.cell?.text].filter(Boolean).join(" ")));

const header = /** @type {const} */ ({ kind: "column-header" });

test("a page has the tables that the model has, and no others", () => {
  const table = { rows: 1, columns: 1, cells: [cell("a", 1, 1)] };
  const polygon = box(0, 0, 1, 1);
  const columns = [line(word("a"), word("b")), line(word("c"), word("d")), line(word("e"), word("f"))];
  const blocks = [{ kind: "table", polygon, lines: columns }, { kind: "paragraph", polygon, lines: columns }, { kind: "table", polygon, lines: columns, table }];
  assert.deepEqual(tablesOf({ ...page(), blocks }), [table]);
  assert.deepEqual(tablesOf(page(columns)), []);
});

test("a table has its cells with their spans, and its headers name their columns", () => {
  const cells = [cell("Item", 1, 1, { ...header, rowSpan: 2 }), cell("Price", 1, 2, { ...header, columnSpan: 2 }), cell("net", 2, 2, header), cell("gross", 2, 3, header), cell("Oak", 3, 1), cell("9.00", 3, 3), cell("Total", 4, 1, { kind: "summary", columnSpan: 2 }), cell("9.00", 4, 3, { kind: "summary" })];
  const table = { rows: 4, columns: 3, cells };
  const { head, bodies } = tableParts(table);
  assert.deepEqual(shown(head), [["th col 2 rows Item", "th colgroup 2 columns Price"], ["th col net", "th col gross"]]);
  assert.deepEqual(bodies.map(shown), [[["td Oak", "td", "td 9.00"], ["td 2 columns Total", "td 9.00"]]]);
  assert.deepEqual(tableTexts(table), [["Item", "Price", ""], ["", "net", "gross"], ["Oak", "", "9.00"], ["Total", "", "9.00"]]);
});

test("a section begins with its title, unless a cell reaches into it", () => {
  const section = /** @type {const} */ ({ kind: "section-title", columnSpan: 2 });
  const rows = [cell("Name", 1, 1, header), cell("", 1, 2, header), cell("North", 2, 1, section), cell("a", 3, 1), cell("1", 3, 2), cell("South", 4, 1, section), cell("b", 5, 1)];
  const { head, bodies } = tableParts({ rows: 5, columns: 2, cells: rows });
  assert.deepEqual(shown(head), [["th col Name", "td"]], "an empty cell names nothing");
  assert.deepEqual(bodies.map(shown), [[["th rowgroup 2 columns North"], ["td a", "td 1"]], [["th rowgroup 2 columns South"], ["td b", "td"]]]);
  const reaching = [cell("a", 1, 1, { rowSpan: 3 }), cell("1", 1, 2), cell("South", 2, 2, { kind: "section-title" }), cell("2", 3, 2)];
  assert.deepEqual(tableParts({ rows: 3, columns: 2, cells: reaching }).bodies.map(shown), [[["td 3 rows a", "td 1"], ["td South"], ["td 2"]]]);
  const spilling = [cell("a", 1, 1, { ...header, rowSpan: 2 }), cell("b", 1, 2, header), cell("1", 2, 2)];
  const spilled = tableParts({ rows: 2, columns: 2, cells: spilling });
  assert.deepEqual([spilled.head.length, spilled.bodies.length], [0, 1], "a header that reaches into the body keeps the body whole");
});

test("cells outside the grid of a table, and a table without cells, break nothing", () => {
  const odd = { rows: 1, columns: 1, cells: [cell("a", 1, 1, { rowSpan: 9, columnSpan: 9 }), cell("b", 7, 7)] };
  assert.deepEqual(tableTexts(odd), [["a"]]);
  assert.deepEqual(tableParts({ rows: 0, columns: 0, cells: [] }), { head: [], bodies: [] });
  assert.deepEqual(shown(tableParts({ rows: 1, columns: 2, cells: [] }).bodies[0] ?? []), [["td", "td"]]);
});

test("a table becomes CSV that a spreadsheet does not run, check boxes included", () => {
  const cells = [cell("Paid", 1, 1, { selected: true }), cell("", 1, 2, { selected: false }), cell('say "hi", you', 1, 3)];
  assert.equal(csv(tableTexts({ rows: 1, columns: 3, cells })), '[x] Paid,[ ],"say ""hi"", you"\r\n');
  for (const sign of ["=", "+", "-", "@", "\t"]) assert.equal(csv([[`${sign}x`]]), `'${sign}x\r\n`);
});

test("a cell or a field leads to the first word that stands within it", () => {
  const words = placedWords(page([line(word("Total", 1, box(0.1, 0.1, 0.2, 0.12)), word("9.00", 1, box(0.5, 0.1, 0.6, 0.12)))]));
  assert.equal(firstWordWithin(words, [box(0.45, 0.09, 0.65, 0.13)]), 1);
  assert.equal(firstWordWithin(words, [box(0.45, 0.5, 0.65, 0.6), box(0, 0, 1, 1)]), 0);
  assert.equal(firstWordWithin(words, []), -1);
});

test("Markdown becomes a tree of plain text", () => {
  const parts = parseMarkdown("# Title\n\nA **bold** line\nand \\*another\n\n- one\n- two\n\n1. first\n\n| a | b |\n|---|--:|\n| 1 | x \\| y |\n\n---\n\n```\n<b>\n```\n<script>alert(1)</script>");
  assert.deepEqual(parts.map(({ kind }) => kind), ["heading", "paragraph", "list", "list", "table", "rule", "code", "paragraph"]);
  assert.equal(/** @type {any} */ (parts[1]).text, "A bold line\nand *another");
  assert.deepEqual(/** @type {any} */ (parts[4]).rows, [["a", "b"], ["1", "x | y"]]);
  assert.equal(/** @type {any} */ (parts[7]).text, "<script>alert(1)</script>");
});

test("Markdown that never ends what it begins is text", () => {
  const texts = ["[".repeat(50_000), "**a ".repeat(50_000), `${" ".repeat(50_000)}x`];
  for (const text of texts) assert.equal(parseMarkdown(text).at(-1)?.kind, "paragraph", text.slice(0, 8));
});

test("days without documents are days too", () => {
  const known = { day: "2026-05-02", completed: 3, failed: 0, pages: 5, words: 7, mean_confidence: 0.9, p50_ms: 1, p95_ms: 2 };
  const days = everyDay([known], new Date("2026-05-03T12:00:00Z"), 3);
  assert.deepEqual(days.map(({ day, completed }) => [day, completed]), [["2026-05-01", 0], ["2026-05-02", 3], ["2026-05-03", 0]]);
  assert.deepEqual([0, 7, 21, 130, 1000].map(niceTop), [1, 10, 25, 200, 1000]);
});

test("snippets name this server and this user, in four languages", () => {
  const all = snippets("http://localhost:8080", "u-1");
  assert.deepEqual(all.map(({ name }) => name), ["curl", "JavaScript", "Python", "Rust"]);
  for (const { code } of all) assert.ok(code.includes("http://localhost:8080") && code.includes("u-1"));
});

test("lines flow on in a paragraph, and end where they end in an address", () => {
  const reaching = (/** @type {number} */ right) => ({ ...line(word("a"), word("b"), word("c"), word("d")), polygon: box(0, 0, right, 0.1) });
  const block = (/** @type {number[]} */ ...rights) => ({ kind: "paragraph", polygon: box(0, 0, 1, 1), lines: rights.map(reaching) });
  assert.deepEqual(flowingLines(block(0.98, 0.9, 0.4)), [true, true, false]);
  assert.deepEqual(flowingLines(block(0.3, 1, 0.5)), [false, true, false]);
  const item = { ...reaching(1), words: [word("2"), word("x"), word("bread", 1, box(0.1, 0, 0.4, 0.1)), word("9.80", 1, box(0.9, 0, 1, 0.1))] };
  assert.deepEqual(flowingLines({ ...block(), lines: [item, item] }), [false, false], "the lines of a receipt end where they end");
});
