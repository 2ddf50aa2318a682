/** Why a document failed, in full: a row of the list has room for its beginning only. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { openDialog } from "../shell/dialog.js";
import { explainTask } from "../tasks/explain.js";

/** @param {import("../api/types.js").Task} task that failed */
export function openReason(task) {
  const { title, cause, advice } = explainTask(task);
  openDialog(task.filename, () => [
    h("p", null, h("strong", null, title)),
    cause ? h("p", { lang: "en" }, cause) : null,
    advice ? h("p", null, advice) : null,
    h("p", { class: "quiet" }, t("failure.attempts", { n: task.attempt }), " · ", h("code", null, task.error_code ?? "")),
  ]);
}
