/** What a link to a document leads to: that document, and nothing else of whoever shared it. */
import { ApiError, Client } from "../api/client.js";
import { fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { currentLocale, pickLanguage, t, useLanguage } from "../core/i18n.js";
import { emptyState, errorState, skeleton } from "../shell/states.js";
import { explain } from "../tasks/explain.js";
import { formatName } from "../tasks/format-menu.js";
import { linkOf, textOf } from "./link.js";

/** @typedef {import("../api/types.js").SharedDocument} SharedDocument */

/** Pages that are asked for at once. */
const AT_ONCE = 20;

class SharedPage {
  #part;
  #link;
  #client = new Client((url, options) => fetch(url, options), () => "");

  /**
   * @param {HTMLElement} part
   * @param {{ id: string, token: string }} link
   */
  constructor(part, link) {
    this.#part = part;
    this.#link = link;
  }

  /** Shows what was opened before, else opens the link: each opening counts. */
  async show() {
    fill(this.#part, skeleton(6));
    try {
      this.#document(await this.#client.exchange("GET", `/api/shared/${this.#link.id}`));
    } catch (error) {
      if (code(error) === "not_found") await this.#open("");
      else this.#failed(error);
    }
  }

  /** @param {string} password */
  async #open(password) {
    try {
      const body = { token: this.#link.token, password: password || null };
      this.#document(await this.#client.exchange("POST", `/api/shared/${this.#link.id}/open`, body));
    } catch (error) {
      if (code(error) === "password_required" && !password) this.#askPassword();
      else if (password && code(error) !== "not_found") throw error;
      else this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    const gone = code(error) === "not_found";
    fill(this.#part, gone ? emptyState({ icon: "alert", title: t("shared.gone"), text: t("shared.goneAbout"), level: "h1" }) : errorState(error, () => void this.show()));
  }

  #askPassword() {
    const input = h("input", { id: "shared-password", type: "password", autocomplete: "current-password", required: true, maxlength: 256 });
    const error = h("p", { class: "field-error", role: "alert", hidden: true });
    const button = h("button", { class: "primary" }, t("shared.open"));
    const open = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      error.hidden = true;
      try {
        await this.#open(input.value);
      } catch (problem) {
        const { cause, advice } = explain(problem);
        error.textContent = code(problem) === "password_required" ? t("shared.wrong") : `${cause} ${advice}`.trim();
        error.hidden = false;
        input.focus();
      } finally {
        button.disabled = false;
      }
    };
    const label = h("label", { for: "shared-password" }, t("share.password"));
    fill(this.#part, h("h1", null, t("shared.locked")), h("form", { class: "fields account-form", onsubmit: (/** @type {Event} */ event) => void open(event) }, h("div", { class: "field" }, label, input), error, h("div", { class: "actions" }, button)));
    input.focus();
  }

  /** @param {SharedDocument} shared */
  #document({ filename, status, pageCount, formats, expiresAt }) {
    document.title = filename;
    const pages = h("div");
    const title = h("h1", { tabindex: -1 }, filename);
    const save = formats.map((name) => h("a", { class: "button", href: `/api/shared/${this.#link.id}/files/${name}`, download: "" }, formatName(name)));
    fill(
      this.#part,
      title,
      h("p", { class: "quiet" }, t("shared.until", { time: dateTime(expiresAt) })),
      status === "completed" ? [save.length > 0 && h("nav", { class: "actions", "aria-label": t("shared.save") }, save), pages] : h("p", { role: "status" }, t("shared.unread")),
    );
    title.focus();
    if (status === "completed") void this.#more(pages, 1, pageCount ?? 0);
  }

  /**
   * Adds pages from `from` on, and a way to the further ones.
   * @param {HTMLElement} part
   * @param {number} from
   * @param {number} last
   */
  async #more(part, from, last) {
    const wait = skeleton(4);
    part.append(wait);
    const to = from + AT_ONCE - 1;
    try {
      /** @type {import("../api/types.js").SharedPages} */
      const { pages } = await this.#client.exchange("GET", `/api/shared/${this.#link.id}/pages?from=${from}&to=${to}`);
      const more = h("button", { type: "button", onclick: () => (more.remove(), void this.#more(part, to + 1, last)) }, t("shared.more"));
      wait.replaceWith(...pages.map((page) => this.#page(page)), ...(to < last ? [more] : []));
    } catch (error) {
      const state = errorState(error, () => (state.remove(), void this.#more(part, from, last)));
      wait.replaceWith(state);
    }
  }

  /** @param {import("../api/types.js").Page} page */
  #page(page) {
    const n = page.number;
    const picture = h("img", { src: `/api/shared/${this.#link.id}/pages/${n}/image?width=960`, alt: t("shared.picture", { n }), loading: "lazy", width: Math.round(page.width), height: Math.round(page.height) });
    return h("section", { class: "shared-page", "aria-labelledby": `page-${n}` }, h("h2", { id: `page-${n}` }, t("shared.page", { n })), picture, h("div", null, textOf(page).map((paragraph) => h("p", null, paragraph))));
  }
}

/** @param {unknown} error */
const code = (error) => (error instanceof ApiError ? error.code : "");

await useLanguage(pickLanguage("", navigator.languages), navigator.languages);
document.documentElement.lang = currentLocale();
document.title = t("shared.title");
const part = document.getElementById("shared");
if (part) void new SharedPage(part, linkOf(location)).show();
