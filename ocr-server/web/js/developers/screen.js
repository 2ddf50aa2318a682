/** How programs use this server. */
import { Component, fill, h, scrollBox } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { copyButton } from "../shell/clipboard.js";
import { tabList } from "../shell/tabs.js";
import { snippets } from "./snippets.js";

/** The requests a program makes, in the order in which it makes them. */
const REQUESTS = /** @type {const} */ ([
  ["POST", "/api/tasks", "api.upload"],
  ["GET", "/api/tasks", "api.list"],
  ["GET", "/api/tasks/{id}", "api.get"],
  ["GET", "/api/tasks/{id}/text", "api.text"],
  ["GET", "/api/tasks/{id}/pages", "api.pages"],
  ["GET", "/api/tasks/{id}/pages/{n}/image", "api.image"],
  ["GET", "/api/formats", "api.formats"],
  ["GET", "/api/tasks/{id}/result?format={name}", "api.rendition"],
  ["GET", "/api/tasks/{id}/result", "api.result"],
  ["POST", "/api/tasks/{id}/retry", "api.retry"],
  ["DELETE", "/api/tasks/{id}", "api.delete"],
  ["WS", "/ws", "api.socket"],
  ["GET", "/api/events", "api.events"],
]);

export class ApiScreen extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const app = this.#app;
    const code = h("div");
    this.append(
      h("div", { class: "screen-head" }, h("h1", { tabindex: -1 }, t("nav.api"))),
      h("p", { class: "lead" }, t("api.lead")),
      h("p", { class: "api-links" }, h("a", { href: "/docs/" }, t("api.docs")), h("a", { href: "/openapi.json" }, "openapi.json"), h("a", { href: "/docs/errors" }, t("api.errors")), h("a", { href: "/health" }, t("api.health"))),
      h("h2", null, t("api.start")),
      code,
      h("h2", null, t("api.requests")),
      scrollBox(t("api.requests"), requestTable()),
    );
    this.watch(() => fill(code, this.#snippets(app.settings.values.value.userId)));
  }

  /** @param {string} user */
  #snippets(user) {
    const all = snippets(location.origin, user);
    const panel = h("div", { class: "snippet", role: "tabpanel", id: "snippet" });
    const show = (/** @type {number} */ index) => {
      const chosen = all[index];
      if (!chosen) return;
      select(index);
      panel.setAttribute("aria-labelledby", `snippet-${index}`);
      fill(panel, h("pre", { tabindex: 0 }, h("code", null, chosen.code)), copyButton(() => chosen.code, this.#app.notices), chosen.needs ? h("p", { class: "quiet" }, t("api.needs", { what: chosen.needs })) : null);
    };
    const { bar, select } = tabList({ label: t("api.start"), panel: "snippet", names: all.map(({ name }, index) => ({ id: `snippet-${index}`, text: name })), choose: show });
    show(0);
    return [bar, panel];
  }
}
customElements.define("ocr-api", ApiScreen);

function requestTable() {
  const rows = REQUESTS.map(([method, path, about]) => h("tr", null, h("td", null, h("code", null, method)), h("td", null, h("code", null, path)), h("td", null, t(about))));
  return h("table", { class: "requests" }, h("thead", { class: "visually-hidden" }, h("tr", null, h("th", { scope: "col" }, t("api.method")), h("th", { scope: "col" }, t("api.path")), h("th", { scope: "col" }, t("api.about")))), h("tbody", null, rows));
}
