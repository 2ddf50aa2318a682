/** Copying, with a word about it. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";

/**
 * @param {string} text
 * @param {import("../core/notices.js").Notices} notices
 */
export async function copy(text, notices) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard; selecting and copying still works.
    const area = h("textarea", { class: "visually-hidden" });
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  notices.info(t("copied"), { time: 2000 });
}

/**
 * @param {() => string} text
 * @param {import("../core/notices.js").Notices} notices
 * @param {string} [label]
 */
export const copyButton = (text, notices, label = t("copy")) =>
  h("button", { type: "button", class: "small", onclick: () => void copy(text(), notices) }, icon("copy"), label);
