/**
 * The words over the image of their page: boxes to point at, and text to select. Everything is
 * placed in shares of the page, so that it follows every zoom without being touched.
 */
import { Component, fill, h, s } from "../core/dom.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { slantedBox } from "./geometry.js";
import { Mark, showCorrected, showDoubt } from "./marks.js";

/** @typedef {import("./words.js").PlacedWord} PlacedWord */
/** @typedef {import("../api/types.js").Page} Page */

/** Size at which texts are measured, in pixels. */
const MEASURED_AT = 100;
/** @type {CanvasRenderingContext2D | null} */
let ruler = null;

/** @param {string} text */
function textWidth(text) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 1;
  ruler.font = `${MEASURED_AT}px sans-serif`;
  return ruler.measureText(text).width || 1;
}

export class PageOverlay extends Component {
  #app;
  #state;
  #layer;
  #corrections;
  #editor;
  /** @type {HTMLElement[]} */
  #words = [];

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("../core/signal.js").Signal<string>} layer which boxes are drawn: "", "words", "lines", "blocks"
   * @param {import("../corrections/corrections.js").Corrections} corrections
   * @param {import("../corrections/editor.js").WordEditor} editor
   */
  constructor(app, state, layer, corrections, editor) {
    super();
    this.#app = app;
    this.#state = state;
    this.#layer = layer;
    this.#corrections = corrections;
    this.#editor = editor;
  }

  build() {
    const state = this.#state;
    const text = h("div", { class: "words", role: "listbox", "aria-label": t("viewer.words"), "aria-orientation": "horizontal" });
    const shapes = s("svg", { class: "shapes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.append(shapes, text);
    this.watch(() => this.#fill(text));
    this.watch(() => this.#draw(shapes));
    this.watch(() => {
      text.classList.toggle("outlined", this.#layer.value === "words");
    });
    this.watch(() => showDoubt(this.#words, state.read.value?.words ?? [], this.#app.settings.values.value));
    this.#mark(() => [state.hovered.value], "hovered");
    this.#mark(() => [state.chosen.value], "chosen");
    this.#mark(() => state.hits.value.all, "hit");
    this.#mark(() => state.hits.value.here, "hit-here");
    this.watch(() => this.#follow());
    this.watch(() => showCorrected(this.#words, state.read.value?.words ?? [], this.#corrections.known.value));
    this.watch(() => {
      void this.#editor.at.value;
      void state.read.value;
      this.#hold();
    });
    this.listen(text, "dblclick", (event) => {
      const index = this.#indexOf(event);
      if (index >= 0 && this.#editor.open(index, "page")) getSelection()?.removeAllRanges();
    });
    this.listen(text, "pointerover", (event) => this.#point(event));
    this.listen(text, "pointerleave", () => (state.hovered.value = -1));
    this.listen(text, "click", (event) => this.#choose(event));
    this.listen(text, "keydown", (event) => this.#walk(event));
  }

  /** @param {HTMLElement} text */
  #fill(text) {
    const read = this.#state.read.value;
    const hadKeyboard = text.contains(document.activeElement);
    this.#words = [];
    fill(text);
    text.hidden = !read || read.words.length === 0;
    if (!read) return;
    const fragment = document.createDocumentFragment();
    /** @type {HTMLElement | null} */
    let line = null;
    let at = -1;
    for (const word of read.words) {
      if (word.line !== at || !line) {
        line = h("div", { class: "line", role: "presentation" });
        fragment.append(line);
        at = word.line;
      }
      const element = wordElement(word, read.page);
      this.#words.push(element);
      line.append(element);
    }
    const first = this.#words[Math.max(0, this.#state.chosen.peek())] ?? this.#words[0];
    if (first) first.tabIndex = 0;
    text.append(fragment);
    if (hadKeyboard) first?.focus({ preventScroll: true });
  }

  /** Puts the field for writing over its word. */
  #hold() {
    const at = this.#editor.at.peek();
    const read = this.#state.read.peek();
    const word = at?.where === "page" ? read?.words[at.index] : undefined;
    if (!word || !read) return;
    const { left, top } = slantedBox(word.polygon, read.page);
    const { field } = this.#editor;
    field.style.setProperty("left", `${left}%`);
    field.style.setProperty("top", `${top}%`);
    this.#editor.show(() => {
      if (field.parentElement !== this) this.append(field);
    });
  }

  /** Outlines of lines or blocks, and of what the result points at. */
  #draw(/** @type {SVGElement} */ shapes) {
    const page = this.#state.read.value?.page;
    const layer = this.#layer.value;
    const blocks = page?.blocks ?? [];
    const outline = (/** @type {import("../api/types.js").Polygon} */ polygon, /** @type {string} */ style) =>
      s("polygon", { points: polygon.map((point) => point.join(",")).join(" "), class: style });
    const lines = layer === "lines" ? blocks.flatMap((block) => block.lines.map((line) => outline(line.polygon, "line"))) : [];
    const all = layer === "blocks" ? blocks.map((block) => outline(block.polygon, `block ${block.kind}`)) : [];
    fill(shapes, lines, all, this.#state.pointed.value.map((polygon) => outline(polygon, "pointed")));
  }

  /**
   * Keeps a class on exactly the words that a signal names.
   * @param {() => Iterable<number>} wanted
   * @param {string} name
   */
  #mark(wanted, name) {
    const mark = new Mark(name);
    this.watch(() => {
      void this.#state.read.value;
      mark.put(wanted(), this.#words);
    });
  }

  /** Brings the chosen word into view, and the keyboard to it. */
  #follow() {
    const chosen = this.#state.chosen.value;
    void this.#state.read.value;
    const element = this.#words[chosen];
    if (!element) return;
    for (const other of this.#words) if (other !== element && other.tabIndex === 0) other.removeAttribute("tabindex");
    for (const other of this.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
    element.tabIndex = 0;
    element.setAttribute("aria-selected", "true");
    const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    requestAnimationFrame(() => reveal(element, smooth));
  }

  /** @param {Event} event */
  #indexOf(event) {
    const word = /** @type {HTMLElement} */ (event.target).closest(".word");
    return word ? Number(word.getAttribute("data-word")) : -1;
  }

  /** @param {PointerEvent} event */
  #point(event) {
    this.#state.hovered.value = this.#indexOf(event);
  }

  /** @param {MouseEvent} event */
  #choose(event) {
    const selection = getSelection();
    // Letting go after selecting text is no choice of a word.
    if (selection && !selection.isCollapsed) return;
    const index = this.#indexOf(event);
    if (index >= 0) this.#state.chosen.value = index;
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const at = this.#words.indexOf(/** @type {HTMLElement} */ (event.target));
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && at === this.#state.chosen.peek() && this.#editor.open(at, "page")) {
      event.preventDefault();
      return;
    }
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: this.#inLine(at, 1), ArrowUp: this.#inLine(at, -1), Home: 0, End: this.#words.length - 1, Enter: at, " ": at };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const index = Math.min(Math.max(target, 0), this.#words.length - 1);
    this.#state.chosen.value = index;
    const word = this.#words[index];
    if (!word) return;
    // What cannot have the keyboard yet would not take it.
    word.tabIndex = 0;
    word.focus({ preventScroll: true });
  }

  /**
   * The word of the next or previous line that stands nearest above or below.
   * @param {number} at
   * @param {1 | -1} step
   */
  #inLine(at, step) {
    const words = this.#state.read.peek()?.words ?? [];
    const from = words[at];
    if (!from) return at;
    const line = words.filter((word) => word.line === from.line + step);
    const x = from.polygon[0][0];
    const distance = (/** @type {PlacedWord} */ word) => Math.abs(word.polygon[0][0] - x);
    return line.reduce((best, word) => (distance(word) < distance(best) ? word : best), line[0] ?? from).index;
  }
}
customElements.define("ocr-overlay", PageOverlay);

/**
 * @param {PlacedWord} word
 * @param {Page} page
 */
function wordElement(word, page) {
  const { left, top, width, height, degrees, run, rise } = slantedBox(word.polygon, page);
  const text = h("span", { style: { "--fit": (run / ((textWidth(word.text) / MEASURED_AT) * rise || 1)).toFixed(4) } }, word.text);
  const style = { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%`, "--rise": height.toFixed(3) };
  const element = h("span", { class: "word", role: "option", "aria-selected": "false", "data-word": word.index, title: percent(word.confidence), style }, text, " ");
  if (Math.abs(degrees) > 0.1) element.style.setProperty("rotate", `${degrees.toFixed(2)}deg`);
  return element;
}

/**
 * Scrolls the stage, and only the stage, so that an element can be seen.
 * @param {HTMLElement} element
 * @param {boolean} smooth
 */
function reveal(element, smooth) {
  const stage = element.closest(".stage");
  if (!stage) return;
  const box = element.getBoundingClientRect();
  const room = stage.getBoundingClientRect();
  const margin = 48;
  const across = box.left < room.left + margin || box.right > room.right - margin ? box.left + box.width / 2 - room.left - room.width / 2 : 0;
  const down = box.top < room.top + margin || box.bottom > room.bottom - margin ? box.top + box.height / 2 - room.top - room.height / 2 : 0;
  if (across || down) stage.scrollBy({ left: across, top: down, behavior: smooth ? "smooth" : "instant" });
}
