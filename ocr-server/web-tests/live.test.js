import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveConnection, POLL_EVERY } from "../web/js/live/connection.js";
import { ASK_EVERY, EngineWatch } from "../web/js/live/engines.js";
import { FakeClock, settled } from "./fakes.js";

/** A network whose doors can be shut one by one. */
function world({ sockets = true, events = true, answers = true } = {}) {
  const clock = new FakeClock();
  const net = {
    clock,
    sockets,
    events,
    answers,
    /** Whether what is sent disappears without an answer. */
    silent: false,
    polls: 0,
    catchUps: 0,
    /** @type {any[]} */
    messages: [],
    /** @type {FakeSocket[]} */
    opened: [],
    /** @type {FakeEvents[]} */
    streams: [],
  };
  class FakeSocket {
    readyState = 0;
    /** @type {string[]} */
    sent = [];
    /** @type {any} */ onmessage = null;
    /** @type {any} */ onclose = null;
    /** @type {any} */ onerror = null;
    constructor(/** @type {string} */ url) {
      this.url = url;
      net.opened.push(this);
      clock.setTimeout(() => (net.sockets ? this.greet() : this.onclose?.()), 10);
    }
    greet() {
      this.readyState = 1;
      this.tell({ type: "connected" });
    }
    tell(/** @type {any} */ message) {
      this.onmessage?.({ data: JSON.stringify(message) });
    }
    send(/** @type {string} */ text) {
      this.sent.push(text);
      if (net.sockets) clock.setTimeout(() => this.tell({ type: "pong" }), 1);
    }
    close() {
      this.readyState = 3;
    }
  }
  class FakeEvents {
    /** @type {Map<string, any>} */
    listeners = new Map();
    /** @type {any} */ onerror = null;
    closed = false;
    constructor(/** @type {string} */ url) {
      this.url = url;
      net.streams.push(this);
      clock.setTimeout(() => {
        if (net.silent) return;
        if (net.events) this.tell({ type: "connected" });
        else this.onerror?.();
      }, 10);
    }
    addEventListener(/** @type {string} */ type, /** @type {any} */ listener) {
      this.listeners.set(type, listener);
    }
    tell(/** @type {any} */ message) {
      if (!this.closed) this.listeners.get(message.type)?.({ data: JSON.stringify(message) });
    }
    close() {
      this.closed = true;
    }
  }
  const answer = async () => {
    if (!net.answers) throw new Error("no answer");
  };
  const live = new LiveConnection({
    WebSocket: /** @type {any} */ (FakeSocket),
    EventSource: /** @type {any} */ (FakeEvents),
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    random: () => 1,
    socketUrl: (since) => `ws:${since}`,
    eventsUrl: (since) => `sse:${since}`,
    poll: () => ((net.polls += 1), answer()),
    catchUp: () => ((net.catchUps += 1), answer()),
    onMessage: (message) => void net.messages.push(message),
  });
  return { net, live, clock };
}

test("with a WebSocket it is live, and reads once what it may have missed", async () => {
  const { net, live, clock } = world();
  live.start();
  assert.equal(live.state.peek(), "connecting");
  await clock.pass(100);
  assert.equal(live.state.peek(), "live");
  assert.equal(net.catchUps, 1);
  assert.equal(net.polls, 0);
  net.opened[0]?.tell({ type: "task_update", data: { taskId: "1" } });
  assert.equal(net.messages.length, 1);
});

test("without WebSockets it is live over events", async () => {
  const { net, live, clock } = world({ sockets: false });
  live.start();
  await clock.pass(500);
  assert.equal(live.state.peek(), "live");
  const before = net.polls;
  await clock.pass(4 * POLL_EVERY);
  assert.equal(net.polls, before, "nothing is polled while events come");
  net.streams[0]?.tell({ type: "db_change", data: {}, cursor: "1.2" });
  assert.equal(net.messages.length, 1);
});

test("events that fall silent are opened anew, and found dead when they do not answer", async () => {
  const { net, live, clock } = world({ sockets: false });
  live.start();
  await clock.pass(100);
  const { catchUps } = net;
  await clock.pass(31_000);
  assert.equal(net.streams.length, 2);
  assert.ok(net.streams[0]?.closed);
  assert.equal(live.state.peek(), "live");
  assert.equal(net.catchUps, catchUps, "what is known is not read again as a whole");
  net.silent = true;
  net.answers = false;
  await clock.pass(40_000);
  assert.equal(live.state.peek(), "offline");
});

test("a request that fails puts what seems live to the test", async () => {
  const { net, live, clock } = world({ sockets: false });
  live.start();
  await clock.pass(100);
  net.silent = true;
  net.answers = false;
  live.heard(false);
  assert.equal(live.state.peek(), "live");
  await clock.pass(5_100);
  assert.equal(live.state.peek(), "offline");
});

test("without either it polls every five seconds, and says so", async () => {
  const { net, live, clock } = world({ sockets: false, events: false });
  live.start();
  await clock.pass(100);
  assert.equal(live.state.peek(), "polling");
  const before = net.polls;
  await clock.pass(3 * POLL_EVERY);
  assert.equal(net.polls - before, 3);
});

test("when nothing answers it is offline, and comes back by itself", async () => {
  const { net, live, clock } = world({ sockets: false, events: false, answers: false });
  live.start();
  await clock.pass(100);
  assert.equal(live.state.peek(), "offline");
  net.answers = true;
  await clock.pass(POLL_EVERY);
  assert.equal(live.state.peek(), "polling");
  net.sockets = true;
  await clock.pass(60_000);
  assert.equal(live.state.peek(), "live");
  const before = net.polls;
  await clock.pass(60_000);
  assert.equal(net.polls, before);
});

test("a socket that breaks is polled for at once and goes on from the last change", async () => {
  const { net, live, clock } = world();
  live.start();
  await clock.pass(100);
  net.opened[0]?.tell({ type: "db_change", data: {}, cursor: "7.9" });
  net.sockets = false;
  net.events = false;
  net.opened[0]?.onclose();
  await settled();
  assert.equal(live.state.peek(), "polling");
  assert.equal(net.polls, 1);
  net.sockets = true;
  await clock.pass(5_000);
  assert.equal(live.state.peek(), "live");
  assert.equal(net.opened.at(-1)?.url, "ws:7.9");
  assert.equal(net.catchUps, 2);
});

test("a socket that falls silent is noticed by its missing pong", async () => {
  const { net, live, clock } = world();
  live.start();
  await clock.pass(100);
  net.sockets = false;
  net.events = false;
  await clock.pass(20_000);
  assert.deepEqual(net.opened[0]?.sent, ['{"type":"ping"}']);
  await clock.pass(10_000);
  assert.equal(live.state.peek(), "polling");
});

test("a reader that was too slow reads everything again", async () => {
  const { net, live, clock } = world();
  live.start();
  await clock.pass(100);
  net.opened[0]?.tell({ type: "lagged", data: { missed: 5 } });
  assert.equal(net.catchUps, 2);
  assert.equal(net.messages.length, 0);
});

test("after stop nothing happens any more", async () => {
  const { net, live, clock } = world({ sockets: false, events: false });
  live.start();
  await clock.pass(100);
  live.stop();
  const { polls } = net;
  const sockets = net.opened.length;
  await clock.pass(120_000);
  assert.equal(net.polls, polls);
  assert.equal(net.opened.length, sockets);
});

test("requests of the reader tell the state too, but never claim to be live", async () => {
  const { live, clock } = world({ sockets: false, events: false });
  live.start();
  await clock.pass(100);
  live.heard(false);
  assert.equal(live.state.peek(), "offline");
  live.heard(true);
  assert.equal(live.state.peek(), "polling");
});

test("a server without an engine is asked until it has one, and then no more", async () => {
  const clock = new FakeClock();
  const ready = { name: "ppocr", version: "5", default: true, languages: [] };
  let asked = 0;
  /** @type {import("../web/js/api/types.js").Engines | null} */
  let answer = null;
  const engines = new EngineWatch({ engines: async () => ((asked += 1), answer ?? Promise.reject(new Error("down"))) }, clock);
  await engines.learn();
  assert.ok(engines.known.peek(), "a failure is an answer too");
  answer = { engines: [], message: "downloading 40 %" };
  await Promise.all([engines.learn(), engines.learn()]);
  const before = engines.found.peek();
  await clock.pass(ASK_EVERY);
  assert.equal(asked, 4, "one question at a time");
  assert.equal(engines.found.peek(), before, "the same answer changes nothing");
  answer = { engines: [ready], message: null };
  await clock.pass(ASK_EVERY);
  assert.deepEqual(engines.found.peek()?.engines, [ready]);
  await clock.pass(10 * ASK_EVERY);
  assert.equal(asked, 5);
});
