/** Quotas and budgets of users, as administrators see and set them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { QUOTAS, choiceOf, maximum, typed, usageCells, usageHeads, wantedLimits } from "../web/js/accounts/limits.js";
import { Client } from "../web/js/api/client.js";
import { fewAtOnce } from "../web/js/core/few-at-once.js";
import { parseRoute } from "../web/js/core/router.js";
import { settled } from "./fakes.js";

const period = (/** @type {number} */ pages, costMicros = 0) => ({ from: "2026-11-01", documents: 1, bytes: 2048, pages, words: 0, billedPages: 0, costMicros, engines: [] });
const quota = (/** @type {string} */ name) => QUOTAS.find((one) => one.name === name) ?? assert.fail(name);

test("what is used stands beside its limit, and says when it is used up", () => {
  const status = (/** @type {string} */ name, /** @type {number} */ used, /** @type {number | null} */ limit) => ({ quota: name, limit, used, remaining: limit === null ? null : limit - used, resetsAt: null });
  const quotas = [status("open_tasks", 2, 5), status("pages_per_day", 3, 3), status("pages_per_month", 40, null), status("spend_per_month", 1_500_000, 2_000_000)];
  const cells = usageCells({ today: period(3), month: period(40, 1_500_000), quotas });
  assert.equal(cells.length, usageHeads().length);
  const [open, documents, pages, , cost] = cells;
  assert.deepEqual(open, [{ text: "2 of 5", usedUp: false }]);
  assert.deepEqual(documents, [{ text: "1 today", usedUp: false }, { text: "1 this month", usedUp: false }]);
  assert.deepEqual(pages, [{ text: "3 of 3 today", usedUp: true }, { text: "40 this month", usedUp: false }]);
  assert.match(cost?.[1]?.text ?? "", /1\.50 of .*2\.00 this month/);
});

test("every quota of the server can be set, in units that people use", () => {
  const names = ["open_tasks", ...["documents", "pages", "bytes", "spend"].flatMap((what) => [`${what}_per_day`, `${what}_per_month`])];
  assert.deepEqual(QUOTAS.map((one) => one.name), names);
  assert.deepEqual(QUOTAS.filter((one) => one.budget).map((one) => one.name), ["spend_per_day", "spend_per_month"]);
  assert.equal(typed(12_500_000, quota("spend_per_day")), "12.5");
  assert.equal(typed(3 * 1_048_576, quota("bytes_per_day")), "3");
  assert.deepEqual([typed(null, quota("pages_per_day")), typed(undefined, quota("pages_per_day")), typed(0, quota("pages_per_day"))], ["", "", "0"]);
  assert.equal(maximum(quota("spend_per_day")), 1_000_000_000);
});

test("what holds for everybody is not named, and no limit is not a limit of nothing", () => {
  const limits = { pages_per_day: 0, spend_per_month: null };
  assert.deepEqual(["pages_per_day", "spend_per_month", "open_tasks"].map((name) => choiceOf(limits, name)), ["limit", "none", "default"]);
  const rows = [
    { quota: quota("open_tasks"), choice: "default", amount: "7" },
    { quota: quota("pages_per_day"), choice: "limit", amount: "0" },
    { quota: quota("spend_per_day"), choice: "limit", amount: "0.07" },
    { quota: quota("bytes_per_day"), choice: "limit", amount: "1.5" },
    { quota: quota("spend_per_month"), choice: "none", amount: "3" },
  ];
  assert.deepEqual(wantedLimits(rows), { pages_per_day: 0, spend_per_day: 70_000, bytes_per_day: 1_572_864, spend_per_month: null });
});

test("administrators ask for the usage of somebody else, everybody for their own", async () => {
  /** @type {string[]} */
  const asked = [];
  const fetch = async (/** @type {string} */ url) => (asked.push(url), new Response(JSON.stringify({ data: {} })));
  const client = new Client(fetch, () => "me");
  await client.usage("other");
  await client.usage();
  assert.deepEqual(asked, ["/api/usage?userId=other", "/api/usage?userId=me"]);
});

test("many requests go a few at once, and end when they are not wanted any more", async () => {
  /** @type {number[]} */
  const begun = [];
  /** @type {(() => void)[]} */
  const ends = [];
  let wanted = true;
  const run = (/** @type {number} */ item) => (begun.push(item), new Promise((resolve) => ends.push(() => resolve(undefined))));
  const all = fewAtOnce([1, 2, 3, 4, 5], 2, run, () => wanted);
  assert.deepEqual(begun, [1, 2]);
  ends[0]?.();
  await settled();
  assert.deepEqual(begun, [1, 2, 3]);
  wanted = false;
  for (const end of ends) end();
  await all;
  assert.deepEqual(begun, [1, 2, 3]);
});

test("the screen of limits has an address", () => {
  assert.equal(parseRoute("#/limits").screen, "limits");
});
