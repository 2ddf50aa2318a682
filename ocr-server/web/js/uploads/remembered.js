/** Unfinished uploads, kept through a reload of the page so that they can go on. */

/** @typedef {{ name: string, size: number, lastModified: number, fileId: string, partSize: number, begun: number }} Unfinished */
/** @typedef {Pick<File, "name" | "size" | "lastModified">} FileLike */

const KEY = "ocr.uploads";
/** After this time the server has forgotten them too. */
const KEPT = 7 * 24 * 3600 * 1000;

export class Remembered {
  #storage;
  #now;

  /**
   * @param {Pick<Storage, "getItem" | "setItem">} storage
   * @param {() => number} now
   */
  constructor(storage, now) {
    this.#storage = storage;
    this.#now = now;
  }

  /** @returns {Unfinished[]} */
  all() {
    try {
      const all = JSON.parse(this.#storage.getItem(KEY) ?? "[]");
      return all.filter((/** @type {Unfinished} */ one) => this.#now() - one.begun < KEPT);
    } catch {
      return [];
    }
  }

  /** @param {FileLike} file */
  find(file) {
    return this.all().find((one) => isSame(one, file));
  }

  /**
   * @param {FileLike} file
   * @param {{ fileId: string, partSize: number }} upload
   */
  add(file, upload) {
    const { name, size, lastModified } = file;
    const others = this.all().filter((one) => !isSame(one, file));
    this.#keep([...others, { name, size, lastModified, ...upload, begun: this.#now() }]);
  }

  /** @param {FileLike} file */
  forget(file) {
    this.#keep(this.all().filter((one) => !isSame(one, file)));
  }

  /** @param {Unfinished[]} all */
  #keep(all) {
    try {
      this.#storage.setItem(KEY, JSON.stringify(all));
    } catch {
      // Without storage an upload only cannot go on after a reload.
    }
  }
}

/**
 * @param {FileLike} one
 * @param {FileLike} other
 */
const isSame = (one, other) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
