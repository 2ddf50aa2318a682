/** The window in which a document is shared: links are made, listed and revoked. */
import { fill, h } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { openDialog } from "../shell/dialog.js";
import { field, select } from "../shell/settings-dialog.js";
import { errorState, skeleton } from "../shell/states.js";
import { explain } from "../tasks/explain.js";
import { formatName } from "../tasks/format-menu.js";
import { aboutShare, wantedShare } from "./share.js";

/** @typedef {import("../app.js").App} App */
/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {import("../api/types.js").Share} Share */

/**
 * @param {App} app
 * @param {Task} task
 */
export function openSharing(app, task) {
  const made = h("div", { "aria-live": "polite" });
  const list = h("div");
  openDialog(t("share.title", { name: task.filename }), () => [h("p", null, t("share.about")), form(app, task, made, list), made, h("h3", null, t("share.links")), list], { class: "sharing" });
  void showLinks(app, task, list);
}

/**
 * @param {App} app
 * @param {Task} task
 * @param {HTMLElement} made where a link is shown that was made
 * @param {HTMLElement} list
 */
function form(app, task, made, list) {
  const hours = select("share-hours", "24", { 1: t("share.hour"), 24: t("share.day"), 168: t("share.week"), 720: t("share.month") });
  const password = h("input", { id: "share-password", type: "password", autocomplete: "new-password", minlength: 8, maxlength: 256, "aria-describedby": "share-password-about" });
  const maxOpens = h("input", { id: "share-opens", type: "number", min: 1, max: 1_000_000, inputmode: "numeric", "aria-describedby": "share-opens-about" });
  const formats = h("div", { class: "choices" });
  const error = h("p", { class: "field-error", role: "alert", hidden: true });
  const button = h("button", { class: "primary" }, t("share.make"));
  const chosen = () => [...formats.querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    error.hidden = true;
    try {
      const wanted = wantedShare(task, { hours: hours.value, password: password.value, maxOpens: maxOpens.value, formats: chosen() });
      /** @type {import("../api/types.js").CreatedShare} */
      const { link } = await app.client.exchange("POST", "/api/shares", wanted);
      password.value = "";
      showLink(app, made, link);
      await showLinks(app, task, list);
    } catch (problem) {
      const { cause, advice } = explain(problem);
      error.textContent = `${cause} ${advice}`.trim();
      error.hidden = false;
    } finally {
      button.disabled = false;
    }
  };
  void offerFormats(app, formats);
  return h(
    "form",
    { class: "fields", onsubmit: (/** @type {Event} */ event) => void make(event) },
    field("share-hours", t("share.lifetime"), hours),
    field("share-password", t("share.password"), password, t("share.passwordAbout")),
    field("share-opens", t("share.maxOpens"), maxOpens, t("share.maxOpensAbout")),
    h("fieldset", null, h("legend", null, t("share.formats")), formats),
    error,
    h("div", { class: "actions" }, button),
  );
}

/**
 * Offers the formats there are; without them a link is made to look at only.
 * @param {App} app
 * @param {HTMLElement} part
 */
async function offerFormats(app, part) {
  try {
    const formats = await app.client.formats();
    fill(part, formats.map(({ name }) => h("div", { class: "field check" }, h("input", { type: "checkbox", id: `share-format-${name}`, value: name }), h("label", { for: `share-format-${name}` }, formatName(name)))));
  } catch (problem) {
    fill(part, h("p", { class: "quiet" }, explain(problem).cause));
  }
}

/**
 * @param {App} app
 * @param {HTMLElement} part
 * @param {string} link
 */
function showLink(app, part, link) {
  const shown = h("input", { id: "share-link", value: link, readonly: true, onfocus: () => shown.select() });
  fill(part, field("share-link", t("share.link"), shown), h("p", null, t("account.onlyNow"), " ", copyButton(() => link, app.notices)));
  shown.focus();
}

/**
 * @param {App} app
 * @param {Task} task
 * @param {HTMLElement} part
 */
async function showLinks(app, task, part) {
  if (!part.firstChild) fill(part, skeleton(1));
  try {
    /** @type {import("../api/types.js").ShareList} */
    const { shares } = await app.client.exchange("GET", `/api/shares?taskId=${task.id}`);
    const revoke = async (/** @type {Share} */ share) => {
      try {
        await app.client.exchange("DELETE", `/api/shares/${share.id}`);
        app.notices.info(t("share.revoked"));
      } catch (problem) {
        const { cause, advice, original } = explain(problem);
        app.notices.error(cause, { detail: advice, original });
      }
      await showLinks(app, task, part);
    };
    const rows = shares.map((share) => h("li", null, h("span", null, aboutShare(share, Date.now())), h("button", { type: "button", class: "small", "aria-label": t("share.revokeOne", { time: dateTime(share.createdAt) }), onclick: () => void revoke(share) }, t("share.revoke"))));
    fill(part, rows.length ? h("ul", { class: "share-list" }, rows) : h("p", { class: "quiet" }, t("share.none")));
  } catch (problem) {
    fill(part, errorState(problem, () => void showLinks(app, task, part)));
  }
}
