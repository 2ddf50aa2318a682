/**
 * Live updates that survive proxies: a WebSocket, else server-sent events, else a look every five
 * seconds. The state it shows is what is true now, not what was hoped for.
 *
 * - `live`: the server pushes, over a WebSocket or over events.
 * - `polling`: it does not, but the last look at the server succeeded.
 * - `offline`: the last look failed.
 */
import { signal } from "../core/signal.js";

/** @typedef {"connecting" | "live" | "polling" | "offline"} State */
/** @typedef {"poll" | "retry" | "greeting" | "ping" | "quiet"} Timer */
/** @typedef {{ type: string, data?: any, cursor?: string, timestamp?: string }} Message */

/**
 * @typedef {object} World what the connection needs of its surroundings
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {new (url: string) => EventSource} EventSource
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {() => number} random
 * @property {(since: string) => string} socketUrl
 * @property {(since: string) => string} eventsUrl
 * @property {() => Promise<unknown>} poll reads afresh what is shown
 * @property {() => Promise<unknown>} catchUp reads afresh everything that is known
 * @property {(message: Message) => void} onMessage
 */

export const POLL_EVERY = 5_000;
/** Maximum wait for the greeting, in milliseconds. */
const GREETING = 5_000;
/** How often a quiet socket is asked whether it still lives, and how long it may take to answer. */
const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
/** How long events may be silent: they cannot be asked whether they still live, only opened anew. */
const EVENTS_QUIET = 30_000;
/** Waits before a push connection is opened again: the first and the maximum, in milliseconds. */
const RETRY_FIRST = 1_000;
const RETRY_MAX = 30_000;

export class LiveConnection {
  state = signal(/** @type {State} */ ("connecting"));
  #world;
  #running = false;
  #since = "";
  #failures = 0;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {EventSource | null} */
  #events = null;
  /** @type {Record<Timer, any>} */
  #timers = { poll: null, retry: null, greeting: null, ping: null, quiet: null };
  #polling = false;

  /** @param {World} world */
  constructor(world) {
    this.#world = world;
  }

  /** Connects, and keeps connected until `stop`. */
  start() {
    this.#running = true;
    this.#openSocket();
  }

  stop() {
    this.#running = false;
    for (const name of /** @type {const} */ (["poll", "retry", "greeting", "ping", "quiet"])) this.#cancel(name);
    this.#polling = false;
    this.#dropSocket();
    this.#dropEvents();
    this.#since = "";
    this.#failures = 0;
    this.state.value = "connecting";
  }

  /** Tries again at once: the network came back, or the reader did. */
  wake() {
    if (!this.#running) return;
    if (this.#socket?.readyState === 1) {
      this.#ping();
      return;
    }
    this.#failures = 0;
    this.#openSocket();
    if (this.#polling) this.#look();
  }

  /** What a look at the server found; also called by requests the reader makes. */
  heard(/** @type {boolean} */ answered) {
    const state = this.state.peek();
    if (!this.#running || state === "connecting") return;
    if (state !== "live") this.state.value = answered ? "polling" : "offline";
    else if (!answered) this.#doubt();
  }

  /** Finds out whether what seems live still is. */
  #doubt() {
    if (this.#events) this.#openEvents();
    else this.#ping();
  }

  #openSocket() {
    this.#dropSocket();
    this.#cancel("retry");
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new this.#world.WebSocket(this.#world.socketUrl(this.#since));
    } catch {
      this.#socketFailed();
      return;
    }
    this.#socket = socket;
    const failed = () => {
      if (this.#socket === socket) this.#socketFailed();
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data, "socket");
    };
    socket.onclose = failed;
    socket.onerror = failed;
    this.#after("greeting", GREETING, failed);
  }

  #socketFailed() {
    this.#dropSocket();
    if (!this.#running) return;
    if (!this.#events) {
      this.#fallBack();
      this.#openEvents();
    }
    const maximum = Math.min(RETRY_MAX, RETRY_FIRST * 2 ** this.#failures);
    this.#failures += 1;
    this.#after("retry", maximum * (0.5 + this.#world.random() / 2), () => this.#openSocket());
  }

  /** Opens events, in place of those that were open before. */
  #openEvents() {
    this.#dropEvents();
    /** @type {EventSource} */
    let events;
    try {
      events = new this.#world.EventSource(this.#world.eventsUrl(this.#since));
    } catch {
      this.#fallBack();
      return;
    }
    this.#events = events;
    const receive = (/** @type {MessageEvent} */ event) => {
      if (this.#events === events) this.#receive(event.data, "events");
    };
    const lost = () => {
      if (this.#events !== events) return;
      this.#dropEvents();
      this.#fallBack();
    };
    for (const type of ["connected", "task_update", "db_change", "lagged"]) events.addEventListener(type, receive);
    events.onerror = lost;
    this.#after("quiet", GREETING, lost);
  }

  /** Looks at the server from now on, beginning at once, until something pushes again. */
  #fallBack() {
    if (this.#polling || !this.#running) return;
    this.#polling = true;
    if (this.state.peek() === "live") this.state.value = "connecting";
    this.#look();
  }

  async #look() {
    this.#cancel("poll");
    let answered = true;
    try {
      await this.#world.poll();
    } catch {
      answered = false;
    }
    if (!this.#polling || !this.#running) return;
    this.state.value = answered ? "polling" : "offline";
    this.#after("poll", POLL_EVERY, () => this.#look());
  }

  /**
   * @param {string} text
   * @param {"socket" | "events"} from
   */
  #receive(text, from) {
    /** @type {Message} */
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message.cursor) this.#since = message.cursor;
    if (from === "socket") this.#after("ping", PING_EVERY, () => this.#ping());
    else this.#after("quiet", EVENTS_QUIET, () => this.#openEvents());
    if (message.type === "connected") this.#connected(from);
    else if (message.type === "lagged") this.#catchUp();
    else this.#world.onMessage(message);
  }

  /** @param {"socket" | "events"} from */
  #connected(from) {
    if (from === "socket") {
      this.#cancel("greeting");
      this.#cancel("retry");
      this.#dropEvents();
      this.#failures = 0;
    }
    const again = from === "events" && this.state.peek() === "live";
    this.#polling = false;
    this.#cancel("poll");
    this.state.value = "live";
    // Events that were only opened anew go on where they were: a look will do.
    if (again) this.#world.poll().catch(() => {});
    else this.#catchUp();
  }

  /** Reads everything once: what was pushed before we listened is not told again. */
  #catchUp() {
    this.#world.catchUp().catch(() => {});
  }

  #ping() {
    const socket = this.#socket;
    if (!socket || socket.readyState !== 1) return;
    socket.send(JSON.stringify({ type: "ping" }));
    this.#after("ping", PONG_WITHIN, () => {
      if (this.#socket === socket) this.#socketFailed();
    });
  }

  #dropSocket() {
    const socket = this.#socket;
    this.#socket = null;
    this.#cancel("greeting");
    this.#cancel("ping");
    if (!socket) return;
    socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  #dropEvents() {
    this.#cancel("quiet");
    this.#events?.close();
    this.#events = null;
  }

  /**
   * @param {Timer} name
   * @param {number} ms
   * @param {() => void} run
   */
  #after(name, ms, run) {
    this.#cancel(name);
    this.#timers[name] = this.#world.setTimeout(run, ms);
  }

  /** @param {Timer} name */
  #cancel(name) {
    this.#world.clearTimeout(this.#timers[name]);
    this.#timers[name] = null;
  }
}
