/** How sure the machine is: a threshold, how many words are below, and a walk through them. */
import { Component, h, iconButton } from "../core/dom.js";
import { signal } from "../core/signal.js";
import { percent } from "../core/format.js";
import { t } from "../core/i18n.js";
import { isWeak, weakWords } from "./words.js";

export class WeakBar extends Component {
  #app;
  #state;
  #go;
  /** Whether other pages are being looked through. */
  #searching = signal(false);

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
      const searching = this.#searching.value;
      count.setAttribute("aria-busy", String(searching));
      count.textContent = searching ? t("weak.searching") : t("weak.count", { n: weakWords(words, weakBelow).length, share: percent(weakBelow / 100) });
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
    if (this.#searching.peek()) return;
    const from = state.number.peek();
    this.#searching.value = true;
    const found = await state.search(step, (word) => isWeak(word, weakBelow)).catch(() => null);
    this.#searching.value = false;
    // Whoever went elsewhere meanwhile is not called back.
    if (state.number.peek() !== from) return;
    if (found) this.#go(found.number, found.word);
    else this.#app.notices.info(t("weak.none", { share: percent(weakBelow / 100) }), { time: 2500 });
  }
}
customElements.define("ocr-weak", WeakBar);
