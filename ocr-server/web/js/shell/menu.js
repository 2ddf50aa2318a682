/** A button that opens a list of things to do. */
import { h, icon } from "../core/dom.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {() => void} run
 * @property {keyof typeof import("../core/icons.js").ICONS} [icon]
 * @property {boolean} [danger]
 * @property {boolean} [disabled]
 * @property {string} [hint] why, or what exactly
 */

/** Distance between button and menu, in pixels. */
const GAP = 4;

/** @typedef {(Item | null)[]} Items null draws a line */

/**
 * @param {HTMLButtonElement} button opens the menu
 * @param {() => Items | Promise<Items>} items what it holds now; a promise never rejects
 */
export function attachMenu(button, items) {
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  let waiting = false;
  const show = async () => {
    const now = items();
    if (now instanceof Promise) {
      waiting = true;
      const found = await now;
      waiting = false;
      // Whoever left meanwhile wants no menu.
      if (button.isConnected) open(button, found);
    } else {
      open(button, now);
    }
  };
  button.addEventListener("click", () => {
    if (!waiting) void show();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    if (!waiting) void show();
  });
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {Items} items
 */
function open(button, items) {
  const menu = h("div", { class: "menu", role: "menu", popover: "auto", "aria-label": button.getAttribute("aria-label") ?? button.textContent });
  const choose = (/** @type {Item} */ item) => () => {
    menu.hidePopover();
    item.run();
  };
  menu.append(
    ...items.map((item) => {
      if (!item) return h("div", { role: "separator" });
      const properties = { type: "button", role: "menuitem", tabindex: -1, class: item.danger ? "danger" : "", disabled: Boolean(item.disabled), onclick: choose(item) };
      return h("button", properties, item.icon ? icon(item.icon) : h("span", { class: "icon" }), h("span", null, item.label, item.hint && h("small", null, item.hint)));
    }),
  );
  menu.addEventListener("keydown", (event) => walk(menu, event));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    button.setAttribute("aria-expanded", "false");
    const inside = menu.contains(document.activeElement);
    menu.remove();
    if (inside || document.activeElement === document.body) button.focus();
  });
  button.after(menu);
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  position(menu, button);
  entries(menu)[0]?.focus();
}

/** @param {HTMLElement} menu */
const entries = (menu) => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]:not(:disabled)")]);

/**
 * Puts the menu under the button, or above where there is no room, and within the window.
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function position(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP + height <= innerHeight;
  const top = below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - height);
  const left = Math.min(Math.max(GAP, at.right - width), innerWidth - width - GAP);
  menu.style.setProperty("top", `${top}px`);
  menu.style.setProperty("left", `${Math.max(GAP, left)}px`);
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function walk(menu, event) {
  const all = entries(menu);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  /** @type {Record<string, number>} */
  const targets = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const target = targets[event.key];
  if (target === undefined) {
    if (event.key === "Tab") menu.hidePopover();
    return;
  }
  event.preventDefault();
  all.at(target % all.length)?.focus();
}
