/** Puts the parts together, and shows the screen the address names. */
import { Accounts } from "./accounts/accounts.js";
import { Client } from "./api/client.js";
import { effect, flush } from "./core/signal.js";
import { h } from "./core/dom.js";
import { pickLanguage, t, useLanguage } from "./core/i18n.js";
import { Keyboard } from "./core/keyboard.js";
import { Notices } from "./core/notices.js";
import { Router } from "./core/router.js";
import { Settings } from "./core/settings.js";
import { LiveConnection } from "./live/connection.js";
import { EngineWatch } from "./live/engines.js";
import { confirmDialog } from "./shell/dialog.js";
import { takesRoom } from "./shell/floor.js";
import { Header } from "./shell/header.js";
import { openHelp } from "./shell/help.js";
import { NoticeList, SpokenRegion } from "./shell/notice-list.js";
import { emptyState } from "./shell/states.js";
import { TaskActions } from "./tasks/actions.js";
import { TaskStore } from "./tasks/store.js";
import { acceptDrops } from "./uploads/drop.js";
import { MAX_BYTES } from "./uploads/intake.js";
import { UploadQueue } from "./uploads/queue.js";
import { Remembered } from "./uploads/remembered.js";
import { Sender } from "./uploads/sender.js";
import { UploadTray } from "./uploads/tray.js";
import { send } from "./uploads/transport.js";
import { SCREENS } from "./screens.js";

const clock = {
  now: () => Date.now(),
  setTimeout: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
};

/** What is shown to whoever has not signed in: what one-time links lead to. */
const OPEN = new Set(["set-up", "reset"]);

/** A random name for one upload. */
function makeId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class App {
  settings = new Settings(localStorage);
  router = new Router(window);
  notices = new Notices(clock);
  keyboard = new Keyboard(() => this.settings.values.peek().letterKeys);
  client = new Client((url, options) => fetch(url, options), () => this.accounts.session.peek()?.user?.id ?? this.settings.values.peek().userId, () => this.accounts.ended());
  accounts = new Accounts(this.client);
  store = new TaskStore(this.client, clock);
  actions = new TaskActions(this.client, this.store, this.notices, confirmDialog);
  remembered = new Remembered(localStorage, clock.now);
  uploads = new UploadQueue(new Sender(this.client, send, this.remembered), clock, {
    limit: MAX_BYTES,
    makeId,
    onDone: (id) => void this.store.arrived(id),
  });
  #engineWatch = new EngineWatch(this.client, clock);
  /** What can read documents; null until it is known. */
  engines = this.#engineWatch.found;
  /** Whether the server has said what engines it has, or failed to. */
  enginesKnown = this.#engineWatch.known;
  live = new LiveConnection({
    WebSocket,
    EventSource,
    setTimeout: clock.setTimeout,
    clearTimeout: (timer) => clearTimeout(timer),
    random: Math.random,
    socketUrl: (since) => new URL(this.client.url("/ws", { since }), location.href).href.replace(/^http/, "ws"),
    eventsUrl: (since) => this.client.url("/api/events", { since }),
    poll: () => this.store.look(),
    catchUp: () => this.#catchUp(),
    onMessage: (message) => this.store.receive(message),
  });

  /** @param {File[]} files */
  addFiles(files) {
    if (files.length === 0) return;
    this.uploads.add(files, { ...this.settings.values.peek().upload });
  }

  async #catchUp() {
    await this.store.refresh(true);
    await this.#engineWatch.learn();
  }

  async start() {
    const { settings } = this;
    // The screen's modules and the language's texts come at the same time.
    void SCREENS[this.router.route.peek().screen]?.();
    await Promise.all([useLanguage(pickLanguage(settings.values.peek().language, navigator.languages), navigator.languages), this.accounts.learn()]);
    effect(() => {
      this.uploads.limit = this.engines.value?.max_file_bytes ?? MAX_BYTES;
    });
    if (!this.accounts.mustSignIn) void this.#engineWatch.learn();
    this.store.onEnded = (task) => this.#announce(task);
    this.#sender = this.#whose();
    this.#watchSettings();
    this.#show();
    this.#listen();
    if (this.#whose()) this.live.start();
  }

  /** Whose documents are shown; `""` while somebody has to sign in first. */
  #whose() {
    if (this.accounts.mustSignIn) return "";
    return this.accounts.user?.id ?? this.settings.values.value.userId;
  }

  /** @param {import("./api/types.js").Task} task */
  #announce(task) {
    if (task.status === "completed") this.notices.say(t("said.completed", { name: task.filename }));
    if (task.status === "failed") this.notices.say(t("said.failed", { name: task.filename }));
  }

  #watchSettings() {
    let { language } = this.settings.values.peek();
    let shown = this.#whose();
    effect(() => {
      const values = this.settings.values.value;
      const root = document.documentElement;
      if (values.theme === "system") delete root.dataset.theme;
      else root.dataset.theme = values.theme;
      root.classList.toggle("invert-pages", values.invert);
      const whose = this.#whose();
      if (values.language !== language || whose !== shown) {
        const changedUser = whose !== shown;
        ({ language } = values);
        shown = whose;
        void this.#begin(changedUser, whose);
      }
    });
  }

  /** Whose uploads are in the tray. */
  #sender = "";

  /**
   * @param {boolean} changedUser whether nothing that was read may be shown any more
   * @param {string} whose documents are shown from now on
   */
  async #begin(changedUser, whose) {
    const { language } = this.settings.values.peek();
    await useLanguage(pickLanguage(language, navigator.languages), navigator.languages);
    if (changedUser) {
      this.live.stop();
      this.store.reset();
      // Whoever has to sign in again finds what they were sending; nobody finds what somebody else was, or who left.
      if ((whose && whose !== this.#sender) || this.accounts.left) this.uploads.dismissAll();
      if (whose) this.#sender = whose;
    }
    this.#show();
    if (!changedUser || !whose) return;
    this.live.start();
    void this.#engineWatch.learn();
  }

  /** @type {(() => void) | null} */
  #hide = null;

  /** Builds the page afresh, and its screen whenever another one is named. */
  #show() {
    this.#hide?.();
    document.documentElement.lang = pickLanguage(this.settings.values.peek().language, navigator.languages);
    const main = h("main", { id: "main", tabindex: -1 });
    const notices = new NoticeList(this.notices);
    notices.popover = "manual";
    const skip = h("a", { class: "skip", href: "#main", onclick: (/** @type {Event} */ event) => (event.preventDefault(), main.focus()) }, t("skip"));
    const offline = h("p", { class: "offline", role: "status", hidden: true });
    const tray = new UploadTray(this);
    document.body.replaceChildren(skip, new Header(this), main, offline, tray, notices, new SpokenRegion(this.notices), ...document.querySelectorAll(".veil"));
    const rooms = [takesRoom(offline, "--offline"), takesRoom(tray, "--tray"), takesRoom(notices, "--notices")];
    const offKeys = this.keyboard.register(t("keys.everywhere"), this.#shortcuts());
    const stopOffline = effect(() => {
      offline.hidden = this.live.state.value !== "offline";
      offline.textContent = offline.hidden ? "" : `${t("offline.title")}. ${t("offline.text")}`;
    });
    let shown = "";
    const stop = effect(() => {
      const { screen, id } = this.router.route.value;
      const wanted = `${screen}/${id}`;
      if (wanted === shown) return;
      const first = shown === "";
      shown = wanted;
      queueMicrotask(() => this.#enter(main, screen, id, first));
    });
    this.#hide = () => {
      stop();
      stopOffline();
      for (const leave of rooms) leave();
      offKeys();
    };
  }

  /**
   * @param {HTMLElement} main
   * @param {import("./core/router.js").Screen} screen
   * @param {string} id
   * @param {boolean} first whether the page has just been opened, and nothing had the focus
   */
  async #enter(main, screen, id, first) {
    const place = this.accounts.mustSignIn && !OPEN.has(screen) ? "sign-in" : screen;
    const make = await SCREENS[place]?.();
    const route = this.router.route.peek();
    if (route.screen !== screen || route.id !== id || !main.isConnected) return;
    document.documentElement.dataset.screen = place;
    document.title = `${t(`title.${place}`)} · OCR`;
    const content = make
      ? make(this, id)
      : emptyState({ icon: "search", level: "h1", title: t("lost.title"), actions: [h("a", { class: "button", href: "#/documents" }, t("nav.documents"))] });
    main.replaceChildren(content);
    flush();
    scrollTo(0, 0);
    if (!first) /** @type {HTMLElement | null} */ (main.querySelector("h1") ?? main)?.focus({ preventScroll: true });
  }

  /** @returns {import("./core/keyboard.js").Shortcut[]} */
  #shortcuts() {
    const go = (/** @type {string} */ link) => () => this.router.go(link);
    return [
      { keys: ["?"], label: t("keys.help"), run: () => openHelp(this) },
      { keys: ["Alt+1"], label: t("nav.documents"), run: go("#/documents") },
      { keys: ["Alt+2"], label: t("nav.overview"), run: go("#/overview") },
      { keys: ["Alt+3"], label: t("nav.trash"), run: go("#/trash") },
      { keys: ["Alt+4"], label: t("nav.api"), run: go("#/api") },
    ];
  }

  #listen() {
    addEventListener("keydown", (event) => {
      if (!document.querySelector("dialog[open], .menu:popover-open")) this.keyboard.handle(event);
    });
    const wake = () => {
      this.live.wake();
      this.uploads.wake();
    };
    addEventListener("online", wake);
    addEventListener("offline", wake);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
    acceptDrops(window, (files) => this.addFiles(files), (names) => {
      this.notices.error(t("intake.unread", { n: names.length, name: names[0] ?? "" }));
    });
    addEventListener("beforeunload", (event) => {
      if (this.uploads.summary.active > 0) event.preventDefault();
    });
  }
}

if (typeof document !== "undefined") void new App().start();
