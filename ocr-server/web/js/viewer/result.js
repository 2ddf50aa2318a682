/** What was read, in tabs. */
import { Component, fill, h } from "../core/dom.js";
import { signal } from "../core/signal.js";
import { t } from "../core/i18n.js";
import { CorrectionBar } from "../corrections/bar.js";
import { engineNotice, errorState, skeleton } from "../shell/states.js";
import { tabList } from "../shell/tabs.js";
import { InfoTab } from "./tab-info.js";
import { JsonTab } from "./tab-json.js";
import { LayoutTab } from "./tab-layout.js";
import { MarkdownTab } from "./tab-markdown.js";
import { TablesTab } from "./tab-tables.js";
import { TextTab, absence } from "./tab-text.js";
import { trouble } from "./trouble.js";

export const TABS = /** @type {const} */ (["text", "markdown", "layout", "tables", "json", "info"]);

/** @typedef {typeof TABS[number]} Tab */

export class ResultPane extends Component {
  tab = signal(/** @type {Tab} */ ("text"));
  #app;
  #state;
  #weak;
  #corrections;
  #editor;
  /** What can be done to the chosen word. */
  bar;
  /** Whether Markdown is shown as it is written; kept from page to page. */
  #source = signal(false);
  /** What is unfolded of the JSON; kept too. @type {Map<string, boolean>} */
  #folds = new Map();

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("./weak-bar.js").WeakBar} weak
   * @param {import("../corrections/corrections.js").Corrections} corrections
   * @param {import("../corrections/editor.js").WordEditor} editor
   */
  constructor(app, state, weak, corrections, editor) {
    super();
    this.#app = app;
    this.#state = state;
    this.#weak = weak;
    this.#corrections = corrections;
    this.#editor = editor;
    this.bar = new CorrectionBar(state, corrections, editor);
  }

  build() {
    const { router } = this.#app;
    const panel = h("div", { class: "panel", role: "tabpanel", id: "result-panel", tabindex: 0 });
    const { bar, select } = tabList({
      label: t("viewer.result"),
      panel: "result-panel",
      names: TABS.map((name) => ({ id: `tab-${name}`, text: t(`tab.${name}`) })),
      choose: (index) => this.choose(TABS[index] ?? "text"),
    });
    this.append(bar, panel, this.bar, this.#weak);
    this.watch(() => {
      const wanted = TABS.find((name) => name === router.route.value.query.tab) ?? "text";
      this.tab.value = wanted;
      select(TABS.indexOf(wanted));
      panel.setAttribute("aria-labelledby", `tab-${wanted}`);
    });
    let shown = "";
    this.watch(() => {
      const content = this.#content();
      if (content.key === shown) return;
      shown = content.key;
      fill(panel, content.make());
      panel.scrollTop = 0;
    });
    this.watch(() => {
      void this.#state.number.value;
      panel.scrollTop = 0;
    });
  }

  /** What the panel shows now; the same key means that it is already there.
   * @returns {{ key: string, make: () => Node }}
   */
  #content() {
    const app = this.#app;
    const state = this.#state;
    const tab = this.tab.value;
    if (tab === "info") return { key: "info", make: () => new InfoTab(app, state) };
    const error = state.pageError.value;
    if (error && !state.read.value) {
      return { key: `error ${state.number.value}`, make: () => errorState(error, () => void state.show(state.number.peek())) };
    }
    const task = state.task.value;
    // It stands where the text would: a banner over everything would push what is being looked at.
    if (task?.status === "failed" && !state.read.value && !state.loading.value) {
      return { key: `failed ${task.updated_at}`, make: () => trouble(app, task) };
    }
    const { message, engines } = app.engines.value ?? { message: null, engines: null };
    if (task?.status === "pending" && message && engines?.length === 0) return { key: `no engine ${message}`, make: () => engineNotice(message) };
    const absent = absence(state);
    if (absent) return { key: `absent ${absent}`, make: () => (absent === t("loading") ? skeleton(5) : h("p", { class: "absent" }, absent)) };
    const make = {
      text: () => new TextTab(app, state, this.#corrections, this.#editor),
      markdown: () => new MarkdownTab(app, state, this.#source),
      layout: () => new LayoutTab(state),
      tables: () => new TablesTab(app, state, this.#corrections),
      json: () => new JsonTab(app, state, this.#folds),
    }[tab];
    return { key: tab, make };
  }

  /** @param {Tab} name */
  choose(name) {
    this.#app.router.refine({ tab: name === "text" ? "" : name });
  }
}
customElements.define("ocr-result", ResultPane);
