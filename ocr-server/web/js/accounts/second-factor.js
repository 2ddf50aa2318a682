/** One's own second factor: added with the password, confirmed with a code, removed with the password. */
import { fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { accountForm, codeField, passwordField } from "./form.js";
import { LoadedSection } from "./loaded-section.js";
import { showSecret } from "./secret.js";

export class SecondFactorSection extends LoadedSection {
  async load() {
    /** @type {import("../api/types.js").SecondFactor} */
    const { active, recoveryLeft } = await this.app.client.exchange("GET", "/api/account/second-factor");
    const about = active ? t("factor.on", { count: String(recoveryLeft) }) : t("factor.off");
    fill(this, h("p", null, about), active ? this.#removal() : this.#addition());
  }

  #addition() {
    const password = passwordField("factor-password", t("account.presentPassword"), "current-password");
    const run = async () => {
      /** @type {import("../api/types.js").NewSecondFactor} */
      const made = await this.app.client.exchange("POST", "/api/account/second-factor", { password: password.input.value });
      fill(this, this.#confirmation(made));
      this.querySelector("input")?.focus();
    };
    return accountForm({ fields: [password.row], send: t("factor.add"), texts: wrongPassword(), run, label: t("factor.add") });
  }

  /** @param {import("../api/types.js").NewSecondFactor} made */
  #confirmation({ secret, uri }) {
    const code = codeField("factor-code");
    code.input.required = true;
    const run = async () => {
      /** @type {import("../api/types.js").RecoveryCodes} */
      const { recoveryCodes } = await this.app.client.exchange("POST", "/api/account/second-factor/confirm", { code: code.input.value });
      showSecret(this.app, t("factor.recovery"), recoveryCodes.join("\n"));
      await this.show();
    };
    return h(
      "div",
      null,
      h("p", null, t("factor.secret")),
      h("p", null, h("code", { class: "secret", tabindex: 0 }, secret)),
      h("p", null, h("code", { class: "secret", tabindex: 0 }, uri)),
      accountForm({ fields: [code.row], send: t("factor.confirm"), texts: { permission_denied: t("factor.codeWrong"), rate_limited: t("signIn.slow") }, run, label: t("factor.confirm") }),
    );
  }

  #removal() {
    const password = passwordField("factor-password", t("account.presentPassword"), "current-password");
    const run = async () => {
      await this.app.client.exchange("POST", "/api/account/second-factor/remove", { password: password.input.value });
      await this.show();
    };
    return accountForm({ fields: [password.row], send: t("factor.remove"), texts: wrongPassword(), run, label: t("factor.remove") });
  }
}
customElements.define("ocr-second-factor", SecondFactorSection);

const wrongPassword = () => ({ permission_denied: t("account.presentWrong"), invalid_input: t("account.presentWrong"), rate_limited: t("signIn.slow") });
