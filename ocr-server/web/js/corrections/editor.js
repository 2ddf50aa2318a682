/** The field in which a word is written anew, in the text or on the image: one, wherever it stands. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { signal } from "../core/signal.js";
import { moved, typed } from "./operations.js";

/** @typedef {"text" | "page"} Where */

export class WordEditor {
  /** The word that is written, and where; null while none is. */
  at = signal(/** @type {{ index: number, where: Where } | null} */ (null));
  /** The field. Whoever shows the word puts it there. */
  field = h("input", { class: "word-editor", type: "text", maxlength: 500, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": t("edit.word") });
  #corrections;
  #state;
  /** What the word said when it was begun. */
  #before = "";
  /** The word for which the field was shown last. @type {unknown} */
  #shown = null;

  /**
   * @param {import("./corrections.js").Corrections} corrections
   * @param {import("../viewer/state.js").ViewerState} state
   */
  constructor(corrections, state) {
    this.#corrections = corrections;
    this.#state = state;
    this.field.addEventListener("keydown", (event) => this.#press(event));
    this.field.addEventListener("input", () => this.#fit());
    this.field.addEventListener("blur", () => setTimeout(() => this.#left()));
  }

  /**
   * Begins to write a word; false when it cannot be corrected.
   * @param {number} index
   * @param {Where} where
   */
  open(index, where) {
    const word = this.#state.read.peek()?.words[index];
    if (!word || !this.#corrections.known.peek()) return false;
    this.#before = word.text;
    this.field.value = word.text;
    this.#fit();
    this.#state.chosen.value = index;
    this.at.value = { index, where };
    return true;
  }

  /**
   * Puts the field into the page, and the keyboard into it.
   * @param {() => void} put
   */
  show(put) {
    const { selectionStart, selectionEnd } = this.field;
    put();
    this.field.focus({ preventScroll: true });
    // Where the page around it was made anew, one goes on typing where one was.
    if (this.#shown === this.at.peek()) this.field.setSelectionRange(selectionStart, selectionEnd);
    else this.field.select();
    this.#shown = this.at.peek();
  }

  /** Ends without a change. */
  leave() {
    this.at.value = null;
    this.field.remove();
  }

  /** The field is as wide as what is in it. */
  #fit() {
    this.field.style.setProperty("--letters", String(Math.max(3, [...this.field.value].length + 1)));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    // What is pressed here is for the field alone.
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.#close();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void this.#commit();
      this.#close();
    } else if (event.key === "Tab") {
      event.preventDefault();
      void this.#next(event.shiftKey ? -1 : 1);
    }
  }

  /** Ends, and gives the keyboard back to where the word is. */
  #close() {
    const where = this.at.peek()?.where;
    this.leave();
    const back = where === "page" ? ".word.chosen, .word[tabindex='0']" : "#result-panel";
    /** @type {HTMLElement | null} */ (document.querySelector(back))?.focus({ preventScroll: true });
  }

  /**
   * Makes the change that was typed, and goes to the next word or the one before.
   * @param {1 | -1} by
   */
  async #next(by) {
    const at = this.at.peek();
    if (!at) return;
    const operation = this.#operation();
    const done = this.#commit();
    // Where words come or go, the next one has its place only afterwards.
    if (moved(operation) !== 0 && !(await done)) return;
    if (this.at.peek() !== at) return;
    const index = at.index + by + (by > 0 ? moved(operation) : 0);
    const count = this.#state.read.peek()?.words.length ?? 0;
    if (index < 0 || index >= count) this.#close();
    else this.open(index, at.where);
  }

  #operation() {
    const at = this.at.peek();
    return at && typed(at.index, this.#before, this.field.value);
  }

  /** @returns {Promise<boolean>} whether the page is as it was typed */
  #commit() {
    const operation = this.#operation();
    if (!operation) return Promise.resolve(true);
    this.#before = this.field.value;
    return this.#corrections.apply([operation]);
  }

  /** Whoever goes elsewhere meant what they typed. */
  #left() {
    if (!this.at.peek() || document.activeElement === this.field || !document.hasFocus()) return;
    void this.#commit();
    this.leave();
  }
}
