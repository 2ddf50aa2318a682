/** Numbers made ready for charts. */

/** @typedef {import("../api/types.js").DayStats} DayStats */

/**
 * Every day up to today, also those on which nothing was read.
 * @param {DayStats[]} days
 * @param {Date} today
 * @param {number} count
 */
export function everyDay(days, today, count) {
  const known = new Map(days.map((one) => [one.day, one]));
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(today.getTime() - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return known.get(date) ?? { day: date, completed: 0, failed: 0, pages: 0, words: 0, mean_confidence: null, p50_ms: null, p95_ms: null };
  });
}

/**
 * The places of an axis that have a label: the last, which is today, and every so many before it.
 * @param {number} count places
 * @param {number} every
 */
export function labelled(count, every) {
  return Array.from({ length: count }, (_, index) => index).filter((index) => (count - 1 - index) % every === 0);
}

/**
 * A round number at or above the maximum, for the top of the axis.
 * @param {number} value
 */
export function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}
