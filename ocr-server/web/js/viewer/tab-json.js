/** The page as the API gives it, folded, with words and blocks tied to the image. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";

/** Levels that are open at first. */
const OPEN = 2;
/** Entries of a list shown at once. */
const PIECE = 200;

/** @typedef {{ words: Map<unknown, number>, blocks: Map<unknown, number>, folds: Map<string, boolean> }} Known */

export class JsonTab extends Component {
  #app;
  #state;
  #folds;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {Map<string, boolean>} folds what the reader opened and closed, by its path
   */
  constructor(app, state, folds) {
    super();
    this.#app = app;
    this.#state = state;
    this.#folds = folds;
  }

  build() {
    const state = this.#state;
    const tree = h("div", { class: "json" });
    this.append(h("div", { class: "tab-tools" }, copyButton(() => JSON.stringify(state.read.peek()?.page, null, 2), this.#app.notices)), tree);
    this.watch(() => {
      const read = state.read.value;
      if (!read) {
        fill(tree);
        return;
      }
      const words = new Map(read.page.blocks.flatMap((block) => block.lines.flatMap((line) => line.words)).map((word, index) => /** @type {[unknown, number]} */ ([word, index])));
      const blocks = new Map(read.page.blocks.map((block, index) => /** @type {[unknown, number]} */ ([block, index])));
      fill(tree, node("", read.page, [], { words, blocks, folds: this.#folds }));
    });
    this.listen(tree, "pointerover", (event) => {
      const [kind, index] = targetOf(event);
      state.hovered.value = kind === "word" ? index : -1;
      const block = kind === "block" ? state.read.peek()?.page.blocks[index] : undefined;
      state.pointed.value = block ? [block.polygon] : [];
    });
    this.listen(tree, "pointerleave", () => {
      state.hovered.value = -1;
      state.pointed.value = [];
    });
    this.listen(tree, "click", (event) => {
      const [kind, index] = targetOf(event);
      if (kind === "word") state.chosen.value = index;
    });
    this.onLeave(() => (state.pointed.value = []));
  }
}
customElements.define("ocr-json", JsonTab);

/**
 * @param {Event} event
 * @returns {[string, number]}
 */
function targetOf(event) {
  const at = /** @type {HTMLElement} */ (event.target).closest("[data-at]")?.getAttribute("data-at")?.split(" ");
  return [at?.[0] ?? "", Number(at?.[1] ?? -1)];
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {string[]} path names on the way here
 * @param {Known} known
 * @returns {HTMLElement}
 */
function node(name, value, path, known) {
  const label = name ? [h("span", { class: "key" }, name), ": "] : [];
  if (value === null || typeof value !== "object" || isPolygon(value)) {
    return h("div", { class: "leaf-value" }, label, h("span", { class: `is-${typeof value}` }, JSON.stringify(value)));
  }
  const list = Array.isArray(value);
  const entries = list ? value.map((one, index) => /** @type {[string, unknown]} */ ([String(index), one])) : Object.entries(value);
  const hint = list ? t("json.items", { n: entries.length }) : typeof (/** @type {any} */ (value).text) === "string" ? JSON.stringify(/** @type {any} */ (value).text) : "";
  const details = h("details", null, h("summary", null, label, list ? "[ ]" : "{ }", " ", h("span", { class: "quiet" }, hint)));
  const word = known.words.get(value);
  const block = known.blocks.get(value);
  if (word !== undefined) details.dataset.at = `word ${word}`;
  if (block !== undefined) details.dataset.at = `block ${block}`;
  const grow = () => {
    if (details.open && details.childElementCount === 1) details.append(children(entries, path, known));
  };
  const fold = path.join("/");
  details.open = known.folds.get(fold) ?? path.length < OPEN;
  grow();
  details.addEventListener("toggle", () => {
    known.folds.set(fold, details.open);
    grow();
  });
  return details;
}

/**
 * @param {[string, unknown][]} entries
 * @param {string[]} path names on the way here
 * @param {Known} known
 */
function children(entries, path, known) {
  const box = h("div", { class: "inner" });
  let shown = 0;
  const more = h("button", { type: "button", class: "link" });
  const grow = () => {
    more.remove();
    box.append(...entries.slice(shown, shown + PIECE).map(([name, value]) => node(name, value, [...path, name], known)));
    shown += PIECE;
    if (shown < entries.length) {
      more.textContent = t("json.more", { n: entries.length - shown });
      box.append(more);
    }
  };
  more.addEventListener("click", grow);
  grow();
  return box;
}

/** @param {unknown} value */
const isPolygon = (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number" || (Array.isArray(one) && one.every((part) => typeof part === "number")));
