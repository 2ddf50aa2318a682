/** Where things are on a page. Points are shares of the page, from its top left corner. */

/** @typedef {import("../api/types.js").Polygon} Polygon */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Bounds */

/**
 * The upright bounding box of polygons.
 * @param {Polygon[]} polygons at least one
 * @returns {Bounds}
 */
export function bounds(...polygons) {
  const points = polygons.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/**
 * Whether the middle of a polygon lies within a box.
 * @param {Bounds} box
 * @param {Polygon} polygon
 */
export function liesWithin(box, polygon) {
  const { left, top, right, bottom } = bounds(polygon);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

/**
 * A slanted box as CSS wants it: an upright box in percent of the page, and the angle about its
 * top left corner in degrees. `run` and `rise` are its sides in pixels of the page.
 * @param {Polygon} polygon clockwise from the top left corner of the text
 * @param {{ width: number, height: number }} page
 */
export function slantedBox([first, second, , last], page) {
  const run = Math.hypot((second[0] - first[0]) * page.width, (second[1] - first[1]) * page.height);
  const rise = Math.hypot((last[0] - first[0]) * page.width, (last[1] - first[1]) * page.height);
  const angle = Math.atan2((second[1] - first[1]) * page.height, (second[0] - first[0]) * page.width);
  return {
    left: first[0] * 100,
    top: first[1] * 100,
    width: (run / page.width) * 100,
    height: (rise / page.height) * 100,
    degrees: (angle * 180) / Math.PI,
    run,
    rise,
  };
}

/** Widths in pixels the server draws pages in. */
export const IMAGE_WIDTHS = [160, 320, 640, 960, 1280, 1920, 2560];

/**
 * The width to ask for, so that an image of `pixels` device pixels is sharp.
 * @param {number} pixels
 */
export const imageWidth = (pixels) => IMAGE_WIDTHS.find((width) => width >= pixels) ?? 2560;

/** Pixels of a screen inch. */
const CSS_DPI = 96;
/** Inches of an A4 page, for pages that do not say how large they are. */
const USUAL_WIDTH = 8.27;

export const ZOOM_MIN = 0.25;
/** A large photo that fits a phone is smaller than one zooms by steps. */
const FIT_MIN = 0.05;
export const ZOOM_MAX = 4;
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1, 1.25, 1.5, 2, 2.5, 3, 4];

/** @typedef {"width" | "page" | number} Zoom a share of the true size, or what is to fit */

/**
 * The scale at which a page is shown, and its size in CSS pixels.
 * @param {Zoom} zoom
 * @param {{ width: number, height: number, dpi?: number }} page
 * @param {{ width: number, height: number }} room
 * @param {number} turns quarter turns of the view
 */
export function shownSize(zoom, page, room, turns) {
  const natural = page.dpi ? (page.width / page.dpi) * CSS_DPI : USUAL_WIDTH * CSS_DPI;
  const full = { width: natural, height: (natural * page.height) / page.width };
  const lying = turns % 2 === 1;
  const across = lying ? full.height : full.width;
  const down = lying ? full.width : full.height;
  const wanted = zoom === "width" ? room.width / across : zoom === "page" ? Math.min(room.width / across, room.height / down) : zoom;
  const scale = Math.min(Math.max(wanted, FIT_MIN), ZOOM_MAX);
  return { scale, width: full.width * scale, height: full.height * scale };
}

/**
 * The next step in or out from a scale.
 * @param {number} scale
 * @param {1 | -1} direction
 */
export function zoomStep(scale, direction) {
  const near = 0.01;
  if (direction > 0) return STEPS.find((step) => step > scale + near) ?? ZOOM_MAX;
  return STEPS.findLast((step) => step < scale - near) ?? Math.min(scale, ZOOM_MIN);
}
