/** Signing in, and what one-time links lead to. */
import { Component, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { accountForm, codeField, nameField, passwordField } from "./form.js";

/** Why a sign-in with the provider failed, by the name in the address of the page. */
const FAILURES = /** @type {const} */ (["expired", "state", "denied", "provider", "token", "no_account", "disabled", "last_admin", "slow", "failed"]);

/**
 * In words; an address that somebody made up says no more than that it failed.
 * @param {string} failure
 */
export const whyNot = (failure) => t(`oidc.${FAILURES.find((known) => known === failure) ?? "failed"}`);

export class SignInScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    if (this.#app.accounts.provided) this.#withProvider();
    else this.#withPassword();
  }

  /** A link to the provider, and why the last attempt failed. */
  #withProvider() {
    const { accounts, router } = this.#app;
    const { screen, id, query } = router.route.peek();
    const { signIn: failure = "", ...rest } = query;
    const next = formatRoute(screen === "lost" ? "documents" : screen, rest, id).slice(1);
    const link = h("a", { class: "button primary", href: `/oidc/sign-in?next=${encodeURIComponent(next)}` }, t("oidc.send"));
    this.append(
      h("h1", { tabindex: -1 }, t("title.sign-in")),
      h("p", { class: "lead", hidden: !accounts.lost, role: "status" }, accounts.lost ? t("signIn.lost") : ""),
      h("p", { class: "field-error", role: "alert", hidden: !failure }, failure ? whyNot(failure) : ""),
      h("p", null, link),
      h("p", { class: "quiet" }, t("oidc.about")),
    );
    link.focus();
  }

  #withPassword() {
    const { accounts } = this.#app;
    const name = nameField("sign-in-name");
    const password = passwordField("sign-in-password", t("account.password"), "current-password");
    const code = codeField("sign-in-code");
    code.row.hidden = true;
    const signIn = async () => {
      try {
        await accounts.signIn(name.input.value, password.input.value, code.input.value);
      } catch (error) {
        if (/** @type {any} */ (error)?.code === "permission_denied") {
          code.row.hidden = false;
          code.input.focus();
        }
        throw error;
      }
    };
    const first = accounts.session.peek()?.setUpNeeded;
    const about = first ? t("signIn.first") : accounts.lost ? t("signIn.lost") : "";
    this.append(
      h("h1", { tabindex: -1 }, t("title.sign-in")),
      h("p", { class: "lead", hidden: !about, role: "status" }, about),
      accountForm({
        fields: [name.row, password.row, code.row],
        send: t("signIn.send"),
        texts: {
          // Of a code is spoken only where one was asked for.
          get unauthenticated() {
            return t(code.row.hidden ? "signIn.wrong" : "signIn.codeWrong");
          },
          permission_denied: t("signIn.codeNeeded"),
          invalid_input: t("signIn.wrong"),
          rate_limited: t("signIn.slow"),
        },
        run: signIn,
        label: t("title.sign-in"),
      }),
      h("p", { class: "quiet" }, t("signIn.forgot")),
    );
    name.input.focus();
  }
}
customElements.define("ocr-sign-in", SignInScreen);

export class SetUpScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { accounts, router } = this.#app;
    const { token = "" } = router.route.peek().query;
    const name = nameField("set-up-name");
    const password = passwordField("set-up-password", t("account.password"), "new-password");
    const run = async () => {
      await accounts.setUp(token, name.input.value, password.input.value);
      // The link is used: it stays in no history.
      location.replace("#/documents");
    };
    this.append(
      h("h1", { tabindex: -1 }, t("title.set-up")),
      h("p", { class: "lead" }, t("setUp.about")),
      accountForm({ fields: [name.row, password.row], send: t("setUp.send"), texts: { permission_denied: t("link.used") }, run, label: t("title.set-up") }),
    );
  }
}
customElements.define("ocr-set-up", SetUpScreen);

export class ResetScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { client, notices, router } = this.#app;
    const { token = "" } = router.route.peek().query;
    const password = passwordField("reset-password", t("account.newPassword"), "new-password");
    const run = async () => {
      await client.exchange("POST", "/api/reset-password", { token, password: password.input.value });
      notices.info(t("account.passwordChanged"));
      location.replace("#/documents");
    };
    this.append(
      h("h1", { tabindex: -1 }, t("title.reset")),
      accountForm({ fields: [password.row], send: t("account.changePassword"), texts: { permission_denied: t("link.used") }, run, label: t("title.reset") }),
    );
  }
}
customElements.define("ocr-reset", ResetScreen);
