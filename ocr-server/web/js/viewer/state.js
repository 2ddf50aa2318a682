/** What the viewer knows: the document, the page one is at, its words, and what is pointed at. */
import { ApiError } from "../api/client.js";
import { signal, untracked } from "../core/signal.js";
import { hasEnded } from "../tasks/store.js";
import { ReadPages, beside, firstPages, nearest } from "./pages.js";

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {import("./words.js").PlacedWord} PlacedWord */
/** @typedef {import("./pages.js").ReadPage} ReadPage */

/** Failures after which there is nothing to draw either. */
const NO_DOCUMENT = new Set([
  "invalid_input", "password_required", "unsupported", "corrupt", "too_large", "too_many_pages", "too_many_pixels",
  "out_of_memory", "out_of_time", "crashed",
]);

/** @param {Task} task */
const isUnreadable = (task) => task.status === "failed" && NO_DOCUMENT.has(task.error_code ?? "");

/** Pages looked through at once: few at first, where the next word most often is. */
const WALK = [1, 4, 16, 50];

export class ViewerState {
  task = signal(/** @type {Task | null} */ (null));
  /** Whether the file could not be opened, and no later attempt has: then there is nothing to draw. */
  unreadable = false;
  /** The document that was here before it was deleted elsewhere. @type {Task | null} */
  gone = null;
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
  /** Outlines on the page of what the pointer is at in the result. */
  pointed = signal(/** @type {import("../api/types.js").Polygon[]} */ ([]));
  /** Words that hold what is searched, and those of the occurrence one is at. */
  hits = signal(/** @type {{ all: Set<number>, here: Set<number> }} */ ({ all: new Set(), here: new Set() }));
  /** Whether there is more than one page, or may turn out to be. */
  several = signal(false);
  /** Rises when what could not be shown is to be tried again. */
  retry = signal(0);
  #pages;
  /** Pages by which the last step went on, below 0 when it went back. */
  #way = 0;
  #store;

  /**
   * @param {import("../api/client.js").Client} client
   * @param {import("../tasks/store.js").TaskStore} store
   * @param {string} id
   */
  constructor(client, store, id) {
    this.#pages = new ReadPages(client, id);
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

  /** Numbers of the pages there are, as far as is known, ascending. */
  get numbers() {
    const task = this.task.value;
    const known = task?.page_count ?? task?.progress?.pages_total ?? 1;
    return this.#pages.some.value ?? firstPages(Math.max(1, known, this.#pages.farthest));
  }

  /** The number of the last page. */
  get last() {
    return this.numbers.at(-1) ?? 1;
  }

  /**
   * The page before or after the one one is at, or null.
   * @param {number} step
   */
  beside(step) {
    return beside(this.numbers, this.number.value, step);
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
    await this.#settle();
    void this.knowNumbers();
  }

  /** Takes over what the store learned of the task; pages that were read since are asked for. */
  async renew() {
    const task = this.#store.tasks.get(this.id);
    const before = this.task.peek();
    if (task === before || (!task && !before)) return;
    if (!task) {
      this.gone = before;
      this.task.value = null;
      this.error.value = new ApiError("not_found", "", 404);
      return;
    }
    this.#take(task);
    this.error.value = null;
    const again = before && hasEnded(before) && !hasEnded(task);
    // Somebody corrected it, here or elsewhere.
    const changed = before && hasEnded(before) && hasEnded(task) && before.updated_at !== task.updated_at;
    if (changed) this.#pages.outdate();
    if (again || (before?.status !== "completed" && task.status === "completed")) this.#pages.clear();
    if (again) await this.show(this.number.peek(), this.chosen.peek());
    else if (!this.#pages.get(this.number.peek())) await this.#askQuietly(this.number.peek());
  }

  /**
   * Goes to a page, and to a word of it.
   * @param {number} number
   * @param {number} [word] index, or -1
   */
  async show(number, word = -1) {
    const moved = number !== this.number.peek();
    this.#way = number - this.number.peek();
    this.number.value = this.#pages.current = number;
    if (moved) {
      this.hovered.value = -1;
      this.pointed.value = [];
    }
    const known = this.#pages.get(number);
    this.read.value = known;
    this.chosen.value = word;
    if (known) {
      this.loading.value = false;
      this.pageError.value = null;
    } else {
      await this.#ask(number);
    }
    if (this.number.peek() === number) this.#prefetch();
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
    if (this.number.peek() !== number) return;
    this.loading.value = false;
    await this.#settle();
  }

  /**
   * Asks for a page that may have been read by now, while what is shown stays.
   * @param {number} number
   */
  async #askQuietly(number) {
    const read = await this.page(number).catch(() => null);
    if (this.number.peek() !== number) return;
    if (read) {
      this.#exchange(read);
      this.pageError.value = null;
      this.loading.value = false;
    }
    await this.#settle();
  }

  /**
   * Shows a page as it is now. The same one stays, with what is done to it.
   * @param {ReadPage} read
   */
  #exchange(read) {
    const shown = this.read.peek();
    if (!shown || JSON.stringify(shown.page) !== JSON.stringify(read.page)) this.read.value = read;
  }

  /**
   * Takes a page that was corrected; the page that is shown now.
   * @param {import("../api/types.js").Page} page
   */
  replace(page) {
    const read = this.#pages.put(page);
    if (this.number.peek() === page.number) this.#exchange(read);
    return this.read.peek()?.page ?? page;
  }

  /** Leaves a page that is not there, now that it is known which are, for the next one on the way. */
  async #settle() {
    const number = this.number.peek();
    const task = this.task.peek();
    if (!task || !hasEnded(task) || this.#pages.get(number) || this.pageError.peek()) return;
    await this.#doubt(number).catch(() => {});
    const { numbers } = this;
    if (this.number.peek() !== number || numbers.includes(number)) return;
    const next = this.#way ? beside(numbers, number, this.#way) : null;
    await this.show(next ?? nearest(numbers, number));
  }

  /**
   * A page as it was read, or null when it was not.
   * @param {number} number
   */
  async page(number) {
    const read = await this.#pages.page(number);
    if (!read) await this.#doubt(number);
    return read;
  }

  /**
   * Where one of the first pages of a complete document was not read, others were.
   * @param {number} number of a page that was not read
   */
  async #doubt(number) {
    const count = this.#count;
    if (number <= count) await this.#pages.search(count);
  }

  /** How many pages were read, 0 while that is not known. */
  get #count() {
    const task = this.task.peek();
    return task?.status === "completed" ? (task.page_count ?? 0) : 0;
  }

  /** Looks which pages there are, before something is done with all of them. Never rejects. */
  async knowNumbers() {
    if (this.#count > 1) await this.#pages.learn(this.#count).catch(() => {});
  }

  #prefetch() {
    const next = untracked(() => this.beside(1));
    if (next !== null && this.task.peek()?.status === "completed") this.page(next).catch(() => {});
  }

  /**
   * The first page before or after this one that holds a word `wanted` accepts; null when there is
   * none, or when the reader went elsewhere meanwhile.
   * @param {1 | -1} step
   * @param {(word: PlacedWord) => boolean} wanted
   * @returns {Promise<{ number: number, word: number } | null>}
   */
  async search(step, wanted) {
    const at = this.number.peek();
    await this.knowNumbers();
    const ahead = this.numbers.filter((number) => (step > 0 ? number > at : number < at));
    if (step < 0) ahead.reverse();
    for (let from = 0, round = 0; from < ahead.length && this.number.peek() === at; round += 1) {
      const part = ahead.slice(from, from + (WALK[Math.min(round, WALK.length - 1)] ?? 1));
      for (const { page, words } of await this.#together(part)) {
        const found = words.filter(wanted);
        const word = step > 0 ? found[0] : found.at(-1);
        if (word && this.number.peek() === at) return { number: page.number, word: word.index };
      }
      from += part.length;
    }
    return null;
  }

  /**
   * Several pages in the order in which they are named.
   * @param {number[]} numbers
   * @returns {Promise<ReadPage[]>}
   */
  async #together(numbers) {
    const [first = 1] = numbers;
    const last = numbers.at(-1) ?? first;
    // Where pages lie far apart, those between would have to be asked for in pieces.
    if (numbers.length === 1 || Math.abs(last - first) >= 50) {
      const pages = [];
      for (const number of numbers) pages.push(await this.page(number));
      return pages.filter((page) => page !== null);
    }
    const pages = await this.#pages.range(Math.min(first, last), Math.max(first, last));
    return first > last ? pages.reverse() : pages;
  }
}
