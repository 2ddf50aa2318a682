/** Shows notices, and tells screen readers what happens. */
import { Component, fill, h, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";

export class NoticeList extends Component {
  #notices;

  /** @param {import("../core/notices.js").Notices} notices */
  constructor(notices) {
    super();
    this.#notices = notices;
  }

  build() {
    const list = h("ul", { "aria-label": t("notices") });
    const spoken = h("p", { class: "visually-hidden", "aria-live": "polite" });
    this.append(list, spoken);
    this.watch(() => {
      const notices = this.#notices.list.value;
      const focused = list.contains(document.activeElement);
      fill(list, notices.map((notice) => this.#item(notice)));
      if (focused && notices.length === 0) document.querySelector("main")?.focus();
      // Over an open dialog only what is in the top layer can be seen.
      if (notices.length && this.popover !== null && !this.matches(":popover-open")) this.showPopover();
      if (notices.length === 0 && this.matches(":popover-open")) this.hidePopover();
    });
    this.watch(() => {
      const latest = this.#notices.list.value.at(-1);
      spoken.textContent = latest ? `${latest.text} ${latest.detail ?? ""}` : this.#notices.spoken.value;
    });
  }

  /** @param {import("../core/notices.js").Notice} notice */
  #item({ id, kind, text, detail, action }) {
    const close = () => {
      this.#notices.list.value = this.#notices.list.peek().filter((other) => other.id !== id);
    };
    const act = () => {
      close();
      action?.run();
    };
    return h(
      "li",
      { class: kind },
      h("div", null, text, detail && h("small", null, detail)),
      action && h("button", { type: "button", class: "link", onclick: act }, action.label),
      iconButton("close", t("close"), close),
    );
  }
}
customElements.define("ocr-notices", NoticeList);
