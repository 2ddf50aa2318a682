/** A look at a document in the trash, to know whether it is the one that is wanted back. */
import { h, icon } from "../core/dom.js";
import { dateTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { daysLeft, facts } from "../documents/facts.js";
import { openDialog } from "../shell/dialog.js";
import { briefly } from "../tasks/explain.js";

/** Pixels across. */
const WIDTH = 640;

/**
 * @param {import("../app.js").App} app
 * @param {import("../api/types.js").Task} task
 */
export function openPreview(app, task) {
  const missing = h("p", { class: "quiet", hidden: true }, t("viewer.noImage"));
  const image = h("img", { alt: t("viewer.pageOf", { page: 1 }), decoding: "async" });
  image.onerror = () => {
    image.hidden = true;
    missing.hidden = false;
  };
  image.src = app.client.imageUrl(task.id, 1, WIDTH, { deleted: true });
  openDialog(
    task.filename,
    (close) => {
      const then = (/** @type {(tasks: (typeof task)[]) => Promise<void>} */ run) => () => {
        close();
        void run([task]);
      };
      return [
        h("div", { class: "preview" }, image, missing),
        h("p", { class: "quiet" }, facts({ ...task, purge_at: undefined }, Date.now())),
        task.status === "failed" ? h("p", null, briefly(task)) : null,
        task.deleted_at && task.purge_at
          ? h("p", null, t("trash.until", { when: dateTime(task.deleted_at), n: daysLeft(task.purge_at, Date.now()) }))
          : null,
        h(
          "footer",
          null,
          h("button", { type: "button", class: "danger", onclick: then((tasks) => app.actions.purge(tasks)) }, icon("trash"), t("action.purge")),
          h("button", { type: "button", autofocus: true, onclick: then((tasks) => app.actions.restore(tasks)) }, icon("restore"), t("action.restore")),
        ),
      ];
    },
    { class: "wide" },
  );
}
