/** The part of a long list that is on the screen. */

/**
 * Rows from `first` up to, but not with, `end`.
 * @param {number} offset pixels of the list above the top of the window
 * @param {number} height pixels of the window
 * @param {number} row pixels of a row
 * @param {number} count rows there are
 * @param {number} [spare] rows kept ready above and below
 */
export function visibleRows(offset, height, row, count, spare = 6) {
  const first = Math.max(0, Math.floor(offset / row) - spare);
  const end = Math.min(count, Math.ceil((offset + height) / row) + spare);
  return { first: Math.min(first, count), end: Math.max(end, Math.min(first, count)) };
}

/**
 * How many rows a list has: as many as the statistics say, where they count exactly these.
 * @param {import("../tasks/view.js").Filter} filter
 * @param {import("../api/types.js").Stats | null} stats
 * @param {{ ids: readonly unknown[], complete: boolean }} view
 */
export function rowCount(filter, stats, view) {
  const known = view.ids.length;
  if (view.complete) return known;
  const counted = filter.q || filter.label || filter.collection || filter.deleted || filter.setAside || !stats ? 0 : countOf(filter.status, stats);
  return Math.max(known + 1, counted);
}

/**
 * @param {string | undefined} statuses separated by commas; everything when empty
 * @param {import("../api/types.js").Stats} stats
 */
function countOf(statuses, stats) {
  if (!statuses) return stats.total;
  const counts = /** @type {Record<string, number>} */ (stats);
  return statuses.split(",").reduce((sum, status) => sum + (counts[status] ?? 0), 0);
}
