/** The window in which an administrator sets quotas and the budget of a user. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { openDialog } from "../shell/dialog.js";
import { select } from "../shell/settings-dialog.js";
import { accountForm, trouble } from "./form.js";
import { QUOTAS, choiceOf, maximum, typed, wantedLimits } from "./limits.js";

/** @typedef {import("../api/types.js").Account} Account */
/** @typedef {import("../api/types.js").UsageReport} UsageReport */
/** @typedef {import("./limits.js").Quota} Quota */
/** @typedef {import("./limits.js").Limits} Limits */

/**
 * @param {import("../app.js").App} app
 * @param {Account} user
 * @param {() => void} saved
 */
export async function openLimits(app, user, saved) {
  /** @type {Limits} */
  let own;
  /** @type {UsageReport} */
  let report;
  try {
    [{ quotas: own }, report] = await Promise.all([app.client.exchange("GET", `/api/admin/users/${user.id}/quotas`), app.client.usage(user.id)]);
  } catch (error) {
    app.notices.error(trouble(error));
    return;
  }
  const rows = QUOTAS.map((quota) => limitRow(quota, own, report));
  const part = (/** @type {boolean} */ budget) => rows.filter(({ quota }) => quota.budget === budget).map(({ element }) => element);
  openDialog(
    t("limits.editOf", { name: user.name }),
    (close) => {
      const run = async () => {
        const quotas = wantedLimits(rows.map(({ quota, choice, amount }) => ({ quota, choice: choice.value, amount: amount.value })));
        await app.client.exchange("PUT", `/api/admin/users/${user.id}/quotas`, { quotas });
        close();
        app.notices.info(t("limits.saved", { name: user.name }));
        saved();
      };
      const fields = [h("fieldset", null, h("legend", null, t("limits.quotas")), part(false)), h("fieldset", null, h("legend", null, t("limits.budget")), part(true), h("p", { class: "quiet" }, t("limits.budgetAbout")))];
      return [accountForm({ fields, send: t("save"), run, label: t("limits.editOf", { name: user.name }) })];
    },
    { class: "limits" },
  );
}

/**
 * A limit: what holds, and the number where it is one of its own.
 * @param {Quota} quota
 * @param {Limits} own
 * @param {UsageReport} report
 */
function limitRow(quota, own, report) {
  const id = `limit-${quota.name}`;
  const chosen = choiceOf(own, quota.name);
  const choice = select(id, chosen, { default: chosen === "default" ? t("limits.defaultIs", { limit: limitNow(quota, report) }) : t("limits.default"), none: t("limits.none"), limit: t("limits.most") });
  const label = quota.label();
  const name = quota.unitName ? `${label}, ${t("limits.most")} (${quota.unitName})` : `${label}, ${t("limits.most")}`;
  const amount = h("input", { id: `${id}-amount`, type: "number", min: 0, max: maximum(quota), step: quota.unit === 1 ? 1 : "any", inputmode: "decimal", required: true, value: typed(own[quota.name], quota), "aria-label": name });
  const unit = h("span", { class: "quiet", "aria-hidden": "true" }, quota.unitName);
  // A field that is not shown must not keep the form from being sent.
  const show = () => {
    const without = choice.value !== "limit";
    amount.disabled = without;
    amount.hidden = without;
    unit.hidden = without;
  };
  choice.addEventListener("change", show);
  show();
  return { quota, choice, amount, element: h("div", { class: "field" }, h("label", { for: id }, label), h("div", { class: "limit" }, choice, amount, unit)) };
}

/**
 * The limit that holds now, in words.
 * @param {Quota} quota
 * @param {UsageReport} report
 */
function limitNow({ name, write }, { quotas }) {
  const limit = quotas.find((one) => one.quota === name)?.limit ?? null;
  return limit === null ? t("limits.none") : write(limit);
}
