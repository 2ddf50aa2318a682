/** The text of the page, each word tied to its box on the image. */
import { Component, fill, h } from "../core/dom.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { Mark, showCorrected, showDoubt } from "./marks.js";
import { flowingLines } from "./words.js";

export class TextTab extends Component {
  #app;
  #state;
  #corrections;
  #editor;
  /** @type {HTMLElement[]} */
  #words = [];

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("../corrections/corrections.js").Corrections} corrections
   * @param {import("../corrections/editor.js").WordEditor} editor
   */
  constructor(app, state, corrections, editor) {
    super();
    this.#app = app;
    this.#state = state;
    this.#corrections = corrections;
    this.#editor = editor;
  }

  build() {
    const state = this.#state;
    this.watch(() => this.#fill());
    this.watch(() => showDoubt(this.#words, state.read.value?.words ?? [], this.#app.settings.values.value));
    this.#mark(() => [state.hovered.value], "hovered", false);
    this.#mark(() => [state.chosen.value], "chosen", true);
    this.#mark(() => state.hits.value.all, "hit", false);
    this.#mark(() => state.hits.value.here, "hit-here", true);
    this.watch(() => showCorrected(this.#words, this.#state.read.value?.words ?? [], this.#corrections.known.value));
    this.watch(() => {
      void this.#editor.at.value;
      this.#hold();
    });
    this.listen(this, "dblclick", (event) => {
      const index = indexOf(event);
      if (index >= 0 && this.#editor.open(index, "text")) getSelection()?.removeAllRanges();
    });
    this.onLeave(() => {
      if (this.#editor.at.peek()?.where === "text") this.#editor.leave();
    });
    this.listen(this, "pointerover", (event) => (state.hovered.value = indexOf(event)));
    this.listen(this, "pointerleave", () => (state.hovered.value = -1));
    this.listen(this, "click", (event) => {
      const index = indexOf(event);
      if (index >= 0 && (getSelection()?.isCollapsed ?? true)) state.chosen.value = index;
    });
  }

  #fill() {
    const read = this.#state.read.value;
    this.#words = [];
    fill(this);
    if (!read) return;
    let index = 0;
    for (const block of read.page.blocks) {
      const flows = flowingLines(block);
      const lines = block.lines.map((line, at) => {
        const words = line.words.map((word) => {
          const element = h("span", { class: "w", "data-word": index, title: percent(word.confidence) }, word.text);
          index += 1;
          this.#words.push(element);
          return [element, " "];
        });
        return [...(words.length ? words : [line.text]), !flows[at] && h("br")];
      });
      this.append(h(block.kind === "heading" || block.kind === "title" ? "h2" : "p", { class: `block-${block.kind}` }, lines));
    }
    this.#hold();
  }

  /** Puts the field for writing where its word stands. */
  #hold() {
    const at = this.#editor.at.peek();
    for (const word of this.querySelectorAll(".w.written")) word.classList.remove("written");
    const word = at?.where === "text" ? this.#words[at.index] : undefined;
    if (!word) return;
    word.classList.add("written");
    this.#editor.show(() => word.after(this.#editor.field));
  }

  /**
   * @param {() => Iterable<number>} wanted
   * @param {string} name
   * @param {boolean} follow whether the first one is brought into view
   */
  #mark(wanted, name, follow) {
    const mark = new Mark(name);
    this.watch(() => {
      void this.#state.read.value;
      const first = mark.put(wanted(), this.#words);
      if (follow && first) requestAnimationFrame(() => revealIn(this.closest(".panel"), first));
    });
  }
}
customElements.define("ocr-text", TextTab);

/** @param {Event} event */
function indexOf(event) {
  const word = /** @type {HTMLElement} */ (event.target).closest("[data-word]");
  return word ? Number(word.getAttribute("data-word")) : -1;
}

/**
 * Scrolls a panel, and only the panel, so that an element can be seen.
 * @param {Element | null} panel
 * @param {HTMLElement} element
 */
export function revealIn(panel, element) {
  if (!panel) return;
  const box = element.getBoundingClientRect();
  const room = panel.getBoundingClientRect();
  if (box.top < room.top + 24 || box.bottom > room.bottom - 24) panel.scrollBy(0, box.top - room.top - room.height / 2);
}

/**
 * What stands in place of the content of a page that has none.
 * @param {import("./state.js").ViewerState} state
 * @returns {string | null}
 */
export function absence(state) {
  if (state.loading.value) return t("loading");
  const task = state.task.value;
  const read = state.read.value;
  if (!read) return task && (task.status === "pending" || task.status === "processing") ? t("viewer.notYet") : t("viewer.notRead");
  return read.words.length === 0 ? t("viewer.noText") : null;
}
