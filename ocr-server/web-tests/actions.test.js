import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../web/js/api/client.js";
import { useLanguage } from "../web/js/core/i18n.js";
import { Notices } from "../web/js/core/notices.js";
import { TaskActions } from "../web/js/tasks/actions.js";
import { briefly, explain, explainTask } from "../web/js/tasks/explain.js";
import { canRetry } from "../web/js/tasks/store.js";
import { FakeClock, task } from "./fakes.js";

function actions(/** @type {boolean} */ agreed) {
  /** @type {string[]} */
  const log = [];
  let parts = 3;
  const client = {
    act: async (/** @type {string} */ id, /** @type {string} */ action) => (log.push(`${action} ${id}`), task({ id })),
    unlock: async (/** @type {string} */ id, /** @type {string} */ password) => {
      if (password !== "sesame") throw new ApiError("password_required", "another password", 422);
      log.push(`unlock ${id}`);
      return "opened";
    },
    remove: async (/** @type {string} */ id) => void log.push(`remove ${id}`),
    purge: async (/** @type {string} */ id) => void log.push(`purge ${id}`),
    emptyTrash: async () => (log.push("empty"), (parts -= 1), { deleted: 2, more: parts > 0 }),
  };
  const store = { put() {}, forget() {}, load: async (/** @type {string} */ id) => void log.push(`load ${id}`), refreshSoon() {}, refresh: async () => {} };
  const confirm = async (/** @type {{ title: string }} */ { title }) => (log.push(title), agreed);
  const notices = new Notices(new FakeClock());
  return { log, notices, acts: new TaskActions(/** @type {any} */ (client), /** @type {any} */ (store), notices, confirm) };
}

test("what failed is read again at once, what was read only after a question", async () => {
  const failed = task({ status: "failed" });
  const read = task({ status: "completed", filename: "bill.pdf" });
  const running = task({ status: "processing" });
  const no = actions(false);
  await no.acts.retry([failed, running]);
  assert.deepEqual(no.log, [`retry ${failed.id}`]);
  await no.acts.retry([failed, read]);
  assert.deepEqual(no.log.slice(1), ["Read “bill.pdf” again?"]);
  const locked = task({ status: "failed", error_code: "password_required" });
  await no.acts.retry([locked]);
  assert.equal(no.log.length, 2, "what is locked stays so");
  const yes = actions(true);
  await yes.acts.retry([read]);
  assert.deepEqual(yes.log.slice(1), [`retry ${read.id}`]);
});

test("one document is deleted at once and can be had back, many only after a question", async () => {
  const [one, other] = [task(), task()];
  const { log, notices, acts } = actions(false);
  assert.ok(await acts.remove([one]));
  assert.deepEqual(log, [`remove ${one.id}`]);
  notices.list.peek()[0]?.action?.run();
  assert.deepEqual(log.slice(1), [`restore ${one.id}`]);
  assert.ok(!(await acts.remove([one, other])));
  assert.deepEqual(log.slice(2), ["Delete 2 documents?"]);
});

test("a password that does not fit is told beside the field, one that fits reads the document", async () => {
  const locked = task({ status: "failed", error_code: "password_required" });
  const { log, notices, acts } = actions(true);
  await assert.rejects(acts.unlock(locked, "other"), { code: "password_required" });
  assert.equal(await acts.unlock(locked, "sesame"), "opened");
  assert.deepEqual(log, [`unlock ${locked.id}`, "load opened"]);
  assert.deepEqual(notices.list.peek(), []);
  assert.ok(!canRetry(locked) && canRetry(task({ status: "failed", error_code: "timeout" })) && !canRetry(task()));
});

test("for good is only deleted after a question, and the trash in as many parts as it takes", async () => {
  const one = task({ filename: "bill.pdf" });
  const no = actions(false);
  await no.acts.purge([one]);
  await no.acts.emptyTrash();
  assert.deepEqual(no.log, ["Delete “bill.pdf” for good?", "Empty the trash?"]);
  const yes = actions(true);
  await yes.acts.purge([one]);
  await yes.acts.emptyTrash();
  assert.deepEqual(yes.log.slice(1), [`purge ${one.id}`, "Empty the trash?", "empty", "empty", "empty"]);
  assert.equal(yes.notices.list.peek().at(-1)?.text, "6 documents deleted for good.");
});

test("the server's sentence leads in its own language, and is small print in another", async () => {
  const error = new ApiError("conflict", "the task is running; stop it first", 409, "r1");
  await useLanguage("en");
  assert.deepEqual(explain(error), { cause: "The task is running; stop it first.", advice: "", original: "", requestId: "r1" });
  await useLanguage("de");
  const said = explain(error);
  assert.equal(said.cause, "Das ist im jetzigen Zustand nicht möglich.");
  assert.equal(said.original, "The task is running; stop it first.");
  assert.equal(explain(new ApiError("brand_new", "a new thing", 400)).cause, "A new thing.");
  const failed = task({ status: "failed", error_code: "too_large", error_message: "2,000 pages; at most 500" });
  assert.equal(briefly(failed), "Die Datei ist zu groß.");
  assert.match(explainTask(failed).advice, /^Teilen Sie/);
  await useLanguage("en");
  assert.equal(briefly(failed), "2,000 pages; at most 500");
});
