/** What users used of what they may use, for administrators. */
import { Component, fill, h } from "../core/dom.js";
import { fewAtOnce } from "../core/few-at-once.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { errorState, skeleton } from "../shell/states.js";
import { trouble } from "./form.js";
import { openLimits } from "./limits-dialog.js";
import { usageCells, usageHeads } from "./limits.js";
import { table } from "./table.js";

/** @typedef {import("../api/types.js").Account} Account */

/** Users whose usage is asked for at the same time. */
const AT_ONCE = 4;

export class LimitsScreen extends Component {
  #app;
  #list = h("div");
  #more = h("div", { class: "actions" });

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("title.limits")), h("a", { class: "button", href: formatRoute("users") }, t("nav.users"))),
      h("p", { class: "quiet" }, t("limits.about")),
      this.#list,
      this.#more,
    );
    void this.#show();
  }

  async #show() {
    fill(this.#list, skeleton(3));
    const body = table(t("title.limits"), [t("account.name"), ...usageHeads(), ""], []);
    try {
      const rows = await this.#next("");
      fill(this.#list, body);
      this.#add(rows);
    } catch (error) {
      fill(this.#list, errorState(error, () => void this.#show()));
    }
  }

  /**
   * The rows of the next users.
   * @param {string} after the name of the last one before
   */
  async #next(after) {
    const path = after ? `/api/admin/users?after=${encodeURIComponent(after)}` : "/api/admin/users";
    /** @type {import("../api/types.js").AccountList} */
    const { users, nextAfter } = await this.#app.client.exchange("GET", path);
    fill(this.#more, nextAfter && this.#moreButton(nextAfter));
    return users.map((user) => this.#row(user));
  }

  /** @param {{ row: HTMLElement, load: () => Promise<void> }[]} rows */
  #add(rows) {
    this.#list.querySelector("tbody")?.append(...rows.map(({ row }) => row));
    void fewAtOnce(rows, AT_ONCE, ({ load }) => load(), () => this.isConnected);
  }

  /** @param {string} after */
  #moreButton(after) {
    const run = async () => {
      try {
        const rows = await this.#next(after);
        this.#add(rows);
        // The button that had the focus is not there any more.
        rows[0]?.row.querySelector("button")?.focus();
      } catch (error) {
        this.#app.notices.error(trouble(error));
      }
    };
    return h("button", { type: "button", onclick: () => void run() }, t("list.more"));
  }

  /** @param {Account} user */
  #row(user) {
    // As high as what comes: the rows below stay where they are.
    const cells = usageHeads().map(() => h("td", null, ["…", "…"].map((text) => amountLine({ text, usedUp: false }))));
    const load = async () => {
      try {
        const amounts = usageCells(await this.#app.client.usage(user.id));
        for (const [at, cell] of cells.entries()) fill(cell, amounts[at]?.map(amountLine));
      } catch (error) {
        for (const [at, cell] of cells.entries()) fill(cell, at === 0 ? trouble(error) : "–");
      }
    };
    const edit = h("button", { type: "button", class: "small", "aria-label": `${t("limits.edit")}: ${user.name}` }, t("limits.edit"));
    // Not disabled meanwhile: it would lose the focus, which the window gives back when it closes.
    let opening = false;
    edit.addEventListener("click", async () => {
      if (opening) return;
      opening = true;
      await openLimits(this.#app, user, () => void load());
      opening = false;
    });
    return { row: h("tr", null, h("th", { scope: "row" }, user.name), cells, h("td", null, edit)), load };
  }
}
customElements.define("ocr-limits", LimitsScreen);

/** @param {import("./limits.js").Amount} amount */
const amountLine = ({ text, usedUp }) => h("span", { class: usedUp ? "amount used-up" : "amount" }, usedUp ? `${text} (${t("limits.usedUp")})` : text);
