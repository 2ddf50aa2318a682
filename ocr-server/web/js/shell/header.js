/** The top of every screen: where one is, where one can go, and whether it is live. */
import { Component, fill, h, icon, iconButton, s } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { formatRoute } from "../core/router.js";
import { openHelp } from "./help.js";
import { openSettings } from "./settings-dialog.js";

/** @type {{ screen: import("../core/router.js").Screen, label: import("../core/i18n.js").Key, icon: keyof typeof import("../core/icons.js").ICONS }[]} */
const PLACES = [
  { screen: "documents", label: "nav.documents", icon: "pages" },
  { screen: "overview", label: "nav.overview", icon: "chart" },
  { screen: "trash", label: "nav.trash", icon: "trash" },
  { screen: "api", label: "nav.api", icon: "code" },
];

/** Where those who sign in can go. @type {typeof PLACES} */
const ACCOUNT = [{ screen: "account", label: "nav.account", icon: "person" }];
/** Where administrators can go. @type {typeof PLACES} */
const ADMIN = [
  { screen: "users", label: "nav.users", icon: "people" },
  { screen: "audit", label: "nav.audit", icon: "clock" },
];
/** Screens that belong to another one. @type {Partial<Record<import("../core/router.js").Screen, string>>} */
const PARTS = { document: "documents", review: "overview", limits: "users" };

export class Header extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const app = this.#app;
    this.setAttribute("role", "banner");
    const { user } = app.accounts;
    const more = user ? (user.role === "admin" ? [...ACCOUNT, ...ADMIN] : ACCOUNT) : [];
    const places = app.accounts.mustSignIn ? [] : [...PLACES, ...more];
    const links = places.map(({ screen, label, icon: name }) => h("a", { href: formatRoute(screen), "data-screen": screen }, icon(name), h("span", null, t(label))));
    const state = h("span", { class: "connection", role: "status" });
    this.append(
      h("a", { class: "brand", href: formatRoute("documents"), "aria-label": t("nav.home") }, mark(), h("span", null, "OCR")),
      h("nav", { "aria-label": t("nav.label"), hidden: links.length === 0 }, links),
      state,
      iconButton("help", t("help.open"), () => openHelp(app)),
      iconButton("settings", t("settings.title"), () => openSettings(app)),
    );
    this.watch(() => {
      const { screen } = app.router.route.value;
      for (const link of links) {
        const here = link.dataset.screen === (PARTS[screen] ?? screen);
        if (here) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    });
    state.hidden = app.accounts.mustSignIn;
    this.watch(() => {
      const now = app.live.state.value;
      state.dataset.state = now;
      state.title = t(`live.${now}.about`);
      fill(state, h("i", { "aria-hidden": "true" }), t(`live.${now}`));
    });
  }
}
customElements.define("ocr-header", Header);

/** The sign of the program: a page within the corners of a scanner. */
function mark() {
  return s(
    "svg",
    { class: "mark", viewBox: "0 0 24 24", "aria-hidden": "true" },
    s("path", { d: "M3 8V3h5M16 3h5v5M21 16v5h-5M8 21H3v-5", class: "corners" }),
    s("path", { d: "M7 9h10M7 12.5h10M7 16h6" }),
  );
}
