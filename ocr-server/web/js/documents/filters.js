/** The statistics, which are the filters too: a number, its name, and a link to just those documents. */
import { Component, fill, h, icon, showAs } from "../core/dom.js";
import { number } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { savedMenu } from "../search/saved.js";
import { attachMenu } from "../shell/menu.js";

/** @typedef {keyof import("../api/types.js").Stats} Count */

/** @type {Count[]} */
const COUNTS = ["total", "pending", "processing", "completed", "failed", "cancelled"];

/** Pause in typing after which the list is asked, in milliseconds. */
const PAUSE = 250;
/** Labels, and collections, that the menu offers: more are found by the search. */
const OFFERED = 30;

export class Filters extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { router, store } = this.#app;
    const numbers = new Map(COUNTS.map((name) => [name, h("b")]));
    const links = COUNTS.map((name) => h("a", { "data-count": name }, numbers.get(name), h("span", null, t(`count.${name}`))));
    this.append(h("nav", { class: "counts", "aria-label": t("filter.label") }, links), this.#filed(), this.#search());
    this.watch(() => {
      const stats = store.stats.value;
      for (const [name, element] of numbers) fill(element, stats ? number(stats[name]) : "–");
    });
    this.watch(() => {
      const { query } = router.route.value;
      for (const link of links) {
        const name = link.dataset.count === "total" ? "" : link.dataset.count;
        link.href = formatRoute("documents", { ...query, status: name ?? "", setAside: "" });
        if (!query.setAside && (query.status ?? "") === name) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    });
  }

  /** The label and the collection to which the list is limited, and a menu of those that there are. */
  #filed() {
    const { router } = this.#app;
    const menu = h("button", { type: "button" }, icon("tag"), h("span", null, t("filing.filter")));
    attachMenu(menu, () => this.#names());
    const chosen = h("div", { class: "filed" });
    this.watch(() => {
      const { screen, query } = router.route.value;
      // Another screen may take a moment to come: until it does, nothing here moves.
      if (screen !== "documents") return;
      const { label = "", collection = "" } = query;
      showAs(chosen, JSON.stringify([label, collection]), () => [
        label && this.#without("label", label, t("filing.withLabel", { name: label })),
        collection && this.#without("collection", collection, t("filing.inCollection", { name: collection })),
      ]);
    });
    return h("div", { class: "filed" }, this.#setAside(), chosen, menu);
  }

  /** A button that limits the list to what was set aside, or ends that; only where anything failed. */
  #setAside() {
    const { router, store } = this.#app;
    const isOn = () => Boolean(router.route.value.query.setAside);
    const button = h("button", { type: "button", class: "set-aside", onclick: () => router.refine({ setAside: isOn() ? "" : "true", status: "" }) }, icon("alert"), h("span", null, t("filter.setAside")));
    this.watch(() => {
      if (router.route.value.screen !== "documents") return;
      button.setAttribute("aria-pressed", String(isOn()));
      button.hidden = !isOn() && !store.stats.value?.failed;
    });
    return button;
  }

  /**
   * A button that ends a limit of the list.
   * @param {"label" | "collection"} kind
   * @param {string} name
   * @param {string} text
   */
  #without(kind, name, text) {
    const end = () => {
      this.#app.router.refine({ [kind]: "" });
      /** @type {HTMLElement | null} */ (this.querySelector("[aria-haspopup=menu]"))?.focus();
    };
    return h("button", { type: "button", title: t("filing.endFilter", { name }), onclick: end }, h("span", null, text), icon("close"));
  }

  /** @returns {Promise<import("../shell/menu.js").Items>} */
  async #names() {
    const { client, router } = this.#app;
    try {
      const { labels, collections } = await client.filingNames();
      const item = (/** @type {"label" | "collection"} */ kind, /** @type {import("../api/types.js").NameCount} */ { name, count }) =>
        /** @type {import("../shell/menu.js").Item} */ ({ label: name, hint: t("filing.documents", { n: count }), icon: kind === "label" ? "tag" : "folder", run: () => router.refine({ [kind]: name }) });
      const items = [...labels.slice(0, OFFERED).map((one) => item("label", one)), null, ...collections.slice(0, OFFERED).map((one) => item("collection", one))];
      if (labels.length + collections.length) return items.filter((one, at) => one || (at > 0 && at < items.length - 1));
      return [{ label: t("filing.none"), disabled: true, run: () => {} }];
    } catch {
      return [{ label: t("cause.offline"), disabled: true, run: () => {} }];
    }
  }

  #search() {
    const { router } = this.#app;
    const input = h("input", { type: "search", id: "list-search", placeholder: t("filter.name"), "aria-label": t("filter.name"), autocomplete: "off", value: router.route.peek().query.q ?? "" });
    let timer = 0;
    let typed = input.value;
    input.addEventListener("input", () => {
      clearTimeout(timer);
      typed = input.value.trim();
      timer = setTimeout(() => router.refine({ q: typed }), PAUSE);
    });
    this.onLeave(() => clearTimeout(timer));
    this.watch(() => {
      const q = router.route.value.query.q ?? "";
      // What is being typed is not taken away; what another link asks for is shown.
      if (q !== typed) {
        clearTimeout(timer);
        input.value = typed = q;
      }
    });
    const field = h("label", { class: "search" }, icon("search"), input);
    return h("div", { class: "search-field" }, field, savedMenu(this.#app, () => input.value.trim()));
  }
}
customElements.define("ocr-filters", Filters);
