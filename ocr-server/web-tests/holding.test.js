/** Why a document is where it is, and when that is asked. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { clockTime } from "../web/js/core/format.js";
import { useLanguage } from "../web/js/core/i18n.js";
import { en } from "../web/js/i18n/en.js";
import { ExplanationWatch } from "../web/js/tasks/explanation-watch.js";
import { inWords } from "../web/js/tasks/holding.js";
import { FakeClock, settled, task } from "./fakes.js";

/** @typedef {import("../web/js/api/types.js").Explanation} Explanation */

const NOON = new Date(2026, 0, 10, 12).getTime();
const later = (/** @type {number} */ seconds) => new Date(NOON + seconds * 1000).toISOString();

/** What the server may answer. */
const told = (/** @type {Partial<Explanation>} */ changes) =>
  /** @type {Explanation} */ ({ status: "pending", holding: "turn", ahead: null, until: null, deadlineAt: null, cause: null, worker: null, attempt: 1, failures: 0, maxFailures: 3, crashes: 0, maxCrashes: 3, message: "why", next: "what next", ...changes });

const words = (/** @type {Partial<Explanation>} */ changes, one = task()) => inWords(told(changes), one, NOON);

after(() => useLanguage("en"));

test("each state that the server names has words, and a cause of a dead letter too", () => {
  const source = readFileSync(new URL("../../ocr-core/src/service/explain.rs", import.meta.url), "utf8");
  const names = [...source.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, name]) => name);
  assert.ok(names.length >= 10);
  assert.deepEqual(names.filter((name) => !(`why.${name}` in en)), []);
  const causes = readFileSync(new URL("../../ocr-core/src/model/dead_letter.rs", import.meta.url), "utf8");
  const known = [...causes.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, name]) => name);
  assert.equal(known.length, 4);
  assert.deepEqual(known.filter((name) => !(`aside.${name}` in en)), []);
});

test("a document whose worker is gone waits for the end of its lease, and names it", async () => {
  await useLanguage("en");
  const silent = { status: /** @type {const} */ ("processing"), holding: "silent_worker", worker: "host-7", until: later(20) };
  const said = words(silent);
  assert.match(said.what, /^It waits to be taken over/);
  assert.match(said.next, /^It waits for the lease of host-7 to end at 12:00:20.PM; then another worker goes on\.$/);
  assert.match(words({ ...silent, worker: null }).next, /the lease of its worker/);
  assert.equal(words({ ...silent, until: later(-1) }).next, "Another worker takes it over within seconds.");
});

test("whoever waits is told for whom, how often it was tried and when it goes on", async () => {
  await useLanguage("en");
  assert.equal(words({ ahead: 0 }).what, "It is the next one.");
  assert.equal(words({ ahead: 1 }).what, "It waits for its turn; 1 document is ahead of it.");
  assert.match(words({ ahead: 499 }).what, /at least 499 documents/);
  const delayed = words({ holding: "delay", until: later(90), message: "the last attempt failed: no answer" }, task({ error_code: "timeout" }));
  assert.match(delayed.next, /^Attempt 2 begins at 12:01:30/);
  assert.deepEqual([delayed.said, delayed.cause], ["The last attempt failed: no answer.", ""]);
});

test("in another language the cause is told in it, and the server's sentence beside it", async () => {
  await useLanguage("de");
  const delayed = words({ holding: "delay", until: later(90), message: "the last attempt failed" }, task({ error_code: "timeout" }));
  assert.match(delayed.what, /^Es wartet auf/);
  assert.equal(delayed.said, "The last attempt failed.");
  assert.ok(delayed.cause.length > 0 && delayed.cause !== delayed.said);
  assert.equal(words({ holding: "worker" }).said, "", "which says nothing else");
});

test("a state that the page does not know is told as the server tells it", async () => {
  await useLanguage("de");
  assert.deepEqual(words({ holding: "on_the_moon", message: "it is on the moon", next: "it comes back" }), { what: "It is on the moon.", next: "It comes back.", cause: "", said: "", foreign: true });
  assert.equal(words({ holding: "dead_letter", cause: "brand_new" }).next, "So bleibt es, bis jemand es weiterlesen lässt.");
  await useLanguage("en");
  assert.match(words({ holding: "dead_letter", cause: "poison" }).what, /set aside\. Reading it stopped the program/);
});

test("a time of another day is told with its day", () => {
  assert.doesNotMatch(clockTime(later(60), NOON), /2026/);
  assert.match(clockTime(later(2 * 86_400), NOON), /2026/);
});

/** A watch over answers that come one after the other; the last one stays. */
function watch(/** @type {(Explanation | Error)[]} */ answers) {
  const clock = new FakeClock();
  /** @type {number[]} */
  const asked = [];
  const client = {
    url: (/** @type {string} */ path) => path,
    exchange: async () => {
      asked.push(clock.time);
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { clock, asked, watching: new ExplanationWatch(/** @type {any} */ (client), clock, "one") };
}

test("a burst of events costs one request, and silence is noticed without any", async () => {
  const { clock, asked, watching } = watch([told({ holding: "worker", status: "processing" }), told({ holding: "worker", status: "processing" }), told({ holding: "silent_worker", status: "processing" })]);
  watching.changed();
  await clock.pass(0);
  assert.deepEqual(asked, [0]);
  for (let count = 0; count < 5; count += 1) watching.changed();
  await clock.pass(1000);
  assert.deepEqual(asked, [0, 700]);
  await clock.pass(11_000);
  assert.equal(asked.length, 3);
  assert.equal(watching.told.peek()?.holding, "silent_worker");
});

test("it is asked again when a lease ends, after an error too, and no more once it has ended or nobody looks", async () => {
  const { clock, asked, watching } = watch([told({ until: new Date(4000).toISOString() }), new Error("down"), told({ status: "failed", holding: "document" })]);
  watching.changed();
  await clock.pass(5000);
  assert.deepEqual(asked, [0, 4700]);
  await clock.pass(60_000);
  assert.equal(asked.length, 3, "what has ended changes by an event alone");
  watching.changed();
  watching.stop();
  await clock.pass(60_000);
  await settled();
  assert.equal(asked.length, 3);
});
