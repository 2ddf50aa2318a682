/** Short messages to the reader: what happened, and what can be undone. */
import { signal } from "./signal.js";

/**
 * @typedef {object} Notice
 * @property {number} id
 * @property {"info" | "error"} kind
 * @property {string} text
 * @property {string} [detail] a second sentence
 * @property {string} [original] the server's own words, in English, where others lead
 * @property {{ label: string, run: () => void }} [action]
 */

/** How long a notice stays, in milliseconds; one of an error, which is longer to read. */
export const NOTICE_TIME = 6000;
export const ERROR_TIME = 9_000;
/** How long one stays whose time was over while somebody was at it. */
const GRACE = 2000;

/** Notices shown at once. */
const SHOWN = 4;

export class Notices {
  #next = 1;
  #clock;
  /** @type {import("./signal.js").Signal<Notice[]>} */
  list = signal(/** @type {Notice[]} */ ([]));
  /** What a screen reader is told next; a new object each time, also for the same words. */
  spoken = signal({ text: "" });
  /** Whether somebody is at a notice: then none ends. */
  #held = false;
  /** Notices whose time was over meanwhile. @type {Set<() => void>} */
  #due = new Set();

  /** @param {{ setTimeout: (run: () => void, ms: number) => unknown }} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /**
   * @param {string} text
   * @param {{ action?: Notice["action"], detail?: string, time?: number }} [more]
   * @returns {() => void} closes it
   */
  info(text, more = {}) {
    const close = this.#add({ kind: "info", text, ...more });
    this.#endAfter(close, more.time ?? NOTICE_TIME);
    return close;
  }

  /**
   * @param {string} text
   * @param {{ action?: Notice["action"], detail?: string, original?: string }} [more]
   */
  error(text, more = {}) {
    const close = this.#add({ kind: "error", text, ...more });
    this.#endAfter(close, ERROR_TIME);
    return close;
  }

  /** Keeps every notice while the pointer or the focus is at one. */
  hold() {
    this.#held = true;
  }

  /** Lets notices end again. */
  release() {
    if (!this.#held) return;
    this.#held = false;
    const due = [...this.#due];
    this.#due.clear();
    for (const close of due) this.#endAfter(close, GRACE);
  }

  /**
   * @param {() => void} close
   * @param {number} time milliseconds
   */
  #endAfter(close, time) {
    this.#clock.setTimeout(() => {
      if (this.#held) this.#due.add(close);
      else close();
    }, time);
  }

  /** @param {string} text told to screen readers only */
  say(text) {
    this.spoken.value = { text };
  }

  /** @param {Omit<Notice, "id">} notice */
  #add(notice) {
    const id = this.#next++;
    const same = (/** @type {Notice} */ other) => other.kind === notice.kind && other.text === notice.text;
    const others = this.list.peek().filter((other) => other.action || !same(other));
    // What can be undone is not pushed out by what only tells something.
    const room = SHOWN - 1 - others.filter((other) => other.action).length;
    const plain = others.filter((other) => !other.action).slice(room > 0 ? -room : others.length);
    this.list.value = [...others.filter((other) => other.action || plain.includes(other)), { ...notice, id }];
    return () => {
      this.list.value = this.list.peek().filter((other) => other.id !== id);
    };
  }
}
