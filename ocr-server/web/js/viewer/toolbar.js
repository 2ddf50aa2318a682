/** What one can do with the image of the page. */
import { Component, h, iconButton } from "../core/dom.js";
import { number, percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { walkByArrows } from "../shell/arrow-keys.js";
import { attachMenu } from "../shell/menu.js";

export class StageToolbar extends Component {
  #app;
  #state;
  #stage;
  #go;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {import("./stage.js").Stage} stage
   * @param {(page: number) => void} go
   */
  constructor(app, state, stage, go) {
    super();
    this.#app = app;
    this.#state = state;
    this.#stage = stage;
    this.#go = go;
    walkByArrows(this);
  }

  build() {
    const stage = this.#stage;
    const { settings } = this.#app;
    this.setAttribute("role", "toolbar");
    this.setAttribute("aria-label", t("viewer.tools"));
    const thumbnails = iconButton("pages", t("viewer.thumbnails"), () => settings.change({ thumbnails: !settings.values.peek().thumbnails }));
    thumbnails.classList.add("thumbnails-button");
    const zoom = h("button", { type: "button", class: "zoom", title: t("viewer.zoom") });
    attachMenu(zoom, () => this.#zoomItems());
    const heat = iconButton("heat", t("viewer.heat"), () => settings.change({ heat: !settings.values.peek().heat }));
    const boxes = iconButton("boxes", t("viewer.boxes"), () => {});
    attachMenu(boxes, () => this.#boxItems());
    this.append(
      thumbnails,
      ...this.#pager(),
      h("span", { class: "spring" }),
      iconButton("minus", t("viewer.zoomOut"), () => stage.step(-1), { class: "icon-button step" }),
      zoom,
      iconButton("plus", t("viewer.zoomIn"), () => stage.step(1), { class: "icon-button step" }),
      iconButton("rotate", t("viewer.rotate"), () => stage.rotate()),
      boxes,
      heat,
    );
    this.watch(() => {
      const { heat: on, thumbnails: wanted } = settings.values.value;
      heat.setAttribute("aria-pressed", String(on));
      // Of one page there are none to be shown, whatever was chosen for others.
      const several = this.#state.several.value;
      thumbnails.disabled = !several;
      thumbnails.setAttribute("aria-pressed", String(wanted && several));
    });
    this.watch(() => boxes.classList.toggle("on", stage.layer.value !== ""));
    this.watch(() => {
      zoom.textContent = percent(stage.scale.value);
    });
  }

  #pager() {
    const state = this.#state;
    const previous = iconButton("up", t("viewer.previous"), () => this.#turn(-1));
    const next = iconButton("down", t("viewer.next"), () => this.#turn(1));
    const input = h("input", { inputmode: "numeric", "aria-label": t("viewer.pageNumber"), autocomplete: "off" });
    const total = h("span");
    const jump = () => {
      const wanted = Number.parseInt(input.value, 10);
      if (state.numbers.includes(wanted)) this.#go(wanted);
      else input.value = String(state.number.peek());
    };
    input.addEventListener("change", jump);
    input.addEventListener("focus", () => input.select());
    this.watch(() => {
      const at = state.number.value;
      input.value = String(at);
      total.textContent = t("viewer.of", { total: number(state.last) });
      previous.disabled = state.beside(-1) === null;
      next.disabled = state.beside(1) === null;
    });
    return [previous, h("span", { class: "pager" }, input, total), next];
  }

  /** @param {1 | -1} step */
  #turn(step) {
    const to = this.#state.beside(step);
    if (to !== null) this.#go(to);
  }

  /** @returns {import("../shell/menu.js").Item[]} */
  #zoomItems() {
    const { zoom } = this.#stage;
    /** @type {[string, import("./geometry.js").Zoom][]} */
    const fits = [[t("viewer.fitWidth"), "width"], [t("viewer.fitPage"), "page"]];
    const steps = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4].map((share) => /** @type {[string, number]} */ ([percent(share), share]));
    return [...fits, ...steps].map(([label, value]) => ({ label, icon: zoom.peek() === value ? "check" : undefined, run: () => void (zoom.value = value) }));
  }

  /** @returns {import("../shell/menu.js").Item[]} */
  #boxItems() {
    const { layer } = this.#stage;
    const kinds = { "": t("boxes.none"), words: t("boxes.words"), lines: t("boxes.lines"), blocks: t("boxes.blocks") };
    return Object.entries(kinds).map(([value, label]) => ({ label, icon: layer.peek() === value ? "check" : undefined, run: () => void (layer.value = value) }));
  }
}
customElements.define("ocr-toolbar", StageToolbar);
