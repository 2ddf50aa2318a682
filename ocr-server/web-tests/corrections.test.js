/** What a person does to words, and how changes follow one another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, problem } from "../web/js/api/client.js";
import { Corrections } from "../web/js/corrections/corrections.js";
import { joinWithNext, moveLine, moved, typed } from "../web/js/corrections/operations.js";
import { flush, signal } from "../web/js/core/signal.js";
import { emptyQueue, withMore } from "../web/js/review/queue.js";
import { settled } from "./fakes.js";

/** @typedef {import("../web/js/api/types.js").Corrections} Answer */

test("typing over a word writes it, parts it, removes it or does nothing", () => {
  assert.equal(typed(3, "total", " total "), null);
  assert.deepEqual(typed(3, "tota1", "total"), { op: "set-text", word: 3, text: "total" });
  assert.deepEqual(typed(3, "thetotal", "the  total"), { op: "split-word", word: 3, parts: ["the", "total"] });
  assert.deepEqual(typed(3, "~", "  "), { op: "delete-word", word: 3 });
  assert.deepEqual(["total", "a b c", ""].map((text) => moved(typed(3, "x", text))), [0, 2, -1]);
  assert.equal(moved(null), 0);
});

test("words are joined within their line, and lines move within their page", () => {
  const words = /** @type {any[]} */ ([{ index: 0, line: 0 }, { index: 1, line: 0 }, { index: 2, line: 1 }]);
  assert.deepEqual(joinWithNext(words, 0), { op: "join-words", word: 0, count: 2 });
  assert.equal(joinWithNext(words, 1), null);
  assert.equal(joinWithNext(words, 2), null);
  assert.equal(joinWithNext(words, -1), null);
  assert.deepEqual(moveLine(1, -1, 3), { op: "move-line", line: 1, before: 0 });
  assert.deepEqual(moveLine(1, 1, 3), { op: "move-line", line: 1, before: 3 });
  assert.equal(moveLine(0, -1, 3), null);
  assert.equal(moveLine(2, 1, 3), null);
});

test("a refusal says at which version the page is", () => {
  const error = problem(409, JSON.stringify({ code: "conflict", detail: "no", version: 7 }), "");
  assert.deepEqual([error.status, error.version], [409, 7]);
  assert.equal(problem(409, JSON.stringify({ code: "conflict" }), "").version, null);
});

/** A page that is at version `server.version`, and what was sent to change it. */
function page() {
  const server = { version: 0, /** @type {unknown[]} */ sent: [], conflict: false };
  /** @returns {Answer} */
  const answer = () => ({ version: server.version, page: /** @type {any} */ ({ number: 1, text: String(server.version) }), changed: [], deleted: [], canUndo: false, canRedo: false, earlier: 0 });
  const change = async (/** @type {number} */ version, /** @type {unknown} */ what) => {
    await settled();
    server.sent.push([version, what]);
    if (server.conflict) throw new ApiError("conflict", "no", 409, "", null, server.version);
    server.version += 1;
    return answer();
  };
  const client = {
    corrections: async () => (await settled(), answer()),
    correct: async (/** @type {string} */ _, /** @type {number} */ number, /** @type {number} */ version, /** @type {unknown} */ operations) => change(version, operations),
    stepCorrection: async (/** @type {string} */ _, /** @type {number} */ number, /** @type {number} */ version, /** @type {string} */ way) => change(version, way),
    carryOver: async () => ({ corrections: answer(), carried: [{ version: 1, fate: /** @type {const} */ ("carried"), original: "a", text: "b" }, { version: 2, fate: /** @type {const} */ ("not-found"), original: "c", text: "d" }] }),
  };
  const state = {
    id: "id",
    number: signal(1),
    task: signal({ status: "completed" }),
    read: signal({ page: answer().page, words: [] }),
    replace: (/** @type {any} */ now) => {
      state.read.value = { page: now, words: [] };
      return now;
    },
  };
  /** @type {string[]} */
  const said = [];
  const notices = { error: (/** @type {string} */ text) => (said.push(text), () => {}), info: (/** @type {string} */ text) => (said.push(text), () => {}) };
  const corrections = new Corrections(/** @type {any} */ (client), /** @type {any} */ (state), notices);
  return { corrections, state, server, said };
}

/** Lets everything that was begun come to its end. */
async function quiet() {
  for (let round = 0; round < 20; round += 1) await settled();
  flush();
}

test("changes go one after another, each on the version that the one before made", async () => {
  const { corrections, server, state } = page();
  assert.equal(await corrections.apply([]), false, "nothing is known of the page yet");
  corrections.follow();
  await quiet();
  assert.equal(corrections.known.peek()?.version, 0);
  const first = corrections.apply([{ op: "delete-word", word: 1 }]);
  const second = corrections.undo();
  assert.deepEqual([await first, await second], [true, true]);
  assert.deepEqual(server.sent, [[0, [{ op: "delete-word", word: 1 }]], [1, "undo"]]);
  assert.equal(/** @type {any} */ (state.read.peek().page).text, "2");
  assert.equal(corrections.busy.peek(), false);
});

test("whoever was overtaken sees the page as it is now", async () => {
  const { corrections, server, said } = page();
  corrections.follow();
  await quiet();
  Object.assign(server, { version: 5, conflict: true });
  assert.equal(await corrections.apply([{ op: "delete-word", word: 1 }]), false);
  assert.equal(corrections.known.peek()?.version, 5);
  assert.equal(said.length, 1);
});

test("what a page that was turned to has is asked for, and late answers are no longer of use", async () => {
  const { corrections, state } = page();
  corrections.follow();
  await quiet();
  state.number.value = 2;
  state.read.value = { page: /** @type {any} */ ({ number: 2 }), words: [] };
  corrections.follow();
  assert.equal(corrections.known.peek(), null);
  const late = corrections.apply([{ op: "delete-word", word: 1 }]);
  assert.equal(await late, false);
  state.task.value = { status: "processing" };
  corrections.follow();
  assert.equal(corrections.known.peek(), null);
});

test("what was carried over is said", async () => {
  const { corrections, said } = page();
  corrections.follow();
  await quiet();
  assert.equal(await corrections.carryOver(), true);
  assert.match(said.join(), /1.*2/);
});

test("the queue goes on until there is something to review, or nothing more", async () => {
  /** @type {(string | null)[]} */
  const asked = [];
  const answers = [[], [], ["a"], []].map((names, index) => ({ documents: names.map((taskId) => ({ taskId, filename: taskId, pages: [], reviewed: [], more: false })), lookedAt: 20, progress: { words: 5, wordsLeft: 3, pages: 2, pagesLeft: 1 }, nextCursor: index < 3 ? String(index + 1) : null }));
  const ask = async (/** @type {string | null} */ cursor) => (asked.push(cursor), /** @type {any} */ (answers[Number(cursor ?? 0)]));
  const first = await withMore(emptyQueue(), ask);
  assert.deepEqual([first.documents.length, first.lookedAt, first.cursor], [1, 60, "3"]);
  const all = await withMore(first, ask);
  assert.deepEqual([all.documents.length, all.lookedAt, all.cursor], [1, 80, null]);
  assert.deepEqual(all.progress, { words: 20, wordsLeft: 12, pages: 8, pagesLeft: 4 });
  assert.deepEqual(asked, [null, "1", "2", "3"]);
});
