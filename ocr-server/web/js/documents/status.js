/** How far a document is, in a word and a sign. */
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { statusText } from "./status-text.js";

/** @typedef {import("../api/types.js").Task} Task */

/** @type {Record<Task["status"], keyof typeof import("../core/icons.js").ICONS>} */
export const SIGNS = { pending: "clock", processing: "running", completed: "check", failed: "alert", cancelled: "cancelled" };

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
