/** The queue of pages to be reviewed, as far as it was looked through. */

/** @typedef {import("../api/types.js").DoubtfulDocument} DoubtfulDocument */
/** @typedef {{ documents: DoubtfulDocument[], lookedAt: number, cursor: string | null }} Queue */

/** Maximum number of answers without a document that are followed at once. */
const EMPTY_ANSWERS = 10;

/**
 * The queue with the next documents that have doubtful words.
 * @param {Queue} queue
 * @param {(cursor: string | null) => Promise<import("../api/types.js").Review>} ask
 * @returns {Promise<Queue>}
 */
export async function withMore(queue, ask) {
  let { documents, lookedAt, cursor } = queue;
  for (let answers = 0; answers < EMPTY_ANSWERS; answers += 1) {
    const answer = await ask(cursor);
    documents = [...documents, ...answer.documents];
    lookedAt += answer.lookedAt;
    cursor = answer.nextCursor;
    if (answer.documents.length > 0 || cursor === null) break;
  }
  return { documents, lookedAt, cursor };
}
