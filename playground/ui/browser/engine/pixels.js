// Drawings (784 numbers from -1 to 1) and other grids of numbers, put on canvases. Knows nothing of what they mean.

/** @import { Numbers } from "../types.d.ts" */

export const SIDE = 28;
export const BLACK = new Float32Array(SIDE * SIDE).fill(-1);

const toGrey = (/** @type {number} */ x) => Math.round((x + 1) * 127.5); // the Contract's drawing to pixels

/** @type {WeakMap<HTMLCanvasElement, ImageData>} */
const images = new WeakMap(); // canvas to its ImageData: one a canvas, not one a frame

/**
 * What draws on a canvas. Throws an Error for a canvas that draws in another way.
 * @param {HTMLCanvasElement} canvas
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this canvas draws no pixels");
  return context;
}

/** @param {HTMLCanvasElement} canvas */
function imageOf(canvas) {
  const { width, height } = canvas;
  const known = images.get(canvas);
  if (known?.width === width && known.height === height) return known;
  const image = contextOf(canvas).createImageData(width, height);
  image.data.fill(255);
  images.set(canvas, image);
  return image;
}

/**
 * Put a drawing on a canvas of 28 x 28, or at one place of a larger sheet of them.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} drawing
 * @param {number} [column]
 * @param {number} [row]
 */
export function paint(canvas, drawing, column = 0, row = 0) {
  const image = imageOf(canvas);
  const { data, width } = image;
  for (let i = 0; i < drawing.length; i++) {
    const at = ((row * SIDE + Math.floor(i / SIDE)) * width + column * SIDE + (i % SIDE)) * 4;
    data[at] = data[at + 1] = data[at + 2] = toGrey(drawing[i]);
  }
  contextOf(canvas).putImageData(image, 0, 0, column * SIDE, row * SIDE, SIDE, SIDE);
}

const COLD = [235, 235, 235]; // grey for what is not positive

/**
 * Put numbers on a canvas as a heat map: black at 0, the hue `warm` (red, green, blue) at `limit` and above, grey at
 * -`limit` and below.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} values
 * @param {number} limit
 * @param {readonly number[]} warm
 */
export function paintHeat(canvas, values, limit, warm) {
  const image = imageOf(canvas);
  const { data } = image;
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const value = values[i] || 0; // a grid may have more cells than there are values
    const hue = value > 0 ? warm : COLD;
    const strength = Math.min(1, Math.abs(value) / limit);
    for (let channel = 0; channel < 3; channel++) data[4 * i + channel] = hue[channel] * strength;
  }
  contextOf(canvas).putImageData(image, 0, 0);
}

/**
 * Put numbers on a canvas as grey levels: black at -`limit` and below, white at `limit` and above.
 * @param {HTMLCanvasElement} canvas
 * @param {Numbers} values
 * @param {number} limit
 */
export function paintGrey(canvas, values, limit) {
  const image = imageOf(canvas);
  for (let i = 0; i < values.length; i++) {
    image.data.fill(toGrey(Math.min(1, Math.max(-1, values[i] / limit))), 4 * i, 4 * i + 3);
  }
  contextOf(canvas).putImageData(image, 0, 0);
}
