// The film of a run: its sheets of drawings one after another, as a GIF. Mirrors playground/images.py (timelapse).
//
// The encoder is our own since no kept one stands without a package manager: GIF89a, with one table of greys for all
// frames, and LZW as in its appendix F (Welch 1984).

import { PIXELS } from "../engine/gan.js";

const SIDE = 28; // pixels of a drawing
const ALONG = 8; // drawings along each side of a sheet
const SCALE = 2; // pixels of the film for each of the sheet
const FRAME = 15; // hundredths of a second
const LAST = 100; // the last frame stands for a second
const BITS = 8; // of a grey
const CLEAR = 1 << BITS; // the codes after the greys: begin a new dictionary, and the end
const END = CLEAR + 1;
const MOST_CODES = 4096; // the format's
const BLOCK = 255; // bytes at most

/**
 * A sheet as bytes, 0 black to 255 white, row after row of the whole sheet, compressed.
 * @param {Float32Array} drawings 64 of 784 numbers, -1 to 1
 */
export const packSheet = (drawings) => through(greysOf(drawings), new CompressionStream("gzip"));

/** @param {Float32Array} drawings */
function greysOf(drawings) {
  const greys = new Uint8Array(drawings.length);
  drawings.forEach((value, at) => {
    const [drawing, pixel] = [Math.floor(at / PIXELS), at % PIXELS];
    const row = Math.floor(drawing / ALONG) * SIDE + Math.floor(pixel / SIDE);
    greys[row * ALONG * SIDE + (drawing % ALONG) * SIDE + (pixel % SIDE)] = Math.round((value + 1) * 127.5);
  });
  return greys;
}

/**
 * The bytes of a GIF that shows sheets from `packSheet` over and over, the last one for a second.
 * @param {Uint8Array[]} sheets
 */
export async function makeFilm(sheets) {
  const side = ALONG * SIDE * SCALE;
  const size = [side & 255, side >> 8, side & 255, side >> 8];
  const greys = Array.from({ length: CLEAR }, (_, grey) => [grey, grey, grey]).flat();
  /** @type {(Uint8Array | number[])[]} */
  const parts = [[...letters("GIF89a"), ...size, 0xf7, 0, 0, ...greys]];
  parts.push([0x21, 0xff, 11, ...letters("NETSCAPE2.0"), 3, 1, 0, 0, 0]); // again and again
  for (const [i, sheet] of sheets.entries()) {
    const delay = i === sheets.length - 1 ? LAST : FRAME;
    parts.push([0x21, 0xf9, 4, 0, delay, 0, 0, 0, 0x2c, 0, 0, 0, 0, ...size, 0, BITS]);
    const greys = await through(sheet, new DecompressionStream("gzip"));
    parts.push(...inBlocks(compress(enlarge(greys))));
  }
  parts.push([0x3b]);
  return new Uint8Array(await new Blob(parts.map((part) => Uint8Array.from(part))).arrayBuffer());
}

/** @param {string} text */
const letters = (text) => [...text].map((letter) => letter.charCodeAt(0));

/** @param {Uint8Array} bytes @param {CompressionStream | DecompressionStream} stream */
async function through(bytes, stream) {
  const piped = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/** Each pixel SCALE x SCALE. @param {Uint8Array} greys */
function enlarge(greys) {
  const side = ALONG * SIDE;
  const wide = side * SCALE;
  const large = new Uint8Array(wide * wide);
  for (let y = 0; y < wide; y++) {
    for (let x = 0; x < wide; x++) large[y * wide + x] = greys[Math.floor(y / SCALE) * side + Math.floor(x / SCALE)];
  }
  return large;
}

/** The codes of a picture, each as many bits long as the dictionary needs. @param {Uint8Array} greys */
function compress(greys) {
  const bits = new Bits();
  /** @type {Map<number, number>} a string, which is a code and one more grey, to its code */
  let known = new Map();
  let [next, width] = [END + 1, BITS + 1];
  bits.add(CLEAR, width);
  let code = greys[0];
  for (let at = 1; at < greys.length; at++) {
    const longer = (code << BITS) | greys[at];
    const found = known.get(longer);
    if (found !== undefined) {
      code = found;
      continue;
    }
    bits.add(code, width);
    code = greys[at];
    known.set(longer, next);
    if (next === 1 << width) width++; // the reader's dictionary is one string behind
    if (++next < MOST_CODES) continue;
    bits.add(CLEAR, width);
    known = new Map();
    [next, width] = [END + 1, BITS + 1];
  }
  bits.add(code, width);
  bits.add(END, width);
  return bits.bytes();
}

/** Bytes made of codes, lowest bit first. */
class Bits {
  /** @type {number[]} */
  #bytes = [];
  #held = 0;
  #count = 0;

  /** @param {number} code @param {number} width in bits */
  add(code, width) {
    this.#held |= code << this.#count;
    this.#count += width;
    for (; this.#count >= 8; this.#count -= 8) {
      this.#bytes.push(this.#held & 255);
      this.#held >>>= 8;
    }
  }

  bytes() {
    return Uint8Array.from(this.#count ? [...this.#bytes, this.#held] : this.#bytes);
  }
}

/** Blocks with their length before each, and an empty one after the last. @param {Uint8Array} bytes */
function inBlocks(bytes) {
  const blocks = [];
  for (let from = 0; from < bytes.length; from += BLOCK) {
    const block = bytes.subarray(from, from + BLOCK);
    blocks.push([block.length], block);
  }
  return [...blocks, [0]];
}
