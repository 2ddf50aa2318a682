/** What somebody used today and this month, and what is left of it. */
import { h, scrollBox } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { usageRows } from "./amounts.js";

/** @typedef {import("../api/types.js").UsageReport} UsageReport */
/** @typedef {import("../core/i18n.js").Key} Key */

/** @param {UsageReport} usage */
export function usageSection(usage) {
  const open = usage.quotas.find((one) => one.quota === "open_tasks");
  const resets = usage.quotas.find((one) => one.resetsAt && one.remaining === 0)?.resetsAt;
  /** @type {Key[]} */
  const head = ["usage.what", "usage.today", "usage.month", "usage.leftToday", "usage.leftMonth"];
  const rows = usageRows(usage).map(({ label, today, month, leftToday, leftMonth }) =>
    h("tr", null, h("th", { scope: "row" }, t(label)), [today, month, leftToday, leftMonth].map((text) => h("td", null, text))),
  );
  return h(
    "section",
    { class: "engines usage" },
    h("h2", null, t("usage.title")),
    scrollBox(t("usage.title"), h("table", null, h("thead", null, h("tr", null, head.map((key) => h("th", { scope: "col" }, t(key))))), h("tbody", null, rows))),
    typeof open?.limit === "number" ? h("p", { class: "quiet" }, t("usage.open", { used: open.used, limit: open.limit })) : null,
    resets ? h("p", null, t("usage.resets", { time: dateTime(resets) })) : null,
  );
}
