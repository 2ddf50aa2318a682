/** What the page holds, in reading order: its blocks, and the fields, check boxes and answers found. */
import { Component, fill, h } from "../core/dom.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { boxElement } from "./table-element.js";
import { firstWordWithin } from "./words.js";

/** @typedef {import("../api/types.js").Page} Page */
/** @typedef {import("../core/dom.js").Child} Child */
/** @typedef {{ label: string, text: Child, outlines: import("../api/types.js").Polygon[], word: number, confidence?: number }} Entry */
/** @typedef {import("./words.js").PlacedWord} PlacedWord */

const KINDS = /** @type {const} */ (["title", "heading", "paragraph", "list", "table", "key-value", "figure", "signature", "header", "footer", "page-number"]);

/** @param {string} kind */
function kindName(kind) {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`kind.${known}`) : kind;
}

export class LayoutTab extends Component {
  #state;

  /** @param {import("./state.js").ViewerState} state */
  constructor(state) {
    super();
    this.#state = state;
  }

  build() {
    const state = this.#state;
    this.watch(() => {
      const read = state.read.value;
      if (!read) {
        fill(this);
        return;
      }
      const { page, words } = read;
      fill(
        this,
        this.#list(blockEntries(page, words)),
        this.#section(t("layout.fields"), fieldEntries(page, words)),
        this.#section(t("layout.selections"), selectionEntries(page)),
        this.#section(t("layout.answers"), answerEntries(page, words)),
      );
    });
    this.onLeave(() => (state.pointed.value = []));
  }

  /**
   * @param {string} title
   * @param {Entry[]} entries
   */
  #section(title, entries) {
    return entries.length > 0 && h("section", null, h("h2", null, title), this.#list(entries));
  }

  /** @param {Entry[]} entries */
  #list(entries) {
    const state = this.#state;
    return h("ol", { class: "blocks" }, entries.map(({ label, text, outlines, word, confidence }) => {
      const point = () => void (state.pointed.value = outlines);
      const leave = () => void (state.pointed.value = []);
      const choose = () => void (state.chosen.value = word);
      const title = confidence !== undefined && percent(confidence);
      return h("li", null, h("button", { type: "button", title, onclick: choose, onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave }, label && h("span", { class: "kind" }, label), h("span", { class: "excerpt" }, text)));
    }));
  }
}
customElements.define("ocr-layout", LayoutTab);

/** @type {(page: Page, words: PlacedWord[]) => Entry[]} */
const blockEntries = ({ blocks }, words) =>
  blocks.map(({ kind, lines, polygon }, index) => ({
    label: kindName(kind),
    text: lines.map((line) => line.text).join(" "),
    outlines: [polygon],
    word: words.find((word) => word.block === index)?.index ?? -1,
  }));

/** @type {(page: Page, words: PlacedWord[]) => Entry[]} */
const fieldEntries = ({ fields = [] }, words) =>
  fields.map(({ key, keyPolygon, value, valuePolygon, selected, confidence }) => {
    const empty = value === "" && selected === undefined;
    const text = empty ? t("field.empty") : [selected !== undefined && [boxElement(selected), " "], value];
    return { label: key, text, outlines: valuePolygon ? [keyPolygon, valuePolygon] : [keyPolygon], word: firstWordWithin(words, [valuePolygon ?? keyPolygon]), confidence };
  });

/** @type {(page: Page) => Entry[]} */
const selectionEntries = ({ selections = [] }) =>
  selections.map(({ selected, polygon, confidence }) => ({ label: "", text: t(selected ? "selection.on" : "selection.off"), outlines: [polygon], word: -1, confidence }));

/** @type {(page: Page, words: PlacedWord[]) => Entry[]} */
const answerEntries = ({ answers = [] }, words) =>
  answers.map(({ query, text, polygon, confidence }) => {
    const outlines = polygon ? [polygon] : [];
    return { label: query, text: text ?? t("answer.none"), outlines, word: firstWordWithin(words, outlines), confidence };
  });
