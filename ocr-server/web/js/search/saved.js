/** Searches that the user gave a name: a menu beside the search field. */
import { fill, h, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { MAX_NAME } from "../filing/filing.js";
import { openDialog } from "../shell/dialog.js";
import { attachMenu } from "../shell/menu.js";
import { field } from "../shell/settings-dialog.js";
import { explain } from "../tasks/explain.js";

/** @typedef {import("../api/types.js").SavedSearch} SavedSearch */

/**
 * @param {import("../app.js").App} app
 * @param {() => string} query what stands in the search field
 */
export function savedMenu(app, query) {
  const button = iconButton("bookmark", t("saved.menu"), () => {});
  return attachMenu(button, () => items(app, query()));
}

/**
 * @param {import("../app.js").App} app
 * @param {string} query
 * @returns {Promise<import("../shell/menu.js").Items>}
 */
async function items(app, query) {
  /** @type {SavedSearch[]} */
  let searches = [];
  try {
    searches = await app.client.savedSearches();
  } catch {
    return [{ label: t("cause.offline"), disabled: true, run: () => {} }];
  }
  /** @type {import("../shell/menu.js").Items} */
  const found = searches.map(({ name, query: q }) => ({ label: name, hint: q, icon: "search", run: () => app.router.refine({ q }) }));
  if (found.length) found.push(null);
  found.push({ label: t("saved.save"), icon: "plus", disabled: query === "", hint: query || t("saved.type"), run: () => openSave(app, query) });
  if (searches.length) found.push({ label: t("saved.manage"), icon: "settings", run: () => openManage(app, searches) });
  return found;
}

/**
 * Asks for a name, and saves the query under it.
 * @param {import("../app.js").App} app
 * @param {string} query
 */
function openSave(app, query) {
  openDialog(t("saved.save"), (close) => {
    const name = h("input", { id: "saved-name", required: true, maxlength: MAX_NAME, autocomplete: "off", autofocus: true, "aria-describedby": "saved-name-about" });
    const save = async () => {
      if (await told(app, () => app.client.saveSearch(name.value, query))) close();
    };
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      void save();
    };
    return [
      h(
        "form",
        { class: "fields", onsubmit: submit },
        h("p", { class: "saved-query", dir: "auto" }, query),
        field("saved-name", t("saved.name"), name, t("saved.nameAbout")),
        h("footer", null, h("button", { type: "button", onclick: () => close() }, t("cancel")), h("button", { class: "primary" }, t("save"))),
      ),
    ];
  });
}

/**
 * The saved searches, each with a way to delete it.
 * @param {import("../app.js").App} app
 * @param {SavedSearch[]} searches
 */
function openManage(app, searches) {
  let left = searches;
  openDialog(t("saved.manage"), (close) => {
    const list = h("ul", { class: "saved-list" });
    const remove = async (/** @type {SavedSearch} */ gone) => {
      if (!(await told(app, () => app.client.deleteSearch(gone.id)))) return;
      left = left.filter((search) => search !== gone);
      app.notices.say(t("saved.deleted", { name: gone.name }));
      if (left.length === 0) close();
      show();
      list.querySelector("button")?.focus();
    };
    const show = () =>
      fill(
        list,
        left.map((search) =>
          h("li", null, h("span", null, h("strong", null, search.name), h("small", { class: "saved-query", dir: "auto" }, search.query)), iconButton("trash", t("saved.delete", { name: search.name }), () => void remove(search))),
        ),
      );
    show();
    return [list];
  });
}

/**
 * Whether `act` succeeded; what went wrong is told.
 * @param {import("../app.js").App} app
 * @param {() => Promise<unknown>} act
 */
async function told(app, act) {
  try {
    await act();
    return true;
  } catch (error) {
    const { cause, advice, original } = explain(error);
    app.notices.error(cause, { detail: advice, original });
    return false;
  }
}
