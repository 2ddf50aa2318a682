/** Labels and collections, shown. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";

/** @typedef {import("../api/types.js").Task} Task */

/**
 * The labels and the collection of a document, to be read.
 * @param {Pick<Task, "labels" | "collection">} task
 */
export function chips({ labels = [], collection = null }) {
  const inside = collection && h("span", { class: "chip", title: t("filing.inCollection", { name: collection }) }, icon("folder"), collection);
  return [inside, ...labels.map((name) => h("span", { class: "chip" }, name))].filter((chip) => chip instanceof Node);
}

/**
 * A link to the documents with this label, or in this collection.
 * @param {"label" | "collection"} kind
 * @param {string} name
 */
export const chipLink = (kind, name) => h("a", { class: "chip", href: formatRoute("documents", { [kind]: name }) }, kind === "collection" && icon("folder"), name);
