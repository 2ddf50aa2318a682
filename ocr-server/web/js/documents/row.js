/** One document of a list. Its parts are changed in place, so that focus and pointer stay. */
import { fill, h, icon, iconButton, showAs } from "../core/dom.js";
import { ago, dateTime, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { chips } from "../filing/chips.js";
import { briefly } from "../tasks/explain.js";
import { attachMenu } from "../shell/menu.js";
import { facts, isParked } from "./facts.js";
import { openReason } from "./reason.js";
import { showStatus } from "./status.js";

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {{ icon: keyof typeof import("../core/icons.js").ICONS, label: (task: Task) => string, run: (task: Task) => void }} RowAction what a row offers first, outside of its menu */

export class Row {
  /** @type {Task | null} */
  #task = null;
  #thumb = h("div", { class: "thumb" });
  #name = h("a", { class: "name", draggable: "false" });
  #chips = h("div", { class: "chips" });
  #facts = h("div", { class: "facts" });
  #cause = h("button", { type: "button", class: "cause", onclick: () => this.#task && openReason(this.#task) });
  #status = h("div");
  #confidence = h("div", { class: "confidence", role: "gridcell" });
  #when = h("time");
  #check = h("input", { type: "checkbox" });
  #menu;
  #imageUrl;
  /** @type {HTMLButtonElement | null} */
  #first = null;
  /** @type {RowAction | null} */
  #action;

  /**
   * @param {{ items: (task: Task) => (import("../shell/menu.js").Item | null)[], imageUrl: (task: Task) => string, linked: boolean, action?: RowAction | null }} options
   */
  constructor({ items, imageUrl, linked, action = null }) {
    this.#imageUrl = imageUrl;
    this.linked = linked;
    this.#action = action;
    if (action) this.#first = iconButton(action.icon, "", () => this.#task && action.run(this.#task));
    this.#menu = iconButton("more", t("list.more"), () => {});
    attachMenu(this.#menu, () => (this.#task ? items(this.#task) : []));
    this.element = h(
      "div",
      { class: "row", role: "row" },
      h("div", { class: "mark", role: "gridcell" }, this.#check),
      h("div", { class: "title", role: "gridcell" }, this.#thumb, h("div", { class: "what" }, this.#name, h("div", { class: "line" }, this.#chips, this.#facts), this.#cause)),
      h("div", { class: "state-cell", role: "gridcell" }, this.#status),
      this.#confidence,
      h("div", { class: "when", role: "gridcell" }, this.#when),
      h("div", { class: "menu-cell", role: "gridcell" }, this.#first, this.#menu),
    );
  }

  /**
   * @param {Task} task
   * @param {{ index: number, marked: boolean, current: boolean, now: number }} place
   */
  update(task, { index, marked, current, now }) {
    const { element } = this;
    element.dataset.id = task.id;
    element.setAttribute("aria-rowindex", String(index + 1));
    element.setAttribute("aria-selected", String(marked));
    element.tabIndex = current ? 0 : -1;
    for (const inner of [this.#check, this.#name, this.#cause, this.#first, this.#menu]) if (inner) inner.tabIndex = current ? 0 : -1;
    this.#check.checked = marked;
    const since = task.deleted_at ?? task.created_at;
    const when = ago(since, now);
    if (this.#when.textContent !== when) this.#when.textContent = when;
    if (task.status === "processing" || task.status === "pending" || task !== this.#task) {
      const text = facts(task, now);
      if (this.#facts.textContent !== text) this.#facts.textContent = text;
    }
    if (task === this.#task) return;
    this.#show(task, since);
    this.#task = task;
  }

  /**
   * @param {Task} task
   * @param {string} since
   */
  #show(task, since) {
    if (this.#task?.id !== task.id) {
      this.#name.textContent = task.filename;
      this.#name.title = task.filename;
      if (this.linked) this.#name.href = formatRoute("document", {}, task.id);
      this.#check.setAttribute("aria-label", t("list.mark", { name: task.filename }));
      this.#menu.setAttribute("aria-label", t("list.moreOf", { name: task.filename }));
      const label = this.#action?.label(task) ?? "";
      this.#first?.setAttribute("aria-label", label);
      if (this.#first) this.#first.title = label;
    }
    showAs(this.#chips, JSON.stringify([task.labels, task.collection]), () => chips(task));
    this.#when.dateTime = since;
    this.#when.title = dateTime(since);
    const explained = task.status === "failed" || isParked(task);
    this.#cause.hidden = !explained;
    this.#cause.textContent = explained ? briefly(task) : "";
    this.#cause.title = explained ? (task.error_message ?? "") : "";
    this.element.dataset.status = task.status;
    showStatus(this.#status, task);
    const { confidence_score: confidence } = task;
    fill(this.#confidence, confidence !== null && [h("b", null, percent(confidence)), h("span", null, t("list.sure"))]);
    this.#confidence.title = confidence === null ? "" : t("list.confidence", { share: percent(confidence) });
    this.#confidence.dataset.level = confidence === null ? "" : confidence < 0.8 ? "weak" : "sure";
    this.#showThumb(task);
  }

  /** @param {Task} task */
  #showThumb(task) {
    // A document that has not been opened may turn out to be none.
    const opened = task.page_count !== null || task.progress !== null;
    const drawable = opened && task.status !== "failed";
    const state = `${task.id} ${drawable}`;
    if (this.#thumb.dataset.state === state) return;
    this.#thumb.dataset.state = state;
    this.#thumb.replaceChildren(icon("page"));
    if (!drawable) return;
    const image = h("img", { alt: "", decoding: "async", draggable: "false" });
    image.onload = () => this.#thumb.replaceChildren(image);
    image.src = this.#imageUrl(task);
  }
}

/** A place in the list whose document has not been read yet. */
export function blankRow() {
  return h("div", { class: "row blank", "aria-hidden": "true" }, h("div", { class: "skeleton" }));
}

