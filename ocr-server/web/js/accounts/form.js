/** Forms that say what went wrong, and are not sent twice at once. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { field } from "../shell/settings-dialog.js";
import { explain } from "../tasks/explain.js";

/**
 * @param {object} parts
 * @param {import("../core/dom.js").Child[]} parts.fields
 * @param {string} parts.send what the button says
 * @param {() => Promise<unknown>} parts.run
 * @param {Record<string, string>} [parts.texts] what an error is called here, by its code
 * @param {string} [parts.label] of the form
 */
export function accountForm({ fields, send, run, texts = {}, label }) {
  const error = h("p", { class: "field-error", role: "alert", hidden: true });
  const button = h("button", { class: "primary" }, send);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    error.hidden = true;
    try {
      await run();
    } catch (problem) {
      error.textContent = trouble(problem, texts);
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  return h("form", { class: "fields account-form", onsubmit: submit, "aria-label": label }, fields, error, h("div", { class: "actions" }, button));
}

/**
 * An error in a line.
 * @param {unknown} problem
 * @param {Record<string, string>} [texts]
 */
export function trouble(problem, texts = {}) {
  const { code = "" } = /** @type {any} */ (problem) ?? {};
  const { cause, advice } = explain(problem);
  return texts[code] ?? `${cause} ${advice}`.trim();
}

/**
 * @param {string} id
 * @param {string} [value]
 */
export function nameField(id, value = "") {
  const input = h("input", { id, name: "username", value, autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, maxlength: 200 });
  return { input, row: field(id, t("account.name"), input) };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {"current-password" | "new-password"} autocomplete
 */
export function passwordField(id, label, autocomplete) {
  const isNew = autocomplete === "new-password";
  const input = h("input", { id, name: id, type: "password", autocomplete, required: true, minlength: isNew ? 8 : false, maxlength: 256, "aria-describedby": isNew && `${id}-about` });
  return { input, row: field(id, label, input, isNew ? t("account.passwordAbout") : undefined) };
}

/** @param {string} id */
export function codeField(id) {
  const input = h("input", { id, name: id, autocomplete: "one-time-code", autocapitalize: "none", spellcheck: "false", maxlength: 64, "aria-describedby": `${id}-about` });
  return { input, row: field(id, t("signIn.code"), input, t("signIn.codeAbout")) };
}
