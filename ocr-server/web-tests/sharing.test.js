/** Sharing documents, and reading what was shared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf, textOf } from "../web/js/shared/link.js";
import { aboutShare, wantedShare } from "../web/js/sharing/share.js";

test("a link is read from its address", () => {
  const id = "0190a1b2-0000-7000-8000-000000000001";
  assert.deepEqual(linkOf({ pathname: `/shared/${id}`, hash: "#token=a-b_c" }), { id, token: "a-b_c" });
  assert.deepEqual(linkOf({ pathname: `/shared/${id}`, hash: "" }), { id, token: "" });
});

test("a page is told by its blocks", () => {
  const block = (/** @type {string[]} */ ...lines) => ({ lines: lines.map((text) => ({ text })) });
  const page = /** @type {any} */ ({ blocks: [block("one", "two"), block(), block("three")] });
  assert.deepEqual(textOf(page), ["one\ntwo", "three"]);
});

test("what was not typed is not asked for", () => {
  const task = { id: "1" };
  const typed = { hours: "24", password: "", maxOpens: "", formats: [] };
  assert.deepEqual(wantedShare(task, typed), { taskId: "1", hours: 24, password: null, maxOpens: null, formats: [] });
  const all = wantedShare(task, { hours: "1", password: "correct horse", maxOpens: "3", formats: ["text"] });
  assert.deepEqual(all, { taskId: "1", hours: 1, password: "correct horse", maxOpens: 3, formats: ["text"] });
});

test("a link is told with its time, its openings and whether it has a password", () => {
  const share = { id: "", taskId: "", createdAt: "2026-01-01T00:00:00Z", expiresAt: "2026-01-02T00:00:00Z", hasPassword: true, maxOpens: 3, opens: 1, formats: [] };
  const before = aboutShare(share, Date.parse(share.createdAt));
  assert.match(before, /^Works until .*, opened 1 of 3 times, with a password$/);
  const after = aboutShare({ ...share, hasPassword: false, maxOpens: null }, Date.parse(share.expiresAt));
  assert.match(after, /^Worked until .*, opened once$/);
});
