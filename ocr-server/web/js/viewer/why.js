/** Why the document is where it is: what it waits for, and what happens next. */
import { Component, h, showAs } from "../core/dom.js";
import { clockTime } from "../core/format.js";
import { t } from "../core/i18n.js";
import { ExplanationWatch } from "../tasks/explanation-watch.js";
import { inWords } from "../tasks/holding.js";

/** @typedef {import("../api/types.js").Explanation} Explanation */
/** @typedef {import("../api/types.js").Task} Task */

const clock = {
  now: () => Date.now(),
  setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
  clearTimeout: (/** @type {any} */ timer) => clearTimeout(timer),
};

export class Why extends Component {
  #app;
  #state;

  /**
   * @param {import("../app.js").App} app
   * @param {import("./state.js").ViewerState} state
   */
  constructor(app, state) {
    super();
    this.#app = app;
    this.#state = state;
  }

  build() {
    const watch = new ExplanationWatch(this.#app.client, clock, this.#state.id);
    const words = h("div", { "aria-live": "polite" });
    const facts = h("p", { class: "quiet" });
    this.append(h("h2", null, t("explain.title")), words, facts);
    this.watch(() => {
      const task = this.#state.task.value;
      // Of what was read there is nothing to explain.
      if (task && task.status !== "completed") watch.changed();
    });
    this.watch(() => {
      const task = this.#state.task.value;
      const told = watch.told.value;
      this.hidden = !task || !told || task.status === "completed";
      if (!task || !told) return;
      const said = inWords(told, task, Date.now());
      showAs(words, JSON.stringify(said), () => paragraphs(said));
      showAs(facts, JSON.stringify(told), () => attempts(told));
    });
    this.#watchSilence(watch);
    this.onLeave(() => watch.stop());
  }

  /**
   * What stands at the top of the document follows what is told here: no event says that a worker fell silent.
   * @param {ExplanationWatch} watch
   */
  #watchSilence(watch) {
    let before = "";
    this.watch(() => {
      const holding = watch.told.value?.holding ?? "";
      const isNews = holding !== before && [holding, before].includes("silent_worker");
      before = holding;
      if (isNews) void this.#app.store.load(this.#state.id).catch(() => {});
    });
  }
}
customElements.define("ocr-why", Why);

/** @param {import("../tasks/holding.js").Words} words */
function paragraphs({ what, next, cause, said, foreign }) {
  const lang = foreign && "en";
  return [
    h("p", { lang }, h("strong", null, what)),
    cause && h("p", null, cause),
    next && h("p", { lang }, next),
    said && h("p", { class: "quiet", lang: "en" }, said),
  ];
}

/** @param {Explanation} told */
function attempts({ attempt, failures, maxFailures, crashes, maxCrashes, deadlineAt, worker, status }) {
  const parts = [t("explain.attempts", { attempt, failures, maxFailures, crashes, maxCrashes })];
  if (status === "processing" && worker) parts.push(t("explain.worker", { worker }));
  if (deadlineAt && (status === "pending" || status === "processing")) parts.push(t("explain.deadline", { time: clockTime(deadlineAt, Date.now()) }));
  return parts.join(" ");
}
