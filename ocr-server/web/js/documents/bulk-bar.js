/** What can be done with the marked documents. */
import { Component, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { walkByArrows } from "../shell/arrow-keys.js";
import { attachMenu } from "../shell/menu.js";
import { openFiling } from "../filing/dialog.js";
import { FormatMenu } from "../tasks/format-menu.js";
import { isSetAside } from "../tasks/set-aside.js";
import { canRetry, hasEnded } from "../tasks/store.js";

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
    walkByArrows(this);
  }

  build() {
    const { actions } = this.#app;
    const chosen = () => this.#list.chosen;
    const button = (/** @type {import("../core/i18n.js").Key} */ key, /** @type {keyof typeof import("../core/icons.js").ICONS} */ name, /** @type {() => void} */ run, style = "") =>
      h("button", { type: "button", class: style, onclick: run }, icon(name), h("span", null, t(key)));
    const remove = async () => {
      if (await actions.remove(chosen())) this.#selection.clear();
    };
    const count = h("strong", { role: "status" });
    const retry = button("action.retry", "retry", () => void actions.retry(chosen()));
    const redrive = button("action.redrive", "next", () => void actions.redrive(chosen()));
    const cancel = button("action.cancel", "stop", () => void actions.cancel(chosen()));
    const formats = new FormatMenu(this.#app);
    const save = button("bulk.export", "download", () => {});
    attachMenu(save, () => formats.itemsOfMany(chosen()));
    this.append(
      h(
        "div",
        { class: "bulk", role: "toolbar", "aria-label": t("bulk.label") },
        count,
        redrive,
        retry,
        cancel,
        button("action.file", "tag", () => openFiling(this.#app, chosen())),
        save,
        button("action.original", "page", () => void actions.download(chosen(), "original")),
        button("action.delete", "trash", () => void remove(), "danger"),
        button("bulk.clear", "close", () => this.#selection.clear()),
      ),
    );
    this.watch(() => {
      void this.#selection.version.value;
      void this.#app.store.touched.value;
      const { size } = this.#selection.ids;
      this.hidden = size === 0;
      const text = size ? t("bulk.count", { n: size }) : "";
      if (count.textContent !== text) count.textContent = text;
      const tasks = size ? chosen() : [];
      redrive.hidden = !tasks.some(isSetAside);
      retry.disabled = !tasks.some(canRetry);
      cancel.disabled = tasks.every(hasEnded);
      save.disabled = !tasks.some((task) => task.status === "completed");
    });
  }
}
customElements.define("ocr-bulk", BulkBar);
