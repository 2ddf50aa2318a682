/** What is said above the documents that were set aside, and the way to have all of them read again. */
import { Component, fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

export class SetAsideBar extends Component {
  #app;
  #view;

  /**
   * @param {import("../app.js").App} app
   * @param {import("../tasks/view.js").TaskView} view of what was set aside
   */
  constructor(app, view) {
    super();
    this.#app = app;
    this.#view = view;
  }

  build() {
    const text = h("span");
    const button = h("button", { type: "button", onclick: () => void this.#redrive(button) }, icon("retry"), text);
    this.append(h("div", { class: "banner" }, icon("alert"), h("div", null, h("p", null, t("redrive.about")), h("div", { class: "actions" }, button))));
    this.watch(() => {
      void this.#view.version.value;
      const { ids, complete } = this.#view;
      this.hidden = ids.length === 0;
      fill(text, t(complete ? "redrive.all" : "redrive.allOver", { n: ids.length }));
    });
  }

  /** @param {HTMLButtonElement} button which may go with what it was about */
  async #redrive(button) {
    button.disabled = true;
    const done = await this.#app.actions.redriveAll(this.#view);
    button.disabled = false;
    if (!done) button.focus();
    else /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus({ preventScroll: true });
  }
}
customElements.define("ocr-set-aside", SetAsideBar);
