/**
 * Elements, built by calls. Text only ever becomes text nodes: nothing a document or a file name
 * holds is parsed as markup.
 */
import { effect } from "./signal.js";
import { ICONS } from "./icons.js";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */
/** @typedef {Record<string, any>} Properties */

const SVG = "http://www.w3.org/2000/svg";
/** Set as properties: as attributes they would only give the first value. */
const LIVE = new Set(["value", "checked", "disabled", "indeterminate", "hidden", "selected", "open", "htmlFor"]);

/**
 * An HTML element. `on…` functions become listeners, `style` an object of CSS properties.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  if (properties) set(element, properties);
  append(element, children);
  return element;
}

/**
 * An SVG element.
 * @param {string} tag
 * @param {Properties | null} [properties]
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function s(tag, properties, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  append(element, children);
  return element;
}

/**
 * Changes properties and attributes of an element.
 * @param {HTMLElement} element
 * @param {Properties} properties
 */
export function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value);
    } else if (name === "style") {
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, String(text));
    } else if (LIVE.has(name)) {
      /** @type {any} */ (element)[name] = value;
    } else if (value === false || value === null || value === undefined) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/**
 * Replaces what an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Replaces what an element holds, unless it shows just this already: then focus, pointer and what is
 * being read out stay.
 * @param {Element} element
 * @param {string} key the same for the same content
 * @param {() => Child} make
 */
export function showAs(element, key, make) {
  if (shown.get(element) === key) return;
  shown.set(element, key);
  fill(element, make());
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child instanceof Node) element.append(child);
    else if (child !== null && child !== undefined && child !== false) element.append(String(child));
  }
}

/**
 * A drawing from the icon set; hidden from assistive technology, its button carries the name.
 * @param {keyof typeof ICONS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return s(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    ICONS[name].map((d) => s("path", { d })),
  );
}

/**
 * A button that shows only an icon, with its name as label and tooltip.
 * @param {keyof typeof ICONS} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Properties} [more]
 */
export function iconButton(name, label, onclick, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

/**
 * A part of the page that scrolls by itself where it is too wide, by keyboard too.
 * @param {string} label what it holds
 * @param {...Child} children
 */
export const scrollBox = (label, ...children) => h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, children);

/** A custom element that cleans up after itself: what it watches ends when it leaves the page. */
export class Component extends HTMLElement {
  /** @type {(() => void)[]} */
  #cleanups = [];

  connectedCallback() {
    this.build();
  }

  disconnectedCallback() {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.replaceChildren();
  }

  /** Makes the content; called each time the element enters the page. */
  build() {}

  /**
   * Runs `run` now and after each change of a signal it reads, until the element leaves.
   * @param {() => void} run
   */
  watch(run) {
    this.#cleanups.push(effect(run));
  }

  /**
   * Calls `cleanup` when the element leaves.
   * @param {() => void} cleanup
   */
  onLeave(cleanup) {
    this.#cleanups.push(cleanup);
  }

  /**
   * Listens until the element leaves.
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} listener
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, type, listener, options) {
    target.addEventListener(type, listener, options);
    this.#cleanups.push(() => target.removeEventListener(type, listener, options));
  }
}
