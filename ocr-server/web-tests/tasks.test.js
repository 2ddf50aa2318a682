import assert from "node:assert/strict";
import { test } from "node:test";
import { rowCount, visibleRows } from "../web/js/documents/window.js";
import { Selection } from "../web/js/documents/selection.js";
import { TaskStore } from "../web/js/tasks/store.js";
import { belongs, newestFirst } from "../web/js/tasks/view.js";
import { FakeClock, FakeServer, task } from "./fakes.js";

function platform(/** @type {number} */ count) {
  const server = new FakeServer();
  for (let index = 0; index < count; index += 1) server.all.push(task());
  const clock = new FakeClock();
  const store = new TaskStore(/** @type {any} */ (server), clock);
  return { server, clock, store };
}

test("a list is read page by page, as far as it is wanted", async () => {
  const { server, store } = platform(350);
  const view = store.open({});
  await store.refresh();
  assert.equal(view.ids.length, 100);
  await view.reach(150);
  assert.equal(view.ids.length, 200);
  await view.reach(1000);
  assert.equal(view.ids.length, 350);
  assert.ok(view.complete);
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse());
});

test("nothing is asked for beyond a head that has not come", async () => {
  const { server, store } = platform(10);
  const view = store.open({});
  await view.reach(100);
  assert.deepEqual(server.asked, []);
});

test("reading the head again brings what is new, drops what is gone, and keeps the rest", async () => {
  const { server, store } = platform(250);
  const view = store.open({});
  await store.refresh();
  await view.reach(250);
  const gone = server.all.splice(200, 1)[0];
  const fresh = task();
  server.all.push(fresh);
  await store.refresh();
  assert.equal(view.ids[0], fresh.id);
  assert.ok(!view.ids.includes(gone?.id ?? ""));
  assert.equal(view.ids.length, 250);
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse());
});

test("after a gap everything beyond the head is read again", async () => {
  const { server, store } = platform(250);
  const view = store.open({});
  await store.refresh();
  await view.reach(250);
  server.all.splice(10, 5);
  await store.refresh(true);
  assert.equal(view.ids.length, 100);
  await view.reach(250);
  assert.equal(view.ids.length, 245);
});

test("progress is shown from the message itself, without asking", async () => {
  const { server, clock, store } = platform(1);
  const [one] = server.all;
  const view = store.open({});
  await store.refresh();
  server.all[0] = { ...one, status: "processing" };
  store.receive({ type: "task_update", data: { taskId: one?.id, status: "processing", message: "Processing page 2 of 5", progress: 40 } });
  assert.deepEqual(store.tasks.get(one?.id ?? "")?.progress?.pages_done, 2);
  assert.equal(view.version.peek() > 0, true);
  await clock.pass(5_000);
  const before = server.asked.length;
  store.receive({ type: "task_update", data: { taskId: one?.id, status: "processing", message: "Processing page 3 of 5", progress: 60 } });
  await clock.pass(5_000);
  assert.equal(server.asked.length, before);
});

test("the end of a task is read from the server once, and told once", async () => {
  const { server, clock, store } = platform(3);
  const [one] = server.all;
  store.open({});
  await store.refresh();
  /** @type {string[]} */
  const ended = [];
  store.onEnded = (done) => void ended.push(`${done.filename} ${done.status}`);
  server.all[0] = /** @type {any} */ ({ ...one, status: "completed", word_count: 5 });
  for (let times = 0; times < 4; times += 1) {
    store.receive({ type: "task_update", data: { taskId: one?.id, status: "completed", message: "Completed", progress: 100 } });
    store.receive({ type: "db_change", data: { table: "results", operation: "INSERT", recordId: "r", taskId: one?.id } });
  }
  await clock.pass(5_000);
  assert.deepEqual(ended, [`${one?.filename} completed`]);
  assert.equal(store.tasks.get(one?.id ?? "")?.word_count, 5);
  assert.equal(server.asked.filter((asked) => asked.startsWith("list")).length, 2);
});

test("a change far down the list is read on its own", async () => {
  const { server, clock, store } = platform(250);
  const view = store.open({});
  await store.refresh();
  await view.reach(250);
  const [oldest] = server.all;
  server.all[0] = /** @type {any} */ ({ ...oldest, status: "failed" });
  store.receive({ type: "db_change", data: { table: "tasks", operation: "UPDATE", recordId: oldest?.id, taskId: oldest?.id } });
  await clock.pass(5_000);
  assert.equal(store.tasks.get(oldest?.id ?? "")?.status, "failed");
});

test("a task that stops matching leaves the list, one that begins to is put in its place", async () => {
  const { server, store } = platform(5);
  const view = store.open({ status: "pending" });
  await store.refresh();
  const third = /** @type {any} */ (server.all[2]);
  store.put({ ...third, status: "completed" });
  assert.equal(view.ids.length, 4);
  store.put({ ...third, status: "pending" });
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse());
});

test("a burst of messages costs one read", async () => {
  const { server, clock, store } = platform(50);
  store.open({});
  await store.refresh();
  for (const { id } of server.all) store.receive({ type: "db_change", data: { table: "tasks", operation: "UPDATE", recordId: id, taskId: id } });
  await clock.pass(5_000);
  assert.deepEqual(server.asked, ["list", "list"]);
});

test("without a server what was known stays, and the error is kept", async () => {
  const { server, store } = platform(5);
  const view = store.open({});
  await store.refresh();
  server.down = true;
  await assert.rejects(store.look());
  assert.equal(view.ids.length, 5);
  assert.ok(view.error.peek());
  server.down = false;
  await store.look();
  assert.equal(view.error.peek(), null);
});

test("what belongs to a list follows its filter", () => {
  const one = task({ filename: "Invoice.PDF", status: "failed" });
  assert.ok(belongs(one, { q: "invoice", status: "failed,cancelled" }));
  assert.ok(!belongs(one, { status: "completed" }));
  assert.ok(!belongs(one, { deleted: true }));
  assert.ok(belongs({ ...one, deleted_at: "2026-01-01T00:00:00Z" }, { deleted: true }));
  assert.deepEqual([one, task()].sort(newestFirst)[1], one);
});

test("only rows on the screen are drawn, with some to spare", () => {
  assert.deepEqual(visibleRows(0, 720, 72, 10_000, 6), { first: 0, end: 16 });
  assert.deepEqual(visibleRows(72_000, 720, 72, 10_000, 6), { first: 994, end: 1016 });
  assert.deepEqual(visibleRows(0, 720, 72, 3), { first: 0, end: 3 });
  assert.deepEqual(visibleRows(-500, 300, 72, 10), { first: 0, end: 4 });
});

test("the length of a list is what the statistics count, where they count it", () => {
  const stats = { total: 10_000, pending: 3, processing: 1, completed: 9_000, failed: 900, cancelled: 96 };
  const view = { ids: new Array(100), complete: false };
  assert.equal(rowCount({}, stats, view), 10_000);
  assert.equal(rowCount({ status: "failed" }, stats, view), 900);
  assert.equal(rowCount({ q: "x" }, stats, view), 101);
  assert.equal(rowCount({}, stats, { ids: new Array(7), complete: true }), 7);
});

test("marking goes on from the last document marked alone", () => {
  const order = ["a", "b", "c", "d", "e"];
  const selection = new Selection();
  selection.toggle("b");
  selection.extendTo("d", order);
  assert.deepEqual([...selection.ids], ["b", "c", "d"]);
  selection.extendTo("a", order);
  assert.deepEqual([...selection.ids], ["a", "b"]);
  selection.toggle("e");
  assert.deepEqual([...selection.ids], ["a", "b", "e"]);
  selection.keepOnly(["b", "x"]);
  assert.deepEqual([...selection.ids], ["b"]);
  selection.clear();
  selection.extendTo("c", order);
  assert.ok(selection.has("c"));
});
