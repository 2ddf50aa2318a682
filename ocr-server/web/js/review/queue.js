/** The queue of pages to be reviewed, as far as it was looked through. */

/** @typedef {import("../api/types.js").DoubtfulDocument} DoubtfulDocument */
/** @typedef {import("../api/types.js").ReviewProgress} ReviewProgress */
/** @typedef {{ documents: DoubtfulDocument[], lookedAt: number, progress: ReviewProgress, cursor: string | null }} Queue */

/** @returns {Queue} */
export const emptyQueue = () => ({ documents: [], lookedAt: 0, progress: { words: 0, wordsLeft: 0, pages: 0, pagesLeft: 0 }, cursor: null });

/** Maximum number of answers without a document that are followed at once. */
const EMPTY_ANSWERS = 10;

/**
 * The queue with the next documents that have doubtful words.
 * @param {Queue} queue
 * @param {(cursor: string | null) => Promise<import("../api/types.js").Review>} ask
 * @returns {Promise<Queue>}
 */
export async function withMore(queue, ask) {
  let { documents, lookedAt, progress, cursor } = queue;
  for (let answers = 0; answers < EMPTY_ANSWERS; answers += 1) {
    const answer = await ask(cursor);
    documents = [...documents, ...answer.documents];
    lookedAt += answer.lookedAt;
    progress = sum(progress, answer.progress);
    cursor = answer.nextCursor;
    if (answer.documents.length > 0 || cursor === null) break;
  }
  return { documents, lookedAt, progress, cursor };
}

/**
 * @param {ReviewProgress} one
 * @param {ReviewProgress} other
 * @returns {ReviewProgress}
 */
function sum(one, other) {
  return { words: one.words + other.words, wordsLeft: one.wordsLeft + other.wordsLeft, pages: one.pages + other.pages, pagesLeft: one.pagesLeft + other.pagesLeft };
}
