/** Deleted documents, until the server empties the trash. */
import { Component, fill, h, icon, iconButton, showAs } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { DocumentList } from "../documents/list.js";
import { Selection } from "../documents/selection.js";
import { emptyState, errorKey, errorState, skeleton } from "../shell/states.js";

export class TrashScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const app = this.#app;
    const { actions, store } = app;
    const view = store.open({ deleted: true });
    const selection = new Selection();
    const list = new DocumentList(app, {
      view,
      selection,
      label: t("nav.trash"),
      items: (task) => [{ label: t("action.restore"), icon: "restore", run: () => void actions.restore([task]) }],
    });
    const restore = () => {
      void actions.restore(list.chosen);
      selection.clear();
    };
    const button = h("button", { type: "button", onclick: restore }, icon("restore"), h("span"));
    const state = h("div");
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.trash")), button, iconButton("refresh", t("action.refresh"), () => void this.#refresh())),
      h("p", { class: "quiet trash-about" }, t("trash.about")),
      state,
      list,
    );
    this.watch(() => {
      void view.version.value;
      selection.keepOnly(view.ids);
      list.hidden = view.ids.length === 0;
      const error = view.error.value;
      const ready = view.ready.value;
      if (view.ids.length > 0) showAs(state, "list", () => null);
      else if (error) showAs(state, errorKey(error), () => errorState(error, () => void this.#refresh()));
      else if (!ready) showAs(state, "waiting", () => skeleton(5));
      else showAs(state, "empty", () => emptyState({ icon: "trash", title: t("trash.empty") }));
    });
    this.watch(() => {
      void selection.version.value;
      const count = selection.ids.size;
      button.hidden = count === 0;
      fill(/** @type {HTMLElement} */ (button.lastElementChild), t("trash.restore", { n: count }));
    });
    this.onLeave(() => store.close(view));
    const off = app.keyboard.register(t("keys.trash"), [
      ...list.shortcuts,
      { keys: ["Enter"], label: t("keys.restore"), run: () => (list.onRow ? restore() : false) },
      { keys: ["r"], label: t("keys.restore"), run: () => (list.onRow || selection.ids.size ? restore() : false) },
      { keys: ["."], label: t("keys.refresh"), run: () => void this.#refresh() },
    ]);
    this.onLeave(off);
    void this.#refresh();
  }

  async #refresh() {
    try {
      await this.#app.store.refresh();
      this.#app.live.heard(true);
    } catch {
      // The view keeps the error, and the screen shows it.
      this.#app.live.heard(false);
    }
  }
}
customElements.define("ocr-trash", TrashScreen);
