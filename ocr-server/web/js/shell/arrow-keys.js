/** Arrow keys in a toolbar. */

/**
 * Lets the arrow keys go from one control of a toolbar to the next, round its ends. Tab goes on as ever.
 * @param {HTMLElement} toolbar
 */
export function walkByArrows(toolbar) {
  toolbar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const target = /** @type {HTMLElement} */ (event.target);
    // In a field and in an open menu arrows have a meaning of their own.
    if (!step || target.matches("input") || target.closest(".menu")) return;
    const controls = [...toolbar.querySelectorAll("button")].filter((button) => !button.disabled && !button.closest(".menu") && button.checkVisibility());
    const at = controls.indexOf(/** @type {HTMLButtonElement} */ (target));
    if (at < 0) return;
    event.preventDefault();
    controls[(at + step + controls.length) % controls.length]?.focus();
  });
}
