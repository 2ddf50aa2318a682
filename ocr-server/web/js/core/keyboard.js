/**
 * Shortcuts. Screens register theirs while they are shown, so the list of keys is always the list
 * of keys that work here.
 */
import { signal } from "./signal.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys such as `["ArrowDown", "j"]`, `["Ctrl+f"]`; any one of them
 * @property {string} label what it does
 * @property {(event: KeyboardEvent) => void | boolean} run returns false when it did not apply
 */

/** @typedef {{ title: string, shortcuts: Shortcut[] }} Group */

/** Names shown for keys whose own names are long. */
const NAMES = /** @type {Record<string, string>} */ ({
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "Space",
  Delete: "Del",
  Escape: "Esc",
});

/** @param {string} key */
export function keyName(key) {
  const parts = key === "+" ? [key] : key.split("+");
  return parts.map((part) => NAMES[part] ?? part).join(" ");
}

/**
 * The name under which an event is registered.
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event
 */
export function keyOf(event) {
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const alt = event.altKey ? "Alt+" : "";
  // Shift is part of the character, except for keys that have none.
  const shift = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  return control + alt + shift + (event.key.length === 1 && control ? event.key.toLowerCase() : event.key);
}

/** @param {string} key */
export const isLetterKey = (key) => key.length === 1 && key !== " ";

/** Keys that mean the same where one types; the others are for the text. */
const WHILE_TYPING = new Set(["Escape", "Ctrl+f"]);

/**
 * Whether keys and what is pasted are meant for a field.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  const element = /** @type {HTMLElement | null} */ (target);
  if (!element || !element.matches) return false;
  return element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=range], [type=radio])");
}

export class Keyboard {
  /** Groups that are active, the innermost last. */
  groups = signal(/** @type {Group[]} */ ([]));
  #lettersOn;

  /** @param {() => boolean} lettersOn whether single letters count */
  constructor(lettersOn) {
    this.#lettersOn = lettersOn;
  }

  /**
   * @param {string} title
   * @param {Shortcut[]} shortcuts
   * @returns {() => void} takes them away again
   */
  register(title, shortcuts) {
    const group = { title, shortcuts };
    this.groups.value = [...this.groups.peek(), group];
    return () => {
      this.groups.value = this.groups.peek().filter((other) => other !== group);
    };
  }

  /**
   * Runs the innermost shortcut of an event; true when one took it.
   * @param {KeyboardEvent} event
   */
  handle(event) {
    if (event.defaultPrevented || event.isComposing) return false;
    const key = keyOf(event);
    if (isTyping(event.target) && !WHILE_TYPING.has(key)) return false;
    if (isLetterKey(key) && !this.#lettersOn()) return false;
    const group = [...this.groups.peek()].reverse();
    for (const { shortcuts } of group) {
      const found = shortcuts.find((shortcut) => shortcut.keys.includes(key));
      if (found && found.run(event) !== false) {
        event.preventDefault();
        return true;
      }
    }
    return false;
  }
}
