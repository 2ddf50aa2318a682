/** What documents are called, of which only the task is known. */
import { fewAtOnce } from "../core/few-at-once.js";

/** Documents that are asked for at the same time. */
const AT_ONCE = 4;

/**
 * Tells the name of each document as soon as it is known; null for one that is not there any more. What could not be
 * learned is not told.
 * @param {{ task: (id: string) => Promise<{ filename: string }> }} client
 * @param {Iterable<string>} ids of tasks, any number of times
 * @param {(id: string, name: string | null) => void} tell
 * @param {() => boolean} [wanted] whether anybody still wants to know
 */
export async function documentNames(client, ids, tell, wanted) {
  const ask = async (/** @type {string} */ id) => {
    try {
      const { filename } = await client.task(id);
      tell(id, filename);
    } catch (error) {
      if (/** @type {any} */ (error)?.code === "not_found") tell(id, null);
    }
  };
  await fewAtOnce(new Set(ids), AT_ONCE, ask, wanted);
}
