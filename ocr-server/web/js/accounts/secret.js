/** Secrets that are shown once. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { openDialog } from "../shell/dialog.js";

/**
 * Shows a secret, this once.
 * @param {import("../app.js").App} app
 * @param {string} title
 * @param {string} secret
 */
export function showSecret(app, title, secret) {
  openDialog(title, (close) => [
    h("p", null, t("account.onlyNow")),
    h("p", null, h("code", { class: "secret", tabindex: 0 }, secret)),
    h("footer", null, copyButton(() => secret, app.notices), h("button", { type: "button", class: "primary", onclick: () => close() }, t("close"))),
  ]);
}
