/** How the next files are read: engine, languages, pages; and the same request as a command. */
import { Component, fill, h } from "../core/dom.js";
import { language } from "../core/format.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { field, select } from "../shell/settings-dialog.js";
import { curlCommand } from "./curl.js";
import { isPageRange } from "./intake.js";

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
    const form = h("div", { class: "option-fields" });
    this.append(form, h("div", { class: "command" }, command, copyButton(text, notices, t("options.copyCurl"))));
    this.watch(() => fill(form, this.#fields(engines.value)));
    this.watch(() => {
      void settings.values.value;
      command.textContent = text();
    });
  }

  /** @param {import("../api/types.js").Engines | null} engines */
  #fields(engines) {
    const { settings } = this.#app;
    const upload = settings.values.peek().upload;
    const names = Object.fromEntries((engines?.engines ?? []).map(({ name, version }) => [name, `${name} ${version}`]));
    const engine = select("option-engine", upload.engine, { "": t("options.engineDefault"), ...names });
    const tags = new Set((engines?.engines ?? []).flatMap((one) => one.languages));
    const languages = h("input", { id: "option-languages", value: upload.languages, placeholder: "en, de", list: "option-language-list", spellcheck: "false", "aria-describedby": "option-languages-about" });
    const known = h("datalist", { id: "option-language-list" }, [...tags].map((tag) => h("option", { value: tag }, language(tag))));
    const pages = h("input", { id: "option-pages", value: upload.pages, placeholder: "1-3, 7", spellcheck: "false", "aria-describedby": "option-pages-about" });
    const change = () => {
      const valid = isPageRange(pages.value);
      pages.setAttribute("aria-invalid", String(!valid));
      settings.change({ upload: { engine: engine.value, languages: languages.value.trim(), pages: valid ? pages.value.replaceAll(" ", "") : "" } });
    };
    engine.addEventListener("change", change);
    languages.addEventListener("input", change);
    pages.addEventListener("input", change);
    return [
      field("option-engine", t("options.engine"), engine),
      field("option-languages", t("options.languages"), languages, t("options.languagesAbout")),
      known,
      field("option-pages", t("options.pages"), pages, t("options.pagesAbout")),
    ];
  }
}
customElements.define("ocr-upload-options", UploadOptionsForm);
