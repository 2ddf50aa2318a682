import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../web/js/api/client.js";
import { useLanguage } from "../web/js/core/i18n.js";
import { Notices } from "../web/js/core/notices.js";
import { rowCount } from "../web/js/documents/window.js";
import { changeOf, common, isFiled, labelsOf, limited, nameKey } from "../web/js/filing/filing.js";
import { TaskActions } from "../web/js/tasks/actions.js";
import { TaskStore } from "../web/js/tasks/store.js";
import { belongs } from "../web/js/tasks/view.js";
import { FakeClock, FakeServer, task } from "./fakes.js";

test("names are the same however they are written", () => {
  assert.equal(nameKey("  Tax \n 2024"), nameKey("TAX 2024"));
  assert.equal(nameKey("cafe\u0301"), nameKey("CAF\u00c9"));
  assert.notEqual(nameKey("Muller"), nameKey("Müller"));
});

test("labels of several documents are all, some or none of theirs", () => {
  const tasks = [task({ labels: ["tax", "a"] }), task({ labels: ["TAX"] })];
  assert.deepEqual(labelsOf(tasks), [
    { name: "a", all: false },
    { name: "tax", all: true },
  ]);
  assert.equal(common(["x", "x"]), "x");
  assert.equal(common([null, ""]), "");
  assert.equal(common(["x", null]), null);
});

test("a change names only what is another than before", () => {
  const tasks = [task({ labels: ["tax", "a"], collection: "old", note: "n" }), task({ labels: ["tax"], collection: null, note: "n" })];
  const same = [
    { name: "a", wanted: null },
    { name: "tax", wanted: true },
  ];
  assert.equal(changeOf(tasks, { labels: same, collection: null, note: "n " }), null);
  const labels = [
    { name: "a", wanted: true },
    { name: "tax", wanted: false },
    { name: "new", wanted: true },
    { name: "unknown", wanted: false },
  ];
  assert.deepEqual(changeOf(tasks, { labels, collection: "", note: "" }), { addLabels: ["a", "new"], removeLabels: ["tax"], collection: "", note: "" });
  assert.deepEqual(changeOf(tasks, { labels: [], collection: " Letters ", note: null }), { collection: "Letters" });
});

test("lists hold what is filed as they ask", () => {
  const one = task({ labels: ["Tax"], collection: "2024" });
  assert.ok(isFiled(one, { label: "TAX", collection: "2024" }));
  assert.ok(!belongs(one, { label: "a" }));
  assert.ok(!belongs(one, { label: "tax", collection: "2025" }));
  assert.ok(belongs(one, { label: "tax" }));
  const stats = { total: 900, pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0 };
  assert.equal(rowCount({ label: "tax" }, stats, { ids: [1], complete: false }), 2);
});

test("a search is limited as the list is", () => {
  assert.equal(limited("fox", { label: "Tax 2024", collection: "a" }), 'fox label:"Tax 2024" collection:"a"');
  assert.equal(limited("fox", { label: 'a "b"' }), "fox");
  assert.equal(limited("", { label: "tax" }), "");
});

test("documents are filed at most 500 at once, and shown as they are filed", async () => {
  await useLanguage("en");
  const store = new TaskStore(new FakeServer(), new FakeClock());
  const tasks = Array.from({ length: 501 }, () => task());
  for (const one of tasks) store.tasks.set(one.id, one);
  const notices = new Notices(new FakeClock());
  /** @type {number[]} */
  const asked = [];
  let down = false;
  const client = /** @type {any} */ ({
    file: async (/** @type {string[]} */ ids) => {
      asked.push(ids.length);
      if (down) throw new ApiError("offline", "", 0);
      return ids.slice(0, 400).map((taskId) => ({ taskId, filing: { labels: ["tax"], collection: null, note: "" } }));
    },
  });
  const actions = new TaskActions(client, store, notices, async () => true);
  assert.equal(await actions.file(tasks, { addLabels: ["tax"] }), true);
  assert.deepEqual(asked, [500, 1]);
  assert.deepEqual(store.tasks.get(tasks[0]?.id ?? "")?.labels, ["tax"]);
  assert.equal(notices.list.peek().at(-1)?.text, "401 documents filed.");
  down = true;
  assert.equal(await actions.file(tasks.slice(0, 1), { note: "x" }), false);
});
