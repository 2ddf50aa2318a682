/** Files may be dropped anywhere on the page, and images pasted. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isTyping } from "../core/keyboard.js";
import { droppedFiles, pastedFiles } from "./intake.js";

/** @param {DragEvent} event */
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

/**
 * @param {Window} window
 * @param {(files: File[]) => void} add
 * @param {(names: string[]) => void} failed told what of a drop could not be read
 */
export function acceptDrops(window, add, failed) {
  const veil = h("div", { class: "veil", hidden: true, "aria-hidden": "true" });
  document.body.append(veil);
  let depth = 0;
  const show = (/** @type {boolean} */ shown) => {
    if (shown && veil.hidden) veil.replaceChildren(icon("upload"), t("intake.release"));
    veil.hidden = !shown;
    if (!shown) depth = 0;
  };
  window.addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth += 1;
    show(true);
  });
  window.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) show(false);
  });
  window.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  window.addEventListener("drop", async (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    show(false);
    const { files, unread } = await droppedFiles(event.dataTransfer);
    add(files);
    if (unread.length) failed(unread);
  });
  window.addEventListener("paste", (event) => {
    if (isTyping(event.target)) return;
    const files = pastedFiles(event.clipboardData, new Date());
    if (files.length === 0) return;
    event.preventDefault();
    add(files);
  });
}
