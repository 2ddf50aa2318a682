/** How far a document is, in words. */
import { t } from "../core/i18n.js";
import { isParked } from "./facts.js";

/** @typedef {import("../api/types.js").Task} Task */

/** The server counts waiting documents up to here. */
const COUNTED = 500;

/** @param {Task} task */
export function statusText(task) {
  if (task.status === "processing" && task.takeover_at) return t("status.takeover");
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
