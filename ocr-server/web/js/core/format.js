/** Numbers, sizes, times and languages as the reader's locale writes them. */
import { currentLocale } from "./i18n.js";

/** @type {Map<string, any>} */
const made = new Map();

/**
 * Formatters are slow to make and quick to use.
 * @template T
 * @param {string} name
 * @param {(locale: string) => T} make
 * @returns {T}
 */
function formatter(name, make) {
  const key = `${currentLocale()} ${name}`;
  if (!made.has(key)) made.set(key, make(currentLocale()));
  return made.get(key);
}

/** @param {number} value */
export const number = (value) => formatter("number", (l) => new Intl.NumberFormat(l)).format(value);

/**
 * In whole percent. What is not all of it is never written as all of it: 99.9% of words read surely is not 100%.
 * @param {number} share 0..=1, or more for a scale
 */
export const percent = (share) =>
  formatter("percent", (l) => new Intl.NumberFormat(l, { style: "percent" })).format(share < 1 ? Math.min(share, 0.99) : share);

/** @param {number} bytes */
export function bytes(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  const options = { style: "unit", unit: units[unit], unitDisplay: unit ? "short" : "long", maximumFractionDigits: digits };
  return formatter(`bytes${unit}${digits}`, (l) => new Intl.NumberFormat(l, /** @type {any} */ (options))).format(value);
}

/** @param {number} micros millionths of a US dollar */
export const money = (micros) =>
  formatter("money", (l) => new Intl.NumberFormat(l, { style: "currency", currency: "USD" })).format(micros / 1_000_000);

/** @param {number} milliseconds */
export function duration(milliseconds) {
  if (milliseconds < 1000) return unit(Math.round(milliseconds), "millisecond");
  const seconds = milliseconds / 1000;
  if (seconds < 10) return unit(Math.round(seconds * 10) / 10, "second");
  if (seconds < 90) return unit(Math.round(seconds), "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return unit(minutes, "minute");
  return unit(Math.round(minutes / 6) / 10, "hour");
}

/**
 * @param {number} value
 * @param {string} unit
 */
const unit = (value, unit) =>
  formatter(`unit ${unit}`, (l) => new Intl.NumberFormat(l, { style: "unit", unit, unitDisplay: "short" })).format(value);

/** @param {string} iso */
export const dateTime = (iso) =>
  formatter("dateTime", (l) => new Intl.DateTimeFormat(l, { dateStyle: "medium", timeStyle: "short" })).format(new Date(iso));

/**
 * The time of the day to the second, with the day where that is not today.
 * @param {string} iso
 * @param {number} now milliseconds
 */
export function clockTime(iso, now) {
  const at = new Date(iso);
  if (at.toDateString() !== new Date(now).toDateString()) return dateTime(iso);
  return formatter("clock", (l) => new Intl.DateTimeFormat(l, { timeStyle: "medium" })).format(at);
}

/** @param {string} iso */
export const day = (iso) =>
  formatter("day", (l) => new Intl.DateTimeFormat(l, { day: "numeric", month: "short", timeZone: "UTC" })).format(new Date(iso));

/**
 * How long ago, in the largest unit that fits.
 * @param {string} iso
 * @param {number} now milliseconds
 */
export function ago(iso, now) {
  const seconds = Math.min(0, Math.round((Date.parse(iso) - now) / 1000));
  const format = formatter("ago", (l) => new Intl.RelativeTimeFormat(l, { numeric: "auto", style: "short" }));
  /** @type {[Intl.RelativeTimeFormatUnit, number][]} */
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", 7], ["week", 5], ["month", 12], ["year", Infinity]];
  const lengths = [1, 60, 3600, 86400, 604800, 2629800, 31557600];
  for (const [index, [name, limit]] of steps.entries()) {
    const value = Math.trunc(seconds / /** @type {number} */ (lengths[index]));
    if (-value < limit) return index === 0 && value > -10 ? format.format(0, "second") : format.format(value, name);
  }
  return iso;
}

/** @param {string} tag BCP 47 */
export function language(tag) {
  try {
    return formatter("language", (l) => new Intl.DisplayNames(l, { type: "language" })).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
