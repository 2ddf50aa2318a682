/** The bar between page and result, moved by pointer or keys. */
import { Component } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** Percent of the width that each side keeps. */
const LEAST = 25;
/** Percent moved by an arrow key. */
const STEP = 3;

/** @param {number} share percent */
export const clampedSplit = (share) => Math.min(Math.max(share, LEAST), 100 - LEAST);

export class Splitter extends Component {
  #app;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { settings } = this.#app;
    for (const [name, value] of Object.entries({ role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": t("viewer.split"), "aria-valuemin": LEAST, "aria-valuemax": 100 - LEAST })) {
      this.setAttribute(name, String(value));
    }
    const set = (/** @type {number} */ share) => settings.change({ split: clampedSplit(share) });
    this.watch(() => {
      const { split } = settings.values.value;
      this.setAttribute("aria-valuenow", String(Math.round(split)));
      this.parentElement?.style.setProperty("--split", String(split));
    });
    this.listen(this, "keydown", (event) => {
      const now = settings.values.peek().split;
      /** @type {Record<string, number>} */
      const targets = { ArrowLeft: now - STEP, ArrowRight: now + STEP, Home: LEAST, End: 100 - LEAST };
      const target = targets[event.key];
      if (target === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      set(target);
    });
    this.listen(this, "pointerdown", (event) => {
      event.preventDefault();
      this.setPointerCapture(event.pointerId);
    });
    this.listen(this, "pointermove", (event) => {
      const room = this.parentElement?.getBoundingClientRect();
      if (this.hasPointerCapture(event.pointerId) && room) set(((event.clientX - room.left) / room.width) * 100);
    });
    this.listen(this, "dblclick", () => set(55));
  }
}
customElements.define("ocr-splitter", Splitter);
