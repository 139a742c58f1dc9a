// All that a run is made of: both networks, both optimisers, and how far they have come. Mirrors playground/state.py.

import { Arithmetic } from "./arithmetic.js";
import { fold, makeDiscriminator, makeGenerator, PIXELS } from "./gan.js";
import { Dropout } from "./layers.js";
import { Adam, Descent } from "./optimizers.js";
import { Random } from "./random.js";
import { readTensors } from "./safetensors.js";
import { readState, writeState } from "./state-file.js";

/** @import { Block } from "./arithmetic.js" */
/** @import { Stack } from "./gan.js" */
/** @import { Config, Tensor } from "../types.d.ts" */

/** Settings a run cannot change. */
export const FIXED = /** @type {const} */ (["architecture", "latent_dim", "widths_g", "widths_d", "norm", "optimizer"]);
const AVERAGED = 4; // numbers that an epoch averages: both losses, D's verdicts on real and on fake images

/**
 * `step` and `epoch` count what is finished, `position` the images of the epoch that were shown, `batches` its steps;
 * `sums` adds up the four averaged numbers over them. `order` is the epoch's shuffle, of the first `among` images: in a
 * run's first epoch those that had come when it began. Both are null between epochs.
 */
export class TrainState {
  /**
   * @param {Config} config
   * @param {WebAssembly.Module} module tensor.wasm
   */
  constructor(config, module) {
    this.config = config;
    const rows = config.batch_size;
    const at = new Arithmetic(module);
    this.arithmetic = at;
    this.generator = makeGenerator(at, config.latent_dim, config.widths_g, config.norm === "batch", rows);
    this.discriminator = makeDiscriminator(at, config.widths_d, 2 * rows);
    this.optimizerG = optimizerOf(this.generator, config);
    this.optimizerD = optimizerOf(this.discriminator, config);
    /** @type {Block | null} of the generator's weights */
    this.average = null;
    this.latents = at.take(rows * config.latent_dim);
    this.batch = at.take(2 * rows * PIXELS); // real images, and behind them as many forged ones
    this.slopes = at.take(2 * rows); // of the loss by each logit
    this.random = new Random(at, config.seed);
    this.step = this.epoch = this.position = this.batches = 0;
    /** @type {Uint32Array | null} */
    this.order = null;
    /** @type {number | null} */
    this.among = null;
    this.sums = new Float64Array(AVERAGED);
    this.discriminator.initialise(this.random, this.generator.initialise(this.random, 0));
    this.adopt(config);
  }

  /** Continue under a config that differs in what may change while a run trains. @param {Config} config */
  adopt(config) {
    this.config = config;
    this.random.seed = config.seed;
    for (const layer of this.discriminator.layers) if (layer instanceof Dropout) layer.p = config.dropout;
    if (config.average && !this.average) {
      this.average = this.arithmetic.take(this.generator.weights.length);
      this.average.values.set(this.generator.weights.values);
    } else if (!config.average) this.average = null;
  }

  /**
   * Start from networks of the same architecture that were trained before: the files of both.
   * @param {{ generator: ArrayBuffer, discriminator: ArrayBuffer }} files
   */
  takeWeights(files) {
    for (const [role, network] of this.players()) network.take(readTensors(files[role]).tensors);
    this.average?.values.set(this.generator.weights.values);
    return this;
  }

  /**
   * Let the moving average follow G by a step: Karras et al. 2018, "Progressive growing of GANs". In a run's first
   * steps it forgets sooner, as TensorFlow's ExponentialMovingAverage does with `num_updates`.
   */
  moveAverage() {
    if (!this.average) return;
    const decay = Math.min(this.config.average, (1 + this.step) / (10 + this.step));
    const { place, length } = this.generator.weights;
    this.arithmetic.run.follow(this.average.place, place, length, 1 - decay);
  }

  /** The tensors of the generator as it draws: the moving average where there is one, BatchNorm folded. */
  forger() {
    return fold(this.generator, this.average?.values);
  }

  /**
   * The numbers of the images of the next step; shuffles the epoch first where that is due.
   * @param {number} count how many images there are
   */
  nextBatch(count) {
    this.among ??= count;
    this.order ??= this.random.order(this.among, this.epoch);
    return this.order.subarray(this.position, this.position + this.config.batch_size);
  }

  /** Go to the next epoch. */
  finishEpoch() {
    this.epoch++;
    this.#dropEpoch();
  }

  #dropEpoch() {
    this.position = this.batches = 0;
    this.order = this.among = null;
    this.sums.fill(0);
  }

  /** Everything as one file of safetensors, from which `load` goes on to the same numbers. */
  save() {
    return writeState(this);
  }

  /**
   * What `save` wrote, to go on under its config or another `config` that differs in nothing FIXED. Other images start
   * a new epoch. Throws an Error for anything else.
   * @param {ArrayBuffer} file
   * @param {WebAssembly.Module} module tensor.wasm
   * @param {Config} [config]
   */
  static load(file, module, config) {
    const { metadata } = readTensors(file);
    /** @type {Config} */
    const before = JSON.parse(metadata.config);
    const changed = FIXED.find((name) => config && String(config[name]) !== String(before[name]));
    if (changed) throw new Error(`${changed}: a state goes on with its own networks`);
    const state = new TrainState(config ?? before, module);
    state.rewind(file);
    if (imagesOf(state.config) !== imagesOf(before)) state.#dropEpoch();
    return state;
  }

  /**
   * Go back to what `save` wrote of a state with such networks. Throws an Error for others.
   * @param {ArrayBuffer} file
   */
  rewind(file) {
    const { counters, updates, sums, order, find } = readState(file, this);
    Object.assign(this, counters, { order, sums });
    if (this.position && this.among) this.order ??= this.random.order(this.among, this.epoch); // in an older file
    [this.optimizerG.steps, this.optimizerD.steps] = updates;
    for (const [name, { data }] of Object.entries(this.tensors())) {
      const numbers = find(name);
      if (numbers && numbers.length !== data.length) throw new Error(`tensor ${name} does not fit the state`);
      if (numbers) data.set(numbers);
      else if (name.startsWith("optimizer.")) data.fill(0);
      else if (name !== "average") throw new Error(`tensor ${name} does not fit the state`);
    }
    for (const [, network] of this.players()) network.refresh();
    if (this.average && !find("average")) this.average.values.set(this.generator.weights.values); // it begins only now
  }

  /** Everything by name, as views; what is whole numbers stands in `counters`. @returns {Record<string, Tensor>} */
  tensors() {
    /** @type {Record<string, Tensor>} */
    const tensors = {};
    const vector = (/** @type {Float32Array} */ data) => ({ shape: [data.length], data });
    if (this.average) tensors.average = vector(this.average.values);
    for (const [role, network, optimizer] of this.players()) {
      for (const [name, tensor] of Object.entries(network.tensors())) tensors[`${role}.${name}`] = tensor;
      for (const [name, block] of Object.entries(optimizer.moments)) {
        tensors[`optimizer.${role}.${name}`] = vector(block.values);
      }
    }
    return tensors;
  }

  /** @returns {["generator" | "discriminator", Stack, Adam | Descent][]} */
  players() {
    return [
      ["generator", this.generator, this.optimizerG],
      ["discriminator", this.discriminator, this.optimizerD],
    ];
  }
}

/**
 * The settings of a file's state, and how far it has come.
 * @param {ArrayBuffer} file
 * @returns {{ config: Config, step: number, epoch: number }}
 */
export function aboutState(file) {
  const { config, counters } = readTensors(file).metadata;
  const { step, epoch } = JSON.parse(counters);
  return { config: JSON.parse(config), step, epoch };
}

/** Whether a browser wrote the file before its names were Python's. @param {ArrayBuffer} file */
export const isOlder = (file) => !("device" in readTensors(file).metadata);

/** The images that a config is about, as text. @param {Config} config */
const imagesOf = ({ digits, images }) => `${[...digits].sort()} ${images}`;

/**
 * @param {Stack} network
 * @param {Config} config
 */
const optimizerOf = ({ arithmetic, weights, gradients }, config) =>
  new (config.optimizer === "sgd" ? Descent : Adam)(arithmetic, weights, gradients);

/**
 * Where a run's first state comes from: the file of one, or the config's own initial weights, or those of two files.
 * @typedef {object} Origin
 * @property {Config} config
 * @property {WebAssembly.Module} module tensor.wasm
 * @property {ArrayBuffer} [file]
 * @property {{ generator: ArrayBuffer, discriminator: ArrayBuffer }} [weights]
 */

/** @param {Origin} origin */
export function makeState({ config, module, file, weights }) {
  if (file) return TrainState.load(file, module, config);
  const state = new TrainState(config, module);
  return weights ? state.takeWeights(weights) : state;
}
