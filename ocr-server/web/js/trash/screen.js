/** Deleted documents: looked at, restored, deleted for good, until the server does that by itself. */
import { Component, fill, h, icon, iconButton, showAs } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { DocumentList } from "../documents/list.js";
import { Selection } from "../documents/selection.js";
import { emptyState, errorKey, errorState, skeleton } from "../shell/states.js";
import { openPreview } from "./preview.js";

/** @typedef {import("../api/types.js").Task} Task */

export class TrashScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { actions, store } = this.#app;
    const view = store.open({ deleted: true });
    const selection = new Selection();
    const list = this.#list(view, selection);
    const act = (/** @type {(tasks: Task[]) => Promise<void>} */ run) => () => {
      void run(list.chosen);
      selection.clear();
    };
    const restore = act((tasks) => actions.restore(tasks));
    const purge = act((tasks) => actions.purge(tasks));
    const marked = [
      { button: h("button", { type: "button", onclick: restore }, icon("restore"), h("span")), key: /** @type {const} */ ("trash.restore") },
      { button: h("button", { type: "button", class: "danger", onclick: purge }, icon("trash"), h("span")), key: /** @type {const} */ ("trash.purge") },
    ];
    const empty = h("button", { type: "button", class: "danger", onclick: () => void actions.emptyTrash() }, icon("trash"), t("trash.emptyIt"));
    const state = h("div");
    this.append(
      h(
        "div",
        { class: "screen-head" },
        h("h1", { tabindex: -1 }, t("nav.trash")),
        marked.map(({ button }) => button),
        empty,
        iconButton("refresh", t("action.refresh"), () => void this.#refresh()),
      ),
      h("p", { class: "quiet trash-about" }, t("trash.about")),
      state,
      list,
    );
    this.watch(() => {
      void view.version.value;
      void selection.version.value;
      selection.keepOnly(view.ids);
      list.hidden = view.ids.length === 0;
      empty.hidden = view.ids.length === 0 || selection.ids.size > 0;
      this.#showState(state, view);
    });
    this.watch(() => {
      void selection.version.value;
      const count = selection.ids.size;
      for (const { button, key } of marked) {
        button.hidden = count === 0;
        fill(/** @type {HTMLElement} */ (button.lastElementChild), t(key, { n: count }));
      }
    });
    this.onLeave(() => store.close(view));
    const chosen = () => list.onRow || selection.ids.size > 0;
    const off = this.#app.keyboard.register(t("keys.trash"), [
      ...list.shortcuts,
      { keys: ["r"], label: t("keys.restore"), run: () => (chosen() ? restore() : false) },
      { keys: ["Delete", "#"], label: t("action.purge"), run: () => (chosen() ? purge() : false) },
      { keys: ["."], label: t("keys.refresh"), run: () => void this.#refresh() },
    ]);
    this.onLeave(off);
    void this.#refresh();
  }

  /**
   * @param {import("../tasks/view.js").TaskView} view
   * @param {Selection} selection
   */
  #list(view, selection) {
    const app = this.#app;
    const { actions } = app;
    return new DocumentList(app, {
      view,
      selection,
      label: t("nav.trash"),
      linked: false,
      open: (task) => openPreview(app, task),
      action: { icon: "restore", label: (task) => t("trash.restoreOne", { name: task.filename }), run: (task) => void actions.restore([task]) },
      items: (task) => [
        { label: t("trash.preview"), icon: "page", run: () => openPreview(app, task) },
        { label: t("action.restore"), icon: "restore", run: () => void actions.restore([task]) },
        null,
        { label: t("action.purge"), icon: "trash", danger: true, run: () => void actions.purge([task]) },
      ],
    });
  }

  /**
   * What stands in place of the list.
   * @param {HTMLElement} state
   * @param {import("../tasks/view.js").TaskView} view
   */
  #showState(state, view) {
    const error = view.error.value;
    const ready = view.ready.value;
    if (view.ids.length > 0) showAs(state, "list", () => null);
    else if (error) showAs(state, errorKey(error), () => errorState(error, () => void this.#refresh()));
    else if (!ready) showAs(state, "waiting", () => skeleton(5));
    else showAs(state, "empty", () => emptyState({ icon: "trash", title: t("trash.empty") }));
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
