/** Windows over the page. */
import { h, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";

let serial = 0;

/**
 * Opens a modal window with a title and a way to close it.
 * @param {string} title
 * @param {(close: (value?: string) => void) => (Node | string | null)[]} content
 * @param {{ class?: string, onClose?: (value: string) => void }} [options]
 */
export function openDialog(title, content, options = {}) {
  const id = `dialog-${(serial += 1)}`;
  const close = (value = "") => dialog.close(value);
  const dialog = h(
    "dialog",
    { class: options.class ?? "", "aria-labelledby": id },
    h("header", null, h("h2", { id }, title), iconButton("close", t("close"), () => close())),
    content(close),
  );
  // A click on the backdrop lands on the dialog itself.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  dialog.addEventListener("close", () => {
    options.onClose?.(dialog.returnValue);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks whether to go on.
 * @param {{ title: string, text: string, yes: string }} question
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, text, yes }) {
  return new Promise((resolve) => {
    openDialog(
      title,
      (close) => [
        h("p", null, text),
        h(
          "footer",
          null,
          h("button", { type: "button", onclick: () => close() }, t("cancel")),
          h("button", { type: "button", class: "danger", autofocus: true, onclick: () => close("yes") }, yes),
        ),
      ],
      { class: "confirm", onClose: (value) => resolve(value === "yes") },
    );
  });
}
