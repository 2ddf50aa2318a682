/** The result as files. */
import { t } from "../core/i18n.js";
import { saveText } from "../tasks/actions.js";
import { explain } from "../tasks/explain.js";
import { wordsAsCsv } from "./words.js";

/** @typedef {import("../shell/menu.js").Item} Item */

/** @param {string} filename */
const stem = (filename) => filename.replace(/\.[a-z0-9]{1,5}$/i, "");

/**
 * @param {import("../app.js").App} app
 * @param {import("./state.js").ViewerState} state
 * @returns {(Item | null)[]}
 */
export function exportItems(app, state) {
  const task = state.task.peek();
  if (!task) return [];
  const done = task.status === "completed";
  const name = stem(task.filename);
  const guarded = (/** @type {() => Promise<void>} */ work) => () =>
    void work().catch((error) => {
      const { cause, advice, original } = explain(error);
      app.notices.error(cause, { detail: advice, original });
    });
  const text = async () => saveText(await app.client.text(task.id), "text/plain;charset=utf-8", `${name}.txt`);
  const markdown = async () => saveText(await app.client.text(task.id, { format: "markdown" }), "text/markdown;charset=utf-8", `${name}.md`);
  const words = async () => saveText(`\ufeff${wordsAsCsv(await state.allPages())}`, "text/csv;charset=utf-8", `${name} words.csv`);
  return [
    { label: t("export.text"), icon: "download", disabled: !done, run: guarded(text) },
    { label: t("export.markdown"), icon: "download", disabled: !done, run: guarded(markdown) },
    { label: t("export.json"), icon: "download", disabled: !done, run: () => void app.actions.download([task], "result") },
    { label: t("export.csv"), icon: "download", disabled: !done, run: guarded(words) },
    null,
    { label: t("action.original"), icon: "download", run: () => void app.actions.download([task], "original") },
  ];
}
