/** One document: its pages on one side, what was read on the other, tied word by word. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { emptyState, errorState, skeleton } from "../shell/states.js";
import { ApiError } from "../api/client.js";
import { Corrections } from "../corrections/corrections.js";
import { WordEditor } from "../corrections/editor.js";
import { hasEnded } from "../tasks/store.js";
import { FindBar } from "./find-bar.js";
import { ViewerHead } from "./head.js";
import { HitBar } from "./hit-bar.js";
import { ResultPane, TABS } from "./result.js";
import { Splitter } from "./split.js";
import { Stage } from "./stage.js";
import { ViewerState } from "./state.js";
import { Thumbnails } from "./thumbnails.js";
import { StageToolbar } from "./toolbar.js";
import { WeakBar } from "./weak-bar.js";

export class ViewerScreen extends Component {
  #app;
  #state;

  /**
   * @param {import("../app.js").App} app
   * @param {string} id
   */
  constructor(app, id) {
    super();
    this.#app = app;
    this.#state = new ViewerState(app.client, app.store, id);
  }

  build() {
    const app = this.#app;
    const state = this.#state;
    const go = (/** @type {number} */ page, word = -1) => void state.show(page, word);
    const turn = (/** @type {number | null} */ to) => {
      if (to !== null && to !== state.number.peek()) go(to);
    };
    const corrections = new Corrections(app.client, state, app.notices);
    const editor = new WordEditor(corrections, state);
    const stage = new Stage(app, state, corrections, editor);
    const weak = new WeakBar(app, state, go);
    const result = new ResultPane(app, state, weak, corrections, editor);
    const find = new FindBar(app, state, go);
    const hits = new HitBar(app, state, go);
    const head = new ViewerHead(app, state, find);
    const body = h(
      "div",
      { class: "viewer-body" },
      h("div", { class: "page-side" }, new StageToolbar(app, state, stage, turn), h("div", { class: "page-area" }, new Thumbnails(app, state, turn), stage)),
      new Splitter(app),
      result,
    );
    this.append(head, hits, body);
    const { page, word } = app.router.route.peek().query;
    state.number.value = wholeNumber(page) ?? 1;
    state.chosen.value = (wholeNumber(word) ?? 0) - 1;
    void this.#open();
    this.watch(() => corrections.follow());
    this.watch(() => {
      void state.number.value;
      editor.leave();
    });
    this.onLeave(() => editor.leave());
    this.#watchState(head, body);
    this.listen(stage, "turn", (event) => turn(state.beside(event.detail)));
    this.onLeave(app.keyboard.register(t("keys.viewer"), this.#shortcuts({ stage, weak, result, find, hits, turn })));
    this.onLeave(app.keyboard.register(t("keys.corrections"), this.#editing(result, corrections, weak)));
    app.store.watched.add(state.id);
    this.onLeave(() => app.store.watched.delete(state.id));
  }

  async #open() {
    try {
      await this.#state.open();
      this.#app.live.heard(true);
    } catch {
      // The state keeps the error, and the screen shows it.
      this.#app.live.heard(false);
    }
  }

  /**
   * @param {HTMLElement} head
   * @param {HTMLElement} body
   */
  #watchState(head, body) {
    const { router, settings, store } = this.#app;
    const state = this.#state;
    const failure = h("div", { class: "viewer-state" });
    this.append(failure);
    this.watch(() => {
      const error = state.error.value;
      // Before it is known how many pages there are, everything would move once it is.
      const unknown = !state.task.value;
      head.hidden = body.hidden = unknown;
      fill(failure, unknown && (error === null ? skeleton(4) : this.#failure(error)));
    });
    this.watch(() => {
      const touched = store.touched.value;
      if (touched?.id === state.id) void state.renew();
    });
    let opened = false;
    this.watch(() => {
      const page = state.number.value;
      const word = state.chosen.value;
      // The address is read when the screen opens, and written from the first move on.
      if (opened && router.route.peek().id === state.id) router.refine({ page: page > 1 ? page : "", word: word >= 0 ? word + 1 : "" });
      opened = opened || !state.loading.value;
    });
    this.watch(() => {
      const { id, query } = router.route.value;
      const number = wholeNumber(query.page) ?? 1;
      const index = (wholeNumber(query.word) ?? 0) - 1;
      // The address may already be another document's, whose screen is on its way.
      if (!opened || id !== state.id) return;
      if (number !== state.number.peek()) void state.show(number, index);
      else if (index !== state.chosen.peek()) state.chosen.value = index;
    });
    this.#watchConnection();
    this.watch(() => {
      // Room that was given is kept: the page would move when it is known how many there are.
      if (state.numbers.length > 1 || (mayHavePages(state.task.value) && !state.unreadable)) state.several.value = true;
      this.classList.toggle("with-thumbnails", settings.values.value.thumbnails && state.several.value);
    });
    this.watch(() => {
      void state.task.value;
      // There is no page to be turned, enlarged or compared with its text.
      this.classList.toggle("without-pages", state.unreadable);
      if (state.unreadable) state.pictured.value = true;
    });
  }

  /** Tries again what failed while the server did not answer. */
  #watchConnection() {
    const state = this.#state;
    const { live } = this.#app;
    let before = live.state.peek();
    this.watch(() => {
      const now = live.state.value;
      const back = now !== before && (now === "live" || now === "polling");
      before = now;
      if (!back) return;
      state.retry.value = state.retry.peek() + 1;
      if (state.error.peek()) void this.#open();
      else if (state.pageError.peek()) void state.show(state.number.peek(), state.chosen.peek());
    });
  }

  /** @param {unknown} error */
  #failure(error) {
    if (error instanceof ApiError && error.status === 404) {
      const { gone } = this.#state;
      const restore = gone && h("button", { type: "button", onclick: () => void this.#app.actions.restore([gone]) }, t("action.restore"));
      return emptyState({ icon: "search", level: "h1", title: t("viewer.gone"), text: t("viewer.goneText"), actions: [...(restore ? [restore] : []), h("a", { class: "button", href: "#/documents" }, t("nav.documents")), h("a", { class: "button", href: "#/trash" }, t("nav.trash"))] });
    }
    return errorState(error, () => void this.#open());
  }

  /**
   * @param {ResultPane} result
   * @param {Corrections} corrections
   * @param {WeakBar} weak
   * @returns {import("../core/keyboard.js").Shortcut[]}
   */
  #editing(result, corrections, weak) {
    const { bar } = result;
    // A button, link or tab is meant itself.
    const isFree = (/** @type {KeyboardEvent} */ event) => !(/** @type {Element | null} */ (event.target)?.closest?.("button, a, summary, [role=tab], [data-cell]"));
    const edit = (/** @type {KeyboardEvent} */ event) => isFree(event) && bar.edit(result.tab.peek() === "text" ? "text" : "page");
    return [
      { keys: ["Enter", "F2"], label: t("edit.word"), run: edit },
      { keys: ["a"], label: t("edit.accept"), run: () => bar.accept(() => void weak.walk(1)) },
      { keys: ["Delete"], label: t("edit.delete"), run: (event) => isFree(event) && bar.remove() },
      { keys: ["j"], label: t("edit.join"), run: () => bar.join() },
      { keys: ["Alt+ArrowUp"], label: t("edit.lineUp"), run: () => bar.move(-1) },
      { keys: ["Alt+ArrowDown"], label: t("edit.lineDown"), run: () => bar.move(1) },
      { keys: ["Ctrl+z"], label: t("edit.undoRedo"), run: (event) => void (event.shiftKey ? corrections.redo() : corrections.undo()) },
      { keys: ["Ctrl+y"], label: t("edit.redo"), run: () => void corrections.redo() },
    ];
  }

  /**
   * @param {{ stage: Stage, weak: WeakBar, result: ResultPane, find: FindBar, hits: HitBar, turn: (to: number | null) => void }} parts
   * @returns {import("../core/keyboard.js").Shortcut[]}
   */
  #shortcuts({ stage, weak, result, find, hits, turn }) {
    const { settings, router } = this.#app;
    const state = this.#state;
    const by = (/** @type {number} */ step) => () => turn(state.beside(step));
    const click = (/** @type {string} */ selector) => () => /** @type {HTMLElement | null} */ (this.querySelector(selector))?.click();
    const back = () => {
      if (find.close() || hits.close()) return;
      if (state.chosen.peek() >= 0) state.chosen.value = -1;
      else router.go("#/documents");
    };
    return [
      { keys: ["PageDown", ">", "n"], label: t("viewer.next"), run: by(1) },
      { keys: ["PageUp", "<", "p"], label: t("viewer.previous"), run: by(-1) },
      { keys: ["Ctrl+Home"], label: t("keys.firstPage"), run: () => turn(state.numbers[0] ?? 1) },
      { keys: ["Ctrl+End"], label: t("keys.lastPage"), run: () => turn(state.last) },
      { keys: ["]"], label: t("weak.next"), run: () => void weak.walk(1) },
      { keys: ["["], label: t("weak.previous"), run: () => void weak.walk(-1) },
      { keys: ["h"], label: t("viewer.heat"), run: () => settings.change({ heat: !settings.values.peek().heat }) },
      { keys: ["/", "Ctrl+f"], label: t("find.open"), run: () => find.open() },
      { keys: ["+", "="], label: t("viewer.zoomIn"), run: () => stage.step(1) },
      { keys: ["-"], label: t("viewer.zoomOut"), run: () => stage.step(-1) },
      { keys: ["w"], label: t("viewer.fitWidth"), run: () => void (stage.zoom.value = "width") },
      { keys: ["f"], label: t("viewer.fitPage"), run: () => void (stage.zoom.value = "page") },
      { keys: ["0"], label: t("viewer.trueSize"), run: () => void (stage.zoom.value = 1) },
      { keys: ["r"], label: t("viewer.rotate"), run: () => stage.rotate() },
      { keys: ["t"], label: t("viewer.thumbnails"), run: () => settings.change({ thumbnails: !settings.values.peek().thumbnails }) },
      { keys: ["e"], label: t("export.title"), run: click(".export") },
      { keys: TABS.map((_, index) => String(index + 1)), label: t("keys.tabs"), run: (event) => result.choose(TABS[Number(event.key) - 1] ?? "text") },
      { keys: ["Escape"], label: t("keys.back"), run: back },
    ];
  }
}
customElements.define("ocr-viewer", ViewerScreen);

/** Whether a document that is still being read may turn out to have more than one page.
 * @param {import("../api/types.js").Task | null} task
 */
function mayHavePages(task) {
  return task !== null && task.page_count === null && !hasEnded(task) && /pdf|tiff/.test(task.mime_type);
}

/** @param {string | undefined} text */
function wholeNumber(text) {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
