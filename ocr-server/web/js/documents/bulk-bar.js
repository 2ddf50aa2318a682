/** What can be done with the marked documents. */
import { Component, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { hasEnded } from "../tasks/store.js";

export class BulkBar extends Component {
  #app;
  #list;
  #selection;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./list.js").DocumentList} list
   * @param {import("./selection.js").Selection} selection
   */
  constructor(app, list, selection) {
    super();
    this.#app = app;
    this.#list = list;
    this.#selection = selection;
  }

  build() {
    this.watch(() => {
      void this.#selection.version.value;
      void this.#app.store.touched.value;
      const count = this.#selection.ids.size;
      this.hidden = count === 0;
      if (count) fill(this, this.#content(count));
    });
  }

  /** @param {number} count */
  #content(count) {
    const { actions } = this.#app;
    const tasks = this.#list.chosen;
    const button = (/** @type {import("../core/i18n.js").Key} */ key, /** @type {keyof typeof import("../core/icons.js").ICONS} */ name, /** @type {() => void} */ run, enabled = true, style = "") =>
      h("button", { type: "button", class: style, disabled: !enabled, onclick: run }, icon(name), h("span", null, t(key)));
    const remove = async () => {
      if (await actions.remove(tasks)) this.#selection.clear();
    };
    return h(
      "div",
      { class: "bulk", role: "toolbar", "aria-label": t("bulk.label") },
      h("strong", { role: "status" }, t("bulk.count", { n: count })),
      button("action.retry", "retry", () => void actions.retry(tasks), tasks.some(hasEnded)),
      button("action.cancel", "stop", () => void actions.cancel(tasks), tasks.some((task) => !hasEnded(task))),
      button("action.original", "download", () => void actions.download(tasks, "original")),
      button("action.delete", "trash", () => void remove(), true, "danger"),
      button("bulk.clear", "close", () => this.#selection.clear()),
    );
  }
}
customElements.define("ocr-bulk", BulkBar);
