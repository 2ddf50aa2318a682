/** Who saw, saved or changed a document: asked for when somebody wants to know. */
import { Component, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { explain } from "../tasks/explain.js";
import { errorState, skeleton } from "../shell/states.js";

/** @typedef {import("../api/types.js").AuditEntry} AuditEntry */

export class WhoSaw extends Component {
  #app;
  #id;
  #list = h("div", { "aria-live": "polite" });
  /** @type {AuditEntry[]} */
  #entries = [];

  /**
   * @param {import("../app.js").App} app
   * @param {string} id
   */
  constructor(app, id) {
    super();
    this.#app = app;
    this.#id = id;
  }

  build() {
    this.append(h("h2", null, t("whoSaw.title")), h("button", { type: "button", onclick: () => void this.#show() }, icon("people"), h("span", null, t("whoSaw.show"))), this.#list);
  }

  async #show() {
    this.#entries = [];
    fill(this.#list, skeleton(3));
    try {
      await this.#more("");
    } catch (error) {
      fill(this.#list, errorState(error, () => void this.#show()));
    }
  }

  /** @param {string} before */
  async #more(before) {
    const address = `/api/tasks/${this.#id}/audit`;
    /** @type {import("../api/types.js").TaskAudit} */
    const { entries, nextBefore, recorded } = await this.#app.client.exchange("GET", before ? `${address}?before=${before}` : address);
    // Loaded when it is wanted: most of those who read a document do not ask.
    const { documentAuditTable } = await import("../accounts/audit-entries.js");
    this.#entries.push(...entries);
    const about = recorded === "all" ? null : h("p", { class: "quiet" }, t(recorded === "off" ? "whoSaw.off" : "whoSaw.changes"));
    fill(this.#list, about, this.#entries.length ? documentAuditTable(t("whoSaw.title"), this.#entries) : h("p", null, t("whoSaw.nobody")), nextBefore && this.#moreButton(nextBefore));
  }

  /** @param {string} before */
  #moreButton(before) {
    const run = () =>
      this.#more(before).catch((error) => {
        const { cause, advice, original } = explain(error);
        this.#app.notices.error(cause, { detail: advice, original });
      });
    return h("div", { class: "actions" }, h("button", { type: "button", onclick: () => void run() }, t("audit.more")));
  }
}
customElements.define("ocr-who-saw", WhoSaw);
