import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, Client, problem } from "../web/js/api/client.js";
import { curlCommand } from "../web/js/uploads/curl.js";
import { droppedFiles, isClutter, pageRange, pastedFiles, refusal } from "../web/js/uploads/intake.js";
import { UploadQueue } from "../web/js/uploads/queue.js";
import { Remembered } from "../web/js/uploads/remembered.js";
import { Sender, WHOLE_UP_TO } from "../web/js/uploads/sender.js";
import { FakeClock, FakeStorage, settled } from "./fakes.js";

const OPTIONS = { engine: "", languages: "", pages: "" };
const LIMIT = 50 * 1024 * 1024;

const file = (/** @type {string} */ name, size = 10, type = "application/pdf") => new File([new Uint8Array(size)], name, { type, lastModified: 1 });

test("what cannot be read is refused before it travels, with the reason", () => {
  assert.equal(refusal({ name: "a.pdf", type: "", size: 1 }, LIMIT), null);
  assert.equal(refusal({ name: "scan", type: "image/png", size: 1 }, LIMIT), null);
  assert.equal(refusal({ name: "A.JPG", type: "", size: 1 }, LIMIT), null);
  assert.equal(refusal({ name: "a.docx", type: "application/msword", size: 1 }, LIMIT), "type");
  assert.equal(refusal({ name: "a.pdf", type: "", size: 0 }, LIMIT), "empty");
  assert.equal(refusal({ name: "a.pdf", type: "", size: LIMIT + 1 }, LIMIT), "large");
  assert.ok(isClutter({ name: ".DS_Store" }) && isClutter({ name: "Thumbs.db" }) && !isClutter({ name: "a.pdf" }));
});

test("ranges of pages are those the server takes", () => {
  const good = { "": "", "1": "1", "1-3,7": "1-3,7", " 2 - 4 , 9 ": "2-4,9", "1-3, ": "1-3" };
  for (const [text, range] of Object.entries(good)) assert.equal(pageRange(text), range, text);
  for (const bad of ["0", "3-1", "a", "1-", ",", "1,,2", "1;2"]) assert.equal(pageRange(bad), null, bad);
});

test("an image that is pasted is taken, the picture beside a text is not", () => {
  const paste = (/** @type {string[]} */ ...types) => pastedFiles({ types: [...types, "Files"], files: /** @type {any} */ ([file("image.png", 10, "image/png")]) }, new Date(0));
  assert.equal(paste()[0]?.name, "Pasted 1970-01-01 00.00.00.png");
  assert.equal(paste("text/html").length, 1);
  assert.deepEqual(paste("text/plain", "text/html", "text/rtf"), []);
});

test("what cannot be read of a dropped folder does not take the rest with it", async () => {
  const readable = (/** @type {string} */ name) => ({ isFile: true, name, file: (/** @type {any} */ give) => give(file(name)) });
  const broken = { isFile: true, name: "locked.pdf", file: (/** @type {any} */ _, /** @type {any} */ fail) => fail(new Error("no")) };
  const folder = (/** @type {string} */ name, /** @type {any[]} */ entries) => ({
    isDirectory: true,
    name,
    createReader: () => ({ readEntries: (/** @type {any} */ give) => give(entries.splice(0, 100)) }),
  });
  const items = [folder("scans", [readable("a.pdf"), broken, folder("more", [readable("b.pdf")])]), readable("c.pdf")];
  const found = await droppedFiles(/** @type {any} */ ({ items: items.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry })), files: [] }));
  assert.deepEqual(found.files.map(({ name }) => name), ["a.pdf", "b.pdf", "c.pdf"]);
  assert.deepEqual(found.unread, ["locked.pdf"]);
});

test("the command is the same request, safe to paste", () => {
  const command = curlCommand("http://localhost:8080", "u-1", { engine: "ppocr", languages: "en, de", pages: "" }, "it's; rm -rf.pdf");
  assert.equal(command, ["curl http://localhost:8080/api/tasks", `  -F 'file=@it'\\''s; rm -rf.pdf'`, "  -F userId=u-1", "  -F engine=ppocr", "  -F 'languages=en, de'"].join(" \\\n"));
  assert.ok(!curlCommand("", "u-1", { ...OPTIONS, readAgain: false }).includes("readAgain"));
  assert.ok(curlCommand("", "u-1", { ...OPTIONS, readAgain: true }).endsWith("  -F readAgain=true"));
  assert.ok(!curlCommand("", "u-1", { ...OPTIONS, textLayer: "" }).includes("textLayer"));
  assert.ok(curlCommand("", "u-1", { ...OPTIONS, textLayer: "force" }).endsWith("  -F textLayer=force"));
});

/** A queue whose files arrive when the test says so. */
function queue(/** @type {(job: any) => Promise<string>} */ send) {
  const clock = new FakeClock();
  /** @type {string[]} */
  const done = [];
  let serial = 0;
  /** @type {string[]} */
  const forgotten = [];
  const uploads = new UploadQueue({ send, forget: ({ name }) => void forgotten.push(name) }, clock, { limit: LIMIT, makeId: () => `key-${(serial += 1)}`, onDone: (id) => void done.push(id) });
  return { uploads, clock, done, forgotten };
}

test("a few files travel at once, and every one arrives", async () => {
  let running = 0;
  let maximum = 0;
  const { uploads, clock, done } = queue(async ({ file: sent }) => {
    running += 1;
    maximum = Math.max(maximum, running);
    await new Promise((resolve) => clock.setTimeout(() => resolve(null), 100));
    running -= 1;
    return `task of ${sent.name}`;
  });
  uploads.add(Array.from({ length: 10 }, (_, index) => file(`${index}.pdf`)), OPTIONS);
  await clock.pass(1_000);
  assert.equal(maximum, 3);
  assert.equal(done.length, 10);
  assert.equal(uploads.summary.done, 10);
  await clock.pass(10_000);
  assert.equal(uploads.uploads.length, 0, "what arrived is in the list by now");
});

test("a cut of the network is waited out, with the same key", async () => {
  /** @type {string[]} */
  const keys = [];
  let cut = true;
  const { uploads, clock, done } = queue(async ({ key }) => {
    keys.push(key);
    if (cut) throw new ApiError("offline", "", 0);
    return "task";
  });
  uploads.add([file("a.pdf")], OPTIONS);
  await settled();
  assert.ok(uploads.summary.stalled);
  await clock.pass(20_000);
  cut = false;
  uploads.wake();
  await settled();
  assert.deepEqual(done, ["task"]);
  assert.ok(keys.length > 2 && new Set(keys).size === 1);
});

test("what the server refuses is not sent again, and says why", async () => {
  let sent = 0;
  const { uploads, clock } = queue(async () => {
    sent += 1;
    throw new ApiError("unsupported", "this is a GIF", 415);
  });
  uploads.add([file("a.png")], OPTIONS);
  await clock.pass(60_000);
  assert.equal(sent, 1);
  assert.equal(uploads.uploads[0]?.state, "refused");
  assert.match(String(uploads.uploads[0]?.error), /GIF/);
});

test("a stopped upload is gone, and its place is taken by the next", async () => {
  /** @type {any[]} */
  const jobs = [];
  const { uploads, forgotten } = queue((job) => {
    jobs.push(job);
    return new Promise((_, reject) => job.signal.addEventListener("abort", () => reject(job.signal.reason)));
  });
  uploads.add(["a", "b", "c", "d"].map((name) => file(`${name}.pdf`)), OPTIONS);
  assert.equal(jobs.length, 3);
  const first = uploads.uploads[0];
  if (first) uploads.dismiss(first);
  await settled();
  assert.equal(jobs.length, 4);
  assert.deepEqual(forgotten, ["a.pdf"], "what one stopped oneself is not offered again");
  assert.equal(uploads.uploads.length, 3);
});

test("speed is what travels now, not what was there before", async () => {
  /** @type {any} */
  let progress;
  const { uploads, clock } = queue(({ onProgress }) => {
    progress = onProgress;
    return new Promise(() => {});
  });
  uploads.add([file("a.pdf", 10_000)], OPTIONS);
  progress(5_000);
  clock.time += 1000;
  progress(6_000);
  assert.equal(uploads.uploads[0]?.speed, 1000);
  assert.equal(uploads.uploads[0]?.sent, 6_000);
});

/** A server that takes parts, and can lose the network after some. */
function parts() {
  const stored = new Set();
  const log = /** @type {string[]} */ ([]);
  const server = { failAfter: Infinity, log, stored };
  const send = async (/** @type {any} */ { method, url, body }) => {
    const { pathname } = new URL(url, "http://x");
    log.push(`${method} ${pathname.replace("/api/uploads/parts", "")}`);
    if (pathname === "/api/uploads/parts") return { fileId: "f1", partSize: 4 * 1024 * 1024 };
    if (pathname.endsWith("/complete")) return { taskId: "task", body };
    if (method === "GET") return { parts: [...stored] };
    if (stored.size >= server.failAfter) throw new ApiError("offline", "", 0);
    stored.add(Number(pathname.split("/").at(-1)));
    return null;
  };
  return { server, send };
}

test("a large file goes in parts, and after a cut only the missing ones go again", async () => {
  const { server, send } = parts();
  const remembered = new Remembered(new FakeStorage(), () => 0);
  const sender = new Sender(new Client(/** @type {any} */ (null), () => "u"), /** @type {any} */ (send), remembered);
  const large = file("large.pdf", WHOLE_UP_TO + 1);
  /** @type {number[]} */
  const progress = [];
  const job = { key: "k", file: large, options: OPTIONS, signal: new AbortController().signal, onProgress: (/** @type {number} */ bytes) => void progress.push(bytes) };
  server.failAfter = 2;
  await assert.rejects(sender.send(job), { code: "offline" });
  assert.ok(remembered.find(large), "the upload is remembered");
  server.failAfter = Infinity;
  server.log.length = 0;
  assert.equal(await sender.send(job), "task");
  assert.deepEqual(server.log, ["GET /f1", "PUT /f1/2", "POST /f1/complete"]);
  assert.equal(progress.at(-1), large.size);
  assert.equal(remembered.find(large), undefined);
});

test("a small file is one request with its options and a key", async () => {
  /** @type {any} */
  let request;
  const send = async (/** @type {any} */ sending) => ((request = sending), { taskId: "t" });
  const sender = new Sender(new Client(/** @type {any} */ (null), () => "u"), /** @type {any} */ (send), new Remembered(new FakeStorage(), () => 0));
  await sender.send({ key: "k", file: file("a.pdf"), options: { ...OPTIONS, pages: "1-2" }, signal: new AbortController().signal, onProgress() {} });
  assert.equal(request.url, "/api/tasks?userId=u&pages=1-2");
  assert.equal(request.headers["Idempotency-Key"], "k");
  assert.equal(request.body.get("file").name, "a.pdf");
});

test("unfinished uploads are forgotten after a week, and broken memory is no memory", () => {
  const storage = new FakeStorage();
  let now = 0;
  const remembered = new Remembered(storage, () => now);
  remembered.add(file("a.pdf"), { fileId: "f", partSize: 1 });
  assert.equal(remembered.all().length, 1);
  now = 8 * 24 * 3600 * 1000;
  assert.equal(remembered.all().length, 0);
  storage.items.set("ocr.uploads", "nonsense");
  assert.deepEqual(remembered.all(), []);
});

test("errors keep the server's code, sentence and request", async () => {
  const body = JSON.stringify({ success: false, code: "conflict", detail: "not now", status: 409 });
  const client = new Client(async () => new Response(body, { status: 409, headers: { "x-request-id": "r1" } }), () => "u");
  await assert.rejects(client.task("1"), { code: "conflict", message: "not now", status: 409, requestId: "r1" });
  const broken = new Client(async () => new Response("<html>", { status: 502 }), () => "u");
  await assert.rejects(broken.task("1"), { code: "unavailable", status: 502 });
  const signIn = new Client(async () => new Response("<html>"), () => "u");
  await assert.rejects(signIn.task("1"), { code: "offline" });
  assert.deepEqual([408, 429, 503, 504, 500].map((status) => problem(status, "", "").code), ["timeout", "rate_limited", "unavailable", "unavailable", "internal"]);
  const cut = new Client(async () => Promise.reject(new TypeError("failed")), () => "u");
  await assert.rejects(cut.task("1"), { code: "offline" });
});
