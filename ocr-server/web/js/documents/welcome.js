/** What a reader sees who has no documents yet. */
import { h } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { SAMPLES, drawSample, sampleFile } from "../uploads/samples.js";

/** Height of the small pictures in pixels, twice that at which they are shown. */
const PICTURE = 300;

/** @param {import("../app.js").App} app */
export function welcome(app) {
  const { engines } = app;
  const engine = engines.value?.engines.find((one) => one.default);
  const samples = SAMPLES.map((sample) => {
    const picture = drawSample(sample, PICTURE / sample.height);
    picture.setAttribute("aria-hidden", "true");
    const send = async () => app.addFiles([await sampleFile(sample)]);
    return h("button", { type: "button", class: "sample", onclick: () => void send() }, picture, h("span", null, t(`sample.${sample.id}`)));
  });
  return h(
    "section",
    { class: "welcome" },
    h("p", { class: "lead" }, t("welcome.lead")),
    engine && h("p", { class: "quiet" }, t("welcome.engine", { engine: engine.name, version: engine.version })),
    h("h2", null, t("welcome.samples")),
    h("div", { class: "samples" }, samples),
  );
}
