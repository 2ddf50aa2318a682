/** Errors in the reader's words: what is wrong, and what to do. */
import { currentLocale, t } from "../core/i18n.js";
import { en } from "../i18n/en.js";
import { typeNames } from "../uploads/intake.js";

/** @typedef {import("../core/i18n.js").Key} Key */

/** Whether the server's sentences, which are English, are in the reader's language. */
export const isEnglish = () => currentLocale().startsWith("en");

/**
 * What went wrong. The server's sentence is more exact than ours, and leads where the reader's
 * language is its own; elsewhere it is `original`, for the small print.
 * @param {unknown} error
 * @returns {{ cause: string, advice: string, original: string, requestId: string }}
 */
export function explain(error) {
  const { code = "internal", message = "", requestId = "" } = /** @type {any} */ (error) ?? {};
  const known = text(`cause.${code}`);
  const said = sentence(message);
  if (said && (isEnglish() || !known)) return { cause: said, advice: saysWhatToDo(message) ? "" : text(`advice.${code}`), original: "", requestId };
  return { cause: known || t("cause.internal"), advice: text(`advice.${code}`), original: said, requestId };
}

/**
 * Why a task failed.
 * @param {import("../api/types.js").Task} task
 */
export function explainTask(task) {
  const code = task.error_code ?? "internal";
  const message = task.error_message ?? "";
  return {
    title: text(`cause.${code}`) || t("cause.internal"),
    /** In English. */
    cause: sentence(message),
    advice: isEnglish() && saysWhatToDo(message) ? "" : text(`advice.${code}`) || t("advice.internal"),
  };
}

/**
 * Why a task failed, in a line.
 * @param {import("../api/types.js").Task} task
 */
export const briefly = (task) => (isEnglish() && task.error_message) || text(`cause.${task.error_code ?? "internal"}`) || t("cause.internal");

/** Whether a sentence of the server goes on with what to do; ours would only say it again.
 * @param {string} message
 */
const saysWhatToDo = (message) => message.includes("; ");

/** @param {string} key */
function text(key) {
  return key in en ? t(/** @type {Key} */ (key), { types: typeNames() }) : "";
}

/** A message of the server as a sentence.
 * @param {string} message
 */
export function sentence(message) {
  const trimmed = message.trim();
  if (!trimmed) return "";
  return trimmed[0]?.toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}
