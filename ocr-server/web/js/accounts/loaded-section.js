/** A part of the account screen that shows what the server answers. */
import { Component, fill } from "../core/dom.js";
import { errorState, skeleton } from "../shell/states.js";

export class LoadedSection extends Component {
  /** @type {import("../app.js").App} */
  app;
  /** Lines that stand for what is not there yet. */
  placeholder = 1;

  /** @param {import("../app.js").App} app */
  constructor(app) {
    super();
    this.app = app;
  }

  build() {
    void this.show();
  }

  /** Asks the server and shows what comes of it, or why nothing does and how to try again. */
  async show() {
    fill(this, skeleton(this.placeholder));
    try {
      await this.load();
    } catch (error) {
      fill(this, errorState(error, () => void this.show()));
    }
  }

  /** Asks, and fills this part. */
  async load() {}
}
