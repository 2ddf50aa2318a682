/** What a reader can do with tasks, one or many. */
import { t } from "../core/i18n.js";
import { canRetry, hasEnded } from "./store.js";
import { redrive, redriveSome } from "../api/dead-letters.js";
import { explain } from "./explain.js";
import { isSetAside } from "./set-aside.js";

/** @typedef {import("../api/types.js").Task} Task */

/** How long a deletion can be undone from its notice, in milliseconds; from the trash it can be for days. */
export const UNDO_TIME = 9_000;
/** How long it is told that an archive is made, unless it is there before, in milliseconds. */
const PACKING_TIME = 600_000;
/** Requests at once. */
const AT_ONCE = 4;
/** Documents that the server files at once. */
const FILED_AT_ONCE = 500;
/** Documents that the server packs into one archive. */
const PACKED_AT_ONCE = 1000;

export class TaskActions {
  #client;
  #store;
  #notices;
  #confirm;
  #save;

  /**
   * @param {import("../api/client.js").Client} client
   * @param {import("./store.js").TaskStore} store
   * @param {import("../core/notices.js").Notices} notices
   * @param {(question: { title: string, text: string, yes: string }) => Promise<boolean>} confirm
   * @param {typeof saveBlob} save
   */
  constructor(client, store, notices, confirm, save = saveBlob) {
    this.#client = client;
    this.#store = store;
    this.#notices = notices;
    this.#confirm = confirm;
    this.#save = save;
  }

  /**
   * Puts tasks in the trash; true when that was done. One can be had back at once, so nothing is asked before; of
   * many it is said how many they are.
   * @param {Task[]} tasks
   */
  async remove(tasks) {
    if (tasks.length === 0) return false;
    const question = { title: t("delete.title", { n: tasks.length }), text: t("delete.text"), yes: t("delete.yes") };
    if (tasks.length > 1 && !(await this.#confirm(question))) return false;
    const done = await this.#each(tasks, (task) => this.#client.remove(task.id));
    for (const task of done) this.#store.forget(task.id);
    if (done.length === 0) return false;
    const undo = { label: t("undo"), run: () => void this.restore(done) };
    this.#notices.info(t("delete.done", { n: done.length, name: done[0]?.filename ?? "" }), { action: undo, time: UNDO_TIME });
    return true;
  }

  /**
   * @param {Task[]} tasks
   */
  async restore(tasks) {
    const done = await this.#each(tasks, async (task) => {
      const restored = await this.#client.act(task.id, "restore");
      this.#store.forget(task.id);
      this.#store.put(restored);
    });
    if (done.length) this.#notices.info(t("restore.done", { n: done.length, name: done[0]?.filename ?? "" }));
    this.#store.refreshSoon();
  }

  /**
   * Deletes tasks of the trash for good, once the reader has agreed: it is the one thing that cannot be undone.
   * @param {Task[]} tasks
   */
  async purge(tasks) {
    const first = tasks[0];
    if (!first) return;
    const title = t("purge.title", { n: tasks.length, name: first.filename });
    if (!(await this.#confirm({ title, text: t("purge.text"), yes: t("action.purge") }))) return;
    const done = await this.#each(tasks, (task) => this.#client.purge(task.id));
    for (const task of done) this.#store.forget(task.id);
    if (done.length) this.#notices.info(t("purge.done", { n: done.length }));
  }

  /** Deletes everything in the trash for good, once the reader has agreed. */
  async emptyTrash() {
    if (!(await this.#confirm({ title: t("purge.allTitle"), text: t("purge.allText"), yes: t("trash.emptyIt") }))) return;
    let count = 0;
    try {
      for (let more = true; more; ) {
        const emptied = await this.#client.emptyTrash();
        count += emptied.deleted;
        more = emptied.more && emptied.deleted > 0;
      }
    } catch (error) {
      const { cause, advice, original } = explain(error);
      this.#notices.error(cause, { detail: advice, original });
    }
    if (count) this.#notices.info(t("purge.done", { n: count }));
    await this.#store.refresh(true).catch(() => this.#store.refreshSoon());
  }

  /**
   * Runs ended tasks again; tasks that still run are left alone. Asks first where a result would be
   * forgotten: that cannot be undone.
   * @param {Task[]} tasks
   */
  async retry(tasks) {
    const read = tasks.filter((task) => task.status === "completed");
    const [first] = read;
    if (first) {
      const title = t("retry.title", { n: read.length, name: first.filename });
      if (!(await this.#confirm({ title, text: t("retry.text"), yes: t("action.retry") }))) return;
    }
    await this.#each(tasks.filter(canRetry), async (task) => this.#store.put(await this.#client.act(task.id, "retry")));
    this.#store.refreshSoon();
  }

  /**
   * Lets documents that were set aside go on where they failed; others are left alone. Nothing is forgotten by that, so
   * nothing is asked.
   * @param {Task[]} tasks
   */
  async redrive(tasks) {
    const done = await this.#each(tasks.filter(isSetAside), async (task) => this.#store.put(await redrive(this.#client, task.id)));
    if (done.length) this.#notices.info(t("redrive.done", { n: done.length }));
    this.#store.refreshSoon();
  }

  /**
   * Lets everything that a list of what was set aside holds go on, once the reader has agreed; true when that was done.
   * @param {import("./view.js").TaskView} view
   */
  async redriveAll(view) {
    // What is asked says how many they are.
    await view.reach(Infinity);
    const tasks = view.ids.map((id) => this.#store.tasks.get(id)).filter((task) => task !== undefined);
    if (tasks.length === 0) return false;
    if (!(await this.#confirm({ title: t("redrive.title", { n: tasks.length }), text: t("redrive.text"), yes: t("redrive.yes") }))) return false;
    const { q, label, collection } = view.filter;
    // How documents are filed is no filter of the server's for this.
    if (label || collection) await this.redrive(tasks);
    else await this.#redriveNamed(q);
    return true;
  }

  /** @param {string} [q] what the names of their files have in them */
  async #redriveNamed(q) {
    let count = 0;
    try {
      for (let more = true; more; ) {
        const done = await redriveSome(this.#client, q);
        count += done.redriven;
        more = done.more && done.redriven > 0;
      }
    } catch (error) {
      const { cause, advice, original } = explain(error);
      this.#notices.error(cause, { detail: advice, original });
    }
    if (count) this.#notices.info(t("redrive.done", { n: count }));
    await this.#store.refresh(true).catch(() => this.#store.refreshSoon());
  }

  /**
   * Reads a document with another engine, beside what was read before; returns the new task's id.
   * @param {Task} task
   * @param {string} engine
   */
  async readWith(task, engine) {
    let id = "";
    await this.#each([task], async () => {
      id = await this.#client.copy(task.id, { engine });
      await this.#store.load(id);
    });
    return id;
  }

  /**
   * Files documents in another way; true when that was done.
   * @param {Task[]} tasks
   * @param {import("../filing/filing.js").Change} change
   */
  async file(tasks, change) {
    let count = 0;
    try {
      for (let at = 0; at < tasks.length; at += FILED_AT_ONCE) {
        const ids = tasks.slice(at, at + FILED_AT_ONCE).map(({ id }) => id);
        for (const { taskId, filing } of await this.#client.file(ids, change)) {
          count += 1;
          const task = this.#store.tasks.get(taskId) ?? tasks.find(({ id }) => id === taskId);
          if (task) this.#store.put({ ...task, ...filing });
        }
      }
    } catch (error) {
      const { cause, advice, original } = explain(error);
      this.#notices.error(cause, { detail: advice, original });
      return false;
    }
    if (tasks.length > 1) this.#notices.info(t("filing.done", { n: count }));
    return true;
  }

  /**
   * Opens a locked document with its password and reads it; returns the id of the task that does. What fails is
   * thrown: it belongs beside the field.
   * @param {Task} task
   * @param {string} password
   */
  async unlock(task, password) {
    const id = await this.#client.unlock(task.id, password);
    await this.#store.load(id);
    this.#store.refreshSoon();
    return id;
  }

  /** @param {Task[]} tasks */
  async cancel(tasks) {
    const running = tasks.filter((task) => !hasEnded(task));
    await this.#each(running, async (task) => this.#store.put(await this.#client.act(task.id, "cancel")));
    this.#store.refreshSoon();
  }

  /**
   * Saves the original file, or the result document.
   * @param {Task[]} tasks
   * @param {"original" | "result"} what
   */
  async download(tasks, what) {
    const wanted = what === "original" ? tasks : tasks.filter((task) => task.status === "completed");
    await this.#each(wanted, async (task) => {
      save(what === "original" ? await this.#client.downloadUrl(task.id) : await this.#client.resultUrl(task.id), "");
    });
  }

  /**
   * Saves the whole result of a task in a format.
   * @param {Task} task
   * @param {import("../api/types.js").Format} format
   */
  async export(task, format) {
    await this.#each([task], async () => {
      const { blob, filename } = await this.#client.rendition(task.id, format.name);
      this.#save(blob, filename || `${task.filename.replace(/\.[a-z0-9]{1,5}$/i, "")}.${format.extension}`);
    });
  }

  /**
   * Saves the results of tasks in a format: one as it is, several in an archive, which says of tasks that were not read
   * why they are not in it. More than the server packs at once are saved as several archives, one after the other.
   * @param {Task[]} tasks
   * @param {import("../api/types.js").Format} format
   */
  async exportMany(tasks, format) {
    const [first] = tasks;
    if (!first) return;
    if (tasks.length === 1) return this.export(first, format);
    const packed = this.#notices.info(t("bulk.packing", { n: tasks.length }), { time: PACKING_TIME });
    await this.#each([first], async () => {
      for (let at = 0; at < tasks.length; at += PACKED_AT_ONCE) {
        const ids = tasks.slice(at, at + PACKED_AT_ONCE).map(({ id }) => id);
        const { blob, filename } = await this.#client.archive(ids, [format.name]);
        this.#save(blob, filename || "documents.zip");
      }
    });
    packed();
  }

  /**
   * Does `act` for every task, a few at once, and tells what failed. Returns the tasks it worked for.
   * @param {Task[]} tasks
   * @param {(task: Task) => Promise<unknown>} act
   */
  async #each(tasks, act) {
    /** @type {Task[]} */
    const done = [];
    /** @type {unknown[]} */
    const errors = [];
    const left = [...tasks];
    const worker = async () => {
      for (let task = left.shift(); task; task = left.shift()) {
        await act(task).then(() => done.push(/** @type {Task} */ (task)), (error) => errors.push(error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (errors.length) {
      const { cause, advice, original } = explain(errors[0]);
      const text = errors.length > 1 ? t("error.several", { n: errors.length, cause }) : cause;
      this.#notices.error(text, { detail: advice, original });
    }
    return done;
  }
}

/**
 * Lets the browser save an address under a name.
 * @param {string} url
 * @param {string} name `""` for the name the server gives
 */
export function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

/**
 * Lets the browser save what the page holds as a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  save(url, name);
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
