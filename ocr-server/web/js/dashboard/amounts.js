/** What was used, in numbers as a person reads them. */
import { bytes, money, number } from "../core/format.js";

/** @typedef {import("../api/types.js").UsageReport} UsageReport */
/** @typedef {import("../core/i18n.js").Key} Key */

/**
 * What is used, how it is called, and which quotas limit it.
 * @type {{ name: "documents" | "pages" | "bytes" | "costMicros", label: Key, quota: string, write: (amount: number) => string }[]}
 */
export const AMOUNTS = [
  { name: "documents", label: "overview.documents", quota: "documents", write: number },
  { name: "pages", label: "info.pages", quota: "pages", write: number },
  { name: "bytes", label: "usage.bytes", quota: "bytes", write: bytes },
  { name: "costMicros", label: "usage.cost", quota: "spend", write: money },
];

/**
 * The rows of the table. Money is only told where there is some.
 * @param {UsageReport} usage
 * @returns {{ label: Key, today: string, month: string, leftToday: string, leftMonth: string }[]}
 */
export function usageRows({ today, month, quotas }) {
  const left = (/** @type {string} */ name) => quotas.find((one) => one.quota === name)?.remaining ?? null;
  return AMOUNTS.flatMap(({ name, label, quota, write }) => {
    const [day, whole] = [left(`${quota}_per_day`), left(`${quota}_per_month`)];
    if (name === "costMicros" && month.costMicros === 0 && day === null && whole === null) return [];
    const told = (/** @type {number | null} */ amount) => (amount === null ? "–" : write(amount));
    return [{ label, today: write(today[name]), month: write(month[name]), leftToday: told(day), leftMonth: told(whole) }];
  });
}
