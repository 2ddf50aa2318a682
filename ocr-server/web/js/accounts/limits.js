/** Quotas and budgets of users, as they are told and typed. */
import { number } from "../core/format.js";
import { t } from "../core/i18n.js";
import { AMOUNTS } from "../dashboard/amounts.js";

/** @typedef {import("../api/types.js").UsageReport} UsageReport */
/** @typedef {Record<string, number | null>} Limits what was set for a user: a number, or null for no limit, by quota */
/** @typedef {"default" | "none" | "limit"} Choice what holds: what holds for everybody, no limit, a limit of its own */
/** @typedef {{ text: string, usedUp: boolean }} Amount */

/**
 * A limit that can be set. It is typed in a unit that people use, of which `unit` is the number of what the server counts.
 * @typedef {{ name: string, label: () => string, unit: number, unitName: string, write: (amount: number) => string, budget: boolean }} Quota
 */

/** Maximum that the server accepts, in what it counts. */
const MAXIMUM = 1_000_000_000_000_000;
const MEGABYTE = 1_048_576;
const DOLLAR = 1_000_000;

/** What is not typed as it is counted. @type {Record<string, { unit: number, unitName: string }>} */
const UNITS = { bytes: { unit: MEGABYTE, unitName: "MB" }, spend: { unit: DOLLAR, unitName: "USD" } };

/** @type {Quota[]} */
export const QUOTAS = [
  { name: "open_tasks", label: () => t("overview.queue"), unit: 1, unitName: "", write: number, budget: false },
  ...AMOUNTS.flatMap(({ label, quota, write }) => {
    const { unit, unitName } = UNITS[quota] ?? { unit: 1, unitName: "" };
    const same = { unit, unitName, write, budget: quota === "spend" };
    return [
      { ...same, name: `${quota}_per_day`, label: () => t("limits.perDay", { what: t(label) }) },
      { ...same, name: `${quota}_per_month`, label: () => t("limits.perMonth", { what: t(label) }) },
    ];
  }),
];

/** Heads of what {@link usageCells} tells. */
export const usageHeads = () => [t("overview.queue"), ...AMOUNTS.map(({ label }) => t(label))];

/**
 * What somebody used against what they may use: for each head its lines.
 * @param {UsageReport} report
 * @returns {Amount[][]}
 */
export function usageCells({ today, month, quotas }) {
  const amount = (/** @type {number} */ used, /** @type {string} */ quota, /** @type {(amount: number) => string} */ write) => {
    const status = quotas.find((one) => one.quota === quota);
    const limit = status?.limit ?? null;
    const text = limit === null ? write(used) : t("limits.of", { used: write(used), limit: write(limit) });
    return { text, usedUp: status?.remaining === 0 };
  };
  const open = quotas.find((one) => one.quota === "open_tasks")?.used ?? 0;
  const rest = AMOUNTS.map(({ name, quota, write }) => {
    const day = amount(today[name], `${quota}_per_day`, write);
    const whole = amount(month[name], `${quota}_per_month`, write);
    return [
      { ...day, text: t("limits.today", { amount: day.text }) },
      { ...whole, text: t("limits.month", { amount: whole.text }) },
    ];
  });
  return [[amount(open, "open_tasks", number)], ...rest];
}

/**
 * What was chosen for a quota.
 * @param {Limits} limits
 * @param {string} quota
 * @returns {Choice}
 */
export function choiceOf(limits, quota) {
  const limit = limits[quota];
  if (limit === undefined) return "default";
  return limit === null ? "none" : "limit";
}

/**
 * What is typed for a limit, `""` where there is none.
 * @param {number | null | undefined} limit
 * @param {Quota} quota
 */
export const typed = (limit, { unit }) => (typeof limit === "number" ? String(limit / unit) : "");

/**
 * Maximum of what can be typed.
 * @param {Quota} quota
 */
export const maximum = ({ unit }) => Math.floor(MAXIMUM / unit);

/**
 * What the server is asked for: what holds for everybody is not named.
 * @param {{ quota: Quota, choice: string, amount: string }[]} rows
 * @returns {Limits}
 */
export function wantedLimits(rows) {
  const named = rows.filter(({ choice }) => choice !== "default");
  return Object.fromEntries(named.map(({ quota, choice, amount }) => [quota.name, choice === "none" ? null : Math.round(Number(amount) * quota.unit)]));
}
