/** What a row of the list says of a document besides its name and state. */
import { bytes, duration } from "../core/format.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../api/types.js").Task} Task */

/** Milliseconds of a day. */
const DAY = 86_400_000;

/**
 * Whole days until a document in the trash is deleted for good; a day that has begun counts.
 * @param {string} purgedAt
 * @param {number} now milliseconds
 */
export const daysLeft = (purgedAt, now) => Math.max(0, Math.ceil((Date.parse(purgedAt) - now) / DAY));

/**
 * Whether a document waits for money.
 * @param {Task} task
 */
export const isParked = (task) => task.status === "pending" && task.error_code === "quota_exceeded";

/**
 * @param {Task} task
 * @param {number} now milliseconds
 */
export function facts(task, now) {
  const parts = [];
  if (task.purge_at) parts.push(t("trash.left", { n: daysLeft(task.purge_at, now) }));
  if (task.page_count !== null) parts.push(t("pages", { n: task.page_count }));
  if (task.word_count !== null) parts.push(t("words", { n: task.word_count }));
  parts.push(bytes(task.file_size));
  if (task.processing_time_ms !== null && task.engine) {
    parts.push(t("list.readIn", { engine: task.engine, time: duration(task.processing_time_ms) }));
  }
  if (task.status === "pending") {
    // Filing a document is a change, too, so that the last one is not when it came; of one that waits for another
    // attempt there is nothing better.
    const since = task.attempt === 0 ? task.created_at : task.updated_at;
    const seconds = Math.max(1, Math.round((now - Date.parse(since)) / 1000));
    parts.push(t("list.waitsFor", { time: duration(seconds * 1000) }));
  }
  // While a document is read, its last change is when that began, unless it was filed meanwhile: then it seems to have
  // begun later. When it began is told nowhere else. Clocks may differ a little.
  if (task.status === "processing") {
    const seconds = Math.max(1, Math.round((now - Date.parse(task.updated_at)) / 1000));
    parts.push(t("list.readFor", { time: duration(seconds * 1000) }));
  }
  return parts.join(" · ");
}
