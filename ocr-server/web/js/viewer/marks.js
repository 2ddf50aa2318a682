/** What is shown on words, the same on the image and in the text: doubt, and classes that come and go. */
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { doubt } from "./words.js";

/**
 * Shows how doubtful each word is, or takes that away.
 * @param {HTMLElement[]} elements one a word
 * @param {readonly { confidence: number }[]} words
 * @param {{ heat: boolean, weakBelow: number }} settings
 */
export function showDoubt(elements, words, { heat, weakBelow }) {
  elements.forEach((element, index) => {
    const word = words[index];
    const level = heat && word ? doubt(word, weakBelow) : 0;
    if (level) element.dataset.doubt = String(level);
    else delete element.dataset.doubt;
  });
}

/**
 * Shows which words a person wrote, with what was read there for whoever points at them.
 * @param {HTMLElement[]} elements one a word
 * @param {readonly { confidence: number }[]} words
 * @param {import("../api/types.js").Corrections | null} known
 */
export function showCorrected(elements, words, known) {
  const originals = new Map(known?.changed.map(({ index, original }) => [index, original]));
  elements.forEach((element, index) => {
    const original = originals.get(index);
    element.classList.toggle("corrected", original !== undefined);
    const word = words[index];
    if (original !== undefined) element.title = original ? t("edit.was", { text: original }) : t("edit.added");
    else if (word) element.title = percent(word.confidence);
  });
}

/** Keeps a class on exactly the elements named last. */
export class Mark {
  /** @type {Set<HTMLElement>} */
  #marked = new Set();
  #name;

  /** @param {string} name of the class */
  constructor(name) {
    this.#name = name;
  }

  /**
   * @param {Iterable<number>} indices
   * @param {HTMLElement[]} elements
   * @returns {HTMLElement | undefined} the first one that is marked
   */
  put(indices, elements) {
    const now = new Set([...indices].map((index) => elements[index]).filter((element) => element !== undefined));
    for (const element of this.#marked) if (!now.has(element)) element.classList.remove(this.#name);
    for (const element of now) element.classList.add(this.#name);
    this.#marked = now;
    return [...now][0];
  }
}
