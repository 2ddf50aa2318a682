/** The statistics, which are the filters too: a number, its name, and a link to just those documents. */
import { Component, fill, h, icon } from "../core/dom.js";
import { number } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";

/** @typedef {keyof import("../api/types.js").Stats} Count */

/** @type {Count[]} */
const COUNTS = ["total", "pending", "processing", "completed", "failed", "cancelled"];

/** Pause in typing after which the list is asked, in milliseconds. */
const PAUSE = 250;

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
    this.append(h("nav", { class: "counts", "aria-label": t("filter.label") }, links), this.#search());
    this.watch(() => {
      const stats = store.stats.value;
      for (const [name, element] of numbers) fill(element, stats ? number(stats[name]) : "–");
    });
    this.watch(() => {
      const { query } = router.route.value;
      for (const link of links) {
        const name = link.dataset.count === "total" ? "" : link.dataset.count;
        link.href = formatRoute("documents", { ...query, status: name ?? "" });
        if ((query.status ?? "") === name) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    });
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
    return h("label", { class: "search" }, icon("search"), input);
  }
}
customElements.define("ocr-filters", Filters);
