/** Documents that were set aside: which they are, and how they go on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Client } from "../web/js/api/client.js";
import { Notices } from "../web/js/core/notices.js";
import { statusText } from "../web/js/documents/status-text.js";
import { rowCount } from "../web/js/documents/window.js";
import { TaskActions } from "../web/js/tasks/actions.js";
import { DOCUMENT_FAULTS, isSetAside } from "../web/js/tasks/set-aside.js";
import { TaskStore } from "../web/js/tasks/store.js";
import { belongs } from "../web/js/tasks/view.js";
import { FakeClock, FakeServer, task } from "./fakes.js";

/** A document that was set aside. */
const dead = (/** @type {Partial<import("../web/js/api/types.js").Task>} */ changes = {}) => task({ status: "failed", error_code: "timeout", ...changes });

/** Actions over a list of what was set aside. */
async function actions(/** @type {{ agreed?: boolean, filter?: object, tasks?: import("../web/js/api/types.js").Task[] }} */ { agreed = true, filter = {}, tasks = [] } = {}) {
  /** @type {string[]} */
  const log = [];
  let parts = 3;
  const answer = async (/** @type {string} */ url, /** @type {any} */ { method } = {}) => {
    log.push(`${method} ${url.replace(/userId=u&?/, "").replace(/\?$/, "")}`);
    parts -= 1;
    const id = /dead-letters\/(.+)\/redrive/.exec(url)?.[1];
    const data = id ? { task: task({ id }) } : { redriven: 100, skipped: 0, more: parts > 0 };
    return new Response(JSON.stringify({ success: true, data }));
  };
  const server = new FakeServer();
  server.all = tasks;
  const store = new TaskStore(/** @type {any} */ (server), new FakeClock());
  const view = store.open({ setAside: true, ...filter });
  await store.refresh();
  const notices = new Notices(new FakeClock());
  const confirm = async (/** @type {{ title: string }} */ { title }) => (log.push(title), agreed);
  const client = new Client(/** @type {any} */ (answer), () => "u");
  return { log, notices, view, store, acts: new TaskActions(client, store, notices, confirm) };
}

test("what is to blame itself is no dead letter, as the server says it", () => {
  const source = readFileSync(new URL("../../ocr-core/src/model/completion.rs", import.meta.url), "utf8");
  const listed = /DOCUMENT_FAULTS: &\[&str\] = &\[([^\]]*)\]/.exec(source)?.[1] ?? "";
  assert.deepEqual([...listed.matchAll(/"(\w+)"/g)].map(([, code]) => code), DOCUMENT_FAULTS);
  assert.ok(isSetAside(dead()) && isSetAside(dead({ error_code: "poison" })) && isSetAside(dead({ error_code: null })));
  assert.ok(!isSetAside(dead({ error_code: "too_large" })) && !isSetAside(task({ error_code: "timeout" })));
});

test("a list of what was set aside loses what goes on, and is not counted by the statistics", () => {
  const one = dead();
  assert.ok(belongs(one, { setAside: true }));
  assert.ok(!belongs({ ...one, status: "pending" }, { setAside: true }));
  assert.ok(!belongs({ ...one, error_code: "unsupported" }, { setAside: true }));
  const stats = { total: 9000, pending: 0, processing: 0, completed: 0, failed: 900, cancelled: 0 };
  assert.equal(rowCount({ setAside: true }, stats, { ids: [1, 2], complete: false }), 3);
});

test("marked documents go on without a question, those that were not set aside stay", async () => {
  const { log, acts, notices, store } = await actions();
  const [one, other] = [dead(), dead()];
  await acts.redrive([one, task({ status: "completed" }), other]);
  assert.deepEqual(log, [`POST /api/dead-letters/${one.id}/redrive`, `POST /api/dead-letters/${other.id}/redrive`]);
  assert.equal(notices.list.peek()[0]?.text, "2 documents go on.");
  assert.equal(store.tasks.get(one.id)?.status, "pending");
});

test("all are read again after one question, which counts them, in as many parts as it takes", async () => {
  const tasks = Array.from({ length: 230 }, () => dead());
  const no = await actions({ agreed: false, tasks });
  assert.equal(await no.acts.redriveAll(no.view), false);
  assert.deepEqual(no.log, ["Read 230 documents again?"]);
  const yes = await actions({ tasks, filter: { q: "bill" } });
  assert.equal(await yes.acts.redriveAll(yes.view), true);
  assert.equal(yes.log[1], "POST /api/dead-letters/redrive?q=bill&limit=100");
  assert.equal(yes.log.length, 4);
  assert.equal(yes.notices.list.peek().at(-1)?.text, "300 documents go on.");
});

test("of a list that is limited to a label only what it holds goes on", async () => {
  const [one, other] = [dead({ labels: ["Tax"] }), dead({ labels: ["Tax"] })];
  const { log, acts, view } = await actions({ tasks: [one, other], filter: { label: "tax" } });
  await acts.redriveAll(view);
  assert.deepEqual(log.slice(1).sort(), [one, other].map(({ id }) => `POST /api/dead-letters/${id}/redrive`));
});

test("a document whose worker is gone waits to be taken over, until somebody goes on with it", () => {
  const progress = { pages_done: 1, pages_total: 3, percent: 33, message: "" };
  const left = task({ status: "processing", progress, takeover_at: "2026-01-01T00:00:00Z" });
  assert.equal(statusText(left), "Waits to be taken over");
  const store = new TaskStore(/** @type {any} */ (new FakeServer()), new FakeClock());
  store.put(left);
  store.receive(/** @type {any} */ ({ type: "task_update", data: { taskId: left.id, status: "processing", message: "2 of 3", progress: 66 } }));
  assert.equal(statusText(/** @type {any} */ (store.tasks.get(left.id))), "Page 3 of 3");
});
