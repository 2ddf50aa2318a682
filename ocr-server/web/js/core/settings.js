/** What this browser remembers about its reader. */
import { signal } from "./signal.js";

export const DEMO_USER = "11111111-1111-1111-1111-111111111111";

/**
 * @typedef {object} Values
 * @property {string} userId whose documents are shown, a UUID
 * @property {"system" | "light" | "dark"} theme
 * @property {string} language a language, or `""` for the browser's
 * @property {boolean} letterKeys whether single letters are shortcuts
 * @property {boolean} heat whether confidence is shown on the page
 * @property {number} weakBelow percent below which a word counts as weak
 * @property {boolean} thumbnails
 * @property {number} split percent of the viewer's width for the page
 * @property {boolean} invert whether dark mode also inverts scanned pages
 * @property {import("../api/types.js").UploadOptions} upload
 */

/** @type {Values} */
export const DEFAULTS = {
  userId: DEMO_USER,
  theme: "system",
  language: "",
  letterKeys: true,
  heat: false,
  weakBelow: 80,
  thumbnails: true,
  split: 55,
  invert: false,
  upload: { engine: "", languages: "", pages: "" },
};

const KEY = "ocr.settings";

export class Settings {
  #storage;

  /** @param {Pick<Storage, "getItem" | "setItem">} storage */
  constructor(storage) {
    this.#storage = storage;
    this.values = signal(/** @type {Values} */ ({ ...DEFAULTS, ...stored(storage) }));
  }

  /** @param {Partial<Values>} changes */
  change(changes) {
    this.values.value = { ...this.values.peek(), ...changes };
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.values.peek()));
    } catch {
      // A full or forbidden storage only means that nothing is remembered.
    }
  }
}

/** @param {Pick<Storage, "getItem">} storage */
function stored(storage) {
  try {
    const values = JSON.parse(storage.getItem(KEY) ?? "{}");
    const known = Object.entries(DEFAULTS).filter(([name, value]) => typeof values[name] === typeof value);
    return Object.fromEntries(known.map(([name]) => [name, values[name]]));
  } catch {
    return {};
  }
}

/** @param {string} text */
export const isUuid = (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
