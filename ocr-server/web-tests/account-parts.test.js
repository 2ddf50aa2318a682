/** Parts of the account and of the list of users: usage, links, second factors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { documentNames } from "../web/js/accounts/document-names.js";
import { engineUsage } from "../web/js/accounts/engine-usage.js";
import { removeFactor } from "../web/js/accounts/factor-removal.js";
import { ApiError } from "../web/js/api/client.js";
import { Notices } from "../web/js/core/notices.js";
import { FakeClock } from "./fakes.js";

const engine = (/** @type {string} */ name, /** @type {number} */ pages, costMicros = 0) => ({ engine: name, documents: 1, pages, words: 10 * pages, billedPages: costMicros ? pages : 0, costMicros });
const period = (/** @type {ReturnType<typeof engine>[]} */ engines) => ({ from: "2026-11-01", documents: 0, bytes: 0, pages: 0, words: 0, billedPages: 0, costMicros: 0, engines });

test("each engine is told with what it read today and this month", () => {
  const { heads, rows } = engineUsage({ today: period([engine("paddle", 2)]), month: period([engine("paddle", 12), engine("tesseract", 1)]) });
  assert.deepEqual(heads, ["Documents", "Pages", "Words"]);
  assert.deepEqual(rows.map((row) => row.engine), ["paddle", "tesseract"]);
  assert.deepEqual(rows[0]?.cells[1], ["2 today", "12 this month"]);
  assert.deepEqual(rows[1]?.cells[1], ["0 today", "1 this month"]);
});

test("what an engine charges is told where one charges", () => {
  const { heads, rows } = engineUsage({ today: period([]), month: period([engine("paddle", 3), engine("textract", 4, 6000)]) });
  assert.deepEqual(heads.slice(3), ["Billed pages", "Cost"]);
  assert.equal(rows[1]?.cells[3]?.[1], "4 this month");
  assert.match(rows[1]?.cells[4]?.[1] ?? "", /0\.01 this month/);
});

test("a document is asked for once, one that was deleted is told, one that could not be asked for is not", async () => {
  /** @type {string[]} */
  const asked = [];
  const client = {
    task: async (/** @type {string} */ id) => {
      asked.push(id);
      if (id === "gone") throw new ApiError("not_found", "", 404);
      if (id === "unlucky") throw new ApiError("offline", "", 0);
      return { filename: `${id}.pdf` };
    },
  };
  /** @type {[string, string | null][]} */
  const told = [];
  await documentNames(client, ["a", "gone", "a", "unlucky"], (id, name) => void told.push([id, name]));
  assert.deepEqual(asked.sort(), ["a", "gone", "unlucky"]);
  assert.deepEqual(told.sort(), [["a", "a.pdf"], ["gone", null]]);
});

test("a second factor is removed after a question, and what came of it is said", async () => {
  /** @type {string[]} */
  const log = [];
  /** @type {Error | null} */
  let failure = null;
  const exchange = async (/** @type {string} */ method, /** @type {string} */ path) => {
    log.push(`${method} ${path}`);
    if (failure) throw failure;
  };
  const notices = new Notices(new FakeClock());
  const remove = (/** @type {boolean} */ sure) => removeFactor(/** @type {any} */ ({ client: { exchange }, notices }), { id: "1", name: "ada" }, async () => sure);
  const told = () => notices.list.peek().map(({ kind, text }) => `${kind}: ${text}`);
  await remove(false);
  assert.deepEqual([log, told()], [[], []]);
  await remove(true);
  assert.deepEqual(log, ["DELETE /api/admin/users/1/second-factor"]);
  failure = new ApiError("not_found", "there is no second factor", 404);
  await remove(true);
  failure = new ApiError("permission_denied", "not you", 403);
  await remove(true);
  assert.deepEqual(told().sort(), ["error: Not you.", "info: ada has no second factor.", "info: ada signs in with the password alone."]);
});
