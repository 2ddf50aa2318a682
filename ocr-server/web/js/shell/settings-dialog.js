/** What a reader can set for this browser. */
import { h } from "../core/dom.js";
import { LANGUAGES, t } from "../core/i18n.js";
import { DEMO_USER, isUuid } from "../core/settings.js";
import { openDialog } from "./dialog.js";

/** @param {import("../app.js").App} app */
export function openSettings(app) {
  openDialog(t("settings.title"), (close) => [form(app, close)]);
}

/**
 * @param {import("../app.js").App} app
 * @param {() => void} close
 */
function form(app, close) {
  const values = app.settings.values.peek();
  const user = h("input", { id: "setting-user", name: "userId", value: values.userId, spellcheck: "false", autocomplete: "off", "aria-describedby": "setting-user-about" });
  const error = h("p", { class: "field-error", role: "alert", hidden: true }, t("settings.userInvalid"));
  const theme = select("setting-theme", values.theme, { system: t("theme.system"), light: t("theme.light"), dark: t("theme.dark") });
  const language = select("setting-language", values.language, { "": t("settings.browserLanguage"), ...LANGUAGES });
  const letters = check("setting-letters", values.letterKeys);
  const invert = check("setting-invert", values.invert);
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    const userId = user.value.trim().toLowerCase() || DEMO_USER;
    error.hidden = isUuid(userId);
    user.setAttribute("aria-invalid", String(!isUuid(userId)));
    if (!isUuid(userId)) {
      user.focus();
      return;
    }
    const chosen = /** @type {"system" | "light" | "dark"} */ (theme.value);
    app.settings.change({ userId, theme: chosen, language: language.value, letterKeys: letters.checked, invert: invert.checked });
    close();
  };
  return h(
    "form",
    { onsubmit: save, class: "fields", novalidate: true },
    field("setting-theme", t("settings.theme"), theme),
    field("setting-language", t("settings.language"), language),
    h("div", { class: "field check" }, letters, h("label", { for: "setting-letters" }, t("settings.letterKeys"))),
    h("div", { class: "field check" }, invert, h("label", { for: "setting-invert" }, t("settings.invert"))),
    // Whoever signed in sees their own documents.
    app.accounts.session.peek()?.auth === "local" ? null : [field("setting-user", t("settings.user"), user, t("settings.userAbout")), error],
    h("footer", null, h("button", { type: "button", onclick: () => close() }, t("cancel")), h("button", { class: "primary" }, t("save"))),
  );
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [about]
 */
export function field(id, label, control, about) {
  return h("div", { class: "field" }, h("label", { for: id }, label), control, about && h("p", { class: "quiet", id: `${id}-about` }, about));
}

/**
 * @param {string} id
 * @param {string} value
 * @param {Record<string, string>} options
 */
export function select(id, value, options) {
  return h("select", { id }, Object.entries(options).map(([key, label]) => h("option", { value: key, selected: key === value }, label)));
}

/**
 * @param {string} id
 * @param {boolean} checked
 */
const check = (id, checked) => h("input", { type: "checkbox", id, checked });
