/** One's links to documents: listed and revoked. */
import { fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { aboutShare } from "../sharing/share.js";
import { documentNames } from "./document-names.js";
import { trouble } from "./form.js";
import { LoadedSection } from "./loaded-section.js";

/** @typedef {import("../api/types.js").Share} Share */

/** Links that are shown at once. */
const PART = 50;

export class OwnSharesSection extends LoadedSection {
  #list = h("ul", { class: "share-list" });
  #rest = h("div", { class: "actions" });

  async load() {
    /** @type {import("../api/types.js").ShareList} */
    const { shares } = await this.app.client.exchange("GET", "/api/shares");
    fill(this.#list);
    fill(this, this.#list, this.#rest);
    this.#add(shares);
    this.#tellNone();
  }

  /** @param {Share[]} shares */
  #add(shares) {
    const [part, rest] = [shares.slice(0, PART), shares.slice(PART)];
    const rows = part.map((share) => ({ id: share.taskId, ...this.#row(share) }));
    this.#list.append(...rows.map(({ row }) => row));
    const more = () => {
      this.#add(rest);
      rows.at(-1)?.row.nextElementSibling?.querySelector("a")?.focus();
    };
    fill(this.#rest, rest.length > 0 && h("button", { type: "button", onclick: more }, t("list.more")));
    const tell = (/** @type {string} */ id, /** @type {string | null} */ name) => {
      for (const row of rows) if (row.id === id) row.call(name);
    };
    void documentNames(this.app.client, part.map(({ taskId }) => taskId), tell, () => this.isConnected);
  }

  /** @param {Share} share */
  #row(share) {
    const link = h("a", { href: formatRoute("document", {}, share.taskId) }, t("info.document"));
    const about = h("span", null, link, h("br", null), h("span", { class: "quiet" }, aboutShare(share, Date.now())));
    const button = h("button", { type: "button", class: "small", "aria-label": t("share.revokeOne", { time: dateTime(share.createdAt) }) }, t("share.revoke"));
    const row = h("li", null, about, button);
    button.addEventListener("click", () => void this.#revoke(share, row, button));
    const call = (/** @type {string | null} */ name) => void (link.textContent = name ?? t("shares.gone"));
    return { row, call };
  }

  /**
   * @param {Share} share
   * @param {HTMLElement} row
   * @param {HTMLButtonElement} button
   */
  async #revoke(share, row, button) {
    button.disabled = true;
    try {
      await this.app.client.exchange("DELETE", `/api/shares/${share.id}`);
    } catch (error) {
      // What somebody else revoked meanwhile is revoked all the same.
      if (/** @type {any} */ (error)?.code !== "not_found") {
        button.disabled = false;
        button.focus();
        this.app.notices.error(trouble(error));
        return;
      }
    }
    this.app.notices.info(t("share.revoked"));
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button");
    row.remove();
    this.#tellNone();
    (next ?? this.querySelector("p"))?.focus();
  }

  #tellNone() {
    if (this.#list.childElementCount === 0) fill(this, h("p", { class: "quiet", tabindex: -1 }, t("share.none")));
  }
}
customElements.define("ocr-own-shares", OwnSharesSection);
