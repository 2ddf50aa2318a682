/** What engines read for somebody, in numbers as a person reads them. */
import { money, number } from "../core/format.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../api/types.js").UsageReport} UsageReport */
/** @typedef {import("../api/types.js").EngineUsage} EngineUsage */
/** @typedef {{ name: "documents" | "pages" | "words" | "billedPages" | "costMicros", label: import("../core/i18n.js").Key, write: (amount: number) => string }} Column */

/** @type {Column[]} */
const COLUMNS = [
  { name: "documents", label: "overview.documents", write: number },
  { name: "pages", label: "info.pages", write: number },
  { name: "words", label: "info.words", write: number },
];

/** Only where an engine charges. @type {Column[]} */
const CHARGED = [
  { name: "billedPages", label: "usage.billed", write: number },
  { name: "costMicros", label: "usage.cost", write: money },
];

/**
 * A row for each engine that read something this month, each with what it read today and in the month.
 * @param {Pick<UsageReport, "today" | "month">} report
 * @returns {{ heads: string[], rows: { engine: string, cells: [string, string][] }[] }}
 */
export function engineUsage({ today, month }) {
  const charged = month.engines.some(({ billedPages, costMicros }) => billedPages > 0 || costMicros > 0);
  const columns = charged ? [...COLUMNS, ...CHARGED] : COLUMNS;
  const rows = month.engines.map((whole) => {
    const day = today.engines.find(({ engine }) => engine === whole.engine);
    const cells = columns.map(({ name, write }) => /** @type {[string, string]} */ ([t("limits.today", { amount: write(day?.[name] ?? 0) }), t("limits.month", { amount: write(whole[name]) })]));
    return { engine: whole.engine, cells };
  });
  return { heads: columns.map(({ label }) => t(label)), rows };
}
