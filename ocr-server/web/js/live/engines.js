/**
 * What can read documents. A server answers before its engines have started, or while they are
 * still being fetched: as long as there is none it is asked again and again.
 */
import { signal } from "../core/signal.js";

/** @typedef {import("../api/types.js").Engines} Engines */

/** Wait between two questions while there is no engine, in milliseconds. */
export const ASK_EVERY = 5_000;

export class EngineWatch {
  /** What the server said last; null until it has. Stays the same object while it says the same. */
  found = signal(/** @type {Engines | null} */ (null));
  /** Whether the server has said what engines it has, or failed to. */
  known = signal(false);
  #client;
  #clock;
  #asking = false;

  /**
   * @param {Pick<import("../api/client.js").Client, "engines">} client
   * @param {{ setTimeout: (run: () => void, ms: number) => any }} clock
   */
  constructor(client, clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Asks now, and later again while there is no engine. Never rejects: what was known stays. */
  async learn() {
    try {
      const found = await this.#client.engines();
      if (JSON.stringify(found) !== JSON.stringify(this.found.peek())) this.found.value = found;
    } catch {
      // The state of the connection is told elsewhere.
    }
    this.known.value = true;
    if (!this.found.peek()?.engines.length) this.#askLater();
  }

  #askLater() {
    if (this.#asking) return;
    this.#asking = true;
    this.#clock.setTimeout(() => {
      this.#asking = false;
      void this.learn();
    }, ASK_EVERY);
  }
}
