/** The image of the page, at the size and turn one wants, with its words over it. */
import { Component, h } from "../core/dom.js";
import { signal } from "../core/signal.js";
import { t } from "../core/i18n.js";
import { imageWidth, shownSize, zoomStep } from "./geometry.js";
import { PageOverlay } from "./overlay.js";

/** Sideways movement of a finger that turns the page, in pixels. */
const SWIPE = 70;
/** Space around the page, in pixels. */
const MARGIN = 20;
/** Shape of a page of which nothing is known yet: A4 at 100 dpi. */
const UNKNOWN = { width: 827, height: 1169, dpi: 100 };

export class Stage extends Component {
  zoom = signal(/** @type {import("./geometry.js").Zoom} */ ("width"));
  turns = signal(0);
  /** The scale at which the page is shown now. */
  scale = signal(1);
  /** Which boxes are drawn. */
  layer = signal("");
  #app;
  #state;
  #corrections;
  #editor;
  #room = signal({ width: 0, height: 0 });
  /** Shape of an image whose page has not been read. */
  #imageShape = signal(/** @type {{ number: number, width: number, height: number } | null} */ (null));

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("../corrections/corrections.js").Corrections} corrections
   * @param {import("../corrections/editor.js").WordEditor} editor
   */
  constructor(app, state, corrections, editor) {
    super();
    this.#app = app;
    this.#state = state;
    this.#corrections = corrections;
    this.#editor = editor;
  }

  build() {
    const image = h("img", { alt: "", draggable: "false", decoding: "async" });
    const missing = h("p", { class: "missing", hidden: true }, t("viewer.noImage"));
    const sheet = h("div", { class: "sheet" }, image, missing, new PageOverlay(this.#app, this.#state, this.layer, this.#corrections, this.#editor));
    const leaf = h("div", { class: "leaf", hidden: true }, sheet);
    const stage = h("div", { class: "stage", tabindex: 0, role: "region", "aria-label": t("viewer.page") }, leaf);
    this.append(stage);
    const observer = new ResizeObserver(() => {
      this.#room.value = { width: stage.clientWidth - 2 * MARGIN, height: stage.clientHeight - 2 * MARGIN };
    });
    observer.observe(stage);
    this.onLeave(() => observer.disconnect());
    this.watch(() => this.#lay(leaf, sheet));
    this.watch(() => this.#load(image, missing, sheet));
    this.watch(() => {
      void this.#state.number.value;
      stage.scrollTo(0, 0);
    });
    this.#swipe(stage);
    this.listen(stage, "wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** Size of the page in pixels, as far as it is known. */
  get #shape() {
    const page = this.#state.read.value?.page;
    if (page) return page;
    const image = this.#imageShape.value;
    return image?.number === this.#state.number.value ? image : UNKNOWN;
  }

  /**
   * @param {HTMLElement} leaf
   * @param {HTMLElement} sheet
   */
  #lay(leaf, sheet) {
    const room = this.#room.value;
    if (room.width <= 0) return;
    const turns = this.turns.value;
    const size = shownSize(this.zoom.value, this.#shape, room, turns);
    this.scale.value = size.scale;
    leaf.hidden = false;
    const lying = turns % 2 === 1;
    leaf.style.setProperty("width", `${lying ? size.height : size.width}px`);
    leaf.style.setProperty("height", `${lying ? size.width : size.height}px`);
    sheet.style.setProperty("width", `${size.width}px`);
    sheet.style.setProperty("height", `${size.height}px`);
    sheet.style.setProperty("rotate", `${turns * 90}deg`);
  }

  /** @type {string} */
  #source = "";

  /**
   * @param {HTMLImageElement} image
   * @param {HTMLElement} missing
   * @param {HTMLElement} sheet
   */
  #load(image, missing, sheet) {
    const number = this.#state.number.value;
    const task = this.#state.task.value;
    void this.#state.retry.value;
    if (!task || this.#room.value.width <= 0) return;
    const shape = this.#shape;
    const natural = shownSize(1, shape, { width: 1, height: 1 }, 0).width;
    const width = imageWidth(natural * this.scale.value * devicePixelRatio);
    const page = `${task.id} ${number}`;
    const source = this.#app.client.imageUrl(task.id, number, width, { turn: this.#state.read.value?.page.rotation });
    const { unreadable } = this.#state;
    if (this.#source === source && missing.hidden === !unreadable) return;
    this.#source = source;
    missing.hidden = !unreadable;
    if (unreadable) {
      this.#state.pictured.value = true;
      return;
    }
    // The old image stays until the new one is there, unless it is of another page.
    if (image.dataset.page !== page) {
      image.removeAttribute("src");
      sheet.classList.add("waiting");
    }
    const next = new Image();
    next.decoding = "async";
    next.onload = () => {
      if (this.#source !== source) return;
      image.src = source;
      image.alt = t("viewer.pageOf", { page: number });
      image.dataset.page = page;
      missing.hidden = true;
      this.#state.pictured.value = true;
      sheet.classList.remove("waiting");
      this.#imageShape.value = { number, width: next.naturalWidth, height: next.naturalHeight };
    };
    next.onerror = () => {
      if (this.#source !== source) return;
      this.#source = "";
      this.#state.pictured.value = true;
      missing.hidden = false;
      sheet.classList.remove("waiting");
    };
    next.src = source;
  }

  /** @param {1 | -1} direction */
  step(direction) {
    this.zoom.value = zoomStep(this.scale.peek(), direction);
  }

  rotate() {
    this.turns.value = (this.turns.peek() + 1) % 4;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.step(event.deltaY < 0 ? 1 : -1);
  }

  /** @param {HTMLElement} stage */
  #swipe(stage) {
    /** @type {{ x: number, y: number } | null} */
    let from = null;
    this.listen(stage, "touchstart", (event) => {
      const touch = event.touches.length === 1 ? event.touches[0] : null;
      from = touch && stage.scrollWidth <= stage.clientWidth + 1 ? { x: touch.clientX, y: touch.clientY } : null;
    }, { passive: true });
    this.listen(stage, "touchend", (event) => {
      const touch = event.changedTouches[0];
      if (!from || !touch || (visualViewport?.scale ?? 1) > 1.01 || !(getSelection()?.isCollapsed ?? true)) return;
      const across = touch.clientX - from.x;
      const down = touch.clientY - from.y;
      if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(down)) return;
      this.dispatchEvent(new CustomEvent("turn", { detail: across < 0 ? 1 : -1 }));
    }, { passive: true });
  }
}
customElements.define("ocr-stage", Stage);
