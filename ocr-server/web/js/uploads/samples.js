/** Three documents of our own, drawn in the browser, for those who have none at hand. */

import { t } from "../core/i18n.js";

/** @typedef {{ id: "receipt" | "letter" | "form", width: number, height: number, draw: (pen: CanvasRenderingContext2D) => void }} Sample */

const INK = "#1c1b19";
const SANS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
const SERIF = "Georgia, 'Liberation Serif', 'DejaVu Serif', serif";

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} font
 * @param {CanvasTextAlign} [align]
 */
function use(pen, font, align = "left") {
  pen.font = font;
  pen.textAlign = align;
  pen.fillStyle = INK;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} y
 * @param {number} from
 * @param {number} to
 */
function rule(pen, y, from, to) {
  pen.fillStyle = INK;
  pen.fillRect(from, y, to - from, 2);
}

/** @param {CanvasRenderingContext2D} pen */
function receipt(pen) {
  use(pen, `bold 44px ${SANS}`, "center");
  pen.fillText("CORNER BAKERY", 360, 110);
  use(pen, `26px ${SANS}`, "center");
  pen.fillText("14 Mill Lane, Riverside", 360, 155);
  pen.fillText("Receipt 0417  -  12 May 2026  08:42", 360, 192);
  rule(pen, 225, 60, 660);
  const lines = [["2 x Sourdough loaf", "9.80"], ["1 x Cheese scone", "3.25"], ["3 x Cinnamon roll", "8.70"], ["1 x Filter coffee", "2.90"]];
  lines.forEach(([what = "", price = ""], index) => {
    const y = 285 + index * 52;
    use(pen, `28px ${SANS}`);
    pen.fillText(what, 60, y);
    use(pen, `28px ${SANS}`, "right");
    pen.fillText(price, 660, y);
  });
  rule(pen, 475, 60, 660);
  use(pen, `bold 34px ${SANS}`);
  pen.fillText("TOTAL", 60, 535);
  use(pen, `bold 34px ${SANS}`, "right");
  pen.fillText("EUR 24.65", 660, 535);
  use(pen, `26px ${SANS}`, "center");
  pen.fillText("Paid by card. Thank you, see you tomorrow!", 360, 620);
}

const LETTER = [
  "Dear Ms Winter,",
  "Thank you for the afternoon in your archive. We have begun to read the first forty boxes, and the oldest letters turn out to be in far better condition than either of us had feared.",
  "Each sheet is scanned at three hundred dots per inch. The text is then read by machine and checked by a person wherever the machine is in doubt, which is the case for about one word in fifty.",
  "We expect to finish before the first snow falls. Until then every page that is done can be searched from your desk.",
  "With kind regards,",
  "Ada Brook",
];

/** @param {CanvasRenderingContext2D} pen */
function letter(pen) {
  use(pen, `bold 40px ${SERIF}`);
  pen.fillText("Brook & Partners", 130, 150);
  use(pen, `24px ${SERIF}`);
  pen.fillText("Reading rooms, 3 Quay Street", 130, 190);
  use(pen, `24px ${SERIF}`, "right");
  pen.fillText("2 October 2026", 1110, 190);
  let y = 320;
  for (const paragraph of LETTER) {
    use(pen, `29px ${SERIF}`);
    for (const line of wrap(pen, paragraph, 980)) {
      pen.fillText(line, 130, y);
      y += 46;
    }
    y += 30;
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} text
 * @param {number} width
 */
function wrap(pen, text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

const FORM = [
  ["Item", "Quantity", "Unit price", "Amount"],
  ["Oak shelf, 80 cm", "4", "36.00", "144.00"],
  ["Wall bracket", "8", "4.50", "36.00"],
  ["Screws, box of 50", "2", "6.20", "12.40"],
  ["Delivery", "1", "19.00", "19.00"],
];

/** @param {CanvasRenderingContext2D} pen */
function form(pen) {
  use(pen, `bold 46px ${SANS}`);
  pen.fillText("Order form", 110, 140);
  use(pen, `27px ${SANS}`);
  pen.fillText("Customer:  Jonas Falk", 110, 220);
  pen.fillText("Order number:  2026-0931", 110, 266);
  const edges = [110, 560, 730, 920, 1130];
  FORM.forEach((cells, row) => {
    const y = 340 + row * 66;
    rule(pen, y, 110, 1130);
    cells.forEach((text, column) => {
      use(pen, `${row === 0 ? "bold " : ""}26px ${SANS}`, column ? "right" : "left");
      pen.fillText(text, column ? Number(edges[column + 1]) - 16 : 126, y + 43);
    });
  });
  const bottom = 340 + FORM.length * 66;
  rule(pen, bottom, 110, 1130);
  for (const x of edges) pen.fillRect(x, 340, 2, bottom - 340);
  use(pen, `bold 30px ${SANS}`, "right");
  pen.fillText("Total  211.40", 1114, bottom + 64);
  use(pen, `27px ${SANS}`);
  pen.fillText("Date:  17 March 2026", 110, bottom + 150);
  pen.fillText("Signed:  J. Falk", 110, bottom + 200);
}

/** @type {Sample[]} */
export const SAMPLES = [
  { id: "receipt", width: 720, height: 700, draw: receipt },
  { id: "letter", width: 1240, height: 1240, draw: letter },
  { id: "form", width: 1240, height: 960, draw: form },
];

/**
 * @param {Sample} sample
 * @param {number} [scale] below 1 for a small picture of it
 */
export function drawSample({ width, height, draw }, scale = 1) {
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.scale(scale, scale);
  pen.fillStyle = "#fffefb";
  pen.fillRect(0, 0, width, height);
  draw(pen);
  return canvas;
}

/**
 * @param {Sample} sample
 * @returns {Promise<File>}
 */
export async function sampleFile(sample) {
  /** @type {Blob} */
  const blob = await new Promise((resolve, reject) => drawSample(sample).toBlob((made) => (made ? resolve(made) : reject(new Error("no image")))));
  return new File([blob], `${t(`sample.${sample.id}.file`)}.png`, { type: "image/png" });
}
