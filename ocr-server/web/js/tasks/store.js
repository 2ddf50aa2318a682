/** What is known of the user's tasks, kept up to date by live messages and by asking again. */
import { signal } from "../core/signal.js";
import { TaskView } from "./view.js";

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {import("./view.js").Filter} Filter */

/** Minimum time between two reads caused by live messages, in milliseconds. */
const CALM = 700;
/** Maximum number of tasks that are read one by one at a time. */
const ONE_BY_ONE = 20;
/** Rows the server gives at once. */
const PAGE = 100;

const ENDED = new Set(["completed", "failed", "cancelled"]);

/** @param {Pick<Task, "status">} task */
export const hasEnded = (task) => ENDED.has(task.status);

/** Whether a document opens with a password alone: nothing but that helps.
 * @param {Pick<Task, "status" | "error_code">} task
 */
export const isLocked = (task) => task.status === "failed" && task.error_code === "password_required";

/** Whether a document can be read again.
 * @param {Pick<Task, "status" | "error_code">} task
 */
export const canRetry = (task) => hasEnded(task) && !isLocked(task);

export class TaskStore {
  /** @type {Map<string, Task>} */
  tasks = new Map();
  stats = signal(/** @type {import("../api/types.js").Stats | null} */ (null));
  /** The task that changed last, for whoever shows a single one. */
  touched = signal(/** @type {{ id: string } | null} */ (null));
  /** Called with a task whose end was just learned. */
  onEnded = (/** @type {Task} */ _task) => {};
  #client;
  #clock;
  /** @type {TaskView | null} */
  #view = null;
  /** Tasks that are shown one by one, and kept up to date whatever list is open. @type {Set<string>} */
  watched = new Set();
  /** @type {Set<string>} tasks of which something newer is known to exist */
  #stale = new Set();
  /** @type {any} */
  #timer = null;
  /** Tasks that were just made and are not in the list yet. @type {Set<string>} */
  #arrived = new Set();
  #arriving = false;

  /**
   * @param {Pick<import("../api/client.js").Client, "tasks" | "task">} client
   * @param {{ setTimeout: (run: () => void, ms: number) => any }} clock
   */
  constructor(client, clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Forgets everything: another user's documents come. */
  reset() {
    this.tasks.clear();
    this.#stale.clear();
    this.#view = null;
    this.stats.value = null;
  }

  /**
   * The list that is shown now; the one shown before is not kept up to date any more.
   * @param {Filter} filter
   */
  open(filter) {
    this.#view = new TaskView(this.#client, this, filter);
    return this.#view;
  }

  /** @param {TaskView} view that is shown no more */
  close(view) {
    if (this.#view === view) this.#view = null;
  }

  /** Reads what is shown again, and what runs; rejects when the server does not answer. */
  async look() {
    for (const id of [...(this.#view?.ids ?? []), ...this.watched]) {
      const task = this.tasks.get(id);
      if (!task || !hasEnded(task)) this.#stale.add(id);
    }
    await this.refresh();
  }

  /**
   * Reads the head of what is shown, and what is known to have changed; rejects when the server
   * does not answer.
   * @param {boolean} [whole] whether everything that is known is to be read again too
   */
  async refresh(whole = false) {
    if (whole) for (const id of this.watched) this.#stale.add(id);
    const stale = this.#stale;
    this.#stale = new Set();
    try {
      this.#without(stale, await this.#readList(whole));
      const rows = this.#view?.ids ?? [];
      const beyond = rows.filter((id) => stale.has(id));
      // Many rows are read sooner page by page than one by one.
      if (!whole && beyond.length > rows.length / PAGE) this.#without(stale, await this.#readList(true));
    } catch (error) {
      for (const id of stale) this.#stale.add(id);
      throw error;
    }
    await this.#readSome(stale);
  }

  /**
   * @param {Set<string>} stale
   * @param {Set<string>} read
   */
  #without(stale, read) {
    for (const id of stale) if (read.has(id) || !(this.tasks.has(id) || this.watched.has(id))) stale.delete(id);
  }

  /**
   * Reads the list that is shown, or only the counts when there is none.
   * @param {boolean} whole
   * @returns {Promise<Set<string>>} the tasks that were read
   */
  async #readList(whole) {
    if (this.#view) return this.#view.refresh(whole);
    const page = await this.#client.tasks({ limit: 1 });
    this.learn(page);
    return new Set(page.tasks.map(({ id }) => id));
  }

  /**
   * Reads tasks one by one, those that are shown first; what is too much for now is read soon.
   * @param {Set<string>} stale
   */
  async #readSome(stale) {
    const rest = [...stale].sort((a, b) => Number(this.watched.has(b)) - Number(this.watched.has(a)));
    const now = rest.splice(0, ONE_BY_ONE);
    for (const id of rest) this.#stale.add(id);
    if (rest.length) this.refreshSoon();
    await Promise.all(now.map((id) => this.load(id).catch(() => {})));
  }

  /**
   * Tells of a task that was just made. It is read with the list, in one answer with the counts: rows and counts
   * never say different things. What comes meanwhile is read right after.
   * @param {string} id
   */
  async arrived(id) {
    this.#arrived.add(id);
    if (this.#arriving) return;
    this.#arriving = true;
    try {
      while (this.#arrived.size > 0) {
        const ids = [...this.#arrived];
        this.#arrived.clear();
        await this.refresh();
        // Where another list is shown, or none: whoever sent it is told when it has been read.
        await Promise.all(ids.filter((one) => !this.tasks.has(one)).map((one) => this.load(one).catch(() => {})));
      }
    } catch {
      this.#arrived.clear();
      this.refreshSoon();
    } finally {
      this.#arriving = false;
    }
  }

  /**
   * Reads one task; one that is not there any more is forgotten.
   * @param {string} id
   */
  async load(id) {
    try {
      const task = await this.#client.task(id);
      // The counts may be newer than what was known of it.
      this.#place(task);
      return task;
    } catch (error) {
      if (/** @type {any} */ (error)?.status === 404 && this.tasks.has(id)) this.forget(id);
      throw error;
    }
  }

  /** @param {import("../api/types.js").TaskPage} page */
  learn(page) {
    if (JSON.stringify(page.stats) !== JSON.stringify(this.stats.peek())) this.stats.value = page.stats;
    for (const task of page.tasks) this.#keep(task);
  }

  /** @param {Task} task as the server just gave it, alone: its place in the queue is only told in lists */
  put(task) {
    this.#recount(this.tasks.get(task.id), task);
    this.#place(task);
  }

  /** @param {Task} task */
  #place(task) {
    const before = this.tasks.get(task.id);
    const waits = before?.status === "pending" && task.status === "pending";
    this.#keep(waits ? { ...task, queue_position: task.queue_position ?? before.queue_position } : task);
    this.#view?.update(task);
  }

  /**
   * Moves the counts along with a row that changes alone; the next list brings those of the server.
   * @param {Task | undefined} before
   * @param {Task | null} after null when it left the list
   */
  #recount(before, after) {
    const stats = this.stats.peek();
    if (!stats || !before || before.deleted_at || before.status === after?.status) return;
    const now = { ...stats, [before.status]: Math.max(0, stats[before.status] - 1) };
    if (after) now[after.status] += 1;
    else now.total = Math.max(0, now.total - 1);
    this.stats.value = now;
  }

  /** @param {string} id whose row goes, and its count with it */
  #leave(id) {
    if (!this.#view?.ids.includes(id)) return;
    this.#recount(this.tasks.get(id), null);
    this.#view.remove(id);
  }

  /** @param {Task} task */
  #keep(task) {
    const before = this.tasks.get(task.id);
    this.tasks.set(task.id, task);
    if (before && !hasEnded(before) && hasEnded(task)) this.onEnded(task);
    if (before && JSON.stringify(before) !== JSON.stringify(task)) this.touched.value = { id: task.id };
  }

  /** @param {string} id a task that went to the trash, or out of it */
  forget(id) {
    this.#leave(id);
    this.tasks.delete(id);
    this.touched.value = { id };
    this.refreshSoon();
  }

  /** @param {import("../live/connection.js").Message} message */
  receive(message) {
    const data = message.data ?? {};
    if (message.type === "task_update") this.#update(data);
    if (message.type === "db_change") {
      const id = data.taskId ?? data.recordId;
      if (data.table === "tasks" && data.operation === "DELETE") {
        // Of what is not there any more nothing is asked.
        this.#stale.delete(id);
        this.forget(id);
        return;
      }
      this.#stale.add(id);
      this.refreshSoon();
    }
  }

  /** @param {{ taskId: string, status: Task["status"], message: string, progress: number }} update */
  #update(update) {
    const task = this.tasks.get(update.taskId);
    if (!task || hasEnded({ status: update.status }) || task.status !== update.status) {
      this.#stale.add(update.taskId);
      this.refreshSoon();
    }
    // The end is learned from the task itself, with its counts.
    if (!task || hasEnded({ status: update.status })) return;
    const pages = /(\d+) of (\d+)/.exec(update.message);
    const progress = pages && {
      pages_done: Math.round((update.progress / 100) * Number(pages[2])),
      pages_total: Number(pages[2]),
      percent: update.progress,
      message: update.message,
    };
    // Whoever tells of a step is alive.
    const now = { ...task, takeover_at: undefined, status: update.status, progress: progress || task.progress };
    this.#recount(task, now);
    this.tasks.set(task.id, now);
    this.touched.value = { id: task.id };
    this.#view?.changed();
  }

  /** Reads again after a moment, once for all messages that come until then. */
  refreshSoon() {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = null;
      this.refresh().catch(() => {});
    }, CALM);
  }
}
