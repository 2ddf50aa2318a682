/** Shows notices, and tells screen readers what happens. */
import { Component, h, iconButton } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** Pause after which a region that was emptied is filled again: the same sentence twice is news twice. */
const BREATH = 60;

export class NoticeList extends Component {
  #notices;
  /** @type {Map<number, HTMLElement>} */
  #items = new Map();

  /** @param {import("../core/notices.js").Notices} notices */
  constructor(notices) {
    super();
    this.#notices = notices;
  }

  build() {
    const list = h("ul", { "aria-label": t("notices") });
    this.#items.clear();
    this.append(list);
    // A notice that goes away under the pointer or the focus takes with it what was about to be done.
    let pointed = false;
    const follow = () => (pointed || list.contains(document.activeElement) ? this.#notices.hold() : this.#notices.release());
    const point = (/** @type {boolean} */ at) => {
      pointed = at;
      follow();
    };
    // A finger leaves nothing behind that could go away again.
    list.addEventListener("pointerenter", (event) => point(event.pointerType === "mouse"));
    list.addEventListener("pointerleave", () => point(false));
    list.addEventListener("focusin", follow);
    list.addEventListener("focusout", () => queueMicrotask(follow));
    this.watch(() => {
      const notices = this.#notices.list.value;
      const focused = list.contains(document.activeElement);
      this.#show(list, notices);
      if (focused && !list.contains(document.activeElement)) /** @type {HTMLElement | null} */ (list.querySelector("button") ?? document.querySelector("main"))?.focus();
      point(pointed && notices.length > 0);
      // Over an open dialog only what is in the top layer can be seen.
      if (notices.length && this.popover !== null && !this.matches(":popover-open")) this.showPopover();
      if (notices.length === 0 && this.matches(":popover-open")) this.hidePopover();
    });
  }

  /**
   * Takes away what is gone and adds what is new; what stays is not touched, nor is its focus.
   * @param {HTMLElement} list
   * @param {import("../core/notices.js").Notice[]} notices
   */
  #show(list, notices) {
    const wanted = new Set(notices.map(({ id }) => id));
    for (const [id, item] of this.#items) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const notice of notices) {
      if (this.#items.has(notice.id)) continue;
      const item = this.#item(notice);
      this.#items.set(notice.id, item);
      list.append(item);
    }
  }

  /** @param {import("../core/notices.js").Notice} notice */
  #item({ id, kind, text, detail, original, action }) {
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
      h("div", null, text, detail && h("small", null, detail), original && h("small", { lang: "en" }, original)),
      action && h("button", { type: "button", class: "link", onclick: act }, action.label),
      iconButton("close", t("close"), close),
    );
  }
}
customElements.define("ocr-notices", NoticeList);

/** What screen readers are told: each new notice, and what is not shown at all. Always there, never seen. */
export class SpokenRegion extends Component {
  #notices;

  /** @param {import("../core/notices.js").Notices} notices */
  constructor(notices) {
    super();
    this.#notices = notices;
  }

  build() {
    let latest = this.#notices.list.peek().at(-1)?.id ?? 0;
    const [shown, said] = [this.#region(), this.#region()];
    this.watch(() => {
      const notice = this.#notices.list.value.at(-1);
      // When one is closed, the one before is no news.
      if (!notice || notice.id <= latest) return;
      latest = notice.id;
      shown(`${notice.text} ${notice.detail ?? ""}`);
    });
    this.watch(() => said(this.#notices.spoken.value.text));
  }

  /** @returns {(text: string) => void} */
  #region() {
    const region = h("p", { class: "visually-hidden", "aria-live": "polite" });
    this.append(region);
    let timer = 0;
    this.onLeave(() => clearTimeout(timer));
    return (text) => {
      clearTimeout(timer);
      region.textContent = "";
      if (text) timer = setTimeout(() => region.append(text), BREATH);
    };
  }
}
customElements.define("ocr-spoken", SpokenRegion);
