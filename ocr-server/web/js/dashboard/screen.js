/** How the last days went: how much was read, how well, and how fast. */
import { Component, fill, h, iconButton, scrollBox, showAs } from "../core/dom.js";
import { day, duration, number, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { emptyState, engineNotice, errorKey, errorState, skeleton } from "../shell/states.js";
import { chartFigure } from "./chart.js";
import { everyDay } from "./days.js";
import { usageSection } from "./usage.js";

/** @typedef {import("../api/types.js").Statistics} Statistics */
/** @typedef {import("../api/types.js").DayStats} DayStats */

/** Days shown. */
const DAYS = 30;
/** Changes that come within this time cause one read, in milliseconds. */
const CALM = 3000;

export class OverviewScreen extends Component {
  #app;
  #timer = 0;
  /** Charts whose tables are open: they stay so when new numbers come. @type {Set<string>} */
  #open = new Set();

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const notice = h("div");
    const body = h("div", null, skeleton(5));
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.overview")), h("a", { class: "button", href: formatRoute("review") }, t("nav.review")), iconButton("refresh", t("action.refresh"), () => void this.#load(body))),
      h("div", null, notice),
      body,
    );
    this.watch(() => {
      const { message, engines } = this.#app.engines.value ?? { message: null, engines: null };
      fill(notice, message && engines?.length === 0 && engineNotice(message));
    });
    void this.#load(body);
    let first = true;
    this.watch(() => {
      void this.#app.store.touched.value;
      void this.#app.store.stats.value;
      if (!first && !this.#timer) this.#timer = setTimeout(() => void this.#load(body), CALM);
      first = false;
    });
    this.onLeave(() => clearTimeout(this.#timer));
    this.onLeave(this.#app.keyboard.register(t("nav.overview"), [{ keys: ["."], label: t("keys.refresh"), run: () => void this.#load(body) }]));
  }

  /**
   * Shows numbers, unless they are shown already; what had the focus has it again.
   * @param {HTMLElement} body
   * @param {Statistics} statistics
   * @param {import("../api/types.js").UsageReport | null} usage
   */
  #show(body, statistics, usage) {
    const focused = body.contains(document.activeElement) ? document.activeElement?.id : "";
    showAs(body, JSON.stringify([statistics, usage]), () => content(statistics, usage, this.#open));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} body */
  async #load(body) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    try {
      // The overview is worth showing without what was used.
      const [statistics, usage] = await Promise.all([this.#app.client.statistics(DAYS), this.#app.client.usage().catch(() => null)]);
      this.#app.live.heard(true);
      if (this.isConnected) this.#show(body, statistics, usage);
    } catch (error) {
      this.#app.live.heard(false);
      if (this.isConnected && !body.querySelector("figure")) showAs(body, errorKey(error), () => errorState(error, () => void this.#load(body)));
    }
  }
}
customElements.define("ocr-overview", OverviewScreen);

/**
 * @param {Statistics} statistics
 * @param {import("../api/types.js").UsageReport | null} usage
 * @param {Set<string>} open
 */
function content(statistics, usage, open) {
  if (statistics.stats.total === 0) {
    return emptyState({ icon: "chart", title: t("overview.empty"), text: t("overview.emptyText"), actions: [h("a", { class: "button", href: formatRoute("documents") }, t("nav.documents"))] });
  }
  return [figures(statistics), charts(statistics, open), engines(statistics), usage ? usageSection(usage) : null, statistics.sampled ? h("p", { class: "quiet" }, t("overview.sampled")) : null];
}

/** @param {Statistics} statistics */
function figures({ stats, days }) {
  const sum = (/** @type {"pages" | "words"} */ name) => days.reduce((all, one) => all + one[name], 0);
  const ended = stats.completed + stats.failed;
  /** @type {[string, string, string | null][]} */
  const facts = [
    [number(stats.total), t("overview.documents"), formatRoute("documents")],
    [number(stats.pending + stats.processing), t("overview.queue"), formatRoute("documents", { status: "pending,processing" })],
    [ended ? percent(stats.completed / ended) : "–", t("overview.success"), formatRoute("documents", { status: "completed" })],
    [number(sum("pages")), t("overview.pages", { days: DAYS }), null],
    [number(sum("words")), t("overview.words", { days: DAYS }), null],
  ];
  return h("ul", { class: "figures" }, facts.map(([value, label, link], index) => h("li", null, link ? h("a", { id: `figure-${index}`, href: link }, h("b", null, value), h("span", null, label)) : [h("b", null, value), h("span", null, label)])));
}

/**
 * @param {Statistics} statistics
 * @param {Set<string>} open
 */
function charts(statistics, open) {
  const days = everyDay(statistics.days, new Date(), DAYS);
  const at = (/** @type {(one: DayStats) => (number | null)[]} */ values) => days.map((one) => ({ label: day(one.day), values: values(one) }));
  const failed = h("a", { id: "show-failed", href: formatRoute("documents", { status: "failed" }) }, t("overview.showFailed"));
  return h(
    "div",
    { class: "charts" },
    chartFigure({ id: "per-day", open, title: t("overview.perDay"), kind: "bars", points: at((one) => [one.completed, one.failed]), series: [{ name: t("count.completed"), style: "first" }, { name: t("count.failed"), style: "second" }], format: number, link: failed }),
    chartFigure({ id: "confidence", open, title: t("overview.confidence"), kind: "lines", points: at((one) => [one.mean_confidence]), series: [{ name: t("info.confidence"), style: "first" }], format: percent, bottom: 0.5, top: 1 }),
    chartFigure({ id: "time", open, title: t("overview.time"), kind: "lines", points: at((one) => [one.p50_ms, one.p95_ms]), series: [{ name: t("overview.p50"), style: "first" }, { name: t("overview.p95"), style: "second" }], format: duration }),
    chartFigure({ id: "pages", open, title: t("overview.pagesPerDay"), kind: "bars", points: at((one) => [one.pages]), series: [{ name: t("info.pages"), style: "first" }], format: number }),
  );
}

/** @param {Statistics} statistics */
function engines({ engines: list }) {
  if (list.length === 0) return null;
  const time = (/** @type {number | null} */ value) => (value === null ? "–" : duration(value));
  const head = ["overview.engine", "overview.documents", "info.pages", "overview.p50", "overview.p95"];
  return h(
    "section",
    { class: "engines" },
    h("h2", null, t("overview.engines")),
    scrollBox(
      t("overview.engines"),
      h("table", null, h("thead", null, h("tr", null, head.map((key) => h("th", { scope: "col" }, t(/** @type {import("../core/i18n.js").Key} */ (key)))))), h("tbody", null, list.map((one) => h("tr", null, h("th", { scope: "row" }, one.engine), h("td", null, number(one.documents)), h("td", null, number(one.pages)), h("td", null, time(one.p50_ms)), h("td", null, time(one.p95_ms)))))),
    ),
  );
}
