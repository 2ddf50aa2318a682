/** Files on their way: a few at once, each with its bytes, its speed, and a way to stop it. */
import { signal } from "../core/signal.js";
import { ApiError } from "../api/client.js";
import { isClutter, refusal } from "./intake.js";

/** @typedef {import("../api/types.js").UploadOptions} UploadOptions */
/** @typedef {"waiting" | "sending" | "stalled" | "done" | "refused"} State */

/**
 * @typedef {object} Upload
 * @property {string} id
 * @property {File} file
 * @property {UploadOptions} options
 * @property {State} state
 * @property {number} sent bytes
 * @property {number} speed bytes a second
 * @property {unknown} error
 * @property {import("./intake.js").Refusal | null} refusal
 * @property {string} taskId
 * @property {AbortController} controller
 */

/** Files sent at once. */
const AT_ONCE = 3;
/** Waits before a file is sent again after the network failed: the first and the maximum, in milliseconds. */
const RETRY_FIRST = 1_000;
const RETRY_MAX = 15_000;
/** How long files that arrived are counted after the last one did: by then they are in the list. */
const DONE_SHOWN = 4_000;
/** The share of the newest measurement in the shown speed. */
const SMOOTHING = 0.3;

/** Answers after which the same request may succeed later. */
const PASSING = new Set(["offline", "unavailable", "rate_limited", "timeout"]);

export class UploadQueue {
  /** Rises whenever anything about an upload changed. */
  version = signal(0);
  /** @type {Upload[]} */
  uploads = [];
  /** Maximum number of bytes of a file. */
  limit;
  #sender;
  #clock;
  #makeId;
  #onDone;
  #running = 0;
  /** @type {Set<() => void>} ends the waits for the network */
  #sleepers = new Set();

  /**
   * @param {Pick<import("./sender.js").Sender, "send" | "forget">} sender
   * @param {{ now: () => number, setTimeout: (run: () => void, ms: number) => any }} clock
   * @param {{ limit: number, makeId: () => string, onDone: (taskId: string) => void }} options
   */
  constructor(sender, clock, { limit, makeId, onDone }) {
    this.#sender = sender;
    this.#clock = clock;
    this.limit = limit;
    this.#makeId = makeId;
    this.#onDone = onDone;
  }

  /**
   * Takes files in. Those that cannot be read are refused at once and say why.
   * @param {File[]} files
   * @param {UploadOptions} options
   */
  add(files, options) {
    for (const file of files) {
      if (files.length > 1 && isClutter(file)) continue;
      const refused = refusal(file, this.limit);
      this.uploads.push({
        id: this.#makeId(),
        file,
        options,
        state: refused ? "refused" : "waiting",
        sent: 0,
        speed: 0,
        error: null,
        refusal: refused,
        taskId: "",
        controller: new AbortController(),
      });
    }
    this.#changed();
    this.#fill();
  }

  /** @param {Upload} upload stops it, or takes it out of the list when it has ended */
  dismiss(upload) {
    this.#stop(upload);
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.#changed();
  }

  /** Stops everything that has not arrived, and forgets the rest. */
  dismissAll() {
    for (const upload of this.uploads) this.#stop(upload);
    this.uploads = [];
    this.#changed();
  }

  /** @param {Upload} upload that its reader does not want any more: it is not to be offered again */
  #stop(upload) {
    upload.controller.abort();
    this.#sender.forget(upload.file);
  }

  /** Forgets what has arrived. */
  clearDone() {
    this.uploads = this.uploads.filter((upload) => upload.state !== "done");
    this.#changed();
  }

  /** Tries stalled uploads again at once. */
  wake() {
    for (const awake of this.#sleepers) awake();
  }

  /** What the list amounts to. */
  get summary() {
    const live = this.uploads.filter((upload) => upload.state !== "refused");
    return {
      files: live.length,
      done: live.filter((upload) => upload.state === "done").length,
      refused: this.uploads.length - live.length,
      active: live.filter((upload) => upload.state !== "done").length,
      stalled: live.some((upload) => upload.state === "stalled"),
      bytes: live.reduce((sum, upload) => sum + upload.file.size, 0),
      sent: live.reduce((sum, upload) => sum + upload.sent, 0),
      speed: live.reduce((sum, upload) => sum + (upload.state === "sending" ? upload.speed : 0), 0),
    };
  }

  #fill() {
    while (this.#running < AT_ONCE) {
      const next = this.uploads.find((upload) => upload.state === "waiting");
      if (!next) return;
      next.state = "sending";
      this.#running += 1;
      this.#run(next).finally(() => {
        this.#running -= 1;
        this.#fill();
      });
    }
  }

  /** @param {Upload} upload */
  async #run(upload) {
    const { file, options, controller } = upload;
    const { signal } = controller;
    for (let failures = 0; !signal.aborted; failures += 1) {
      upload.state = "sending";
      const onProgress = this.#meter(upload);
      try {
        upload.taskId = await this.#sender.send({ key: upload.id, file, options, signal, onProgress });
        upload.state = "done";
        upload.sent = file.size;
        this.#changed();
        this.#onDone(upload.taskId);
        this.#clearSoon();
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof ApiError) || !PASSING.has(error.code)) {
          upload.state = "refused";
          upload.error = error;
          this.#changed();
          return;
        }
        upload.state = "stalled";
        upload.speed = 0;
        this.#changed();
        await this.#sleep(Math.min(RETRY_MAX, RETRY_FIRST * 2 ** failures), signal);
      }
    }
  }

  #clearSoon() {
    this.#clock.setTimeout(() => {
      if (this.summary.active === 0) this.clearDone();
    }, DONE_SHOWN);
  }

  /** @param {Upload} upload */
  #meter(upload) {
    let at = this.#clock.now();
    let before = -1;
    return (/** @type {number} */ bytes) => {
      const now = this.#clock.now();
      const seconds = (now - at) / 1000;
      // What was there before this try was not sent now.
      if (before >= 0 && seconds > 0) {
        const measured = Math.max(0, bytes - before) / seconds;
        upload.speed = upload.speed ? upload.speed + SMOOTHING * (measured - upload.speed) : measured;
      }
      upload.sent = Math.min(bytes, upload.file.size);
      at = now;
      before = bytes;
      this.#changed();
    };
  }

  /**
   * @param {number} ms
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  #sleep(ms, signal) {
    return new Promise((resolve) => {
      const awake = () => {
        this.#sleepers.delete(awake);
        resolve();
      };
      this.#sleepers.add(awake);
      signal.addEventListener("abort", awake, { once: true });
      this.#clock.setTimeout(awake, ms);
    });
  }

  #changed() {
    this.version.value = this.version.peek() + 1;
  }
}
