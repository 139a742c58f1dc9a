// Real digits of MNIST's test set, cut from one picture that comes with the page: ten by ten of 28 x 28.

import { SIDE } from "../engine/pixels.js";
import { page } from "./page.js";

class Reals {
  #pixels = null;
  picture = null; // null where the server has no real digits

  /** Read the picture (a data URL), where there is one. Further calls do nothing. */
  begin(source) {
    if (this.picture || !source) return;
    this.picture = new Image();
    this.picture.onload = () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [this.picture.width, this.picture.height];
      const context = canvas.getContext("2d");
      context.drawImage(this.picture, 0, 0);
      this.#pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      page.touch();
    };
    this.picture.src = source;
  }

  /** Digit number `index` (0 to 99) as a drawing, 784 numbers from -1 to 1; null until the picture is read. */
  digit(index) {
    if (!this.#pixels) return null;
    const { data, width } = this.#pixels,
      columns = width / SIDE;
    const left = (index % columns) * SIDE,
      top = Math.floor(index / columns) * SIDE;
    return Float32Array.from(
      { length: SIDE * SIDE },
      (_, i) => data[((top + Math.floor(i / SIDE)) * width + left + (i % SIDE)) * 4] / 127.5 - 1,
    );
  }
}

export const reals = new Reals();
