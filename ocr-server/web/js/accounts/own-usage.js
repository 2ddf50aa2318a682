/** What one used oneself, by engine. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { errorState, skeleton } from "../shell/states.js";
import { engineUsage } from "./engine-usage.js";
import { table } from "./table.js";

export class OwnUsageSection extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    void this.#show();
  }

  async #show() {
    fill(this, skeleton(2));
    try {
      const { heads, rows } = engineUsage(await this.#app.client.usage());
      const lines = rows.map(({ engine, cells }) => h("tr", null, h("th", { scope: "row" }, engine), cells.map((texts) => h("td", null, texts.map((text) => h("span", { class: "amount" }, text))))));
      fill(this, rows.length ? table(t("usage.engines"), [t("overview.engine"), ...heads], lines) : h("p", { class: "quiet" }, t("usage.none")));
    } catch (error) {
      fill(this, errorState(error, () => void this.#show()));
    }
  }
}
customElements.define("ocr-own-usage", OwnUsageSection);
