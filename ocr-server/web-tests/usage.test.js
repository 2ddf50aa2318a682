import assert from "node:assert/strict";
import { test } from "node:test";
import { usageRows } from "../web/js/dashboard/amounts.js";
import { isParked } from "../web/js/documents/facts.js";
import { task } from "./fakes.js";

const period = (/** @type {number} */ costMicros) => ({ from: "2026-11-01", documents: 3, bytes: 2048, pages: 12, words: 100, billedPages: 0, costMicros, engines: [] });

const usage = (costMicros = 0, /** @type {[string, number | null][]} */ remaining = []) => ({
  today: period(0),
  month: period(costMicros),
  quotas: remaining.map(([quota, left]) => ({ quota, limit: left, used: 0, remaining: left, resetsAt: null })),
});

test("what is used stands beside what is left of it", () => {
  const rows = usageRows(usage(0, [["pages_per_day", 88], ["bytes_per_month", 1024], ["documents_per_day", null]]));
  assert.deepEqual(rows.map((row) => row.label), ["overview.documents", "info.pages", "usage.bytes"]);
  assert.deepEqual(rows[0], { label: "overview.documents", today: "3", month: "3", leftToday: "–", leftMonth: "–" });
  assert.deepEqual([rows[1]?.leftToday, rows[1]?.leftMonth], ["88", "–"]);
  assert.match(rows[2]?.leftMonth ?? "", /1.*kB/);
});

test("money is told where there is some, or a limit of it", () => {
  const cost = (/** @type {ReturnType<typeof usage>} */ given) => usageRows(given).find((row) => row.label === "usage.cost");
  assert.equal(cost(usage()), undefined);
  assert.match(cost(usage(1_500_000))?.month ?? "", /1.50/);
  assert.match(cost(usage(0, [["spend_per_day", 250_000]]))?.leftToday ?? "", /0.25/);
});

test("a document that waits for money says so", () => {
  const parked = { ...task(), status: /** @type {const} */ ("pending"), error_code: "quota_exceeded", queue_position: 3 };
  assert.equal(isParked(parked), true);
  assert.equal(isParked({ ...parked, status: /** @type {const} */ ("processing") }), false, "it goes on");
});
