/** What a person does to words, as the changes that the API knows. */

/** @typedef {import("../api/types.js").Operation} Operation */
/** @typedef {import("../viewer/words.js").PlacedWord} PlacedWord */

/**
 * What typing `text` over a word means: nothing, other letters, several words, or no word at all.
 * @param {number} word index
 * @param {string} before what it says
 * @param {string} text as typed
 * @returns {Operation | null}
 */
export function typed(word, before, text) {
  const parts = text.split(/\s+/).filter(Boolean);
  if (parts.length === 0) return { op: "delete-word", word };
  if (parts.length > 1) return { op: "split-word", word, parts };
  const [only = ""] = parts;
  return only === before ? null : { op: "set-text", word, text: only };
}

/**
 * By how many words a change moves those behind it.
 * @param {Operation | null} operation
 */
export function moved(operation) {
  if (operation?.op === "delete-word") return -1;
  return operation?.op === "split-word" ? operation.parts.length - 1 : 0;
}

/**
 * A word and the next one of its line as one word, or null at the end of a line.
 * @param {PlacedWord[]} words
 * @param {number} index
 * @returns {Operation | null}
 */
export function joinWithNext(words, index) {
  const word = words[index];
  return word && words[index + 1]?.line === word.line ? { op: "join-words", word: index, count: 2 } : null;
}

/**
 * A line one place up or down in reading order, or null where there is none beyond it.
 * @param {number} line
 * @param {1 | -1} by
 * @param {number} count of lines on the page
 * @returns {Operation | null}
 */
export function moveLine(line, by, count) {
  if (line + by < 0 || line + by >= count) return null;
  return { op: "move-line", line, before: by < 0 ? line - 1 : line + 2 };
}
