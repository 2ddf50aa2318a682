/**
 * One list of tasks as the server orders it: newest first, read page by page as far as the reader
 * scrolls, and kept up to date at its head.
 */
import { signal } from "../core/signal.js";
import { isFiled } from "../filing/filing.js";
import { isSetAside } from "./set-aside.js";

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {{ status?: string, q?: string, label?: string, collection?: string, deleted?: boolean, setAside?: boolean }} Filter */

export class TaskView {
  /** @type {string[]} */
  ids = [];
  /** Rises whenever what is shown may have changed. */
  version = signal(0);
  /** The error of the last read, if it failed. */
  error = signal(/** @type {unknown} */ (null));
  /** Whether the first page has been read. */
  ready = signal(false);
  /** @type {string | null} */
  #cursor = null;
  #complete = false;
  /** @type {Promise<void> | null} */
  #loading = null;
  /** @type {Promise<void>} the last read of the head */
  #last = Promise.resolve();
  #client;
  #store;

  /**
   * @param {Pick<import("../api/client.js").Client, "tasks">} client
   * @param {{ tasks: Map<string, Task>, learn: (page: import("../api/types.js").TaskPage) => void }} store
   * @param {Filter} filter
   */
  constructor(client, store, filter) {
    this.#client = client;
    this.#store = store;
    this.filter = filter;
  }

  /** Whether every task of the list is known. */
  get complete() {
    return this.#complete;
  }

  /**
   * Reads the head of the list again, as far as is needed to join what was known beyond it.
   * @param {boolean} [whole] whether everything that was known is to be read again
   * @returns {Promise<Set<string>>} what was read
   */
  refresh(whole = false) {
    // One after the other: an older answer must not replace a newer one.
    const read = this.#last.then(() => this.#refresh(whole));
    this.#last = read.then(() => {}, () => {});
    return read;
  }

  /** @param {boolean} whole */
  async #refresh(whole) {
    try {
      const { ids, last, next } = await this.#readHead(whole);
      const known = new Set(ids);
      const tail = next && last && !whole ? this.ids.filter((id) => !known.has(id) && this.#isOlder(id, last)) : [];
      this.ids = [...ids, ...tail];
      if (tail.length === 0) {
        this.#cursor = next;
        this.#complete = next === null;
      }
      this.error.value = null;
      this.ready.value = true;
      this.changed();
      return known;
    } catch (error) {
      this.error.value = error;
      throw error;
    }
  }

  /**
   * Reads from the newest task down to the newest that was known, so that no gap is left between;
   * or down to the oldest.
   * @param {boolean} whole
   */
  async #readHead(whole) {
    const known = this.ids.filter((id) => this.#store.tasks.has(id));
    const goal = this.#store.tasks.get((whole ? known.at(-1) : known[0]) ?? "");
    /** @type {string[]} */
    const ids = [];
    /** @type {string | null} */
    let next = null;
    for (;;) {
      const page = await this.#client.tasks(next ? { ...this.filter, cursor: next } : this.filter);
      this.#store.learn(page);
      ids.push(...page.tasks.map((task) => task.id));
      next = page.nextCursor;
      const last = page.tasks.at(-1);
      if (!next || !last || !goal || newestFirst(last, goal) >= 0) return { ids: [...new Set(ids)], last, next };
    }
  }

  /**
   * @param {string} id
   * @param {Task} than
   */
  #isOlder(id, than) {
    const task = this.#store.tasks.get(id);
    return task !== undefined && newestFirst(task, than) > 0;
  }

  /**
   * Reads on until `count` tasks are known or there are no more; nothing before the first page is known.
   * @param {number} count
   */
  async reach(count) {
    while (this.ids.length < count && this.#cursor !== null && this.error.peek() === null) {
      this.#loading ??= this.#readOn().finally(() => {
        this.#loading = null;
      });
      await this.#loading;
    }
  }

  async #readOn() {
    const cursor = this.#cursor;
    try {
      const page = await this.#client.tasks({ ...this.filter, cursor });
      // The head was read again meanwhile, and everything beyond was forgotten.
      if (cursor !== this.#cursor) return;
      this.#store.learn(page);
      const known = new Set(this.ids);
      this.ids.push(...page.tasks.map((task) => task.id).filter((id) => !known.has(id)));
      this.#cursor = page.nextCursor;
      this.#complete = page.nextCursor === null;
      this.changed();
    } catch (error) {
      this.error.value = error;
    }
  }

  /**
   * Puts a changed task where it belongs now, or takes it out of the list.
   * @param {Task} task
   */
  update(task) {
    const at = this.ids.indexOf(task.id);
    const wanted = belongs(task, this.filter);
    if (!wanted && at >= 0) this.ids.splice(at, 1);
    if (wanted && at < 0) {
      const before = this.ids.findIndex((id) => this.#isOlder(id, task));
      if (before >= 0) this.ids.splice(before, 0, task.id);
      else if (this.#complete || this.ids.length === 0) this.ids.push(task.id);
    }
    this.changed();
  }

  /** @param {string} id */
  remove(id) {
    const at = this.ids.indexOf(id);
    if (at < 0) return;
    this.ids.splice(at, 1);
    this.changed();
  }

  changed() {
    this.version.value = this.version.peek() + 1;
  }
}

/**
 * @param {Task} a
 * @param {Task} b
 */
export function newestFirst(a, b) {
  if (a.created_at !== b.created_at) return Date.parse(b.created_at) - Date.parse(a.created_at);
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/**
 * @param {Task} task
 * @param {Filter} filter
 */
export function belongs(task, filter) {
  if (Boolean(task.deleted_at) !== Boolean(filter.deleted)) return false;
  if (filter.status && !filter.status.split(",").includes(task.status)) return false;
  if (filter.setAside && !isSetAside(task)) return false;
  if (!isFiled(task, filter)) return false;
  return !filter.q || task.filename.toLowerCase().includes(filter.q.toLowerCase());
}
