/** Why a document failed, and what can be done. */
import { fill, h, icon } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { retryItems } from "../documents/menu.js";
import { formatRoute } from "../core/router.js";
import { explain, explainTask } from "../tasks/explain.js";
import { isLocked } from "../tasks/store.js";

/**
 * @param {import("../app.js").App} app
 * @param {import("../api/types.js").Task} task
 */
export function trouble(app, task) {
  const { title, cause, advice } = explainTask(task);
  const buttons = retryItems(app, task).map((item) => h("button", { type: "button", onclick: item.run }, icon(item.icon ?? "retry"), item.label));
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
      isLocked(task) ? passwordForm(app, task) : h("div", { class: "actions" }, buttons),
    ),
  );
}

/**
 * Where the password of a locked document is given. It is sent once, and kept neither here nor at the server.
 * @param {import("../app.js").App} app
 * @param {import("../api/types.js").Task} task
 */
function passwordForm(app, task) {
  const field = h("input", { type: "password", id: "unlock-password", name: "unlock-password", autocomplete: "off", required: true, maxlength: 500, "aria-describedby": "unlock-about unlock-error" });
  const button = h("button", { type: "submit", class: "primary" }, t("unlock.open"));
  const wrong = h("p", { class: "field-error", id: "unlock-error", role: "alert" });
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const password = field.value;
    field.value = "";
    if (!password) return;
    button.disabled = true;
    fill(wrong);
    try {
      const id = await app.actions.unlock(task, password);
      app.router.go(formatRoute("document", {}, id));
    } catch (error) {
      const { cause, advice } = explain(error);
      const locked = /** @type {any} */ (error)?.code === "password_required";
      fill(wrong, locked ? t("unlock.wrong") : `${cause} ${advice}`.trim());
      button.disabled = false;
      field.focus();
    }
  };
  return h(
    "form",
    { class: "field unlock", onsubmit: (/** @type {Event} */ event) => void send(event) },
    h("label", { for: "unlock-password" }, t("unlock.password")),
    h("div", { class: "actions" }, field, button),
    wrong,
    h("p", { class: "quiet", id: "unlock-about" }, t("unlock.about")),
  );
}
