import assert from "node:assert/strict";
import { test } from "node:test";
import { rowCount, visibleRows } from "../web/js/documents/window.js";
import { Selection } from "../web/js/documents/selection.js";
import { effect, flush } from "../web/js/core/signal.js";
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

test("after a gap everything that was known is read again, and stays in the list", async () => {
  const { server, store } = platform(250);
  const view = store.open({});
  await store.refresh();
  await view.reach(250);
  server.all.splice(10, 5);
  server.all.push(task(), task());
  await store.refresh(true);
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse());
  assert.equal(view.ids.length, 247);
});

test("many new documents at once leave no hole", async () => {
  const { server, store } = platform(450);
  const view = store.open({});
  await store.refresh();
  await view.reach(300);
  for (let count = 0; count < 250; count += 1) server.all.push(task());
  await store.refresh();
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse().slice(0, 550));
  await view.reach(1_000);
  assert.deepEqual(view.ids, server.all.map(({ id }) => id).reverse());
});

test("a list whose documents have all left it is not read to its end", async () => {
  const { server, store } = platform(900);
  const view = store.open({ status: "pending" });
  await store.refresh();
  for (const one of server.all.slice(-100)) one.status = "completed";
  server.asked.length = 0;
  await store.refresh();
  assert.equal(server.asked.length, 1);
  assert.equal(view.ids.length, 100);
});

test("while polling, every row that runs is kept true, also beyond the head", async () => {
  const { server, store } = platform(200);
  const view = store.open({});
  await store.refresh();
  await view.reach(200);
  for (const one of server.all.slice(0, 50)) one.status = "completed";
  await store.look();
  const completed = () => view.ids.filter((id) => store.tasks.get(id)?.status === "completed").length;
  assert.equal(completed(), 50);
});

test("a burst beyond the head is read in the end, what is watched first", async () => {
  const { server, clock, store } = platform(3_000);
  const view = store.open({});
  await store.refresh();
  await view.reach(3_000);
  const changed = server.all.slice(0, 28);
  for (const one of changed) one.status = "failed";
  const shown = changed.at(-1)?.id ?? "";
  store.watched.add(shown);
  for (const { id } of changed) store.receive({ type: "db_change", data: { table: "tasks", operation: "UPDATE", recordId: id, taskId: id } });
  server.asked.length = 0;
  await clock.pass(5_000);
  assert.equal(server.asked[1], `task ${shown}`);
  for (const { id } of changed) assert.equal(store.tasks.get(id)?.status, "failed");
});

test("what changed is not forgotten when the server does not answer", async () => {
  const { server, clock, store } = platform(150);
  const view = store.open({});
  await store.refresh();
  await view.reach(150);
  const oldest = /** @type {any} */ (server.all[0]);
  oldest.status = "failed";
  server.down = true;
  store.receive({ type: "db_change", data: { table: "tasks", operation: "UPDATE", recordId: oldest.id, taskId: oldest.id } });
  await clock.pass(5_000);
  server.down = false;
  await store.refresh();
  assert.equal(store.tasks.get(oldest.id)?.status, "failed");
});

test("a document deleted elsewhere is forgotten, and whoever shows it is told", async () => {
  const { server, clock, store } = platform(3);
  const [one] = server.all;
  const id = one?.id ?? "";
  await store.load(id);
  store.watched.add(id);
  server.all.shift();
  store.receive({ type: "db_change", data: { table: "tasks", operation: "UPDATE", recordId: id, taskId: id } });
  await clock.pass(5_000);
  assert.ok(!store.tasks.has(id));
  assert.equal(store.touched.peek()?.id, id);
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

test("files that arrive are in the counts as soon as they are in the list", async () => {
  const { server, clock, store } = platform(0);
  const view = store.open({});
  await store.refresh();
  /** @type {string[]} */
  const odd = [];
  const check = () => {
    const total = store.stats.peek()?.total ?? 0;
    if (total !== view.ids.length) odd.push(`${view.ids.length} rows, ${total} counted`);
  };
  effect(() => {
    void view.version.value;
    check();
  });
  for (let count = 0; count < 5; count += 1) {
    const fresh = task();
    server.all.push(fresh);
    void store.arrived(fresh.id);
    await clock.pass(count);
    flush();
  }
  await clock.pass(1);
  flush();
  assert.equal(view.ids.length, 5);
  assert.equal(store.stats.peek()?.pending, 5);
  assert.deepEqual(odd, []);
});

test("a file that arrives in another list is known all the same, and tried again without a server", async () => {
  const { server, clock, store } = platform(0);
  store.open({ status: "failed" });
  const fresh = task();
  server.all.push(fresh);
  server.down = true;
  await store.arrived(fresh.id);
  assert.ok(!store.tasks.has(fresh.id));
  server.down = false;
  await store.arrived(fresh.id);
  assert.ok(store.tasks.has(fresh.id));
  assert.equal(store.stats.peek()?.pending, 1);
  await clock.pass(1_000);
});

test("counts move with a row that changes alone", async () => {
  const { server, clock, store } = platform(2);
  const view = store.open({});
  await store.refresh();
  const [first, second] = view.ids;
  store.receive({ type: "task_update", data: { taskId: first, status: "processing", message: "", progress: 0 } });
  assert.deepEqual([store.stats.peek()?.pending, store.stats.peek()?.processing], [1, 1]);
  store.receive({ type: "db_change", data: { table: "tasks", operation: "DELETE", taskId: second } });
  // It is forgotten by whoever deleted it too.
  store.forget(second ?? "");
  assert.deepEqual([store.stats.peek()?.total, store.stats.peek()?.pending, view.ids.length], [1, 0, 1]);
  server.all = server.all.filter(({ id }) => id === first);
  await clock.pass(2_000);
  assert.equal(store.stats.peek()?.total, 1);
});

test("a task that is said to be gone is not asked for", async () => {
  const { server, clock, store } = platform(2);
  const view = store.open({});
  await store.refresh();
  const [first] = view.ids;
  server.all = server.all.filter(({ id }) => id !== first);
  for (const operation of ["UPDATE", "DELETE"]) store.receive({ type: "db_change", data: { table: "tasks", operation, taskId: first } });
  await clock.pass(5_000);
  assert.deepEqual(server.asked, ["list", "list"]);
  assert.ok(!store.tasks.has(first ?? ""));
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
