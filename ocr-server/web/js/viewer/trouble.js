/** Why a document failed, and what can be done. */
import { h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { retryItems } from "../documents/menu.js";
import { explainTask } from "../tasks/explain.js";

/**
 * @param {import("../app.js").App} app
 * @param {import("../api/types.js").Task} task
 */
export function trouble(app, task) {
  const { title, cause, advice } = explainTask(task);
  const buttons = retryItems(app, task).map((item) => h("button", { type: "button", onclick: item.run }, icon("retry"), item.label));
  return h(
    "div",
    { class: "banner trouble", role: "status" },
    icon("alert"),
    h(
      "div",
      null,
      h("strong", null, title),
      cause && h("p", { lang: "en" }, cause),
      advice && h("p", null, advice),
      h("p", { class: "quiet" }, t("failure.attempts", { n: task.attempt }), " · ", h("code", null, task.error_code ?? ""), " · ", h("code", null, task.id)),
      h("div", { class: "actions" }, buttons),
    ),
  );
}
