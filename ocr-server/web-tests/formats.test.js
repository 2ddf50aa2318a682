/** Saving a result in the formats of the server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, attachmentName } from "../web/js/api/client.js";
import { useLanguage } from "../web/js/core/i18n.js";
import { Notices } from "../web/js/core/notices.js";
import { TaskActions } from "../web/js/tasks/actions.js";
import { FormatMenu } from "../web/js/tasks/format-menu.js";
import { FakeClock, settled, task } from "./fakes.js";

const FORMATS = [
  { name: "text", mediaType: "text/plain; charset=utf-8", extension: "txt" },
  { name: "words", mediaType: "text/csv; charset=utf-8", extension: "csv" },
  { name: "epub", mediaType: "application/epub+zip", extension: "epub" },
];

/** A server, and what a page saves of it. */
function page(/** @type {(url: string) => Response | Promise<Response>} */ answer) {
  /** @type {string[]} */
  const asked = [];
  /** @type {[string, string][]} */
  const saved = [];
  const client = new Client(async (url) => (asked.push(url), answer(url)), () => "u");
  const notices = new Notices(new FakeClock());
  const save = (/** @type {Blob} */ blob, /** @type {string} */ name) => void blob.text().then((text) => saved.push([name, text]));
  const actions = new TaskActions(client, /** @type {any} */ (null), notices, async () => true, save);
  const menu = new FormatMenu({ client, actions, notices });
  const labels = async (/** @type {any} */ of) => (await menu.items(of)).map((item) => (item ? `${item.label}${item.disabled ? " (off)" : ""}` : "-"));
  return { asked, saved, client, notices, actions, menu, labels };
}

const listed = (/** @type {string} */ url) => (url.startsWith("/api/formats") ? Response.json({ success: true, data: { formats: FORMATS } }) : new Response("one two", { headers: { "content-disposition": "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%C3%BCb.txt" } }));

test("the menu has the formats of the server, named in the reader's language where they are known", async () => {
  const { asked, labels } = page(listed);
  const done = task({ status: "completed" });
  await useLanguage("en");
  assert.deepEqual(await labels(done), ["Text (.txt)", "Words with boxes (.csv)", "epub", "-", "Download original"]);
  await useLanguage("de");
  assert.deepEqual(await labels(done), ["Text (.txt)", "Wörter mit Rahmen (.csv)", "epub", "-", "Original herunterladen"]);
  await useLanguage("en");
  assert.deepEqual(await labels(task({ status: "processing" })), ["Text (.txt) (off)", "Words with boxes (.csv) (off)", "epub (off)", "-", "Download original"]);
  assert.deepEqual(await labels(null), []);
  assert.deepEqual(asked, ["/api/formats"], "asked for once");
});

test("an entry of the menu saves the answer of the server under the name it gives", async () => {
  const { asked, saved, menu } = page(listed);
  const items = await menu.items(task({ id: "t1", status: "completed" }));
  items[0]?.run();
  await settled();
  await settled();
  assert.deepEqual(asked.slice(1), ["/api/tasks/t1/result?userId=u&format=text"]);
  assert.deepEqual(saved, [["aüb.txt", "one two"]]);
});

test("marked documents are saved together, and one alone as it is", async () => {
  await useLanguage("en");
  /** @type {[string, unknown][]} */
  const sent = [];
  /** @type {[string, string][]} */
  const saved = [];
  const client = new Client(async (url, options) => {
    if (options?.body) sent.push([url, JSON.parse(String(options.body))]);
    return listed(url);
  }, () => "u");
  const notices = new Notices(new FakeClock());
  const save = (/** @type {Blob} */ blob, /** @type {string} */ name) => void blob.text().then((text) => saved.push([name, text]));
  const actions = new TaskActions(client, /** @type {any} */ (null), notices, async () => true, save);
  const menu = new FormatMenu({ client, actions, notices });
  const [one, two] = [task({ id: "t1", status: "completed" }), task({ id: "t2", status: "failed" })];
  const items = await menu.itemsOfMany([one, two]);
  assert.deepEqual(items.map((item) => item?.label), ["Text (.txt)", "Words with boxes (.csv)", "epub"]);
  items[1]?.run();
  assert.match(notices.list.peek()[0]?.text ?? "", /^The results of 2 documents/);
  await settled();
  await settled();
  assert.deepEqual(sent, [["/api/tasks/export?userId=u", { tasks: ["t1", "t2"], formats: ["words"] }]]);
  assert.deepEqual(saved, [["aüb.txt", "one two"]]);
  assert.deepEqual(notices.list.peek(), [], "it is there, and nothing is told of it any more");
  (await menu.itemsOfMany([one]))[0]?.run();
  await settled();
  assert.equal(sent.length, 1, "no archive for one");
  await actions.exportMany([], { name: "text", mediaType: "text/plain", extension: "txt" });
});

test("more documents than the server packs at once are saved as several archives", async () => {
  /** @type {string[][]} */
  const packed = [];
  const client = new Client(async (_url, options) => {
    packed.push(JSON.parse(String(options?.body)).tasks);
    return new Response("x");
  }, () => "u");
  /** @type {string[]} */
  const saved = [];
  const save = (/** @type {Blob} */ _blob, /** @type {string} */ name) => void saved.push(name);
  const notices = new Notices(new FakeClock());
  const actions = new TaskActions(client, /** @type {any} */ (null), notices, async () => true, save);
  const tasks = Array.from({ length: 1001 }, (_, index) => task({ id: `t${index}`, status: "completed" }));
  await actions.exportMany(tasks, { name: "text", mediaType: "text/plain", extension: "txt" });
  assert.deepEqual(packed.map((ids) => [ids.length, ids[0]]), [[1000, "t0"], [1, "t1000"]]);
  assert.deepEqual(saved, ["documents.zip", "documents.zip"]);
  assert.deepEqual(notices.list.peek(), []);
});

test("the list can be had as a table, as it is filtered", () => {
  const client = new Client(async () => new Response(), () => "u");
  assert.equal(client.tableUrl({ status: "failed", q: "" }), "/api/tasks/export.csv?userId=u&status=failed");
  const filed = client.tableUrl({ label: "to pay", collection: "2026" });
  assert.equal(filed, "/api/tasks/export.csv?userId=u&label=to+pay&collection=2026");
});

test("a file without a name is called as its document, and one that was not made says why", async () => {
  const plain = page(() => new Response("x"));
  await plain.actions.export(task({ filename: "two pages.pdf" }), { name: "tables", mediaType: "text/csv", extension: "csv" });
  await settled();
  assert.deepEqual(plain.saved, [["two pages.csv", "x"]]);
  const refusing = page(() => new Response(JSON.stringify({ code: "conflict", detail: "the task is running" }), { status: 409 }));
  await refusing.actions.export(task(), { name: "text", mediaType: "text/plain", extension: "txt" });
  assert.deepEqual([refusing.saved, refusing.notices.list.peek().map(({ text }) => text)], [[], ["The task is running."]]);
});

test("without the list of formats there is the original, a reason, and another try", async () => {
  let down = true;
  const { asked, notices, labels } = page((url) => (down ? new Response("", { status: 503 }) : listed(url)));
  const done = task({ status: "completed" });
  assert.deepEqual(await labels(done), ["Download original"]);
  assert.equal(notices.list.peek()[0]?.kind, "error");
  down = false;
  assert.equal((await labels(done)).length, 5);
  assert.equal(asked.length, 2);
});

test("a file whose connection breaks was not saved", async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError("cut")) });
  const { client } = page(() => new Response(body));
  await assert.rejects(client.rendition("t1", "json"), { code: "offline" });
});

test("the name of a file is read out of its header", () => {
  assert.equal(attachmentName("attachment; filename=\"two pages.csv\"; filename*=UTF-8''two%20pages.csv"), "two pages.csv");
  assert.equal(attachmentName('attachment; filename="two pages.csv"'), "two pages.csv");
  assert.equal(attachmentName("attachment; filename=\"a_.csv\"; filename*=UTF-8''%E4.csv"), "a_.csv");
  for (const none of [null, "", "inline", "attachment"]) assert.equal(attachmentName(none), "");
});
