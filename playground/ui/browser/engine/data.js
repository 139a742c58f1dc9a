// MNIST as it lies on the server: packed, one stream of images and one of labels. Knows no page.

import { PIXELS } from "./gan.js";

/** @typedef {(bytes: number, of: number) => void} Tell how much of the packed file has come */

const HEADERS = { images: 16, labels: 8 }; // bytes before the first one
const ALL = 60_000;
const UNSEEN = 256; // images behind those that are learnt from

/** Images that come one after another, with their labels. */
export class Mnist {
  pixels = new Uint8Array(ALL * PIXELS);
  labels = new Uint8Array();
  count = 0;
  /** @type {Error | null} */
  failed = null;
  /** @type {(() => void)[]} */
  #waiting = [];

  /**
   * Begin to fetch both files. Throws an Error where the labels do not come.
   * @param {{ images: string, labels: string }} addresses
   * @param {Tell} tell
   */
  async begin({ images, labels }, tell) {
    this.labels = (await whole(labels)).subarray(HEADERS.labels);
    this.#fill(images, tell).catch((error) => {
      this.failed = error;
      this.#wake();
    });
  }

  /** Wait for so many images. Throws an Error where they do not come. @param {number} count */
  async first(count) {
    while (this.count < count && !this.failed) await new Promise((resolve) => this.#waiting.push(() => resolve(null)));
    if (this.failed) throw this.failed;
  }

  /**
   * @param {string} address
   * @param {Tell} tell
   */
  async #fill(address, tell) {
    let place = -HEADERS.images;
    for await (const bytes of unpacked(address, tell)) {
      const from = Math.max(0, -place);
      if (place + bytes.length > this.pixels.length) throw new Error("the file holds more than it should");
      this.pixels.set(bytes.subarray(from), place + from);
      place += bytes.length;
      this.count = Math.floor(Math.max(0, place) / PIXELS);
      this.#wake();
    }
    if (this.count < ALL) throw new Error("the file is cut short");
  }

  #wake() {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A small packed file. @param {string} address */
async function whole(address) {
  const parts = [];
  for await (const bytes of unpacked(address, () => {})) parts.push(bytes);
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * The bytes of a packed file, as they come.
 * @param {string} address
 * @param {Tell} tell
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
async function* unpacked(address, tell) {
  const answer = await fetch(address);
  if (!answer.ok || !answer.body) throw new Error(`${address}: ${answer.status}`);
  const size = Number(answer.headers.get("content-length"));
  let come = 0;
  const counted = new TransformStream({
    transform(bytes, controller) {
      come += bytes.length;
      tell(come, size);
      controller.enqueue(bytes);
    },
  });
  const reader = answer.body.pipeThrough(counted).pipeThrough(new DecompressionStream("gzip")).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}

/**
 * The images of those digits, at most `most` of them (null: all), among the first `count` that have come. Where there
 * are more, some lie behind: digits of the same kind that nobody learns from.
 * @param {Mnist} mnist
 * @param {number[]} digits
 * @param {number | null} most
 */
export function chooseDigits({ pixels, labels, count }, digits, most) {
  if (digits.length === 10) return { pixels, count: Math.min(count, most ?? count) };
  const chosen = [];
  const wanted = (most ?? count) + UNSEEN;
  for (let i = 0; i < count && chosen.length < wanted; i++) if (digits.includes(labels[i])) chosen.push(i);
  const own = new Uint8Array(chosen.length * PIXELS);
  chosen.forEach((image, row) => {
    own.set(pixels.subarray(image * PIXELS, (image + 1) * PIXELS), row * PIXELS);
  });
  return { pixels: own, count: Math.min(chosen.length, most ?? chosen.length) };
}
