/** Small charts, each with its numbers as a table. */
import { h, s, scrollBox } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { labelled, niceTop } from "./days.js";

/** @typedef {{ label: string, values: (number | null)[] }} Point one place on the axis, a value a series */
/** @typedef {{ name: string, style: string }} Series */

/** Units across: fewer on a narrow screen, so that labels stay as large as elsewhere. */
const across = () => (innerWidth < 700 ? 340 : 504);
const HEIGHT = 150;
/** Space below for the labels of the axis. */
const FOOT = 22;

/**
 * `id` names the chart; `open` holds the names of those whose table is shown.
 * @param {{ id: string, open: Set<string>, title: string, points: Point[], series: Series[], format: (value: number) => string, kind: "bars" | "lines", bottom?: number, top?: number, link?: Node | null }} chart
 */
export function chartFigure({ id, open, title, points, series, format, kind, bottom = 0, top, link = null }) {
  const values = points.flatMap((point) => (kind === "bars" ? [sum(point.values)] : point.values.map((value) => value ?? 0)));
  const maximum = top ?? niceTop(Math.max(0, ...values));
  const width = across();
  const y = (/** @type {number} */ value) => HEIGHT - FOOT - ((value - bottom) / (maximum - bottom)) * (HEIGHT - FOOT - 12);
  const svg = s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": t("chart.of", { title }) });
  svg.append(...axis(points, bottom, maximum, format, y), ...(kind === "bars" ? bars(points, series, y, format) : lines(points, series, y)));
  const table = numbers(points, series, format, title);
  const toggle = h("button", { type: "button", class: "link", id: `table-${id}` }, t("chart.table"));
  const show = () => {
    table.hidden = !open.has(id);
    toggle.setAttribute("aria-expanded", String(open.has(id)));
  };
  toggle.addEventListener("click", () => {
    if (!open.delete(id)) open.add(id);
    show();
  });
  show();
  const legend = series.length > 1 ? h("ul", { class: "legend" }, series.map(({ name, style }) => h("li", { class: style }, h("i", { "aria-hidden": "true" }), name))) : null;
  return h("figure", { class: kind }, h("figcaption", null, h("h2", null, title), legend), svg, h("div", { class: "chart-foot" }, toggle, link), table);
}

/** @param {(number | null)[]} values */
const sum = (values) => values.reduce((/** @type {number} */ all, value) => all + (value ?? 0), 0);

/**
 * @param {number} index
 * @param {number} count
 */
const middle = (index, count) => ((index + 0.5) / count) * across();

/**
 * @param {Point[]} points
 * @param {number} bottom
 * @param {number} maximum
 * @param {(value: number) => string} format
 * @param {(value: number) => number} y
 */
function axis(points, bottom, maximum, format, y) {
  const width = across();
  const shown = labelled(points.length, Math.ceil(points.length / (width / 105)));
  const grid = [bottom, maximum].flatMap((value) => [
    s("line", { x1: 0, x2: width, y1: y(value), y2: y(value), class: "grid" }),
    s("text", { x: 0, y: y(value) - 4, class: "tick" }, value === bottom && bottom === 0 ? "" : format(value)),
  ]);
  const labels = points.map(({ label }, index) => {
    if (!shown.includes(index)) return null;
    // At the edges a label ends with its own bar instead of standing beyond the chart.
    const last = index === points.length - 1;
    const anchor = last ? "end" : index === 0 ? "start" : "middle";
    const x = last ? width : index === 0 ? 0 : middle(index, points.length);
    return s("text", { x, y: HEIGHT - 4, class: "tick", "text-anchor": anchor }, label);
  });
  return [...grid, ...labels].filter((element) => element !== null);
}

/**
 * @param {Point[]} points
 * @param {Series[]} series
 * @param {(value: number) => number} y
 * @param {(value: number) => string} format
 */
function bars(points, series, y, format) {
  const width = Math.min(26, (across() / points.length) * 0.62);
  return points.flatMap((point, index) => {
    let below = 0;
    const text = series.map(({ name }, at) => `${name} ${format(point.values[at] ?? 0)}`).join(", ");
    return point.values.map((value, at) => {
      const from = y(below);
      below += value ?? 0;
      return s("rect", { x: middle(index, points.length) - width / 2, y: y(below), width, height: Math.max(0, from - y(below)), class: series[at]?.style ?? "" }, s("title", null, `${point.label}: ${text}`));
    });
  });
}

/**
 * Lines with a gap where nothing was measured.
 * @param {Point[]} points
 * @param {Series[]} series
 * @param {(value: number) => number} y
 */
function lines(points, series, y) {
  return series.flatMap(({ style }, at) => {
    let gap = true;
    const path = points
      .map(({ values }, index) => {
        const value = values[at];
        if (value === null || value === undefined) {
          gap = true;
          return "";
        }
        const command = gap ? "M" : "L";
        gap = false;
        return `${command}${middle(index, points.length).toFixed(1)} ${y(value).toFixed(1)}`;
      })
      .join("");
    const dots = points.map(({ values }, index) => {
      const value = values[at];
      return value === null || value === undefined ? null : s("circle", { cx: middle(index, points.length), cy: y(value), r: 2.5, class: style });
    });
    return [s("path", { d: path, class: style }), ...dots.filter((dot) => dot !== null)];
  });
}

/**
 * @param {Point[]} points
 * @param {Series[]} series
 * @param {(value: number) => string} format
 * @param {string} title
 */
function numbers(points, series, format, title) {
  const head = h("tr", null, h("th", { scope: "col" }, t("chart.day")), series.map(({ name }) => h("th", { scope: "col" }, name)));
  const rows = points.map(({ label, values }) => h("tr", null, h("th", { scope: "row" }, label), values.map((value) => h("td", null, value === null ? "–" : format(value)))));
  return scrollBox(title, h("table", null, h("thead", null, head), h("tbody", null, rows)));
}
