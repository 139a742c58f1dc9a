// The judge: a classifier of digits, and of what is not a digit. Mirrors models/judge.py, without its dropout.

import { Arithmetic } from "./arithmetic.js";
import { PIXELS } from "./gan.js";
import { readTensors } from "./safetensors.js";

/** @import { Block } from "./arithmetic.js" */

export const CLASSES = 11; // ten digits and *not a digit*
export const NOT_A_DIGIT = 10;
export const FEATURES = 128;
const CHUNK = 50; // images at a time
const SIDES = [28, 14, 7]; // of an image, and after each convolution
const CHANNELS = [1, 16, 32];
const WINDOW = 25; // pixels of a convolution

/** One judge and its memory. */
export class Judge {
  /**
   * @param {ArrayBuffer} file judge.safetensors
   * @param {WebAssembly.Module} module tensor.wasm
   */
  constructor(file, module) {
    const at = new Arithmetic(module);
    const { tensors } = readTensors(file);
    const taken = (/** @type {Float32Array} */ data) => {
      const block = at.take(data.length);
      block.values.set(data);
      return block;
    };
    this.arithmetic = at;
    this.convolutions = [0, 1].map((i) => ({
      weight: taken(turned(tensors[`convolutions.${3 * i}.weight`].data, CHANNELS[i + 1], CHANNELS[i], WINDOW)),
      bias: taken(tensors[`convolutions.${3 * i}.bias`].data),
    }));
    const flat = SIDES[2] ** 2 * CHANNELS[2];
    this.flat = flat;
    this.features = taken(turned(tensors["features.2.weight"].data, FEATURES, CHANNELS[2], SIDES[2] ** 2));
    this.featuresBias = taken(tensors["features.2.bias"].data);
    this.answer = taken(turned(tensors["answer.1.weight"].data, CLASSES, FEATURES, 1));
    this.answerBias = taken(tensors["answer.1.bias"].data);
    this.images = [at.take(PIXELS), at.take(SIDES[1] ** 2 * CHANNELS[1]), at.take(CHUNK * flat)];
    this.rows = at.take(SIDES[0] ** 2 * WINDOW + SIDES[1] ** 2 * WINDOW * CHANNELS[1]);
    this.sums = at.take(SIDES[0] ** 2 * CHANNELS[2]);
    this.embedded = at.take(CHUNK * FEATURES);
    this.answered = at.take(CHUNK * CLASSES);
    this.panel = at.take(8 * flat);
  }

  /**
   * The features (128) and answers (11) for each of the drawings (784 numbers each, -1 to 1).
   * @param {Float32Array} drawings
   */
  examine(drawings) {
    const count = drawings.length / PIXELS;
    const features = new Float32Array(count * FEATURES);
    const answers = new Float32Array(count * CLASSES);
    for (let from = 0; from < count; from += CHUNK) {
      const some = Math.min(CHUNK, count - from);
      for (let i = 0; i < some; i++) this.#embed(drawings.subarray((from + i) * PIXELS, (from + i + 1) * PIXELS), i);
      this.#answer(some);
      features.set(this.embedded.values.subarray(0, some * FEATURES), from * FEATURES);
      answers.set(this.answered.values.subarray(0, some * CLASSES), from * CLASSES);
    }
    return { features, answers };
  }

  /**
   * Both convolutions, of one image: number `place` of its chunk.
   * @param {Float32Array} drawing
   * @param {number} place
   */
  #embed(drawing, place) {
    const [first, second, last] = this.images;
    first.values.set(drawing);
    this.#convolve(0, first, second);
    this.#convolve(1, second, last.part(place * this.flat, this.flat));
  }

  /**
   * @param {number} i which of the two
   * @param {Block} image
   * @param {Block} answer
   */
  #convolve(i, image, answer) {
    const { run } = this.arithmetic;
    const { weight, bias } = this.convolutions[i];
    const [side, channels] = [SIDES[i], CHANNELS[i]];
    run.patches(image.place, this.rows.place, side, channels);
    this.#multiply(this.rows, weight, this.sums, side ** 2, CHANNELS[i + 1], WINDOW * channels);
    run.pool(this.sums.place, bias.place, answer.place, side, CHANNELS[i + 1]);
  }

  /** @param {number} count images of the chunk */
  #answer(count) {
    const { run } = this.arithmetic;
    this.#multiply(this.images[2], this.features, this.embedded, count, FEATURES, this.flat);
    run.add_bias(this.embedded.place, this.featuresBias.place, count, FEATURES);
    run.leaky_relu(this.embedded.place, count * FEATURES, 0);
    this.#multiply(this.embedded, this.answer, this.answered, count, CLASSES, FEATURES);
    run.add_bias(this.answered.place, this.answerBias.place, count, CLASSES);
  }

  /**
   * @param {Block} a
   * @param {Block} b
   * @param {Block} c
   * @param {number} rows
   * @param {number} columns
   * @param {number} depth
   */
  #multiply(a, b, c, rows, columns, depth) {
    this.arithmetic.run.multiply(a.place, depth, 1, b.place, c.place, rows, columns, depth, this.panel.place);
  }
}

/**
 * Weights as torch keeps them (outputs x channels x window), turned for images whose channels lie side by side: window
 * x channels x outputs.
 * @param {Float32Array} weight
 * @param {number} outputs
 * @param {number} channels
 * @param {number} window
 */
function turned(weight, outputs, channels, window) {
  const result = new Float32Array(weight.length);
  for (let output = 0, from = 0; output < outputs; output++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let w = 0; w < window; w++, from++) result[(w * channels + channel) * outputs + output] = weight[from];
    }
  }
  return result;
}
