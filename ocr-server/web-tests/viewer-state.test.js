import assert from "node:assert/strict";
import { test } from "node:test";
import { flush } from "../web/js/core/signal.js";
import { beside, nearest } from "../web/js/viewer/pages.js";
import { ViewerState } from "../web/js/viewer/state.js";
import { settled, task } from "./fakes.js";

/** A document of which these pages were read, each with one word that is its number. */
function reader(/** @type {number[]} */ numbers, /** @type {Partial<import("../web/js/api/types.js").Task>} */ changes = {}) {
  const document = task({ status: "completed", page_count: numbers.length, ...changes });
  /** @type {string[]} */
  const asked = [];
  const polygon = /** @type {any} */ ([[0, 0], [1, 0], [1, 1], [0, 1]]);
  const page = (/** @type {number} */ number) => {
    const word = { text: String(number), polygon, confidence: number % 10 === 0 ? 0.5 : 1 };
    return { number, width: 10, height: 10, rotation: 0, skew: 0, source: "ocr", elapsedMs: 1, blocks: [{ kind: "paragraph", polygon, lines: [{ text: "", polygon, confidence: 1, words: [word] }] }] };
  };
  const server = { numbers, asked, down: false };
  const client = {
    pages: async (/** @type {string} */ _, /** @type {number} */ from, /** @type {number} */ to) => {
      asked.push(from === to ? String(from) : `${from}-${to}`);
      await settled();
      if (server.down) throw new Error("down");
      return server.numbers.filter((number) => number >= from && number <= Math.min(to, from + 49)).map(page);
    },
  };
  const store = { tasks: new Map(), load: async () => (store.tasks.set(document.id, document), document) };
  const state = new ViewerState(/** @type {any} */ (client), /** @type {any} */ (store), document.id);
  return { state, store, server, document };
}

/** Lets everything that was begun come to its end. */
async function quiet() {
  for (let round = 0; round < 20; round += 1) await settled();
}

const first = (/** @type {number} */ count) => Array.from({ length: count }, (_, index) => index + 1);

test("a document of which only some pages were read shows those", async () => {
  for (const numbers of [[7], [3, 4, 5], [1, 3, 5], [1, 2, 700], [120, 121]]) {
    const { state } = reader(numbers);
    await state.open();
    for (const number of numbers.slice(1)) {
      await state.show(state.beside(1) ?? 0);
      await quiet();
      assert.equal(state.number.peek(), number, String(numbers));
    }
    assert.deepEqual(state.numbers, numbers);
    assert.equal(state.read.peek()?.page.number, numbers.at(-1));
    assert.equal(state.last, numbers.at(-1));
    assert.equal(state.beside(1), null);
    assert.deepEqual(state.numbers, numbers);
  }
});

test("an ordinary document costs no search for its pages", async () => {
  const { state, server } = reader(first(120));
  await state.open();
  await quiet();
  assert.deepEqual(server.asked, ["1", "2", "121-170"]);
  assert.equal(state.numbers.length, 120);
});

test("an address beyond the document leads to its last page, and makes no more pages than there are", async () => {
  const { state } = reader(first(3));
  state.number.value = 999_999_999;
  assert.equal(state.numbers.length, 1);
  await state.open();
  assert.equal(state.number.peek(), 3);
  assert.equal(state.read.peek()?.page.number, 3);
  const failed = reader([], { status: "failed", page_count: null });
  failed.state.number.value = 600;
  await failed.state.open();
  assert.deepEqual([failed.state.number.peek(), failed.state.last], [1, 1]);
});

test("the page beside is one there is, also from one there is not", () => {
  assert.deepEqual([beside([3, 5], 3, 1), beside([3, 5], 5, 1), beside([3, 5], 4, -1), beside([3, 5], 600, -1)], [5, null, 3, 5]);
  assert.deepEqual([nearest([3, 5, 9], 1), nearest([3, 5, 9], 6), nearest([3, 5, 9], 100)], [3, 5, 9]);
});

test("while a document is read, a page that is not there yet is waited for without flicker", async () => {
  const { state, store, server, document } = reader([1], { status: "processing", page_count: null, progress: { pages_done: 1, pages_total: 3, percent: 33, message: "" } });
  state.number.value = 2;
  await state.open();
  assert.equal(state.read.peek(), null);
  let loadings = 0;
  const watch = () => (loadings += Number(state.loading.peek()));
  for (let percent = 34; percent < 40; percent += 1) {
    store.tasks.set(document.id, { ...document, progress: { pages_done: 1, pages_total: 3, percent, message: "" } });
    const renewed = state.renew();
    watch();
    await renewed;
    watch();
  }
  assert.equal(loadings, 0);
  server.numbers = first(3);
  store.tasks.set(document.id, { ...document, status: "completed", page_count: 3, progress: null });
  await state.renew();
  assert.equal(state.read.peek()?.page.number, 2);
});

test("a document that was deleted elsewhere is gone, until it is restored", async () => {
  const { state, store, document } = reader(first(2));
  await state.open();
  store.tasks.delete(document.id);
  await state.renew();
  assert.equal(state.task.peek(), null);
  assert.equal(/** @type {any} */ (state.error.peek()).status, 404);
  assert.equal(state.gone, document);
  store.tasks.set(document.id, document);
  await state.renew();
  assert.equal(state.task.peek(), document);
  assert.equal(state.error.peek(), null);
});

test("a word far away is looked for in few requests, and nobody is called back who left", async () => {
  const { state, server } = reader(first(500));
  await state.open();
  await quiet();
  server.asked.length = 0;
  const none = await state.search(1, () => false);
  assert.equal(none, null);
  assert.ok(server.asked.length < 15, server.asked.join());
  assert.deepEqual(await state.search(1, ({ text }) => text === "37"), { number: 37, word: 0 });
  await state.show(40);
  assert.deepEqual(await state.search(-1, ({ confidence }) => confidence < 0.8), { number: 30, word: 0 });
  const late = state.search(1, ({ text }) => text === "400");
  await state.show(2);
  assert.equal(await late, null);
  flush();
});
