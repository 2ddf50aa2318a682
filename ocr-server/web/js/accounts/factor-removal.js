/** Removing the second factor of somebody who lost it. */
import { t } from "../core/i18n.js";
import { explain } from "../tasks/explain.js";

/**
 * Asks whether to, and says what came of it.
 * @param {Pick<import("../app.js").App, "client" | "notices">} app
 * @param {{ id: string, name: string }} user
 * @param {(question: { title: string, text: string, yes: string }) => Promise<boolean>} confirm
 */
export async function removeFactor({ client, notices }, { id, name }, confirm) {
  const sure = await confirm({ title: t("users.factorTitle", { name }), text: t("users.factorText"), yes: t("users.factor") });
  if (!sure) return;
  try {
    await client.exchange("DELETE", `/api/admin/users/${id}/second-factor`);
    notices.info(t("users.factorRemoved", { name }));
  } catch (error) {
    if (/** @type {any} */ (error)?.code === "not_found") {
      notices.info(t("users.noFactor", { name }));
      return;
    }
    const { cause, advice, original } = explain(error);
    notices.error(cause, { detail: advice, original });
  }
}
