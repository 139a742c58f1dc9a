// Real digits of MNIST's test set, cut from one picture that comes with the page: ten by ten of 28 x 28. Knows no tab.

import { contextOf, SIDE } from "../engine/pixels.js";
import { page } from "./page.js";

class Reals {
  /** @type {ImageData | null} */
  #pixels = null;
  /** @type {HTMLImageElement | null} */
  picture = null; // null where the server has no real digits

  /**
   * Read the picture (a data URL), where there is one. Further calls do nothing.
   * @param {string | null} source
   */
  begin(source) {
    if (this.picture || !source) return;
    const picture = new Image();
    picture.onload = () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [picture.width, picture.height];
      const context = contextOf(canvas);
      context.drawImage(picture, 0, 0);
      this.#pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      page.touch();
    };
    picture.src = source;
    this.picture = picture;
  }

  /**
   * Digit number `index` (0 to 99) as a drawing, 784 numbers from -1 to 1; null until the picture is read.
   * @param {number} index
   */
  digit(index) {
    if (!this.#pixels) return null;
    const { data, width } = this.#pixels;
    const columns = width / SIDE;
    const left = (index % columns) * SIDE;
    const top = Math.floor(index / columns) * SIDE;
    const at = (/** @type {number} */ i) => ((top + Math.floor(i / SIDE)) * width + left + (i % SIDE)) * 4;
    return Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[at(i)] / 127.5 - 1);
  }
}

export const reals = new Reals();
