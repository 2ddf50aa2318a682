/** What one used oneself, by engine. */
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { engineUsage } from "./engine-usage.js";
import { LoadedSection } from "./loaded-section.js";
import { table } from "./table.js";

export class OwnUsageSection extends LoadedSection {
  placeholder = 2;

  async load() {
    const { heads, rows } = engineUsage(await this.app.client.usage());
    const lines = rows.map(({ engine, cells }) => h("tr", null, h("th", { scope: "row" }, engine), cells.map((texts) => h("td", null, texts.map((text) => h("span", { class: "amount" }, text))))));
    fill(this, rows.length ? table(t("usage.engines"), [t("overview.engine"), ...heads], lines) : h("p", { class: "quiet" }, t("usage.none")));
  }
}
customElements.define("ocr-own-usage", OwnUsageSection);
