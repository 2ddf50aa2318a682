/** How the next files are read: engine, languages, pages; and the same request as a command. */
import { Component, fill, h } from "../core/dom.js";
import { language } from "../core/format.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { field, select } from "../shell/settings-dialog.js";
import { curlCommand } from "./curl.js";
import { pageRange } from "./intake.js";

export class UploadOptionsForm extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { settings, engines, notices } = this.#app;
    const command = h("pre", { tabindex: 0, "aria-label": t("options.command") });
    const text = () => curlCommand(location.origin, settings.values.peek().userId, settings.values.peek().upload);
    const { upload } = settings.values.peek();
    const engine = select("option-engine", "", {});
    const languages = h("input", { id: "option-languages", value: upload.languages, placeholder: "en, de", list: "option-language-list", spellcheck: "false", "aria-describedby": "option-languages-about" });
    const known = h("datalist", { id: "option-language-list" });
    const change = (/** @type {Partial<typeof upload>} */ changes) => settings.change({ upload: { ...settings.values.peek().upload, ...changes } });
    engine.addEventListener("change", () => change({ engine: engine.value }));
    const readAgain = h("input", { type: "checkbox", id: "option-read-again", checked: upload.readAgain === true });
    readAgain.addEventListener("change", () => change({ readAgain: readAgain.checked }));
    const textLayer = select("option-text-layer", upload.textLayer ?? "", {
      "": t("options.textLayerUsual"),
      auto: t("options.textLayerAuto"),
      force: t("options.textLayerForce"),
      skip: t("options.textLayerSkip"),
      redo: t("options.textLayerRedo"),
    });
    textLayer.addEventListener("change", () => change({ textLayer: textLayer.value }));
    languages.addEventListener("input", () => change({ languages: languages.value.trim() }));
    this.append(
      h("div", { class: "option-fields" }, field("option-engine", t("options.engine"), engine), field("option-languages", t("options.languages"), languages, t("options.languagesAbout")), known, this.#pages(change), field("option-text-layer", t("options.textLayer"), textLayer)),
      h("div", { class: "field check" }, readAgain, h("label", { for: "option-read-again" }, t("options.readAgain"))),
      h("div", { class: "command" }, command, copyButton(text, notices, t("options.copyCurl"))),
    );
    this.watch(() => {
      const list = engines.value?.engines ?? [];
      const chosen = settings.values.peek().upload.engine;
      fill(engine, engineChoices(list, chosen).map(([name, label]) => h("option", { value: name, selected: name === chosen }, label)));
      const tags = new Set(list.flatMap((one) => one.languages));
      fill(known, [...tags].map((tag) => h("option", { value: tag }, language(tag))));
    });
    this.watch(() => {
      void settings.values.value;
      command.textContent = text();
    });
  }

  /**
   * The field for pages. While what is typed is no range, the last one that was counts, and it says so.
   * @param {(changes: { pages: string }) => void} change
   */
  #pages(change) {
    const { settings } = this.#app;
    const input = h("input", { id: "option-pages", value: settings.values.peek().upload.pages, placeholder: "1-3, 7", spellcheck: "false", "aria-describedby": "option-pages-about option-pages-error" });
    const error = h("p", { id: "option-pages-error", class: "field-error", role: "alert", hidden: true });
    input.addEventListener("input", () => {
      const range = pageRange(input.value);
      if (range !== null) change({ pages: range });
      const { pages } = settings.values.peek().upload;
      input.setAttribute("aria-invalid", String(range === null));
      error.hidden = range !== null;
      error.textContent = range === null ? t("options.pagesInvalid", { pages: pages ? t("options.somePages", { pages }) : t("options.allPages") }) : "";
    });
    return h("div", null, field("option-pages", t("options.pages"), input, t("options.pagesAbout")), error);
  }
}
customElements.define("ocr-upload-options", UploadOptionsForm);

/**
 * Engines to choose from, by name. One that was chosen before and is not there stays, and says so.
 * @param {import("../api/types.js").Engine[]} engines
 * @param {string} chosen
 * @returns {[string, string][]}
 */
function engineChoices(engines, chosen) {
  /** @type {[string, string][]} */
  const choices = [["", t("options.engineDefault")], ...engines.map(({ name, version }) => /** @type {[string, string]} */ ([name, `${name} ${version}`]))];
  if (!choices.some(([name]) => name === chosen)) choices.push([chosen, engines.length ? t("options.engineGone", { engine: chosen }) : chosen]);
  return choices;
}
