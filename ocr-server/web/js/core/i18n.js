/** The one place texts come from. */
import { en } from "../i18n/en.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {Record<Key, string>} Dictionary */

/** Languages there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" };

/** @type {Dictionary} */
let dictionary = en;
let locale = "en";
let plural = new Intl.PluralRules(locale);

/** The locale in which texts, numbers and dates are written. */
export const currentLocale = () => locale;

/**
 * Loads a language; the browser's own locale is kept for numbers where it is of that language.
 * @param {string} language one of {@link LANGUAGES}
 * @param {readonly string[]} preferred the browser's languages
 */
export async function useLanguage(language, preferred = []) {
  dictionary = language === "de" ? (await import("../i18n/de.js")).de : en;
  locale = preferred.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
  plural = new Intl.PluralRules(locale);
}

/**
 * The language to begin with.
 * @param {string} chosen a language, or `""` for the browser's
 * @param {readonly string[]} preferred
 */
export function pickLanguage(chosen, preferred) {
  const known = Object.keys(LANGUAGES);
  if (known.includes(chosen)) return chosen;
  const tags = preferred.map((tag) => tag.slice(0, 2).toLowerCase());
  return tags.find((tag) => known.includes(tag)) ?? "en";
}

/**
 * The text for a key. `{name}` is a value, `{n|one|many}` chooses by the number `n`.
 * @param {Key} key
 * @param {Record<string, string | number>} [values]
 */
export function t(key, values = {}) {
  // First the choices, then the values, so that what a value holds is never taken for either.
  const chosen = dictionary[key].replace(CHOICE, (_, name, one, many) => (plural.select(Number(values[name])) === "one" ? one : many));
  return chosen.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
  });
}

/** `{n|one|many}`, whose texts may hold values. */
const CHOICE = /\{(\w+)\|((?:[^{}|]|\{\w+\})*)\|((?:[^{}|]|\{\w+\})*)\}/g;
