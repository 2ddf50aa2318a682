/** How documents are filed: labels, a collection, a note; and what a change of several is. */

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {{ addLabels?: string[], removeLabels?: string[], collection?: string, note?: string }} Change */
/** @typedef {{ label?: string, collection?: string }} FilingFilter */

/** Maximum number of characters of a name, and of a note. */
export const MAX_NAME = 64;
export const MAX_NOTE = 4_000;

/** What all ways to write a name have in common. @param {string} name */
export const nameKey = (name) => name.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

/**
 * The labels that at least one of the documents has, and whether all of them do.
 * @param {Pick<Task, "labels">[]} tasks
 * @returns {{ name: string, all: boolean }[]}
 */
export function labelsOf(tasks) {
  /** @type {Map<string, { name: string, count: number }>} */
  const found = new Map();
  for (const name of tasks.flatMap(({ labels }) => labels)) {
    const known = found.get(nameKey(name));
    if (known) known.count += 1;
    else found.set(nameKey(name), { name, count: 1 });
  }
  const byKey = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return byKey.map(([, { name, count }]) => ({ name, all: count === tasks.length }));
}

/**
 * What all documents have in common; null where they differ.
 * @param {readonly (string | null)[]} values
 */
export function common(values) {
  const [first = null, ...rest] = values;
  return rest.every((value) => (value ?? "") === (first ?? "")) ? (first ?? "") : null;
}

/**
 * What is to be changed so that the documents are as somebody wants them; what nobody touched stays.
 * @param {Pick<Task, "labels" | "collection" | "note">[]} tasks
 * @param {{ labels: { name: string, wanted: boolean | null }[], collection: string | null, note: string | null }} wanted
 *   null leaves a part as it is
 * @returns {Change | null} null when that changes nothing
 */
export function changeOf(tasks, { labels, collection, note }) {
  const present = new Map(labelsOf(tasks).map(({ name, all }) => [nameKey(name), all]));
  const add = labels.filter(({ name, wanted }) => wanted === true && present.get(nameKey(name)) !== true).map(({ name }) => name);
  const remove = labels.filter(({ name, wanted }) => wanted === false && present.has(nameKey(name))).map(({ name }) => name);
  /** @type {Change} */
  const change = {};
  if (add.length) change.addLabels = add;
  if (remove.length) change.removeLabels = remove;
  if (collection !== null && common(tasks.map((task) => task.collection)) !== collection.trim()) change.collection = collection.trim();
  if (note !== null && common(tasks.map((task) => task.note)) !== note.trim()) change.note = note.trim();
  return Object.keys(change).length ? change : null;
}

/**
 * Whether a document is among those that a list is limited to.
 * @param {Partial<Pick<Task, "labels" | "collection">>} task
 * @param {FilingFilter} filter
 */
export function isFiled({ labels = [], collection = null }, filter) {
  if (filter.label && !labels.some((label) => nameKey(label) === nameKey(filter.label ?? ""))) return false;
  return !filter.collection || nameKey(collection ?? "") === nameKey(filter.collection);
}

/**
 * A query that is limited as a list is; an empty one stays empty.
 * @param {string} query
 * @param {FilingFilter} filter
 */
export function limited(query, { label, collection }) {
  if (!query) return "";
  // A name with a quotation mark in it is asked for by nothing: the search has no sign for one.
  const part = (/** @type {string} */ field, /** @type {string | undefined} */ name) => (name && !/["“”„«»]/.test(name) ? ` ${field}:"${name}"` : "");
  return query + part("label", label) + part("collection", collection);
}
