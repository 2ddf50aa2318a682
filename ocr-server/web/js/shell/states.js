/** What a screen shows when it has nothing else to show. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isOffline } from "../api/client.js";
import { explain, sentence } from "../tasks/explain.js";

/**
 * @param {{ icon: keyof typeof import("../core/icons.js").ICONS, title: string, text?: string, actions?: Node[], level?: "h1" | "h2" }} content
 */
export function emptyState({ icon: name, title, text, actions = [], level = "h2" }) {
  return h("div", { class: "state" }, icon(name), h(level, { tabindex: level === "h1" && -1 }, title), text && h("p", null, text), actions.length ? h("div", { class: "actions" }, actions) : null);
}

/**
 * @param {unknown} error
 * @param {() => void} again
 */
export function errorState(error, again) {
  const { cause, advice, original, requestId } = explain(error);
  const retry = h("button", { type: "button", onclick: again }, t("tryAgain"));
  const state = isOffline(error)
    ? emptyState({ icon: "alert", title: t("offline.title"), text: t("offline.text"), actions: [retry] })
    : emptyState({ icon: "alert", title: cause, text: advice, actions: [retry] });
  state.setAttribute("role", "alert");
  if (original) state.append(h("p", { class: "quiet", lang: "en" }, original));
  if (requestId) state.append(h("p", { class: "quiet" }, t("error.request"), " ", h("code", null, requestId)));
  return state;
}

/**
 * The same for errors that are shown alike.
 * @param {unknown} error
 */
export function errorKey(error) {
  const { code = "", message = "" } = /** @type {any} */ (error);
  return `error ${code} ${message}`;
}

/** @param {number} lines */
export function skeleton(lines) {
  return h("div", { class: "skeletons", role: "status" }, h("span", { class: "visually-hidden" }, t("loading")), Array.from({ length: lines }, () => h("div", { class: "skeleton" })));
}

/**
 * A bar over a screen that says that no engine can read documents now.
 * @param {string} message of the server
 */
export function engineNotice(message) {
  return h("div", { class: "banner", role: "status" }, icon("alert"), h("div", null, h("strong", null, t("engine.none")), h("p", { lang: "en" }, sentence(message)), h("p", { class: "quiet" }, t("engine.wait"))));
}
