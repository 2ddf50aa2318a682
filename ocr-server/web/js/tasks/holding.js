/** Why a document is where it is, in the reader's words. */
import { clockTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { en } from "../i18n/en.js";
import { briefly, isEnglish, sentence } from "./explain.js";

/** @typedef {import("../api/types.js").Explanation} Explanation */
/** @typedef {import("../core/i18n.js").Key} Key */

/** The server counts what is ahead up to here. */
const COUNTED = 499;
/** Where the server's sentence says more than ours: what failed, or which engine is missing. */
const TELLING = new Set(["delay", "no_engine", "document", "dead_letter"]);

/**
 * @typedef {object} Words
 * @property {string} what holds it
 * @property {string} next what happens next, or what to do
 * @property {string} cause what failed, where the server's sentence is in another language
 * @property {string} said the server's sentence, in English
 * @property {boolean} foreign whether `what` and `next` are in English, because this page does not know the state
 */

/**
 * What an explanation says. A state that this page does not know is told as the server tells it.
 * @param {Explanation} why
 * @param {import("../api/types.js").Task} task
 * @param {number} now milliseconds
 * @returns {Words}
 */
export function inWords(why, task, now) {
  const { holding, message, next } = why;
  if (!has(`why.${holding}`)) return { what: sentence(message), next: sentence(next), cause: "", said: "", foreign: !isEnglish() };
  const values = {
    attempt: why.attempt + 1,
    worker: why.worker ?? t("explain.itsWorker"),
    time: why.until ? clockTime(why.until, now) : "",
  };
  const said = TELLING.has(holding) ? sentence(message) : "";
  const cause = said && !isEnglish() && task.error_code ? briefly(task) : "";
  const what = holding === "turn" ? turn(why.ahead) : t(/** @type {Key} */ (`why.${holding}`), values);
  if (holding === "dead_letter") return { what: [what, maybe(`aside.${why.cause}`, values)].filter(Boolean).join(" "), next: maybe(`aside.${why.cause}.next`, values) || t("why.dead_letter.next"), cause, said, foreign: false };
  const over = holding === "silent_worker" && (!why.until || Date.parse(why.until) <= now);
  return { what, next: over ? t("explain.takenOverNow") : maybe(`why.${holding}.next`, values), cause, said, foreign: false };
}

/** @param {number | null} ahead documents, null where that is not known */
function turn(ahead) {
  if (ahead === null) return t("why.turn");
  if (ahead >= COUNTED) return t("turn.farBack", { n: COUNTED });
  return ahead === 0 ? t("turn.first") : t("turn.ahead", { n: ahead });
}

/** @param {string} key */
const has = (key) => Object.hasOwn(en, key);

/**
 * A text, or nothing where there is none.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
const maybe = (key, values) => (has(key) ? t(/** @type {Key} */ (key), values) : "");
