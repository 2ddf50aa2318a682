/** What can be done to the chosen word and its line, what was done, and taking it back. */
import { Component, h, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { attachMenu } from "../shell/menu.js";
import { walkByArrows } from "../shell/arrow-keys.js";
import { joinWithNext, moveLine } from "./operations.js";

/** Deleted words and lines that can be chosen to be restored. */
const RESTORABLE = 20;

export class CorrectionBar extends Component {
  #state;
  #corrections;
  #editor;

  /**
   * @param {import("../viewer/state.js").ViewerState} state
   * @param {import("./corrections.js").Corrections} corrections
   * @param {import("./editor.js").WordEditor} editor
   */
  constructor(state, corrections, editor) {
    super();
    this.#state = state;
    this.#corrections = corrections;
    this.#editor = editor;
    walkByArrows(this);
  }

  build() {
    const corrections = this.#corrections;
    this.setAttribute("role", "toolbar");
    this.setAttribute("aria-label", t("edit.tools"));
    const edit = iconButton("edit", t("edit.word"), () => this.edit("text"));
    const join = iconButton("join", t("edit.join"), () => this.join());
    const remove = iconButton("trash", t("edit.delete"), () => this.remove());
    const up = iconButton("up", t("edit.lineUp"), () => this.move(-1));
    const down = iconButton("down", t("edit.lineDown"), () => this.move(1));
    const said = h("span", { class: "count", role: "status" });
    const carry = h("button", { type: "button", class: "small", onclick: () => void corrections.carryOver() }, t("edit.carry"));
    const restore = iconButton("restore", t("edit.restore"), () => {});
    attachMenu(restore, () => this.#deleted());
    const undo = iconButton("undo", t("edit.undo"), () => void corrections.undo());
    const redo = iconButton("redo", t("edit.redo"), () => void corrections.redo());
    this.append(edit, join, remove, up, down, said, carry, restore, undo, redo);
    this.watch(() => {
      const known = corrections.known.value;
      const words = this.#state.read.value?.words ?? [];
      const word = words[this.#state.chosen.value];
      const none = !known || !word;
      edit.disabled = remove.disabled = none;
      join.disabled = none || !joinWithNext(words, word.index);
      up.disabled = none || !moveLine(word.line, -1, this.#lines);
      down.disabled = none || !moveLine(word.line, 1, this.#lines);
      undo.disabled = !known?.canUndo;
      redo.disabled = !known?.canRedo;
      restore.disabled = !known || known.deleted.length === 0;
      carry.hidden = !known?.earlier;
      const n = (known?.changed.length ?? 0) + (known?.deleted.length ?? 0);
      said.textContent = known?.earlier ? t("edit.earlier", { n: known.earlier }) : n ? t("edit.count", { n }) : "";
    });
  }

  get #lines() {
    return (this.#state.read.value?.page.blocks ?? []).reduce((count, block) => count + block.lines.length, 0);
  }

  /** The chosen word, if it can be corrected. */
  get #word() {
    return this.#corrections.known.peek() ? this.#state.read.peek()?.words[this.#state.chosen.peek()] : undefined;
  }

  /**
   * Begins to write the chosen word; false when there is none.
   * @param {import("./editor.js").Where} where
   */
  edit(where) {
    const word = this.#word;
    return word !== undefined && this.#editor.open(word.index, where);
  }

  /**
   * Confirms what was read of the chosen word; false when there is none.
   * @param {() => void} then goes on
   */
  accept(then) {
    const word = this.#word;
    if (!word) return false;
    const accepted = this.#corrections.apply([{ op: "set-text", word: word.index, text: word.text }]);
    void accepted.then((done) => done && then());
    return true;
  }

  join() {
    const operation = joinWithNext(this.#state.read.peek()?.words ?? [], this.#word?.index ?? -1);
    if (operation) void this.#corrections.apply([operation]);
    return operation !== null;
  }

  remove() {
    const word = this.#word;
    if (word) void this.#corrections.apply([{ op: "delete-word", word: word.index }]);
    return word !== undefined;
  }

  /** @param {1 | -1} by */
  move(by) {
    const word = this.#word;
    const operation = word ? moveLine(word.line, by, this.#lines) : null;
    if (!word || !operation) return false;
    const { line, index } = word;
    const first = (this.#state.read.peek()?.words ?? []).findIndex((other) => other.line === line);
    const offset = index - first;
    void this.#corrections.apply([operation]).then((done) => {
      // The word that was chosen stays chosen, where it is now.
      const words = this.#state.read.peek()?.words ?? [];
      const now = words.findIndex((other) => other.line === line + by);
      if (done && now >= 0) this.#state.chosen.value = now + offset;
    });
    return true;
  }

  #deleted() {
    const deleted = this.#corrections.known.peek()?.deleted ?? [];
    return deleted.slice(0, RESTORABLE).map(({ edit, text }) => ({ label: text, run: () => void this.#corrections.apply([{ op: "restore", edit }]) }));
  }
}
customElements.define("ocr-corrections", CorrectionBar);
