/** The accounts, for administrators. */
import { Component, fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { confirmDialog } from "../shell/dialog.js";
import { field, select } from "../shell/settings-dialog.js";
import { errorState, skeleton } from "../shell/states.js";
import { removeFactor } from "./factor-removal.js";
import { accountForm, nameField, trouble } from "./form.js";
import { showSecret } from "./secret.js";
import { table } from "./table.js";

/** @typedef {import("../api/types.js").Account} Account */

export class UsersScreen extends Component {
  #app;
  #list = h("div");

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.users")), h("a", { class: "button", href: formatRoute("limits") }, t("title.limits"))),
      this.#list,
      ...(this.#app.accounts.provided ? [] : [h("h2", null, t("users.make")), this.#makeForm()]),
    );
    void this.#show();
  }

  async #show() {
    fill(this.#list, skeleton(3));
    try {
      fill(this.#list, this.#table(await this.#all()));
    } catch (error) {
      fill(this.#list, errorState(error, () => void this.#show()));
    }
  }

  async #all() {
    /** @type {Account[]} */
    const all = [];
    for (let after = ""; ; ) {
      const path = after ? `/api/admin/users?after=${encodeURIComponent(after)}` : "/api/admin/users";
      /** @type {import("../api/types.js").AccountList} */
      const { users, nextAfter } = await this.#app.client.exchange("GET", path);
      all.push(...users);
      if (!nextAfter) return all;
      after = nextAfter;
    }
  }

  /** @param {Account[]} users */
  #table(users) {
    const rows = users.map((user) => {
      const role = h("select", { "aria-label": t("users.roleOf", { name: user.name }), onchange: () => void this.#change(user, { role: role.value }) }, ["user", "admin"].map((one) => h("option", { value: one, selected: one === user.role }, t(one === "admin" ? "role.admin" : "role.user"))));
      const state = user.disabled ? t("users.disabled") : user.hasPassword || this.#app.accounts.provided ? t("users.active") : t("users.invited");
      return h("tr", null, h("td", null, user.name), h("td", null, role), h("td", null, state), h("td", null, user.lastSignIn ? dateTime(user.lastSignIn) : t("account.notYet")), h("td", { class: "actions" }, this.#toggle(user), !this.#app.accounts.provided && [this.#link(user), this.#factor(user)]));
    });
    return table(t("nav.users"), [t("account.name"), t("users.role"), t("users.state"), t("users.lastSignIn"), ""], rows);
  }

  /** @param {Account} user */
  #toggle(user) {
    const run = async () => {
      const sure = user.disabled || (await confirmDialog({ title: t("users.disableTitle", { name: user.name }), text: t("users.disableText"), yes: t("users.disable") }));
      if (sure) await this.#change(user, { disabled: !user.disabled });
    };
    const label = user.disabled ? t("users.enable") : t("users.disable");
    return h("button", { type: "button", class: "small", onclick: () => void run(), "aria-label": `${label}: ${user.name}` }, label);
  }

  /** @param {Account} user */
  #link(user) {
    const run = async () => {
      try {
        /** @type {import("../api/types.js").ResetLink} */
        const { link } = await this.#app.client.exchange("POST", `/api/admin/users/${user.id}/reset-link`);
        showSecret(this.#app, t("users.linkFor", { name: user.name }), link);
      } catch (error) {
        this.#app.notices.error(trouble(error));
      }
    };
    return h("button", { type: "button", class: "small", onclick: () => void run(), "aria-label": t("users.linkFor", { name: user.name }) }, t("users.link"));
  }

  /** @param {Account} user */
  #factor(user) {
    const run = () => removeFactor(this.#app, user, confirmDialog);
    return h("button", { type: "button", class: "small", onclick: () => void run(), "aria-label": `${t("users.factor")}: ${user.name}` }, t("users.factor"));
  }

  /**
   * @param {Account} user
   * @param {object} change
   */
  async #change(user, change) {
    try {
      await this.#app.client.exchange("PATCH", `/api/admin/users/${user.id}`, change);
    } catch (error) {
      this.#app.notices.error(trouble(error, { conflict: t("users.lastAdmin") }));
    }
    await this.#show();
  }

  #makeForm() {
    const name = nameField("new-user");
    name.input.autocomplete = "off";
    const role = select("new-role", "user", { user: t("role.user"), admin: t("role.admin") });
    const run = async () => {
      /** @type {import("../api/types.js").AccountLink} */
      const { user, link } = await this.#app.client.exchange("POST", "/api/admin/users", { name: name.input.value, role: role.value });
      name.input.value = "";
      if (link) showSecret(this.#app, t("users.linkFor", { name: user.name }), link);
      await this.#show();
    };
    return accountForm({ fields: [name.row, field("new-role", t("users.role"), role)], send: t("users.make"), texts: { already_exists: t("users.taken") }, run, label: t("users.make") });
  }
}
customElements.define("ocr-users", UsersScreen);
