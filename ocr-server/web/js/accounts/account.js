/** One's own account: sessions, password, keys, usage, links, data. */
import { Component, fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { confirmDialog } from "../shell/dialog.js";
import { field, select } from "../shell/settings-dialog.js";
import { errorState, skeleton } from "../shell/states.js";
import { accountForm, passwordField, trouble } from "./form.js";
import { myData } from "./my-data.js";
import { OwnSharesSection } from "./own-shares.js";
import { OwnUsageSection } from "./own-usage.js";
import { SecondFactorSection } from "./second-factor.js";
import { showSecret } from "./secret.js";
import { table } from "./table.js";

export class AccountScreen extends Component {
  #app;
  #sessions = h("section");
  #keys = h("div");

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { accounts, notices } = this.#app;
    const user = accounts.session.peek()?.user;
    const signOut = async () => {
      try {
        const { provided } = accounts;
        await accounts.signOut();
        if (provided) location.assign("/oidc/sign-out");
      } catch (error) {
        notices.error(trouble(error));
      }
    };
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.account")), h("button", { type: "button", onclick: () => void signOut() }, t("account.signOut"))),
      h("p", { class: "lead" }, user && t("account.as", { name: user.name, role: t(`role.${user.role}`) })),
      h("h2", null, t("account.sessions")),
      this.#sessions,
      ...(accounts.provided
        ? []
        : [
            h("h2", null, t("account.password")),
            this.#passwordForm(),
            h("h2", null, t("factor.title")),
            new SecondFactorSection(this.#app),
          ]),
      h("h2", null, t("account.keys")),
      h("p", { class: "quiet" }, t("account.keysAbout")),
      this.#keys,
      this.#keyForm(user?.role === "admin"),
      h("h2", null, t("usage.engines")),
      new OwnUsageSection(this.#app),
      h("h2", null, t("shares.title")),
      new OwnSharesSection(this.#app),
      myData(),
    );
    void this.#showSessions();
    void this.#showKeys();
  }

  /**
   * Fills a part with what the server answers.
   * @param {HTMLElement} part
   * @param {() => Promise<import("../core/dom.js").Child>} make
   */
  async #load(part, make) {
    fill(part, skeleton(2));
    try {
      fill(part, await make());
    } catch (error) {
      fill(part, errorState(error, () => void this.#load(part, make)));
    }
  }

  #showSessions() {
    return this.#load(this.#sessions, async () => {
      /** @type {import("../api/types.js").SessionList} */
      const { sessions } = await this.#app.client.exchange("GET", "/api/account/sessions");
      const end = (/** @type {string} */ id) => this.#do("DELETE", `/api/account/sessions/${id}`, () => this.#showSessions());
      const rows = sessions.map((one) =>
        h("tr", null, h("td", null, one.agent || t("account.unknownBrowser")), h("td", null, one.address), h("td", null, dateTime(one.lastUsedAt)), h("td", null, one.current ? t("account.thisOne") : h("button", { type: "button", class: "small", onclick: () => void end(one.id), "aria-label": t("account.endSession", { name: one.agent }) }, t("account.end")))),
      );
      return table(t("account.sessions"), [t("account.browser"), t("account.address"), t("account.lastUsed"), ""], rows);
    });
  }

  #passwordForm() {
    const present = passwordField("present-password", t("account.presentPassword"), "current-password");
    const next = passwordField("next-password", t("account.newPassword"), "new-password");
    const run = async () => {
      await this.#app.client.exchange("POST", "/api/account/password", { present: present.input.value, password: next.input.value });
      present.input.value = "";
      next.input.value = "";
      this.#app.notices.info(t("account.passwordChanged"));
      await this.#showSessions();
    };
    return accountForm({ fields: [present.row, next.row], send: t("account.changePassword"), texts: { permission_denied: t("account.presentWrong"), invalid_input: t("account.passwordAbout"), rate_limited: t("signIn.slow") }, run, label: t("account.password") });
  }

  #showKeys() {
    return this.#load(this.#keys, async () => {
      /** @type {import("../api/types.js").KeyList} */
      const { keys } = await this.#app.client.exchange("GET", "/api/account/keys");
      if (keys.length === 0) return h("p", null, t("account.noKeys"));
      const revoke = async (/** @type {import("../api/types.js").ApiKey} */ key) => {
        const sure = await confirmDialog({ title: t("account.revokeTitle", { name: key.name }), text: t("account.revokeText"), yes: t("account.revoke") });
        if (sure) await this.#do("DELETE", `/api/account/keys/${key.id}`, () => this.#showKeys());
      };
      const rows = keys.map((key) =>
        h("tr", null, h("td", null, key.name), h("td", null, h("code", null, `${key.prefix}…`)), h("td", null, t(`scope.${key.scope}`)), h("td", null, key.expiresAt ? dateTime(key.expiresAt) : t("account.never")), h("td", null, key.lastUsedAt ? dateTime(key.lastUsedAt) : t("account.notYet")), h("td", null, h("button", { type: "button", class: "small", onclick: () => void revoke(key), "aria-label": t("account.revokeTitle", { name: key.name }) }, t("account.revoke")))),
      );
      return table(t("account.keys"), [t("account.keyName"), t("account.key"), t("account.scope"), t("account.expires"), t("account.lastUsed"), ""], rows);
    });
  }

  /** @param {boolean} admin */
  #keyForm(admin) {
    const name = h("input", { id: "key-name", required: true, maxlength: 100, autocomplete: "off" });
    const scope = select("key-scope", "read", { read: t("scope.read"), write: t("scope.write"), ...(admin ? { admin: t("scope.admin") } : {}) });
    const days = h("input", { id: "key-days", type: "number", min: 1, max: 3660, inputmode: "numeric", "aria-describedby": "key-days-about" });
    const run = async () => {
      const body = { name: name.value, scope: scope.value, days: days.value ? Number(days.value) : null };
      /** @type {import("../api/types.js").CreatedKey} */
      const { key, secret } = await this.#app.client.exchange("POST", "/api/account/keys", body);
      name.value = "";
      showSecret(this.#app, t("account.keyMade", { name: key.name }), secret);
      await this.#showKeys();
    };
    return accountForm({
      fields: [field("key-name", t("account.keyName"), name), field("key-scope", t("account.scope"), scope), field("key-days", t("account.days"), days, t("account.daysAbout"))],
      send: t("account.makeKey"),
      run,
      label: t("account.makeKey"),
    });
  }

  /**
   * @param {"DELETE"} method
   * @param {string} path
   * @param {() => Promise<void>} then
   */
  async #do(method, path, then) {
    try {
      await this.#app.client.exchange(method, path);
      await then();
    } catch (error) {
      this.#app.notices.error(trouble(error));
    }
  }
}
customElements.define("ocr-account", AccountScreen);
