/** What can be done with one document of a list. */
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { openFiling } from "../filing/dialog.js";
import { isSetAside } from "../tasks/set-aside.js";
import { hasEnded, isLocked } from "../tasks/store.js";

/** @typedef {import("../api/types.js").Task} Task */
/** @typedef {import("../shell/menu.js").Item} Item */

/**
 * @param {import("../app.js").App} app
 * @param {Task} task
 * @returns {(Item | null)[]}
 */
export function documentItems(app, task) {
  const { actions } = app;
  /** @type {(Item | null)[]} */
  const items = [{ label: t("action.open"), icon: "page", run: () => app.router.go(formatRoute("document", {}, task.id)) }];
  if (hasEnded(task)) items.push(...retryItems(app, task));
  else items.push({ label: t("action.cancel"), icon: "stop", run: () => void actions.cancel([task]) });
  items.push({ label: t("action.file"), icon: "tag", run: () => openFiling(app, [task]) });
  // Where nobody signs in, this machine alone could follow a link.
  if (app.accounts.session.peek()?.auth === "local") items.push({ label: t("action.share"), icon: "people", run: () => void share(app, task) });
  items.push(null, { label: t("action.original"), icon: "download", run: () => void actions.download([task], "original") });
  if (task.status === "completed") items.push({ label: t("action.result"), icon: "code", run: () => void actions.download([task], "result") });
  items.push(null, { label: t("action.delete"), icon: "trash", danger: true, run: () => void actions.remove([task]) });
  return items;
}

/**
 * The window is loaded when it is wanted: most of those who read a document do not share it.
 * @param {import("../app.js").App} app
 * @param {Task} task
 */
async function share(app, task) {
  try {
    const { openSharing } = await import("../sharing/dialog.js");
    openSharing(app, task);
  } catch {
    app.notices.error(t("offline.title"), { detail: t("offline.text") });
  }
}

/**
 * Ways to read a document again: on from where it was set aside, as before, or beside with each other engine there is.
 * None of them opens a lock.
 * @param {import("../app.js").App} app
 * @param {Task} task
 * @returns {Item[]}
 */
export function retryItems(app, task) {
  if (isLocked(task)) return [];
  const others = (app.engines.peek()?.engines ?? []).filter(({ name }) => name !== task.engine);
  /** @type {Item[]} */
  const on = isSetAside(task) ? [{ label: t("action.redrive"), icon: "next", run: () => void app.actions.redrive([task]) }] : [];
  return [
    ...on,
    { label: t("action.retry"), icon: "retry", run: () => void app.actions.retry([task]) },
    ...others.map(
      ({ name }) => /** @type {Item} */ ({ label: t("action.readWith", { engine: name }), icon: "pages", run: () => void compare(app, task, name) }),
    ),
  ];
}

/**
 * @param {import("../app.js").App} app
 * @param {Task} task
 * @param {string} engine
 */
async function compare(app, task, engine) {
  const id = await app.actions.readWith(task, engine);
  if (id) app.router.go(formatRoute("document", {}, id));
}
