import assert from "node:assert/strict";
import { test } from "node:test";
import { everyDay, niceTop } from "../web/js/dashboard/days.js";
import { snippets } from "../web/js/developers/snippets.js";
import { imageWidth, shownSize, slantedBox, zoomStep } from "../web/js/viewer/geometry.js";
import { parseMarkdown } from "../web/js/viewer/markdown.js";
import { tableRows, tablesOf } from "../web/js/viewer/tables.js";
import { csv, doubt, flowingLines, foldedQuery, isWeak, matchCounts, matches, placedWords, wordsAsCsv } from "../web/js/viewer/words.js";

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

test("words become CSV that a spreadsheet does not run", () => {
  const text = wordsAsCsv([page([line(word("=1+1", 0.5), word('say "hi", you'))])]);
  const rows = text.split("\r\n");
  assert.match(rows[1] ?? "", /^1,1,1,1,'=1\+1,0\.5,/);
  assert.match(rows[2] ?? "", /^1,2,1,1,"say ""hi"", you",1,/);
  for (const sign of ["=", "+", "-", "@", "\t"]) assert.equal(csv([[`${sign}x`]]), `'${sign}x\r\n`);
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

test("tables are rows and columns by where the words stand", () => {
  const row = (/** @type {number} */ top, /** @type {[string, number, number][]} */ ...cells) => line(...cells.map(([text, left, right]) => word(text, 1, box(left, top, right, top + 0.02))));
  const block = { kind: "table", polygon: box(0, 0, 1, 1), lines: [row(0.1, ["Oak", 0.1, 0.14], ["shelf", 0.15, 0.2], ["4", 0.5, 0.52]), row(0.15, ["Screws", 0.1, 0.2], ["2", 0.5, 0.52], ["6.20", 0.8, 0.86])] };
  assert.deepEqual(tableRows(block), [["Oak shelf", "4", ""], ["Screws", "2", "6.20"]]);
  const third = { ...block, kind: "paragraph", lines: [...block.lines, row(0.2, ["Delivery", 0.1, 0.2], ["1", 0.5, 0.52])] };
  const text = { ...block, kind: "paragraph", lines: [0.1, 0.15, 0.2].map((top) => row(top, ["Dear", 0.1, 0.14], ["reader", 0.145, 0.2])) };
  const found = tablesOf({ ...page(), blocks: [block, third, text] });
  assert.deepEqual(found.map(({ rows, guessed }) => [rows.length, guessed]), [[2, false], [3, true]]);
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
