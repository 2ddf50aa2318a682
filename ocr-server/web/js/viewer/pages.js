/** The pages of a document as they were read, those one was at last kept in memory; and which there are. */
import { signal } from "../core/signal.js";
import { placedWords } from "./words.js";

/** @typedef {import("../api/types.js").Page} Page */
/** @typedef {{ page: Page, words: import("./words.js").PlacedWord[] }} ReadPage */

/** Pages kept in memory. */
const KEPT = 60;
/** Maximum number of pages of one request. */
const BATCH = 50;
/** How far into a file pages are looked for when only some of it was read. */
const FARTHEST = 5_000;

/**
 * The numbers of a document that was read from its first page on.
 * @param {number} count
 */
export const firstPages = (count) => Array.from({ length: count }, (_, index) => index + 1);

/**
 * The next page in a direction, or null.
 * @param {number[]} numbers ascending
 * @param {number} at need not be one of them
 * @param {number} step below 0 for the page before
 */
export const beside = (numbers, at, step) => (step > 0 ? numbers.find((number) => number > at) : numbers.findLast((number) => number < at)) ?? null;

/**
 * The page nearest to one that is not there.
 * @param {number[]} numbers at least one
 * @param {number} wanted
 */
export const nearest = (numbers, wanted) => numbers.reduce((best, number) => (Math.abs(number - wanted) < Math.abs(best - wanted) ? number : best));

export class ReadPages {
  /** Numbers of the pages that were read, where they are not simply the first ones. */
  some = signal(/** @type {number[] | null} */ (null));
  /** The page one is at, which is never put out of memory. */
  current = 1;
  #client;
  #id;
  /** Replaced when the document is read anew, so that late answers go nowhere. @type {Map<number, ReadPage>} */
  #kept = new Map();
  /** @type {Map<number, Promise<ReadPage | null>>} */
  #asked = new Map();
  /** @type {Promise<unknown> | null} */
  #learning = null;
  /** @type {Promise<unknown> | null} */
  #searching = null;

  /**
   * @param {Pick<import("../api/client.js").Client, "pages">} client
   * @param {string} id
   */
  constructor(client, id) {
    this.#client = client;
    this.#id = id;
  }

  /** Forgets everything: the document is read anew. */
  clear() {
    this.#kept = new Map();
    this.#asked = new Map();
    this.#learning = null;
    this.#searching = null;
    this.some.value = null;
  }

  /** Asks for pages anew from now on: what is known of them may be out of date. Which there are stays known. */
  outdate() {
    this.#kept = new Map();
    this.#asked = new Map();
  }

  /**
   * Takes a page as it is now.
   * @param {Page} page
   * @returns {ReadPage}
   */
  put(page) {
    const read = { page, words: placedWords(page) };
    this.#kept.set(page.number, read);
    return read;
  }

  /** @param {number} number */
  get(number) {
    return this.#kept.get(number) ?? null;
  }

  /** The last page in memory, 0 without any. */
  get farthest() {
    return Math.max(0, ...this.#kept.keys());
  }

  /**
   * A page as it was read, or null when it was not. Asks once, however many want it.
   * @param {number} number
   * @returns {Promise<ReadPage | null>}
   */
  page(number) {
    const kept = this.#kept.get(number);
    if (kept) return Promise.resolve(kept);
    const before = this.#asked.get(number);
    if (before) return before;
    const asked = this.#asked;
    const answer = this.range(number, number).then(([read]) => read ?? null).finally(() => asked.delete(number));
    asked.set(number, answer);
    return answer;
  }

  /**
   * The pages there are from one number to another.
   * @param {number} from
   * @param {number} to maximum 49 more
   */
  async range(from, to) {
    const kept = this.#kept;
    const pages = await this.#client.pages(this.#id, from, to);
    return pages.map((page) => {
      const read = { page, words: placedWords(page) };
      kept.set(page.number, read);
      const oldest = kept.size > KEPT ? [...kept.keys()].find((number) => number !== this.current) : undefined;
      if (oldest !== undefined) kept.delete(oldest);
      return read;
    });
  }

  /**
   * All pages of a complete document; afterwards it is known which they are.
   * @param {number} count how many were read
   */
  async all(count) {
    const kept = this.#kept;
    /** @type {Page[]} */
    const pages = [];
    for (let from = 1; pages.length < count && from <= FARTHEST; from += BATCH) {
      pages.push(...(await this.#client.pages(this.#id, from, from + BATCH - 1)));
    }
    const numbers = pages.map(({ number }) => number);
    if (kept === this.#kept && numbers.some((number, index) => number !== index + 1)) this.some.value = numbers;
    return pages;
  }

  /**
   * Looks whether pages of a complete document lie beyond its first ones. Cheap where none do.
   * @param {number} count
   */
  learn(count) {
    const learn = async () => {
      const beyond = await this.#client.pages(this.#id, count + 1, count + BATCH);
      if (beyond.length) await this.search(count);
    };
    this.#learning ??= learn().catch((error) => {
      this.#learning = null;
      throw error;
    });
    return this.#learning;
  }

  /**
   * Finds which pages were read, once one of the first turned out not to be among them.
   * @param {number} count
   */
  search(count) {
    this.#searching ??= this.all(count).catch((error) => {
      this.#searching = null;
      throw error;
    });
    return this.#searching;
  }
}
