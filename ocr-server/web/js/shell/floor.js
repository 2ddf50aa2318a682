/**
 * The lower edge of the window: uploads, notices and the word that the server does not answer lie there, one over the
 * other. Each has its own room, so that none covers what can be done with rows: the page ends above them.
 */

/** What lies there, by the CSS variables that hold their heights. */
const LAYERS = /** @type {const} */ (["--offline", "--tray", "--notices"]);

/**
 * Gives `element` the room that it takes, now and whenever that changes.
 * @param {HTMLElement} element
 * @param {typeof LAYERS[number]} layer
 * @returns {() => void} ends it
 */
export function takesRoom(element, layer) {
  const { style } = document.documentElement;
  const observer = new ResizeObserver(() => style.setProperty(layer, `${element.offsetHeight}px`));
  observer.observe(element);
  return () => {
    observer.disconnect();
    style.removeProperty(layer);
  };
}

/** Pixels of all of them together. */
export const floorHeight = () => LAYERS.reduce((sum, layer) => sum + (parseFloat(document.documentElement.style.getPropertyValue(layer)) || 0), 0);
