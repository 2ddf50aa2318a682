/** All that is one's own, as an archive. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** The browser saves it as it comes: it may be larger than what fits into memory. */
export function myData() {
  return h("section", null, h("h2", null, t("data.title")), h("p", null, t("data.about")), h("p", null, h("a", { class: "button", href: "/api/account/export", download: "my-data.zip" }, t("data.download"))));
}
