// What a visitor takes along: drawings as PNG files, other files, text on the clipboard. Knows neither page nor state.

import { contextOf, paint, SIDE } from "../engine/pixels.js";

/** @import { Numbers } from "../types.d.ts" */

/**
 * A drawing as PNG, each pixel `scale` x `scale`. Rejects where the browser makes none.
 * @param {Numbers} drawing
 * @param {number} scale
 * @returns {Promise<Blob>}
 */
export function pngOf(drawing, scale) {
  const [small, large] = [SIDE, SIDE * scale].map((side) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = side;
    return canvas;
  });
  paint(small, drawing);
  const context = contextOf(large);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  return new Promise((resolve, reject) => {
    large.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG"))), "image/png");
  });
}

/**
 * Let the visitor save a drawing as PNG.
 * @param {Numbers} drawing
 * @param {number} scale
 * @param {string} name
 */
export const savePng = async (drawing, scale, name) => saveBlob(await pngOf(drawing, scale), name);

/**
 * Let the visitor save a Blob under a name.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  saveAddress(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * Let the visitor save what lies at an address (of data, or of this page) under a name.
 * @param {string} address
 * @param {string} name
 */
export function saveAddress(address, name) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
}

/**
 * Copy text, also on a plain http page, where browsers have no `navigator.clipboard`. Says whether it worked.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByField(text);
  }
}

/** @param {string} text */
function copyByField(text) {
  const field = document.createElement("textarea");
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  field.value = text;
  field.style.position = "fixed"; // no jump to the foot of the page
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return copied;
}
