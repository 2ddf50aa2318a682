/** How documents come in: a place to drop them, buttons for files, folders and the camera, options. */
import { Component, h, icon, showAs } from "../core/dom.js";
import { signal } from "../core/signal.js";
import { bytes } from "../core/format.js";
import { t } from "../core/i18n.js";
import { ACCEPT, typeNames } from "./intake.js";
import { UploadOptionsForm } from "./options-form.js";

/**
 * A button that lets the reader choose files.
 * @param {string} label
 * @param {keyof typeof import("../core/icons.js").ICONS} name
 * @param {Record<string, unknown>} attributes of the hidden input
 * @param {(files: File[]) => void} chosen
 * @param {string} [style]
 */
function chooser(label, name, attributes, chosen, style = "") {
  const input = h("input", { type: "file", hidden: true, tabindex: -1, "aria-hidden": "true", ...attributes });
  input.addEventListener("change", () => {
    chosen([...(input.files ?? [])]);
    input.value = "";
  });
  const button = h("button", { type: "button", class: style, onclick: () => input.click() }, icon(name), label);
  return h("span", { class: `chooser ${style}` }, button, input);
}

export class IntakeBar extends Component {
  #app;
  /** Rises when the reader gave up on one. */
  #forgotten = signal(0);

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const app = this.#app;
    const add = (/** @type {File[]} */ files) => app.addFiles(files);
    const types = h("span", { class: "quiet" });
    const options = h("details", { class: "options" }, h("summary", null, h("span", null, t("options.title")), h("span", { class: "quiet" })), new UploadOptionsForm(app));
    const unfinished = h("div");
    this.append(
      h(
        "div",
        { class: "intake" },
        h("p", null, h("strong", null, t("intake.drop")), " ", types),
        h(
          "div",
          { class: "actions" },
          chooser(t("intake.files"), "upload", { accept: ACCEPT, multiple: true, name: "files" }, add, "primary"),
          chooser(t("intake.folder"), "folder", { webkitdirectory: true, multiple: true }, add, "folder-button"),
          chooser(t("intake.camera"), "camera", { accept: "image/*", capture: "environment" }, add, "camera-button"),
        ),
        options,
        unfinished,
      ),
    );
    const summary = /** @type {HTMLElement} */ (options.querySelector("summary .quiet"));
    this.watch(() => {
      void app.engines.value;
      types.textContent = t("intake.types", { types: typeNames(), limit: bytes(app.uploads.limit) });
    });
    this.watch(() => {
      const { engine, languages, pages } = app.settings.values.value.upload;
      const engines = app.engines.value?.engines ?? [];
      const chosen = engine || (engines.find((one) => one.default)?.name ?? t("options.engineDefault"));
      summary.textContent = [chosen, languages || t("options.anyLanguage"), pages ? t("options.somePages", { pages }) : t("options.allPages")].join(" · ");
    });
    this.watch(() => {
      void app.uploads.version.value;
      // Progress comes many times a second; only which files are on their way matters here.
      const sending = app.uploads.uploads.map(({ file }) => file.name);
      const key = `${this.#forgotten.value} ${JSON.stringify(sending)}`;
      showAs(unfinished, key, () => app.remembered.all().filter(({ name }) => !sending.includes(name)).map((one) => this.#unfinished(one)));
    });
  }

  /** Offers to go on with what a closed tab left behind.
   * @param {import("./remembered.js").Unfinished} one
   */
  #unfinished(one) {
    return h("p", { class: "unfinished" }, icon("alert"), t("intake.unfinished", { name: one.name, size: bytes(one.size) }), " ", h("button", { type: "button", class: "link", onclick: () => this.#forget(one) }, t("intake.forget")));
  }

  /** @param {import("./remembered.js").Unfinished} one */
  #forget(one) {
    this.#app.remembered.forget(one);
    this.#forgotten.value = this.#forgotten.peek() + 1;
  }
}
customElements.define("ocr-intake", IntakeBar);
