// Networks in the browser: reads our safetensors files and runs their stacks of linear layers. Knows nothing of the
// page.
//
// A network is Linear layers, each with an activation. Which ones stands in the file's metadata. Where it does not, a
// generator is taken for Linear and LeakyReLU(0.2) in turn with Tanh at the end, a discriminator for the same with
// Sigmoid at the end (codes 13-25 and 13-26 of the lecture); widths are read off the file. Dropout does nothing outside
// training.

import { Arithmetic, LINE } from "./arithmetic.js";
import { SLOPE } from "./facts.js";
import { readTensors } from "./safetensors.js";

/** @import { Layer, Numbers, Tensor } from "../types.d.ts" */
/** @typedef {{ rows: number, columns: number, weight: Float32Array, bias: Float32Array }} Matrix */
/** @typedef {(layer: Layer) => void} Multiply */

/** @typedef {(values: Float32Array) => void} Activate changes the values in place */

/** @type {Record<string, string>} */
const END = { generator: "Tanh", discriminator: "Sigmoid" };
/** @type {Record<string, (x: number) => number>} */
const CURVES = { Tanh: Math.tanh, Sigmoid: (x) => 1 / (1 + Math.exp(-x)) };
export const USUAL = `LeakyReLU(${SLOPE})`;
export const HIDDEN = [USUAL, "ReLU", "Tanh", "Sigmoid"]; // what hidden layers may be taken for

/**
 * The compiled tensor.wasm, or null where the browser has no WebAssembly with SIMD: networks then run plain loops.
 * @param {string} url
 */
export async function loadKernel(url) {
  try {
    return await WebAssembly.compile(await (await fetch(url)).arrayBuffer());
  } catch {
    return null;
  }
}

/** A generator or discriminator, from a safetensors file. Throws an Error for a file that is neither. */
export class Network {
  /**
   * @param {ArrayBuffer} buffer
   * @param {WebAssembly.Module | null} [kernel]
   * @param {string} [hidden] the activation of the hidden layers, where the file does not say
   */
  constructor(buffer, kernel = null, hidden = USUAL) {
    const { tensors, metadata } = readTensors(buffer);
    this.metadata = metadata;
    const end = END[metadata.role];
    if (!end) throw new Error(`the file holds a ${metadata.role}, neither generator nor discriminator`);
    const matrices = linearLayers(tensors);
    const names = metadata.activations
      ? JSON.parse(metadata.activations)
      : [...matrices.slice(1).map(() => hidden), end];
    if (names.length !== matrices.length) throw new Error("the file's activations are not as many as its layers");
    this.activations = names.map(activationOf);
    this.widths = [matrices[0].columns, ...matrices.map((matrix) => matrix.rows)];
    const { layers, multiply } = place(matrices, kernel);
    this.layers = layers;
    this.multiply = multiply;
  }

  /** The layer that gives the answer. */
  get last() {
    return this.layers[this.layers.length - 1];
  }

  /**
   * What the network answers to `input` (numbers as many as `widths[first]`) given to its layer `first`: its own
   * Float32Array, valid until the next run. `layers[i].output` then holds what each layer said, activation included.
   * @param {Numbers} input
   * @param {number} [first]
   */
  run(input, first = 0) {
    this.layers[first].input.set(input);
    for (let i = first; i < this.layers.length; i++) {
      const layer = this.layers[i];
      this.multiply(layer);
      this.activations[i](layer.output);
    }
    return this.last.output;
  }
}

const fours = (/** @type {number} */ count) => Math.ceil(count / 4) * 4;

/**
 * Layers whose weights and activations lie in one memory, rows and columns padded with zeros to multiples of four for
 * the kernel, and what multiplies one.
 * @param {readonly Matrix[]} matrices
 * @param {WebAssembly.Module | null} kernel
 * @returns {{ layers: Layer[], multiply: Multiply }}
 */
function place(matrices, kernel) {
  const numbers = matrices.reduce((sum, { rows, columns }) => sum + fours(rows) * (fours(columns) + 2), 0);
  const room = 4 * (fours(matrices[0].columns) + numbers) + LINE * (1 + 3 * matrices.length);
  const arithmetic = kernel && new Arithmetic(kernel, room); // at once: where the memory grew, views would be lost
  const take = (/** @type {number} */ count) => arithmetic?.take(count).values ?? new Float32Array(count);
  /** @type {Float32Array} */
  let input = take(fours(matrices[0].columns));
  const layers = matrices.map((matrix) => {
    const layer = layerOf(matrix, input, take);
    input = layer.padded;
    return layer;
  });
  return { layers, multiply: arithmetic ? withKernel(arithmetic) : multiplyPlainly };
}

/**
 * @param {Matrix} matrix
 * @param {Float32Array} input
 * @param {(count: number) => Float32Array} take
 * @returns {Layer}
 */
function layerOf({ rows, columns, weight, bias }, input, take) {
  const stride = fours(columns);
  const [weights, biases, padded] = [fours(rows) * stride, fours(rows), fours(rows)].map(take);
  for (let row = 0; row < rows; row++) {
    weights.set(weight.subarray(row * columns, (row + 1) * columns), row * stride);
  }
  biases.set(bias);
  return { rows, columns, stride, input, weight: weights, bias: biases, padded, output: padded.subarray(0, rows) };
}

/**
 * The weights and biases of `main.N`, in order, when each layer takes what the one before gives.
 * @param {Record<string, Tensor>} tensors
 * @returns {Matrix[]}
 */
function linearLayers(tensors) {
  const numbers = Object.keys(tensors)
    .map((name) => /^main\.(\d+)\.weight$/.exec(name)?.[1])
    .filter(Boolean)
    .map(Number)
    .sort((a, b) => a - b);
  const layers = numbers.map((number) => {
    const { shape, data: weight } = tensors[`main.${number}.weight`];
    const [rows, columns] = shape;
    const bias = tensors[`main.${number}.bias`]?.data;
    if (bias?.length !== rows) throw new Error(`layer main.${number} has no bias that fits`);
    return { rows, columns, weight, bias };
  });
  if (!layers.length || layers.some((layer, i) => i && layer.columns !== layers[i - 1].rows)) {
    throw new Error("the file's layers do not fit together");
  }
  return layers;
}

/** @param {Arithmetic} arithmetic @returns {Multiply} */
function withKernel({ run }) {
  return ({ weight, bias, input, padded, stride }) =>
    run.linear(weight.byteOffset, bias.byteOffset, input.byteOffset, padded.byteOffset, padded.length, stride);
}

/**
 * Four rows at a time too: up to a third faster than row by row, an eighth of the kernel's speed.
 * @type {Multiply}
 */
function multiplyPlainly({ weight, bias, input, padded, stride }) {
  for (let row = 0; row < padded.length; row += 4) {
    let a = bias[row];
    let b = bias[row + 1];
    let c = bias[row + 2];
    let d = bias[row + 3];
    const first = row * stride;
    const second = first + stride;
    const third = second + stride;
    const fourth = third + stride;
    for (let column = 0; column < stride; column++) {
      const x = input[column];
      a += weight[first + column] * x;
      b += weight[second + column] * x;
      c += weight[third + column] * x;
      d += weight[fourth + column] * x;
    }
    padded[row] = a;
    padded[row + 1] = b;
    padded[row + 2] = c;
    padded[row + 3] = d;
  }
}

/**
 * What an activation does, by its name as Python writes it: ReLU, LeakyReLU(0.1), Tanh, Sigmoid. Throws an Error for
 * another one: a network that was drawn with it would be drawn wrongly.
 * @param {string} name
 * @returns {Activate}
 */
export function activationOf(name) {
  const slope = name === "ReLU" ? 0 : Number(/^LeakyReLU\((\d(?:\.\d{1,9})?)\)$/.exec(name)?.[1] ?? Number.NaN);
  if (!Number.isNaN(slope)) {
    return (values) => {
      for (let i = 0; i < values.length; i++) if (!(values[i] > 0)) values[i] *= slope;
    };
  }
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : null;
  if (!curve) throw new Error(`${name} is an activation that this page does not know`);
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = curve(values[i]);
  };
}
