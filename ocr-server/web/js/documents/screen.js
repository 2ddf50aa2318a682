/** The documents: bring them in, watch them, find them. */
import { Component, fill, h, icon, iconButton, showAs } from "../core/dom.js";
import { effect, signal } from "../core/signal.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { openFiling } from "../filing/dialog.js";
import { limited } from "../filing/filing.js";
import { IntakeBar } from "../uploads/intake-bar.js";
import { emptyState, engineNotice, errorKey, errorState, skeleton } from "../shell/states.js";
import { BulkBar } from "./bulk-bar.js";
import { Filters } from "./filters.js";
import { SearchHits } from "./hits.js";
import { DocumentList } from "./list.js";
import { documentItems } from "./menu.js";
import { Selection } from "./selection.js";
import { SetAsideBar } from "./set-aside-bar.js";
import { welcome } from "./welcome.js";

/** @typedef {import("../api/types.js").Task} Task */

export class DocumentsScreen extends Component {
  #app;
  /** @type {import("../tasks/view.js").TaskView | null} */
  #view = null;
  /** @type {DocumentList | null} */
  #list = null;
  /** @type {(() => void) | null} ends the watch over the list that is open */
  #offView = null;
  /** @type {SearchHits | null} */
  #hits = null;
  /** Whether the server has answered once, or failed to. */
  #answered = signal(false);

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { router } = this.#app;
    const notice = h("div");
    const body = h("div", { class: "list-body" });
    const intro = h("div");
    const hits = new SearchHits(this.#app);
    this.#hits = hits;
    const filters = new Filters(this.#app);
    const intake = new IntakeBar(this.#app);
    const refresh = iconButton("refresh", t("action.refresh"), () => void this.#refresh());
    const table = h("a", { class: "button icon-button", download: "", "aria-label": t("list.table"), title: t("list.table") }, icon("download"));
    // What stays when the first document comes stands above what goes, so that nothing is pushed.
    const content = h("div", null, notice, intake, intro, filters, hits, body);
    const waiting = skeleton(6);
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.documents")), table, refresh),
      waiting,
      content,
    );
    this.watch(() => {
      // Whether there are documents, and an engine, decides what stands where.
      const known = this.#answered.value && this.#app.enginesKnown.value;
      waiting.hidden = known;
      content.hidden = !known;
    });
    this.watch(() => {
      const { message, engines } = this.#app.engines.value ?? { message: null, engines: null };
      fill(notice, message && engines?.length === 0 && engineNotice(message));
    });
    this.watch(() => {
      const { status, q, label, collection, setAside } = router.route.value.query;
      table.href = this.#app.client.tableUrl({ status, q, label, collection, setAside: Boolean(setAside) });
      table.hidden = !this.#app.store.stats.value?.total;
    });
    /** @type {string | null} */
    let shown = null;
    this.watch(() => {
      const { status = "", q = "", label = "", collection = "", setAside = "" } = router.route.value.query;
      const key = JSON.stringify([status, q, label, collection, setAside]);
      if (key === shown) return;
      shown = key;
      // Of what was set aside there is hardly anything that was read: the field is about names then.
      hits.search(setAside ? "" : limited(q, { label, collection }));
      this.#open(body, { status, q, label, collection, setAside: Boolean(setAside) });
    });
    this.listen(filters, "keydown", (event) => this.#fromField(event));
    this.watch(() => {
      const first = this.#isFirstRun();
      const engine = this.#app.engines.value?.engines.find((one) => one.default);
      this.classList.toggle("first-run", first);
      showAs(intro, first ? `first ${JSON.stringify(engine)}` : "", () => first && welcome(this.#app));
    });
    this.onLeave(() => {
      this.#offView?.();
      if (this.#view) this.#app.store.close(this.#view);
    });
    this.#registerKeys();
  }

  /**
   * From the field to what was found: down to the first hit, or right into it.
   * @param {KeyboardEvent} event
   */
  #fromField(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.id !== "list-search" || event.isComposing) return;
    if (event.key === "ArrowDown" && this.#hits?.focusFirst()) event.preventDefault();
    if (event.key !== "Enter" || !field.value.trim()) return;
    event.preventDefault();
    this.#app.router.refine({ q: field.value.trim() });
    this.#hits?.openFirst();
  }

  /** Whether this user has no documents at all. */
  #isFirstRun() {
    const { router, store, uploads } = this.#app;
    const { query } = router.route.value;
    void uploads.version.value;
    return store.stats.value?.total === 0 && !query.status && !query.q && !query.setAside && uploads.uploads.length === 0;
  }

  /**
   * @param {HTMLElement} body
   * @param {import("../tasks/view.js").Filter} filter
   */
  #open(body, filter) {
    const app = this.#app;
    const view = app.store.open(filter);
    const selection = new Selection();
    const list = new DocumentList(app, {
      view,
      selection,
      label: t("nav.documents"),
      items: (task) => documentItems(app, task),
      open: (task) => app.router.go(formatRoute("document", {}, task.id)),
    });
    const state = h("div");
    fill(body, filter.setAside && new SetAsideBar(app, view), state, list, new BulkBar(app, list, selection));
    this.#view = view;
    this.#list = list;
    this.#offView?.();
    this.#offView = effect(() => {
      void view.version.value;
      selection.keepOnly(view.ids);
      list.hidden = view.ids.length === 0;
      const { key, make } = this.#stateOf(view);
      showAs(state, key, make);
    });
    void this.#refresh();
  }

  /**
   * What stands in place of the list; the same key means the same.
   * @param {import("../tasks/view.js").TaskView} view
   * @returns {{ key: string, make: () => Node | null }}
   */
  #stateOf(view) {
    const error = view.error.value;
    const ready = view.ready.value;
    if (view.ids.length > 0) return { key: "list", make: () => null };
    if (error) return { key: errorKey(error), make: () => errorState(error, () => void this.#refresh()) };
    if (!ready) return { key: "waiting", make: () => skeleton(6) };
    const { q, status, label, collection, setAside } = view.filter;
    const all = () => [h("a", { class: "button", href: formatRoute("documents") }, t("list.showAll"))];
    if (setAside) return { key: "none set aside", make: () => emptyState({ icon: "check", title: t("list.noneSetAside"), text: t("redrive.about"), actions: all() }) };
    const found = this.#hits?.count.value ?? null;
    if (q && found === null) return { key: "waiting", make: () => skeleton(3) };
    if (q && found) return { key: "hits", make: () => null };
    if (q) return { key: "none found", make: () => emptyState({ icon: "search", title: t("list.noneFound", { q }), text: t("list.noneFoundText"), actions: all() }) };
    if (label || collection) return { key: "none filed", make: () => emptyState({ icon: "tag", title: t("list.noneFiled"), actions: all() }) };
    return { key: "none", make: () => (status ? emptyState({ icon: "page", title: t("list.noneSuch"), actions: all() }) : null) };
  }

  async #refresh() {
    try {
      await this.#app.store.refresh();
      this.#app.live.heard(true);
    } catch {
      // The view keeps the error, and the screen shows it.
      this.#app.live.heard(false);
    }
    this.#answered.value = true;
  }

  #registerKeys() {
    const { keyboard, actions } = this.#app;
    const chosen = () => this.#list?.chosen ?? [];
    /** @type {import("../core/keyboard.js").Shortcut[]} */
    const own = [
      { keys: ["/"], label: t("keys.search"), run: () => /** @type {HTMLElement | null} */ (this.querySelector("#list-search"))?.focus() },
      { keys: ["u"], label: t("keys.upload"), run: () => /** @type {HTMLElement | null} */ (this.querySelector(".intake input[type=file]"))?.click() },
      { keys: ["r"], label: t("keys.retry"), run: () => void actions.retry(chosen()) },
      { keys: ["o"], label: t("keys.redrive"), run: () => void actions.redrive(chosen()) },
      { keys: ["c"], label: t("keys.cancel"), run: () => void actions.cancel(chosen()) },
      { keys: ["d"], label: t("keys.download"), run: () => void actions.download(chosen(), "original") },
      { keys: ["l"], label: t("keys.file"), run: () => openFiling(this.#app, chosen()) },
      { keys: ["Delete", "#"], label: t("keys.delete"), run: () => void actions.remove(chosen()) },
      { keys: ["."], label: t("keys.refresh"), run: () => void this.#refresh() },
    ];
    const forList = () => this.#list?.shortcuts ?? [];
    this.watch(() => {
      void this.#app.router.route.value.query;
      const off = keyboard.register(t("keys.documents"), [...forList(), ...own]);
      this.#offKeys?.();
      this.#offKeys = off;
    });
    this.onLeave(() => this.#offKeys?.());
  }

  /** @type {(() => void) | null} */
  #offKeys = null;
}
customElements.define("ocr-documents", DocumentsScreen);
