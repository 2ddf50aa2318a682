/** A list of any length: only the rows on the screen exist. */
import { Component } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isLetterKey, keyOf } from "../core/keyboard.js";
import { floorHeight } from "../shell/floor.js";
import { Row, blankRow } from "./row.js";
import { rowCount, visibleRows } from "./window.js";

/** @typedef {import("../api/types.js").Task} Task */

/** Rows read ahead of the window. */
const AHEAD = 60;
/** How often "5 minutes ago" is looked at again, in milliseconds; and how often while a document is being read. */
const TICK = 20_000;
const TICK_RUNNING = 1_000;

/**
 * @typedef {object} ListOptions
 * @property {import("../tasks/view.js").TaskView} view
 * @property {import("./selection.js").Selection} selection
 * @property {(task: Task) => (import("../shell/menu.js").Item | null)[]} items
 * @property {(task: Task) => void} [open]
 * @property {boolean} [linked] whether names are links to the documents; they are where they can be opened
 * @property {import("./row.js").RowAction} [action] what a row offers outside of its menu
 * @property {string} label
 */

export class DocumentList extends Component {
  #app;
  #options;
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {Row[]} */
  #spare = [];
  /** @type {Map<number, HTMLElement>} */
  #blanks = new Map();
  #frame = 0;
  #tick = 0;

  /**
   * @param {import("../app.js").App} app
   * @param {ListOptions} options
   */
  constructor(app, options) {
    super();
    this.#app = app;
    this.#options = options;
  }

  build() {
    const { view, selection, label } = this.#options;
    this.setAttribute("role", "grid");
    this.setAttribute("aria-multiselectable", "true");
    this.setAttribute("aria-label", label);
    this.#rows.clear();
    this.#spare = [];
    this.#blanks.clear();
    this.watch(() => {
      void view.version.value;
      void selection.version.value;
      void this.#app.store.stats.value;
      this.schedule();
    });
    this.listen(window, "scroll", () => this.schedule(), { passive: true });
    this.listen(window, "resize", () => this.schedule());
    this.listen(this, "click", (event) => this.#click(event));
    this.listen(this, "focusin", (event) => this.#focused(event));
    this.onLeave(() => clearTimeout(this.#tick));
    this.onLeave(() => cancelAnimationFrame(this.#frame));
  }

  /** Draws before the next frame. */
  schedule() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  get #rowHeight() {
    return parseFloat(getComputedStyle(this).getPropertyValue("--row")) || 68;
  }

  #draw() {
    if (!this.isConnected) return;
    const { view, selection } = this.#options;
    const { ids } = view;
    const count = rowCount(view.filter, this.#app.store.stats.peek(), view);
    const height = this.#rowHeight;
    const { first, end } = visibleRows(-this.getBoundingClientRect().top, innerHeight, height, count);
    this.style.setProperty("height", `${count * height}px`);
    this.setAttribute("aria-rowcount", String(count));
    const shown = ids.slice(first, end);
    const current = ids.includes(selection.current) && shown.includes(selection.current) ? selection.current : shown[0];
    this.#dropRows(new Set(shown));
    const now = Date.now();
    // From the last to the first, so that each new row finds the one it stands before.
    /** @type {HTMLElement | null} */
    let next = null;
    for (let at = shown.length - 1; at >= 0; at -= 1) {
      const id = /** @type {string} */ (shown[at]);
      next = this.#show(id, { index: first + at, current: id === current, now }, next) ?? next;
    }
    this.#drawBlanks(first + shown.length, end);
    const running = shown.some((id) => this.#app.store.tasks.get(id)?.status === "processing");
    clearTimeout(this.#tick);
    this.#tick = setTimeout(() => this.schedule(), running ? TICK_RUNNING : TICK);
    if (end + AHEAD > ids.length) void view.reach(Math.min(end + AHEAD, count));
  }

  /** @param {Set<string>} wanted */
  #dropRows(wanted) {
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
      this.#spare.push(row);
    }
  }

  /**
   * @param {string} id
   * @param {{ index: number, current: boolean, now: number }} shown
   * @param {HTMLElement | null} next
   * @returns {HTMLElement | null}
   */
  #show(id, shown, next) {
    const task = this.#app.store.tasks.get(id);
    if (!task) return null;
    let row = this.#rows.get(id);
    if (!row) {
      // Rows that left the screen are used again: making one is the slow part of scrolling.
      row = this.#spare.pop() ?? new Row({
        items: this.#options.items,
        imageUrl: (one) => this.#app.client.imageUrl(one.id, 1, 160, { deleted: Boolean(one.deleted_at) }),
        linked: this.#options.linked ?? Boolean(this.#options.open),
        action: this.#options.action ?? null,
      });
      this.#rows.set(id, row);
      this.insertBefore(row.element, next ?? this.querySelector(".blank"));
    }
    row.element.style.setProperty("--at", String(shown.index));
    row.update(task, { ...shown, marked: this.#options.selection.has(id) });
    return row.element;
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #drawBlanks(from, to) {
    for (const [index, blank] of this.#blanks) {
      if (index >= from && index < to) continue;
      blank.remove();
      this.#blanks.delete(index);
    }
    for (let index = from; index < to; index += 1) {
      if (this.#blanks.has(index)) continue;
      const blank = blankRow();
      blank.style.setProperty("--at", String(index));
      this.#blanks.set(index, blank);
      this.append(blank);
    }
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const id = target.closest(".row")?.getAttribute("data-id");
    if (!id || target.closest(".menu-cell, button")) return;
    const { selection, view, open } = this.#options;
    if (event.shiftKey) {
      event.preventDefault();
      getSelection()?.removeAllRanges();
      selection.extendTo(id, view.ids);
    } else if (event.ctrlKey || event.metaKey || target.matches("input") || target.closest(".mark")) {
      if (!target.matches("input")) event.preventDefault();
      selection.toggle(id);
    } else if (open && !target.closest("a[href]")) {
      const task = this.#app.store.tasks.get(id);
      if (task) open(task);
    }
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const id = /** @type {HTMLElement} */ (event.target).closest(".row")?.getAttribute("data-id");
    if (id && id !== this.#options.selection.current) this.#options.selection.moveTo(id);
  }

  /** Whether the focus is on a row itself: elsewhere, keys belong to what has it. */
  get onRow() {
    return document.activeElement?.matches(".row") ?? false;
  }

  /** The task the keyboard is at. */
  get currentTask() {
    return this.#app.store.tasks.get(this.#options.selection.current);
  }

  /** What an action is about: the marked documents, else the current one. */
  get chosen() {
    const { selection, view } = this.#options;
    const ids = selection.ids.size ? view.ids.filter((id) => selection.has(id)) : [selection.current];
    return ids.map((id) => this.#app.store.tasks.get(id)).filter((task) => task !== undefined);
  }

  /**
   * Moves the keyboard by rows.
   * @param {number} by
   * @param {boolean} extend whether the way is marked
   */
  move(by, extend = false) {
    const { selection, view } = this.#options;
    if (view.ids.length === 0) return;
    const at = view.ids.indexOf(selection.current);
    const to = Math.min(Math.max(at < 0 ? 0 : at + by, 0), view.ids.length - 1);
    const id = /** @type {string} */ (view.ids[to]);
    if (extend) selection.extendTo(id, view.ids);
    else selection.moveTo(id);
    this.#reveal(to);
    this.#draw();
    this.#rows.get(id)?.element.focus({ preventScroll: true });
  }

  /** Goes to the last document there is, which may have to be read first. */
  async #toEnd() {
    const { selection, view } = this.#options;
    const { current } = selection;
    if (!view.complete) {
      this.#reveal(rowCount(view.filter, this.#app.store.stats.peek(), view) - 1);
      await view.reach(Infinity);
    }
    // Whoever went elsewhere meanwhile is not called back.
    if (this.isConnected && selection.current === current) this.move(Infinity);
  }

  /** Marks every document there is, at once those that are known. */
  async #markAll() {
    const { selection, view } = this.#options;
    selection.all(view.ids);
    if (view.complete) return;
    await view.reach(Infinity);
    if (this.isConnected && selection.ids.size > 0) selection.all(view.ids);
  }

  /** @param {number} index */
  #reveal(index) {
    const height = this.#rowHeight;
    const top = this.getBoundingClientRect().top + index * height;
    // Room for what sticks to the edges of the window.
    const [above, below] = [80, 80 + floorHeight()];
    if (top < above) scrollBy(0, top - above);
    else if (top + height > innerHeight - below) scrollBy(0, top + height - innerHeight + below);
  }

  /** The shortcuts of a list.
   * @returns {import("../core/keyboard.js").Shortcut[]}
   */
  get shortcuts() {
    const { selection, open } = this.#options;
    const here = (/** @type {(event: KeyboardEvent) => void} */ run) => (/** @type {KeyboardEvent} */ event) => {
      const inside = this.contains(document.activeElement) || document.activeElement === document.body || document.activeElement?.matches("main, h1");
      // Arrows may mean something to what has the focus elsewhere; letters do not.
      if (!inside && !isLetterKey(keyOf(event))) return false;
      run(event);
      return true;
    };
    const onRow = () => this.onRow;
    return [
      { keys: ["ArrowDown", "j"], label: t("keys.down"), run: here(() => this.move(1)) },
      { keys: ["ArrowUp", "k"], label: t("keys.up"), run: here(() => this.move(-1)) },
      { keys: ["Shift+ArrowDown", "Shift+ArrowUp"], label: t("keys.extend"), run: here((event) => this.move(event.key === "ArrowDown" ? 1 : -1, true)) },
      { keys: ["Home"], label: t("keys.first"), run: here(() => this.move(-Infinity)) },
      { keys: ["End"], label: t("keys.last"), run: here(() => void this.#toEnd()) },
      { keys: [" ", "x"], label: t("keys.mark"), run: () => (onRow() ? selection.toggle(selection.current) : false) },
      { keys: ["Ctrl+a"], label: t("keys.all"), run: here(() => void this.#markAll()) },
      { keys: ["Escape"], label: t("keys.none"), run: () => (selection.ids.size ? selection.clear() : false) },
      ...(open ? [{ keys: ["Enter"], label: t("keys.open"), run: () => (onRow() && this.currentTask ? open(this.currentTask) : false) }] : []),
    ];
  }
}
customElements.define("ocr-list", DocumentList);
