// The lecture's two networks, as they learn: models/gan.py's layers, by its names. Knows neither losses nor page.

import { SLOPE } from "./facts.js";
import { BatchNorm, Dropout, LeakyReLU, Linear, Tanh } from "./layers.js";

/** @import { Arithmetic, Block } from "./arithmetic.js" */
/** @import { Pass, Wanted } from "./layers.js" */
/** @import { Random } from "./random.js" */
/** @import { Tensor } from "../types.d.ts" */
/** @typedef {Linear | BatchNorm | LeakyReLU | Tanh | Dropout} Layer */

export const PIXELS = 784;
export const TAIL = 4; // numbers behind the gradients, that travel with them from worker to worker
const EPSILON = 1e-5; // of BatchNorm
const LARGEST = 3.4028234663852886e38; // of float32

/** Layers one after another; their weights lie in one block, and the gradients by them in another. */
export class Stack {
  /**
   * @param {Arithmetic} arithmetic
   * @param {Layer[]} layers
   */
  constructor(arithmetic, layers) {
    this.arithmetic = arithmetic;
    this.layers = layers;
    const shaped = layers.flatMap((layer, index) =>
      "shapes" in layer ? Object.entries(layer.shapes).map(([name, shape]) => ({ layer, index, name, shape })) : [],
    );
    const count = shaped.reduce((sum, { shape }) => sum + size(shape), 0);
    this.weights = arithmetic.take(count);
    const sent = arithmetic.take(count + TAIL);
    this.sent = sent;
    this.gradients = sent.part(0, count);
    /** The weights by their names in a file of torch. @type {{ name: string, shape: number[], block: Block }[]} */
    this.parameters = [];
    let from = 0;
    for (const { layer, index, name, shape } of shaped) {
      layer.weights[name] = this.weights.part(from, size(shape));
      layer.gradients[name] = sent.part(from, size(shape));
      this.parameters.push({ name: `main.${index}.${name}`, shape, block: layer.weights[name] });
      from += size(shape);
    }
  }

  /**
   * The weights as torch draws them at first: uniform in +-1 / sqrt(inputs); BatchNorm's are 1 and 0.
   * @param {Random} random
   * @param {number} first the number of the first tensor
   */
  initialise(random, first) {
    let index = first;
    for (const layer of this.layers) {
      if (layer instanceof Linear) {
        for (const block of Object.values(layer.weights)) random.initial(block, index++, layer.inputs ** -0.5);
      } else if (layer instanceof BatchNorm) layer.weights.weight.values.fill(1);
    }
    this.refresh();
    return index;
  }

  /** The weights have changed. */
  refresh() {
    for (const layer of this.layers) if (layer instanceof Linear) layer.refresh();
  }

  /**
   * @param {Block} input rows x inputs
   * @param {number} rows
   * @param {Pass} pass
   */
  async forward(input, rows, pass) {
    let units = input;
    for (const layer of this.layers) units = await layer.forward(units, rows, pass);
    return units;
  }

  /**
   * The gradients of the pass before, from that by each output; returns that by each input.
   * @param {Block} slope
   * @param {number} rows
   * @param {Wanted} wanted
   * @param {Pass} pass
   */
  async backward(slope, rows, wanted, pass) {
    let slopes = slope;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      slopes = await this.layers[i].backward(slopes, rows, { ...wanted, input: i > 0 || wanted.input }, pass);
    }
    return slopes;
  }

  /** Make BatchNorm's running averages finite again: a forward pass moves them, also one that overflows. */
  capNorms() {
    for (const layer of this.layers) {
      if (!(layer instanceof BatchNorm)) continue;
      for (const { values } of Object.values(layer.kept)) {
        values.forEach((value, i) => {
          if (!Number.isFinite(value)) values[i] = Number.isNaN(value) ? 0 : Math.sign(value) * LARGEST;
        });
      }
    }
  }

  /** All that is kept of the network, by its names in a file of torch: views. @returns {Record<string, Tensor>} */
  tensors() {
    /** @type {Record<string, Tensor>} */
    const tensors = {};
    for (const { name, shape, block } of this.parameters) tensors[name] = { shape, data: block.values };
    this.layers.forEach((layer, index) => {
      if (!(layer instanceof BatchNorm)) return;
      for (const [name, { values }] of Object.entries(layer.kept)) {
        tensors[`main.${index}.${name}`] = { shape: [layer.columns], data: values };
      }
    });
    return tensors;
  }

  /** Take the numbers of such tensors. Throws an Error for others. @param {Record<string, Tensor>} tensors */
  take(tensors) {
    for (const [name, { data }] of Object.entries(this.tensors())) {
      if (tensors[name]?.data.length !== data.length) throw new Error(`tensor ${name} does not fit the network`);
      data.set(tensors[name].data);
    }
    this.refresh();
  }
}

const size = (/** @type {number[]} */ shape) => shape.reduce((product, side) => product * side, 1);

/**
 * The forger G: latents to drawings from -1 to 1 (lecture, code 13-25).
 * @param {Arithmetic} arithmetic
 * @param {number} latentDim
 * @param {readonly number[]} widths
 * @param {boolean} batchNorm
 * @param {number} rows of a pass, at most
 */
export function makeGenerator(arithmetic, latentDim, widths, batchNorm, rows) {
  /** @type {Layer[]} */
  const layers = [];
  let inputs = latentDim;
  for (const outputs of widths) {
    layers.push(new Linear(arithmetic, inputs, outputs, rows));
    if (batchNorm) layers.push(new BatchNorm(arithmetic, outputs, rows));
    layers.push(new LeakyReLU(arithmetic, outputs, SLOPE));
    inputs = outputs;
  }
  layers.push(new Linear(arithmetic, inputs, PIXELS, rows), new Tanh(arithmetic, PIXELS));
  return new Stack(arithmetic, layers);
}

/**
 * The detective D, without its Sigmoid: drawings to logits (code 13-26). As in the engine, the losses take the logits.
 * @param {Arithmetic} arithmetic
 * @param {readonly number[]} widths
 * @param {number} rows of a pass, at most
 */
export function makeDiscriminator(arithmetic, widths, rows) {
  /** @type {Layer[]} */
  const layers = [];
  let inputs = PIXELS;
  for (const outputs of widths) {
    layers.push(new Linear(arithmetic, inputs, outputs, rows));
    layers.push(new LeakyReLU(arithmetic, outputs, SLOPE), new Dropout(arithmetic, outputs, rows));
    inputs = outputs;
  }
  return new Stack(arithmetic, [...layers, new Linear(arithmetic, inputs, 1, rows)]);
}

/**
 * The tensors of a generator that draws as this one does when the training is over: each BatchNorm is folded, with its
 * running averages, into the layer before it (Ioffe and Szegedy 2015, algorithm 2).
 * @param {Stack} network
 * @param {Float32Array} [weights] others in place of the network's own: the moving average
 * @returns {Record<string, Tensor>}
 */
export function fold(network, weights = network.weights.values) {
  /** @type {Record<string, Tensor>} */
  const folded = {};
  let index = 0;
  network.layers.forEach((layer, i) => {
    if (layer instanceof LeakyReLU || layer instanceof Tanh) index++;
    if (!(layer instanceof Linear)) return;
    const own = (/** @type {Block} */ block) => {
      const from = (block.place - network.weights.place) / 4;
      return weights.slice(from, from + block.length);
    };
    const weight = own(layer.weights.weight);
    const bias = own(layer.weights.bias);
    const norm = network.layers[i + 1];
    if (norm instanceof BatchNorm) foldInto(weight, bias, layer.inputs, norm, own);
    folded[`main.${index}.weight`] = { shape: [layer.outputs, layer.inputs], data: weight };
    folded[`main.${index}.bias`] = { shape: [layer.outputs], data: bias };
    index++;
  });
  return folded;
}

/**
 * @param {Float32Array} weight changed in place, as `bias` is
 * @param {Float32Array} bias
 * @param {number} inputs
 * @param {BatchNorm} norm
 * @param {(block: Block) => Float32Array} own
 */
function foldInto(weight, bias, inputs, norm, own) {
  const scale = own(norm.weights.weight);
  const shift = own(norm.weights.bias);
  const [mean, variance] = [norm.kept.running_mean.values, norm.kept.running_var.values];
  for (let row = 0; row < bias.length; row++) {
    const factor = scale[row] / Math.sqrt(variance[row] + EPSILON);
    for (let i = row * inputs; i < (row + 1) * inputs; i++) weight[i] *= factor;
    bias[row] = (bias[row] - mean[row]) * factor + shift[row];
  }
}
