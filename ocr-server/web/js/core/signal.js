/**
 * Values that tell their readers when they change.
 *
 * An effect runs once, remembers which signals it read, and runs again after one of them changed.
 * Runs are gathered in a microtask, so that many changes cost one run.
 */

/** @typedef {{ run: () => void, sources: Set<Set<Reader>> }} Reader */

/** @type {Reader | null} */
let current = null;
/** @type {Set<Reader>} */
let waiting = new Set();
let scheduled = false;

/** @template T */
export class Signal {
  #value;
  /** @type {Set<Reader>} */
  #readers = new Set();

  /** @param {T} value */
  constructor(value) {
    this.#value = value;
  }

  /** The value; an effect that reads it here runs again when it changes. */
  get value() {
    if (current) {
      this.#readers.add(current);
      current.sources.add(this.#readers);
    }
    return this.#value;
  }

  set value(value) {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const reader of this.#readers) waiting.add(reader);
    schedule();
  }

  /** The value, read without being told of changes. */
  peek() {
    return this.#value;
  }
}

/**
 * @template T
 * @param {T} value
 * @returns {Signal<T>}
 */
export const signal = (value) => new Signal(value);

/**
 * Runs `run` now and after each change of what it read. Returns a function that ends it.
 * @param {() => void} run
 * @returns {() => void}
 */
export function effect(run) {
  let ended = false;
  /** @type {Reader} */
  const reader = {
    sources: new Set(),
    run() {
      // Another effect of the same round may have ended this one; it must not listen again.
      if (ended) return;
      release(reader);
      const outer = current;
      current = reader;
      try {
        run();
      } finally {
        current = outer;
      }
    },
  };
  reader.run();
  return () => {
    ended = true;
    release(reader);
  };
}

/**
 * Runs `run` without remembering what it reads.
 * @template T
 * @param {() => T} run
 * @returns {T}
 */
export function untracked(run) {
  const outer = current;
  current = null;
  try {
    return run();
  } finally {
    current = outer;
  }
}

/** Runs the effects that wait, now. One that throws does not stop the others; its error is thrown after them. */
export function flush() {
  /** @type {unknown[]} */
  const errors = [];
  for (let round = 0; waiting.size && round < 100; round += 1) {
    const readers = waiting;
    waiting = new Set();
    for (const reader of readers) {
      try {
        reader.run();
      } catch (error) {
        errors.push(error);
      }
    }
  }
  if (errors.length) throw errors[0];
}

/** @param {Reader} reader */
function release(reader) {
  for (const readers of reader.sources) readers.delete(reader);
  reader.sources.clear();
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    flush();
  });
}
