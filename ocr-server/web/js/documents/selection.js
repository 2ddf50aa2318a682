/** Which documents are marked, and which one the keyboard is at. */
import { signal } from "../core/signal.js";

export class Selection {
  /** Rises whenever something changed. */
  version = signal(0);
  /** @type {Set<string>} */
  ids = new Set();
  /** Where the keyboard is. */
  current = "";
  #anchor = "";

  /** @param {string} id */
  has(id) {
    return this.ids.has(id);
  }

  /** @param {string} id */
  moveTo(id) {
    this.current = id;
    this.#changed();
  }

  /** @param {string} id marks or unmarks one; a range goes on from here */
  toggle(id) {
    if (!this.ids.delete(id)) this.ids.add(id);
    this.#anchor = id;
    this.current = id;
    this.#changed();
  }

  /**
   * Marks everything between the last one marked alone and `id`.
   * @param {string} id
   * @param {readonly string[]} order
   */
  extendTo(id, order) {
    const from = order.indexOf(this.#anchor || this.current || id);
    const to = order.indexOf(id);
    if (to < 0) return;
    const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    this.#anchor = order[from < 0 ? to : from] ?? id;
    this.ids = new Set(order.slice(first, last + 1));
    this.current = id;
    this.#changed();
  }

  /** @param {readonly string[]} order */
  all(order) {
    this.ids = new Set(order);
    this.#changed();
  }

  clear() {
    if (this.ids.size === 0) return;
    this.ids = new Set();
    this.#anchor = "";
    this.#changed();
  }

  /**
   * Forgets what is not in the list any more.
   * @param {readonly string[]} order
   */
  keepOnly(order) {
    if (this.ids.size === 0) return;
    const known = new Set(order);
    const kept = [...this.ids].filter((id) => known.has(id));
    if (kept.length === this.ids.size) return;
    this.ids = new Set(kept);
    this.#changed();
  }

  #changed() {
    this.version.value = this.version.peek() + 1;
  }
}
