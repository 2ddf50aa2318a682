/** Stand-ins for what a browser has. */
import { ApiError } from "../web/js/api/client.js";

/** A clock that stands still until it is told to go on. */
export class FakeClock {
  time = 0;
  /** @type {{ at: number, run: () => void, id: number }[]} */
  #waiting = [];
  #next = 1;

  now = () => this.time;

  setTimeout = (/** @type {() => void} */ run, /** @type {number} */ ms) => {
    const id = this.#next++;
    this.#waiting.push({ at: this.time + ms, run, id });
    return id;
  };

  clearTimeout = (/** @type {number} */ id) => {
    this.#waiting = this.#waiting.filter((one) => one.id !== id);
  };

  /** Lets time pass, and everything happen that is due. */
  async pass(/** @type {number} */ ms) {
    const end = this.time + ms;
    for (;;) {
      await settled();
      const due = this.#waiting.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.clearTimeout(due.id);
      this.time = due.at;
      due.run();
    }
    this.time = end;
    await settled();
  }
}

/** Lets promises and microtasks run. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));

export class FakeStorage {
  /** @type {Map<string, string>} */
  items = new Map();

  getItem = (/** @type {string} */ key) => this.items.get(key) ?? null;

  setItem = (/** @type {string} */ key, /** @type {string} */ value) => void this.items.set(key, value);
}

let serial = 0;

/** A task, newer than those made before. */
export function task(/** @type {Partial<import("../web/js/api/types.js").Task>} */ changes = {}) {
  serial += 1;
  const created = new Date(Date.UTC(2026, 0, 1) + serial * 1000).toISOString();
  return /** @type {import("../web/js/api/types.js").Task} */ ({
    id: `id-${String(serial).padStart(6, "0")}`,
    user_id: "u",
    file_id: "f",
    filename: `scan ${serial}.pdf`,
    mime_type: "application/pdf",
    file_size: 1000,
    status: "pending",
    created_at: created,
    updated_at: created,
    s3_key: "",
    s3_result_key: null,
    confidence_score: null,
    page_count: null,
    word_count: null,
    processing_time_ms: null,
    engine: null,
    error_message: null,
    error_code: null,
    attempt: 1,
    progress: null,
    queue_position: null,
    labels: [],
    collection: null,
    note: "",
    ...changes,
  });
}

/** The list of a server, newest first. */
export class FakeServer {
  /** @type {import("../web/js/api/types.js").Task[]} */
  all = [];
  /** @type {string[]} */
  asked = [];
  down = false;

  async tasks(/** @type {any} */ { status, cursor, limit = 100, deleted = false }) {
    this.asked.push(`list ${status ?? ""} ${cursor ?? ""}`.trim());
    if (this.down) throw new Error("down");
    const found = this.all.filter((one) => Boolean(one.deleted_at) === deleted && (!status || status.split(",").includes(one.status))).sort((a, b) => (a.id < b.id ? 1 : -1));
    const from = Number(cursor ?? 0);
    const count = (/** @type {string} */ wanted) => this.all.filter((one) => one.status === wanted).length;
    const stats = { total: this.all.length, pending: count("pending"), processing: count("processing"), completed: count("completed"), failed: count("failed"), cancelled: count("cancelled") };
    return { tasks: found.slice(from, from + limit).map((one) => ({ ...one })), stats, nextCursor: from + limit < found.length ? String(from + limit) : null };
  }

  async task(/** @type {string} */ id) {
    this.asked.push(`task ${id}`);
    const found = this.all.find((one) => one.id === id);
    if (this.down) throw new Error("down");
    if (!found) throw new ApiError("not_found", "", 404);
    return { ...found };
  }
}
