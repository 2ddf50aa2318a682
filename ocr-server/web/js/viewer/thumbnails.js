/** Small images of all pages. */
import { Component, fill, h } from "../core/dom.js";
import { t } from "../core/i18n.js";

export class Thumbnails extends Component {
  #app;
  #state;
  #go;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {(page: number) => void} go
   */
  constructor(app, state, go) {
    super();
    this.#app = app;
    this.#state = state;
    this.#go = go;
  }

  build() {
    const state = this.#state;
    const list = h("ol");
    this.append(h("nav", { "aria-label": t("viewer.thumbnails"), tabindex: -1 }, list));
    this.watch(() => {
      const { numbers } = state;
      if (!this.#app.settings.values.value.thumbnails || !state.pictured.value || state.unreadable) return;
      if ([...list.children].some((item, at) => item.getAttribute("data-page") !== String(numbers[at]))) fill(list);
      for (const number of numbers.slice(list.childElementCount)) list.append(this.#item(number));
    });
    this.watch(() => {
      void state.numbers;
      void state.pictured.value;
      const at = state.number.value;
      for (const button of list.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
      const button = list.querySelector(`[data-page="${at}"]`)?.firstElementChild;
      button?.setAttribute("aria-current", "page");
      if (button) requestAnimationFrame(() => this.#reveal(/** @type {HTMLElement} */ (button)));
    });
    this.watch(() => {
      void state.retry.value;
      for (const image of list.querySelectorAll("img")) {
        if (!image.hidden) continue;
        image.hidden = false;
        image.src = image.src;
      }
    });
  }

  /** @param {number} number */
  #item(number) {
    const image = h("img", { loading: "lazy", fetchpriority: "low", decoding: "async", alt: "", draggable: "false" });
    image.onerror = () => {
      image.hidden = true;
    };
    image.src = this.#app.client.imageUrl(this.#state.id, number, 160);
    const label = t("viewer.pageOf", { page: number });
    return h("li", { "data-page": number }, h("button", { type: "button", "aria-label": label, onclick: () => this.#go(number) }, h("span", { class: "frame" }, image), h("span", { "aria-hidden": "true" }, number)));
  }

  /** @param {HTMLElement} button */
  #reveal(button) {
    const top = button.offsetTop - this.scrollTop;
    if (top < 0 || top + button.offsetHeight > this.clientHeight) this.scrollTo(0, button.offsetTop - (this.clientHeight - button.offsetHeight) / 2);
  }
}
customElements.define("ocr-thumbnails", Thumbnails);
