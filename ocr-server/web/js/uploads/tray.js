/** The files on their way, at the lower edge of the window: nothing moves when they come and go. */
import { Component, fill, h, icon, iconButton } from "../core/dom.js";
import { bytes } from "../core/format.js";
import { t } from "../core/i18n.js";
import { explain } from "../tasks/explain.js";
import { typeNames } from "./intake.js";

/** @typedef {import("./queue.js").Upload} Upload */
/** @typedef {{ element: HTMLElement, bar: HTMLProgressElement, text: HTMLElement, signature: string }} Slot */

/** Files shown one by one; of more there is only the sum. */
const SHOWN = 6;

/** Where refused files come first: they need the reader. */
const ORDER = { refused: 0, stalled: 1, sending: 2, waiting: 3, done: 4 };

/** @returns {Slot} */
const makeSlot = () => ({ element: h("li"), bar: h("progress", { max: 1 }), text: h("span", { class: "quiet" }), signature: "" });

export class UploadTray extends Component {
  #app;
  /** Rows of the list, used again for other uploads: what a row shows changes, its element stays. @type {Slot[]} */
  #slots = [];
  #frame = 0;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.#app = app;
  }

  build() {
    const { uploads } = this.#app;
    this.#slots = [];
    const bar = h("progress", { max: 1, "aria-label": t("uploads.title") });
    const title = h("strong");
    const speed = h("span", { class: "quiet" });
    const stop = h("button", { type: "button", class: "small", onclick: () => uploads.dismissAll() });
    const list = h("ul");
    this.hidden = true;
    this.append(h("section", { "aria-label": t("uploads.title") }, h("header", null, title, speed, stop), bar, list));
    this.watch(() => {
      void uploads.version.value;
      cancelAnimationFrame(this.#frame);
      this.#frame = requestAnimationFrame(() => this.#draw({ bar, title, speed, stop, list }));
    });
    this.onLeave(() => cancelAnimationFrame(this.#frame));
  }

  /** @param {{ bar: HTMLProgressElement, title: HTMLElement, speed: HTMLElement, stop: HTMLElement, list: HTMLElement }} parts */
  #draw({ bar, title, speed, stop, list }) {
    const { uploads } = this.#app;
    const { files, done, refused, active, stalled, sent, bytes: all, speed: rate } = uploads.summary;
    this.hidden = uploads.uploads.length === 0;
    bar.hidden = active === 0;
    bar.value = all ? sent / all : 0;
    const ended = [done > 0 && t("uploads.done", { n: done }), refused > 0 && t("uploads.refused", { n: refused })];
    title.textContent = active ? t("uploads.active", { done, n: files }) : ended.filter(Boolean).join(", ");
    speed.textContent = stalled ? t("uploads.stalled") : active && rate ? t("uploads.speed", { speed: bytes(rate) }) : "";
    stop.textContent = active ? t("uploads.stopAll") : t("uploads.clear");
    const shown = uploads.uploads.filter((upload) => upload.state !== "done").sort((a, b) => ORDER[a.state] - ORDER[b.state]).slice(0, SHOWN);
    while (this.#slots.length > shown.length) this.#slots.pop()?.element.remove();
    shown.forEach((upload, at) => {
      let slot = this.#slots[at];
      if (!slot) {
        slot = makeSlot();
        this.#slots.push(slot);
        list.append(slot.element);
      }
      this.#show(upload, slot);
    });
  }

  /**
   * @param {Upload} upload
   * @param {Slot} slot
   */
  #show(upload, slot) {
    const { name } = upload.file;
    const signature = `${upload.id} ${upload.state}`;
    if (slot.signature !== signature) {
      slot.signature = signature;
      slot.element.dataset.state = upload.state;
      const refused = upload.state === "refused";
      const end = refused ? t("uploads.dismiss", { name }) : t("uploads.stop", { name });
      slot.bar.setAttribute("aria-label", name);
      fill(slot.element, icon(refused ? "alert" : "upload"), h("span", { class: "name", title: name }, name), slot.text, iconButton("close", end, () => this.#app.uploads.dismiss(upload)), slot.bar);
    }
    slot.bar.value = upload.file.size ? upload.sent / upload.file.size : 0;
    slot.text.textContent = this.#says(upload);
  }

  /** @param {Upload} upload */
  #says(upload) {
    const size = bytes(upload.file.size);
    switch (upload.state) {
      case "waiting":
        return t("uploads.waiting", { size });
      case "sending": {
        const speed = upload.speed ? ` · ${t("uploads.speed", { speed: bytes(upload.speed) })}` : "";
        return t("uploads.sending", { sent: bytes(upload.sent), size }) + speed;
      }
      case "stalled":
        return t("uploads.stalled");
      default: {
        if (upload.refusal) return t(`refusal.${upload.refusal}`, { size, limit: bytes(this.#app.uploads.limit), types: typeNames() });
        const { cause, advice } = explain(upload.error);
        return `${cause} ${advice}`.trim();
      }
    }
  }
}
customElements.define("ocr-upload-tray", UploadTray);
