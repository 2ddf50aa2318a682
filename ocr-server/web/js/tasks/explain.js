/** Errors in the reader's words: what is wrong, and what to do. */
import { t } from "../core/i18n.js";
import { en } from "../i18n/en.js";

/** @typedef {import("../core/i18n.js").Key} Key */

/**
 * @param {unknown} error
 * @returns {{ cause: string, advice: string, requestId: string }}
 */
export function explain(error) {
  const { code = "internal", message = "", requestId = "" } = /** @type {any} */ (error) ?? {};
  const known = text(`cause.${code}`);
  // The server's sentence is more exact than ours, when it has one.
  const cause = sentence(message) || known || t("cause.internal");
  return { cause, advice: saysWhatToDo(message) ? "" : text(`advice.${code}`), requestId };
}

/**
 * Why a task failed.
 * @param {import("../api/types.js").Task} task
 */
export function explainTask(task) {
  const code = task.error_code ?? "internal";
  return {
    title: text(`cause.${code}`) || t("cause.internal"),
    cause: sentence(task.error_message ?? ""),
    advice: saysWhatToDo(task.error_message ?? "") ? "" : text(`advice.${code}`) || t("advice.internal"),
  };
}

/** Whether a sentence of the server goes on with what to do; ours would only say it again.
 * @param {string} message
 */
const saysWhatToDo = (message) => message.includes("; ");

/** @param {string} key */
function text(key) {
  return key in en ? t(/** @type {Key} */ (key)) : "";
}

/** A message of the server as a sentence.
 * @param {string} message
 */
export function sentence(message) {
  const trimmed = message.trim();
  if (!trimmed) return "";
  return trimmed[0]?.toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}
