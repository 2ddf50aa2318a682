/** What is found, as it is shown and walked through. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../web/js/api/client.js";
import { around, byDocument, pieces, placeAt, places, runs } from "../web/js/search/hits.js";

/** @returns {import("../web/js/api/types.js").SearchHit} */
function hit(/** @type {string} */ taskId, /** @type {number} */ page, /** @type {number[]} */ words = []) {
  const polygon = /** @type {any} */ ([[0, 0], [1, 0], [1, 1], [0, 1]]);
  return { taskId, filename: `${taskId}.pdf`, page, exactness: "exact", score: 1, snippet: { text: "", ranges: [] }, words: words.map((index) => ({ index, text: "", polygon, confidence: 1 })) };
}

test("documents stand where their best page does, with their pages in order", () => {
  const found = byDocument([hit("b", 7), hit("a", 1), hit("b", 2)]);
  assert.deepEqual(found.map(({ id, filename, hits }) => [id, filename, hits.map(({ page }) => page)]), [["b", "b.pdf", [2, 7]], ["a", "a.pdf", [1]]]);
});

test("a snippet is cut at characters, whatever their size", () => {
  const text = "𝔸 größe 東京";
  assert.deepEqual(pieces({ text, ranges: [[2, 7], [8, 10]] }), [
    { text: "𝔸 ", found: false },
    { text: "größe", found: true },
    { text: " ", found: false },
    { text: "東京", found: true },
  ]);
  assert.deepEqual(pieces({ text: "all", ranges: [] }), [{ text: "all", found: false }]);
});

test("words that follow each other are one place", () => {
  assert.deepEqual(runs([1, 2, 3, 7, 9, 10]), [[1, 2, 3], [7], [9, 10]]);
  assert.deepEqual(places([hit("a", 5, [4]), hit("a", 2, [0, 1, 6])]), [
    { page: 2, words: [0, 1] },
    { page: 2, words: [6] },
    { page: 5, words: [4] },
  ]);
});

test("one is at the place of the word, or the next one", () => {
  const all = places([hit("a", 2, [0, 1, 6]), hit("a", 5, [4])]);
  for (const [page, word, at] of [[2, 0, 0], [2, 1, 0], [2, 2, 1], [2, -1, 0], [3, 0, 2], [5, 4, 2], [5, 9, 0], [1, -1, 0]]) {
    assert.equal(placeAt(all, page ?? 0, word ?? 0), at, `${page} ${word}`);
  }
  assert.equal(placeAt([], 1, -1), 0);
});

test("a query that is none is shown where that shows", () => {
  const error = problem(422, JSON.stringify({ code: "invalid_input", detail: "what", position: 6 }), "");
  assert.equal(error.position, 6);
  assert.deepEqual(around("größe \"a", 6), { before: "größe ", at: "\"", after: "a" });
  assert.deepEqual(around("a OR", 9), { before: "a OR", at: "", after: "" });
  assert.equal(problem(422, "{}", "").position, null);
});
