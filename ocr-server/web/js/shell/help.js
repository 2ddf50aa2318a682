/** The keys that work where the reader is. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isLetterKey, keyName } from "../core/keyboard.js";
import { openDialog } from "./dialog.js";

/** @param {import("../app.js").App} app */
export function openHelp(app) {
  const letters = app.settings.values.peek().letterKeys;
  const usable = (/** @type {string} */ key) => letters || !isLetterKey(key);
  const groups = app.keyboard.groups.peek().map(({ title, shortcuts }) => {
    const rows = shortcuts
      .map(({ keys, label }) => ({ keys: keys.filter(usable), label }))
      .filter(({ keys }) => keys.length)
      .map(({ keys, label }) =>
        h("div", null, h("dt", null, keys.map((key) => h("kbd", null, keyName(key)))), h("dd", null, label)),
      );
    return rows.length ? h("section", null, h("h3", null, title), h("dl", { class: "keys" }, rows)) : null;
  });
  openDialog(
    t("help.title"),
    () => [
      h("div", { class: "key-groups" }, groups),
      h("p", { class: "quiet" }, letters ? t("help.lettersOn") : t("help.lettersOff")),
    ],
    { class: "wide" },
  );
}
