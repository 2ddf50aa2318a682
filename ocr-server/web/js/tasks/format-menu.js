/** The result as files, in the formats that the server has. */
import { t } from "../core/i18n.js";
import { explain } from "./explain.js";

/** @typedef {import("../api/types.js").Format} Format */
/** @typedef {import("../shell/menu.js").Items} Items */

/** Formats that have a name in the reader's language. */
const NAMED = /** @type {const} */ (["pdf", "pdf-a", "pdf-tagged", "docx", "docx-positioned", "xlsx", "text", "text-layout", "markdown", "html", "json", "words", "tables", "hocr", "alto", "page-xml"]);

/**
 * What a format is called, by its name.
 * @param {string} name
 */
export function formatName(name) {
  const known = NAMED.find((one) => one === name);
  return known ? t(`format.${known}`) : name;
}

/** @param {Format} format */
function label({ name, extension }) {
  const known = formatName(name);
  return known === name ? name : `${known} (.${extension})`;
}

export class FormatMenu {
  #app;
  /** Asked for once; what failed is asked for again. @type {Promise<Format[]> | null} */
  #formats = null;

  /** @param {Pick<import("../app.js").App, "client" | "actions" | "notices">} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * What there is to save of a task. Never rejects: where the server does not say what formats it
   * has, a notice says why, and the menu holds the original alone.
   * @param {import("../api/types.js").Task | null} task
   * @returns {Promise<Items>}
   */
  async items(task) {
    if (!task) return [];
    const { actions } = this.#app;
    const formats = await this.#known();
    const icon = /** @type {const} */ ("download");
    const files = formats.map((format) => ({ label: label(format), icon, disabled: task.status !== "completed", run: () => void actions.export(task, format) }));
    const original = { label: t("action.original"), icon, run: () => void actions.download([task], "original") };
    return files.length > 0 ? [...files, null, original] : [original];
  }

  /**
   * The formats in which marked tasks can be saved together. Never rejects, as above.
   * @param {import("../api/types.js").Task[]} tasks
   * @returns {Promise<Items>}
   */
  async itemsOfMany(tasks) {
    const formats = await this.#known();
    const icon = /** @type {const} */ ("download");
    return formats.map((format) => ({ label: label(format), icon, run: () => void this.#app.actions.exportMany(tasks, format) }));
  }

  async #known() {
    this.#formats ??= this.#app.client.formats();
    try {
      return await this.#formats;
    } catch (error) {
      this.#formats = null;
      const { cause, advice, original } = explain(error);
      this.#app.notices.error(cause, { detail: advice, original });
      return [];
    }
  }
}
