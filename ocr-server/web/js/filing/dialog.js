/** The window in which documents are filed, one or many. */
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { openDialog } from "../shell/dialog.js";
import { field } from "../shell/settings-dialog.js";
import { MAX_NAME, MAX_NOTE, changeOf, common, labelsOf, nameKey } from "./filing.js";

/** @typedef {import("../api/types.js").Task} Task */

/**
 * @param {import("../app.js").App} app
 * @param {Task[]} tasks
 */
export function openFiling(app, tasks) {
  const first = tasks[0];
  if (!first) return;
  const title = t("filing.title", { n: tasks.length, name: first.filename });
  const dialog = openDialog(title, (close) => [form(app, tasks, close)], { class: "filing" });
  /** @type {HTMLElement | null} */ (dialog.querySelector("#filing-new"))?.focus();
}

/**
 * @param {import("../app.js").App} app
 * @param {Task[]} tasks
 * @param {() => void} close
 */
function form(app, tasks, close) {
  const labels = new LabelChoice(tasks);
  const collection = common(tasks.map((task) => task.collection));
  const note = common(tasks.map((task) => task.note));
  const differs = t("filing.differs");
  const place = h("input", { id: "filing-collection", list: "filing-collections", maxlength: MAX_NAME, autocomplete: "off", value: collection ?? "", placeholder: collection === null ? differs : "" });
  const text = h("textarea", { id: "filing-note", rows: 3, maxlength: MAX_NOTE, value: note ?? "", placeholder: note === null ? differs : "" });
  const known = { labels: h("datalist", { id: "filing-labels" }), collections: h("datalist", { id: "filing-collections" }) };
  void suggest(app, known);
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    labels.take();
    // What differs stays as it is, unless something was typed.
    const wanted = (/** @type {string | null} */ before, /** @type {string} */ typed) => (before === null && !typed.trim() ? null : typed);
    const change = changeOf(tasks, { labels: labels.wanted, collection: wanted(collection, place.value), note: wanted(note, text.value) });
    if (!change || (await app.actions.file(tasks, change))) close();
  };
  return h(
    "form",
    { class: "fields", onsubmit: (/** @type {Event} */ event) => void save(event) },
    labels.element,
    field("filing-collection", t("filing.collection"), place),
    field("filing-note", t("filing.note"), text),
    known.labels,
    known.collections,
    h("footer", null, h("button", { type: "button", onclick: () => close() }, t("cancel")), h("button", { class: "primary" }, t("save"))),
  );
}

/**
 * Offers the names that there are while one types; without them one types all of it.
 * @param {import("../app.js").App} app
 * @param {{ labels: HTMLElement, collections: HTMLElement }} lists
 */
async function suggest(app, lists) {
  try {
    const names = await app.client.filingNames();
    for (const kind of /** @type {const} */ (["labels", "collections"])) fill(lists[kind], names[kind].map(({ name }) => h("option", { value: name })));
  } catch {
    // The field works without.
  }
}

/** Boxes for the labels that the documents have, and a field for others. */
class LabelChoice {
  /** @type {Map<string, { name: string, box: HTMLInputElement }>} */
  #boxes = new Map();
  #list = h("div", { class: "label-boxes" });
  #field = h("input", { id: "filing-new", list: "filing-labels", maxlength: MAX_NAME, autocomplete: "off", "aria-describedby": "filing-new-about" });

  /** @param {Task[]} tasks */
  constructor(tasks) {
    for (const { name, all } of labelsOf(tasks)) this.#add(name, all);
    this.#field.addEventListener("keydown", (event) => {
      const takes = event.key === "," || (event.key === "Enter" && this.#field.value.trim() !== "");
      if (!takes || event.isComposing) return;
      event.preventDefault();
      this.take();
    });
    this.element = h("fieldset", null, h("legend", null, t("filing.labels")), this.#list, field("filing-new", t("filing.new"), this.#field, t("filing.newAbout")));
  }

  /** Takes over what stands in the field. */
  take() {
    const name = this.#field.value.trim();
    this.#field.value = "";
    if (!name) return;
    const known = this.#boxes.get(nameKey(name));
    if (!known) this.#add(name, true);
    else [known.box.checked, known.box.indeterminate] = [true, false];
  }

  /** For each label whether it is wanted; null for one that some have and nobody touched. */
  get wanted() {
    return [...this.#boxes.values()].map(({ name, box }) => ({ name, wanted: box.indeterminate ? null : box.checked }));
  }

  /**
   * @param {string} name
   * @param {boolean} all whether all documents have it, and not only some
   */
  #add(name, all) {
    const box = h("input", { type: "checkbox", checked: all, indeterminate: !all });
    this.#boxes.set(nameKey(name), { name, box });
    this.#list.append(h("label", { class: "check" }, box, h("span", null, name)));
  }
}
