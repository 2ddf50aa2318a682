/** Copying, with a word about it. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

/**
 * @param {string} text
 * @param {import("../core/notices.js").Notices} notices
 */
export async function copy(text, notices) {
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (copied || copySelected(text)) notices.info(t("copied"), { time: 2000 });
  else notices.error(t("copyFailed"));
}

/**
 * Without a secure context there is no clipboard; selecting and copying may still work.
 * @param {string} text
 */
function copySelected(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const area = h("textarea", { class: "visually-hidden" });
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return copied;
}

/**
 * @param {() => string} text
 * @param {import("../core/notices.js").Notices} notices
 * @param {string} [label]
 */
export const copyButton = (text, notices, label = t("copy")) =>
  h("button", { type: "button", class: "small", onclick: () => void copy(text(), notices) }, icon("copy"), label);
