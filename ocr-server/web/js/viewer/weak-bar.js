/** How sure the machine is: a threshold, how many words are below, and a walk through them. */
import { Component, h, iconButton } from "../core/dom.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { isWeak, weakWords } from "./words.js";

export class WeakBar extends Component {
  #app;
  #state;
  #go;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   * @param {(page: number, word: number) => void} go
   */
  constructor(app, state, go) {
    super();
    this.#app = app;
    this.#state = state;
    this.#go = go;
  }

  build() {
    const { settings } = this.#app;
    const slider = h("input", { type: "range", min: 10, max: 100, step: 1, "aria-label": t("weak.threshold") });
    const count = h("span", { class: "count" });
    slider.addEventListener("input", () => settings.change({ weakBelow: Number(slider.value), heat: true }));
    this.append(
      count,
      slider,
      iconButton("back", t("weak.previous"), () => void this.walk(-1)),
      iconButton("next", t("weak.next"), () => void this.walk(1)),
    );
    this.watch(() => {
      const { weakBelow } = settings.values.value;
      slider.value = String(weakBelow);
      slider.setAttribute("aria-valuetext", percent(weakBelow / 100));
      const words = this.#state.read.value?.words ?? [];
      this.hidden = words.length === 0 && !this.#state.loading.value;
      count.textContent = t("weak.count", { n: weakWords(words, weakBelow).length, share: percent(weakBelow / 100) });
    });
  }

  /**
   * Goes to the next weak word, on this page or a later one.
   * @param {1 | -1} step
   */
  async walk(step) {
    const state = this.#state;
    const { weakBelow, heat } = this.#app.settings.values.peek();
    if (!heat) this.#app.settings.change({ heat: true });
    const at = state.chosen.peek();
    const here = weakWords(state.read.peek()?.words ?? [], weakBelow).map((word) => word.index);
    const next = step > 0 ? here.find((index) => index > at) : here.findLast((index) => at < 0 || index < at);
    if (next !== undefined) {
      state.chosen.value = next;
      return;
    }
    const found = await state.search(state.number.peek() + step, step, (word) => isWeak(word, weakBelow)).catch(() => null);
    if (found) this.#go(found.number, found.word);
    else this.#app.notices.info(t("weak.none", { share: percent(weakBelow / 100) }), { time: 2500 });
  }
}
customElements.define("ocr-weak", WeakBar);
