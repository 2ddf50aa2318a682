import assert from "node:assert/strict";
import { test } from "node:test";
import { labelled } from "../web/js/dashboard/days.js";
import { daysLeft, facts } from "../web/js/documents/facts.js";
import { useLanguage } from "../web/js/core/i18n.js";
import { task } from "./fakes.js";

test("the last place of an axis, today, has its own label", () => {
  assert.deepEqual(labelled(30, 6), [5, 11, 17, 23, 29]);
  assert.deepEqual(labelled(3, 1), [0, 1, 2]);
  assert.deepEqual(labelled(0, 3), []);
});

test("a day in the trash that has begun is left, one that is over is not", () => {
  const now = Date.parse("2026-01-10T12:00:00Z");
  assert.equal(daysLeft("2026-02-09T12:00:00Z", now), 30);
  assert.equal(daysLeft("2026-01-10T12:00:01Z", now), 1);
  assert.equal(daysLeft("2026-01-10T11:00:00Z", now), 0);
});

test("a row says what was read, and in the trash how long that stays", async () => {
  await useLanguage("en");
  const read = task({ status: "completed", page_count: 2, engine: "ppocr", processing_time_ms: 8_000 });
  assert.match(facts(read, 0), /^2 pages · .+ · read by ppocr in 8 sec$/);
  const waits = task({ attempt: 0, created_at: "2026-01-10T11:59:32Z", updated_at: "2026-01-10T11:59:50Z" });
  const noon = Date.parse("2026-01-10T12:00:00Z");
  assert.match(facts(waits, noon), /waiting for 28 sec$/, "also when it was labelled meanwhile");
  assert.match(facts({ ...waits, attempt: 1 }, noon), /waiting for 10 sec$/, "for another attempt");
  const now = Date.parse("2026-01-10T12:00:00Z");
  assert.match(facts({ ...read, purge_at: "2026-01-12T12:00:00Z" }, now), /^2 days left · 2 pages/);
});
