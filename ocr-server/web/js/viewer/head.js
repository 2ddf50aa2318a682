/** The top of the viewer: which document this is, how it stands, and what can be done with it. */
import { Component, h, icon, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { retryItems } from "../documents/menu.js";
import { showStatus } from "../documents/status.js";
import { attachMenu } from "../shell/menu.js";
import { hasEnded } from "../tasks/store.js";
import { FormatMenu } from "../tasks/format-menu.js";

export class ViewerHead extends Component {
  #app;
  #state;
  #find;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("./find-bar.js").FindBar} find
   */
  constructor(app, state, find) {
    super();
    this.#app = app;
    this.#state = state;
    this.#find = find;
  }

  build() {
    const app = this.#app;
    const state = this.#state;
    const title = h("h1", { tabindex: -1 });
    const status = h("div");
    const save = h("button", { type: "button", class: "export" }, icon("download"), h("span", null, t("export.title")));
    const formats = new FormatMenu(app);
    attachMenu(save, () => formats.items(state.task.peek()));
    const more = iconButton("more", t("list.more"), () => {});
    attachMenu(more, () => this.#items());
    this.append(
      h(
        "div",
        { class: "viewer-head" },
        h("a", { class: "button icon-button", href: formatRoute("documents"), "aria-label": t("viewer.back"), title: t("viewer.back") }, icon("back")),
        h("div", { class: "about" }, title, status),
        this.#find,
        iconButton("search", t("find.open"), () => this.#find.open()),
        save,
        more,
      ),
    );
    this.watch(() => {
      const task = state.task.value;
      if (!task) return;
      title.textContent = task.filename;
      title.title = task.filename;
      document.title = `${task.filename} · OCR`;
      showStatus(status, task);
    });
  }

  /** @returns {(import("../shell/menu.js").Item | null)[]} */
  #items() {
    const { actions, router } = this.#app;
    const task = this.#state.task.peek();
    if (!task) return [];
    const remove = async () => {
      if (await actions.remove([task])) router.go("#/documents");
    };
    const again = hasEnded(task) ? retryItems(this.#app, task) : [{ label: t("action.cancel"), icon: /** @type {const} */ ("stop"), run: () => void actions.cancel([task]) }];
    return [
      ...again,
      ...(again.length ? [null] : []),
      { label: t("action.delete"), icon: "trash", danger: true, run: () => void remove() },
    ];
  }
}
customElements.define("ocr-viewer-head", ViewerHead);
