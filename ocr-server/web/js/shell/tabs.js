/** A row of tabs over one panel, walked through by arrow keys. */
import { h } from "../core/dom.js";

/**
 * @param {{ label: string, panel: string, names: { id: string, text: string }[], choose: (index: number) => void }} tabs
 *   `panel` is the id of the panel; `choose` is told which tab is wanted, and calls `select`
 * @returns {{ bar: HTMLElement, select: (index: number) => void }}
 */
export function tabList({ label, panel, names, choose }) {
  const tabs = names.map(({ id, text }, index) => h("button", { type: "button", role: "tab", id, "aria-controls": panel, onclick: () => choose(index) }, text));
  const bar = h("div", { class: "tabs", role: "tablist", "aria-label": label }, tabs);
  bar.addEventListener("keydown", (event) => {
    const at = tabs.findIndex((tab) => tab.tabIndex === 0);
    const target = /** @type {Record<string, number>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 })[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = (target + tabs.length) % tabs.length;
    choose(next);
    tabs[next]?.focus();
  });
  const select = (/** @type {number} */ index) =>
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    });
  return { bar, select };
}
