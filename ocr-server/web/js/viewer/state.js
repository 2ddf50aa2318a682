/** What the viewer knows: the document, the page one is at, its words, and what is pointed at. */
import { signal } from "../core/signal.js";
import { hasEnded } from "../tasks/store.js";
import { placedWords } from "./words.js";

/** @typedef {import("../api/types.js").Page} Page */
/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {import("./words.js").PlacedWord} PlacedWord */
/** @typedef {{ page: Page, words: PlacedWord[] }} ReadPage */

/** Failures after which there is nothing to draw either. */
const NO_DOCUMENT = new Set(["invalid_input", "unsupported", "corrupt", "too_large"]);

/** @param {Task} task */
const isUnreadable = (task) => task.status === "failed" && NO_DOCUMENT.has(task.error_code ?? "");

/** Pages kept in memory. */
const KEPT = 60;
/** Pages of one request. */
const BATCH = 50;

export class ViewerState {
  task = signal(/** @type {Task | null} */ (null));
  /** Whether the file could not be opened, and no later attempt has: then there is nothing to draw. */
  unreadable = false;
  /** Why the document cannot be shown. */
  error = signal(/** @type {unknown} */ (null));
  /** The page one is at, from 1. */
  number = signal(1);
  /** That page as it was read, or null while it is not known. */
  read = signal(/** @type {ReadPage | null} */ (null));
  /** Whether the page is being asked for. */
  loading = signal(true);
  pageError = signal(/** @type {unknown} */ (null));
  /** Whether an image of a page has been shown, or cannot be: what matters less can be loaded now. */
  pictured = signal(false);
  /** Index of the word the pointer is at, or -1. */
  hovered = signal(-1);
  /** Index of the chosen word, or -1. */
  chosen = signal(-1);
  /** The block the pointer is at in the layout, or -1. */
  block = signal(-1);
  /** Words that hold what is searched, and those of the occurrence one is at. */
  hits = signal(/** @type {{ all: Set<number>, here: Set<number> }} */ ({ all: new Set(), here: new Set() }));
  /** @type {Map<number, ReadPage>} */
  #pages = new Map();
  #client;
  #store;

  /**
   * @param {import("../api/client.js").Client} client
   * @param {import("../tasks/store.js").TaskStore} store
   * @param {string} id
   */
  constructor(client, store, id) {
    this.#client = client;
    this.#store = store;
    this.id = id;
    const task = store.tasks.get(id);
    if (task) this.#take(task);
  }

  /** @param {Task} task as it is now */
  #take(task) {
    const opened = task.page_count !== null || task.progress !== null;
    this.unreadable = isUnreadable(task) || (this.unreadable && !opened && !hasEnded(task));
    this.task.value = task;
  }

  /** How many pages there are, as far as is known. */
  get total() {
    const task = this.task.value;
    const known = task?.page_count ?? task?.progress?.pages_total ?? 1;
    return Math.max(known, this.number.value, ...this.#pages.keys());
  }

  /** Reads the task, and the page one is at. */
  async open() {
    const page = this.show(this.number.peek(), this.chosen.peek());
    try {
      this.#take(await this.#store.load(this.id));
      this.error.value = null;
    } catch (error) {
      this.error.value = error;
      throw error;
    }
    await page;
  }

  /** Takes over what the store learned of the task; pages that were read since are asked for. */
  async renew() {
    const task = this.#store.tasks.get(this.id);
    const before = this.task.peek();
    if (!task || task === before) return;
    this.#take(task);
    const again = before && hasEnded(before) && !hasEnded(task);
    if (again || (before && before.status !== "completed" && task.status === "completed")) this.#pages.clear();
    if (!this.#pages.has(this.number.peek())) await this.show(this.number.peek(), this.chosen.peek());
  }

  /**
   * Goes to a page, and to a word of it.
   * @param {number} number
   * @param {number} [word] index, or -1
   */
  async show(number, word = -1) {
    const moved = number !== this.number.peek();
    this.number.value = number;
    if (moved) {
      this.hovered.value = -1;
      this.block.value = -1;
    }
    const known = this.#pages.get(number);
    this.read.value = known ?? null;
    this.chosen.value = word;
    if (known) {
      this.loading.value = false;
      this.pageError.value = null;
    } else {
      await this.#ask(number);
    }
    if (this.number.peek() === number) this.#prefetch(number);
  }

  /** @param {number} number */
  async #ask(number) {
    this.loading.value = true;
    try {
      const read = await this.page(number);
      if (this.number.peek() !== number) return;
      this.read.value = read;
      this.pageError.value = null;
    } catch (error) {
      if (this.number.peek() === number) this.pageError.value = error;
    }
    if (this.number.peek() === number) this.loading.value = false;
  }

  /**
   * A page as it was read, or null when it was not.
   * @param {number} number
   */
  async page(number) {
    const known = this.#pages.get(number);
    if (known) return known;
    const [page] = await this.#client.pages(this.id, number, number);
    return page ? this.#keep(page) : null;
  }

  /** @param {Page} page */
  #keep(page) {
    const read = { page, words: placedWords(page) };
    this.#pages.set(page.number, read);
    if (this.#pages.size > KEPT) {
      const oldest = [...this.#pages.keys()].find((number) => number !== this.number.peek());
      if (oldest !== undefined) this.#pages.delete(oldest);
    }
    return read;
  }

  /** @param {number} number */
  #prefetch(number) {
    const next = number + 1;
    if (next <= this.total && this.task.peek()?.status === "completed") this.page(next).catch(() => {});
  }

  /** Every page, for exports.
   * @returns {Promise<Page[]>}
   */
  async allPages() {
    const pages = [];
    for (let from = 1; pages.length < this.total; from += BATCH) {
      const batch = await this.#client.pages(this.id, from, from + BATCH - 1);
      // Pages may be numbered with gaps when only some were asked for.
      if (batch.length === 0 && from > Math.max(this.total, 500)) break;
      pages.push(...batch);
    }
    return pages;
  }

  /**
   * The first page from `number` on, in a direction, that holds a word `wanted` accepts.
   * @param {number} number
   * @param {1 | -1} step
   * @param {(word: PlacedWord) => boolean} wanted
   * @returns {Promise<{ number: number, word: number } | null>}
   */
  async search(number, step, wanted) {
    for (let at = number; at >= 1 && at <= this.total; at += step) {
      const found = await this.page(at);
      const words = found?.words.filter(wanted) ?? [];
      const word = step > 0 ? words[0] : words.at(-1);
      if (word) return { number: at, word: word.index };
    }
    return null;
  }
}
