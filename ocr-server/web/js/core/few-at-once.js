/** Many requests, of which the server has only a few at once. */

/**
 * Calls `run` for each item in their order, for at most `most` at the same time.
 * @template T
 * @param {Iterable<T>} items
 * @param {number} most at least 1
 * @param {(item: T) => Promise<unknown>} run
 * @param {() => boolean} [wanted] asked before each; no more begin once it is false
 */
export async function fewAtOnce(items, most, run, wanted = () => true) {
  const left = [...items].reverse();
  const work = async () => {
    while (left.length && wanted()) await run(/** @type {T} */ (left.pop()));
  };
  await Promise.all(Array.from({ length: most }, work));
}
