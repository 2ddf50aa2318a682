import assert from "node:assert/strict";
import { test } from "node:test";
import { Notices } from "../web/js/core/notices.js";
import { TaskActions } from "../web/js/tasks/actions.js";
import { FakeClock, task } from "./fakes.js";

function actions(/** @type {boolean} */ agreed) {
  /** @type {string[]} */
  const log = [];
  const client = { act: async (/** @type {string} */ id, /** @type {string} */ action) => (log.push(`${action} ${id}`), task({ id })) };
  const store = { put() {}, refreshSoon() {} };
  const confirm = async (/** @type {{ title: string }} */ { title }) => (log.push(title), agreed);
  return { log, acts: new TaskActions(/** @type {any} */ (client), /** @type {any} */ (store), new Notices(new FakeClock()), confirm) };
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
  const yes = actions(true);
  await yes.acts.retry([read]);
  assert.deepEqual(yes.log.slice(1), [`retry ${read.id}`]);
});
