/** How far a document is, in a word and a sign. */
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isParked } from "./facts.js";

/** @typedef {import("../api/types.js").Task} Task */

/** @type {Record<Task["status"], keyof typeof import("../core/icons.js").ICONS>} */
export const SIGNS = { pending: "clock", processing: "running", completed: "check", failed: "alert", cancelled: "cancelled" };

/** The server counts waiting documents up to here. */
const COUNTED = 500;

/** @param {Task} task */
export function statusText(task) {
  if (task.status === "processing" && task.progress?.pages_total) {
    const { pages_done: done, pages_total: total } = task.progress;
    return t("status.page", { page: Math.min(done + 1, total), total });
  }
  if (isParked(task)) return t("status.parked");
  const position = task.queue_position;
  if (task.status === "pending" && position) {
    if (position >= COUNTED) return t("status.farBack", { n: COUNTED });
    return position === 1 ? t("status.next") : t("status.ahead", { n: position - 1 });
  }
  return t(`status.${task.status}`);
}

/**
 * Shows the state of a task in `element`, with a bar while it runs.
 * @param {HTMLElement} element
 * @param {Task} task
 */
export function showStatus(element, task) {
  const text = statusText(task);
  const percent = task.status === "processing" ? (task.progress?.percent ?? 0) : -1;
  const signature = `${task.status} ${text} ${percent} ${percent < 0 ? "" : task.filename}`;
  if (element.dataset.shown === signature) return;
  element.dataset.shown = signature;
  element.dataset.status = task.status;
  element.classList.add("status");
  const bar = percent < 0 ? null : h("progress", { max: 100, value: percent, "aria-label": t("status.progress", { name: task.filename }) });
  fill(element, icon(SIGNS[task.status]), h("span", null, text), bar);
}
