// What a visitor takes along: drawings as PNG files, other files, text on the clipboard.

import { paint, SIDE } from "../engine/pixels.js";

/** Let the visitor save a drawing as PNG, each pixel `scale` x `scale`. */
export function savePng(drawing, scale, name) {
  const small = document.createElement("canvas"),
    large = document.createElement("canvas");
  small.width = small.height = SIDE;
  large.width = large.height = SIDE * scale;
  paint(small, drawing);
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, large.width, large.height);
  large.toBlob((blob) => saveBlob(blob, name), "image/png");
}

/** Let the visitor save a Blob under a name. */
export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  saveAddress(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Let the visitor save what lies at an address (of data, or of this page) under a name. */
export function saveAddress(address, name) {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = name;
  anchor.click();
}

/** Copy text, also on a plain http page, where browsers have no `navigator.clipboard`. Says whether it worked. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea"),
      focused = document.activeElement;
    field.value = text;
    field.style.position = "fixed"; // no jump to the foot of the page
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    focused?.focus();
    return copied;
  }
}
