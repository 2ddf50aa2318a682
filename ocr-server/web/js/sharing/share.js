/** Links to documents, as they are asked for and told. */
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../api/types.js").Share} Share */

/**
 * What the server is asked for.
 * @param {{ id: string }} task
 * @param {{ hours: string, password: string, maxOpens: string, formats: string[] }} typed
 */
export function wantedShare(task, { hours, password, maxOpens, formats }) {
  return { taskId: task.id, hours: Number(hours), password: password || null, maxOpens: maxOpens ? Number(maxOpens) : null, formats };
}

/**
 * A link in a line.
 * @param {Share} share
 * @param {number} now in milliseconds since 1970
 */
export function aboutShare({ expiresAt, hasPassword, opens, maxOpens }, now) {
  const time = t(Date.parse(expiresAt) > now ? "share.until" : "share.over", { time: dateTime(expiresAt) });
  const opened = opens ? t("share.opened", { n: opens }) : t("share.unopened");
  const count = maxOpens ? t("share.openedOf", { n: opens, most: maxOpens }) : opened;
  return [time, count, hasPassword ? t("share.withPassword") : ""].filter(Boolean).join(", ");
}
