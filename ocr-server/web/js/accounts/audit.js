/** Who did what, for administrators. */
import { Component, fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { field, select } from "../shell/settings-dialog.js";
import { errorState, skeleton } from "../shell/states.js";
import { table } from "./account.js";
import { trouble } from "./form.js";

/** @typedef {import("../api/types.js").AuditEntry} AuditEntry */

/** What one can ask for by itself. */
const ACTIONS = /** @type {const} */ (["signed_in", "sign_in_failed", "signed_out", "session_revoked", "account_created", "password_changed", "reset_link_created", "role_changed", "account_disabled", "account_enabled", "key_created", "key_revoked", "documents_adopted", "document_deleted", "document_restored", "document_purged", "trash_emptied", "document_unlocked", "quotas_changed"]);

export class AuditScreen extends Component {
  #app;
  #list = h("div");
  /** @type {AuditEntry[]} */
  #entries = [];
  #action = "";

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const names = Object.fromEntries(ACTIONS.map((action) => [action, t(`audit.${action}`)]));
    const action = select("audit-action", "", { "": t("audit.all"), ...names });
    action.addEventListener("change", () => {
      this.#action = action.value;
      void this.#show();
    });
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.audit"))),
      h("p", { class: "quiet" }, t("audit.about")),
      field("audit-action", t("audit.action"), action),
      this.#list,
    );
    void this.#show();
  }

  async #show() {
    this.#entries = [];
    fill(this.#list, skeleton(5));
    try {
      await this.#more("");
    } catch (error) {
      fill(this.#list, errorState(error, () => void this.#show()));
    }
  }

  /** @param {string} before */
  async #more(before) {
    const asked = this.#action;
    const search = new URLSearchParams();
    if (asked) search.set("action", asked);
    if (before) search.set("before", before);
    /** @type {import("../api/types.js").AuditPage} */
    const { entries, nextBefore } = await this.#app.client.exchange("GET", `/api/admin/audit?${search}`);
    // Whoever chose something else meanwhile does not want these.
    if (asked !== this.#action) return;
    this.#entries.push(...entries);
    fill(this.#list, this.#table(), nextBefore && this.#moreButton(nextBefore));
  }

  /** @param {string} before */
  #moreButton(before) {
    const run = () => this.#more(before).catch((error) => this.#app.notices.error(trouble(error)));
    return h("div", { class: "actions" }, h("button", { type: "button", onclick: () => void run() }, t("audit.more")));
  }

  #table() {
    const rows = this.#entries.map((entry) => {
      const who = entry.actorName ?? entry.actor ?? (entry.address ? t("audit.nobody") : t("audit.operator"));
      return h("tr", null, h("td", null, dateTime(entry.at)), h("td", null, who), h("td", null, action(entry)), h("td", null, entry.object), h("td", null, entry.address));
    });
    return table(t("nav.audit"), [t("audit.at"), t("audit.who"), t("audit.action"), t("audit.object"), t("account.address")], rows);
  }
}
customElements.define("ocr-audit", AuditScreen);

/** @param {AuditEntry} entry */
function action(entry) {
  const known = ACTIONS.find((one) => one === entry.action);
  return known ? t(`audit.${known}`) : entry.action;
}
