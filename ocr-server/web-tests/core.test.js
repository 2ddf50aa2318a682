import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, bytes, duration, percent } from "../web/js/core/format.js";
import { t, useLanguage, pickLanguage } from "../web/js/core/i18n.js";
import { Keyboard, isLetterKey, keyOf } from "../web/js/core/keyboard.js";
import { Notices } from "../web/js/core/notices.js";
import { Router, formatRoute, parseRoute } from "../web/js/core/router.js";
import { DEFAULTS, Settings, isUuid } from "../web/js/core/settings.js";
import { effect, flush, signal, untracked } from "../web/js/core/signal.js";
import { de } from "../web/js/i18n/de.js";
import { en } from "../web/js/i18n/en.js";
import { UNDO_TIME } from "../web/js/tasks/actions.js";
import { FakeClock, FakeStorage } from "./fakes.js";

test("an effect runs again once after several changes, and not after it ended", () => {
  const a = signal(1);
  const b = signal(2);
  /** @type {number[]} */
  const sums = [];
  const end = effect(() => void sums.push(a.value + b.value));
  a.value = 10;
  b.value = 20;
  flush();
  end();
  a.value = 100;
  flush();
  assert.deepEqual(sums, [3, 30]);
});

test("an effect is told only of what it read in its last run", () => {
  const shown = signal(true);
  const text = signal("a");
  let runs = 0;
  effect(() => {
    runs += 1;
    if (shown.value) void text.value;
  });
  shown.value = false;
  flush();
  text.value = "b";
  flush();
  assert.equal(runs, 2);
});

test("an effect that throws does not stop the others", () => {
  const source = signal(0);
  let runs = 0;
  effect(() => {
    if (source.value) throw new Error("broken");
  });
  effect(() => {
    void source.value;
    runs += 1;
  });
  source.value = 1;
  assert.throws(flush, /broken/);
  assert.equal(runs, 2);
});

test("what is read untracked is not watched", () => {
  const hidden = signal(1);
  let runs = 0;
  effect(() => {
    runs += 1;
    untracked(() => hidden.value);
  });
  hidden.value = 2;
  flush();
  assert.equal(runs, 1);
});

test("routes are read as they were written", () => {
  const link = formatRoute("document", { page: 3, word: 17, tab: "", q: null }, "a/b c");
  assert.equal(link, "#/documents/a%2Fb%20c?page=3&word=17");
  assert.deepEqual(parseRoute(link), { screen: "document", id: "a/b c", query: { page: "3", word: "17" } });
  assert.equal(parseRoute("").screen, "documents");
  assert.equal(parseRoute("#/documents?status=failed").query.status, "failed");
  for (const odd of ["#/nowhere", "#/trash/1", "#/documents/1/2", "#/%E0%A4%A"]) assert.equal(parseRoute(odd).screen, "lost");
});

test("refining a place leaves no step behind, going somewhere does", () => {
  /** @type {string[]} */
  const log = [];
  const location = { hash: "#/documents?status=failed" };
  const history = {
    pushState: (/** @type {any} */ _, /** @type {any} */ __, /** @type {string} */ link) => void (log.push(`push ${link}`), (location.hash = link)),
    replaceState: (/** @type {any} */ _, /** @type {any} */ __, /** @type {string} */ link) => void (log.push(`replace ${link}`), (location.hash = link)),
  };
  const router = new Router(/** @type {any} */ ({ location, history, addEventListener() {} }));
  router.refine({ q: "x" });
  router.refine({ q: "x" });
  router.go("#/trash");
  assert.deepEqual(log, ["replace #/documents?status=failed&q=x", "push #/trash"]);
  assert.equal(router.route.peek().screen, "trash");
});

test("texts choose the number and write it as the locale does", async () => {
  await useLanguage("en");
  assert.equal(t("pages", { n: 1 }), "1 page");
  assert.equal(t("words", { n: 12345 }), "12,345 words");
  await useLanguage("de");
  assert.equal(t("words", { n: 12345 }), "12.345 Wörter");
  assert.equal(t("purge.title", { n: 1, name: "a|b}.pdf" }), "„{name}“ endgültig löschen?".replace("{name}", "a|b}.pdf"));
  await useLanguage("en");
});

test("both languages have the same texts with the same values", () => {
  const values = (/** @type {string} */ text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((found) => found[1]))].sort().join();
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const [key, text] of Object.entries(en)) assert.equal(values(de[/** @type {keyof typeof en} */ (key)]), values(text), key);
});

test("the language is the chosen one, else the first of the browser's that there is", () => {
  assert.equal(pickLanguage("de", ["en"]), "de");
  assert.equal(pickLanguage("", ["fr-FR", "de-AT", "en"]), "de");
  assert.equal(pickLanguage("xx", ["fr"]), "en");
});

test("sizes, times and shares are written for people", () => {
  assert.equal(bytes(50 * 1024 * 1024), "50 MB");
  assert.equal(bytes(1536), "1.5 kB");
  assert.equal(duration(250), "250 ms");
  assert.equal(duration(61_000), "61 sec");
  assert.equal(percent(0.934), "93%");
  // What is not all of it is not written as all of it.
  for (const nearly of [0.99, 0.99946, 0.996, 0.999999]) assert.equal(percent(nearly), "99%");
  assert.equal(percent(1), "100%");
  assert.equal(percent(1.5), "150%");
  const now = Date.parse("2026-05-01T12:00:00Z");
  assert.equal(ago("2026-05-01T11:55:00Z", now), "5 min. ago");
  assert.equal(ago("2026-05-01T12:00:30Z", now), "now");
});

test("settings survive a reload, and nonsense in the storage does not break them", () => {
  const storage = new FakeStorage();
  new Settings(storage).change({ theme: "dark", weakBelow: 60 });
  assert.equal(new Settings(storage).values.peek().theme, "dark");
  storage.items.set("ocr.settings", '{"theme":7,"weakBelow":50,"other":1}');
  const values = new Settings(storage).values.peek();
  assert.deepEqual(values, { ...DEFAULTS, weakBelow: 50 });
  storage.items.set("ocr.settings", "{");
  assert.deepEqual(new Settings(storage).values.peek(), DEFAULTS);
  assert.ok(isUuid("11111111-1111-1111-1111-111111111111") && !isUuid("1111"));
});

const press = (/** @type {string} */ key, more = {}) => {
  let prevented = false;
  const event = { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false, defaultPrevented: false, target: null, preventDefault: () => (prevented = true), ...more };
  return { event: /** @type {any} */ (event), prevented: () => prevented };
};

test("the innermost shortcut that applies takes the key", () => {
  const keyboard = new Keyboard(() => true);
  /** @type {string[]} */
  const log = [];
  keyboard.register("outer", [{ keys: ["Escape"], label: "", run: () => void log.push("outer") }]);
  const off = keyboard.register("inner", [{ keys: ["Escape"], label: "", run: () => (log.length === 0 ? void log.push("inner") : false) }]);
  assert.ok(keyboard.handle(press("Escape").event));
  assert.ok(keyboard.handle(press("Escape").event));
  off();
  keyboard.handle(press("Escape").event);
  assert.deepEqual(log, ["inner", "outer", "outer"]);
});

test("single letters can be turned off, and are text where one types", () => {
  let on = true;
  const keyboard = new Keyboard(() => on);
  let runs = 0;
  keyboard.register("", [{ keys: ["r", "Delete", "Ctrl+f", "Ctrl+a", "Ctrl+Home"], label: "", run: () => void (runs += 1) }]);
  const field = { matches: (/** @type {string} */ selector) => selector.includes("input"), isContentEditable: false };
  for (const key of ["r", "Delete"]) assert.ok(!keyboard.handle(press(key, { target: field }).event), key);
  for (const key of ["a", "Home"]) assert.ok(!keyboard.handle(press(key, { ctrlKey: true, target: field }).event), key);
  assert.equal(runs, 0);
  keyboard.handle(press("f", { ctrlKey: true, target: field }).event);
  keyboard.handle(press("r").event);
  on = false;
  keyboard.handle(press("r").event);
  keyboard.handle(press("Delete").event);
  assert.equal(runs, 3);
  assert.ok(isLetterKey("?") && !isLetterKey("Delete"));
  assert.equal(keyOf(press("ArrowDown", { shiftKey: true }).event), "Shift+ArrowDown");
  assert.equal(keyOf(press("?", { shiftKey: true }).event), "?");
});

test("notices go by themselves within ten seconds, and the same one is not shown twice", async () => {
  const clock = new FakeClock();
  const notices = new Notices(clock);
  notices.info("copied");
  notices.info("copied");
  notices.info("deleted", { time: UNDO_TIME, action: { label: "Undo", run() {} } });
  notices.error("broken");
  assert.deepEqual(notices.list.peek().map(({ text }) => text), ["copied", "deleted", "broken"]);
  await clock.pass(8_000);
  assert.deepEqual(notices.list.peek().map(({ text }) => text), ["deleted", "broken"]);
  await clock.pass(2_000);
  assert.deepEqual(notices.list.peek(), []);
});

test("a notice stays while somebody is at one, and goes soon after", async () => {
  const clock = new FakeClock();
  const notices = new Notices(clock);
  notices.error("broken");
  notices.hold();
  await clock.pass(60_000);
  assert.equal(notices.list.peek().length, 1);
  notices.release();
  assert.equal(notices.list.peek().length, 1, "not under the pointer that leaves it");
  await clock.pass(5_000);
  assert.deepEqual(notices.list.peek(), []);
});

test("what can be undone is not pushed out, and what is said twice is said twice", () => {
  const notices = new Notices(new FakeClock());
  notices.info("deleted", { action: { label: "Undo", run() {} } });
  for (const text of ["a", "b", "c", "d", "e"]) notices.info(text);
  assert.deepEqual(notices.list.peek().map(({ text }) => text), ["deleted", "c", "d", "e"]);
  let said = 0;
  effect(() => void (said += Number(notices.spoken.value.text === "read")));
  for (let times = 0; times < 2; times += 1) {
    notices.say("read");
    flush();
  }
  assert.equal(said, 2);
});

test("an effect that another of the same round ended does not run or listen again", () => {
  const source = signal(0);
  const other = signal(0);
  let runs = 0;
  /** @type {() => void} */
  let end = () => {};
  effect(() => {
    if (source.value === 1) end();
  });
  end = effect(() => {
    void source.value;
    void other.value;
    runs += 1;
  });
  source.value = 1;
  flush();
  other.value = 1;
  flush();
  assert.equal(runs, 1);
});
