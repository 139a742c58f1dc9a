// The steps of a run on the visitor's GPU as lists of kernels: both networks forward and back, losses and updates.
// Knows neither the state nor the page.

import { columned, singly, tiled } from "./card.js";
import { PIXELS } from "./gan.js";
import { BatchNorm, Dropout, LeakyReLU, Linear } from "./layers.js";

/** @import { Config } from "../types.d.ts" */
/** @import { Card, Step, Store } from "./card.js" */
/** @import { Stack } from "./gan.js" */

const PLAIN = 0; // modes of a product, as product.wgsl has them
const BIAS = 1;
const LEAKY = 2;
const TANH = 3;
const LEAKY_GRADIENT = 4;
const TANH_GRADIENT = 5;
const OF_G = 2; // of a loss
const LOSSES = { "non-saturating": 0, minimax: 1, "least-squares": 2, hinge: 3 };

/** One Linear layer on the card, with all that follows it before the next one. */
class Part {
  /**
   * @param {Card} card
   * @param {Linear} linear
   * @param {(BatchNorm | LeakyReLU | Dropout | import("./layers.js").Tanh)[]} after
   * @param {(block: import("./arithmetic.js").Block) => number} placed where a weight lies among its network's
   * @param {number} rows
   */
  constructor(card, linear, after, placed, rows) {
    this.inputs = linear.inputs;
    this.outputs = linear.outputs;
    this.weight = placed(linear.weights.weight);
    this.bias = placed(linear.weights.bias);
    this.norm = after.find((layer) => layer instanceof BatchNorm) ?? null;
    this.isHidden = after.some((layer) => layer instanceof LeakyReLU);
    this.drops = after.some((layer) => layer instanceof Dropout);
    const count = rows * linear.outputs;
    this.output = card.take(count);
    if (!this.norm) return;
    this.scaled = placed(this.norm.weights.weight);
    this.moved = placed(this.norm.weights.bias);
    this.raw = card.take(count); // what BatchNorm is given
    this.plain = card.take(count); // of mean 0 and variance 1
    this.sums = card.take(2 * linear.outputs);
    this.kept = card.take(2 * linear.outputs);
  }
}

/** A network on the card. */
export class Player {
  /**
   * @param {Card} card
   * @param {Stack} stack
   * @param {import("./optimizers.js").Optimizer} optimizer
   * @param {number} rows
   */
  constructor(card, stack, optimizer, rows) {
    this.stack = stack;
    this.optimizer = optimizer;
    this.count = stack.weights.length;
    this.weights = card.take(this.count);
    this.gradients = card.take(this.count);
    this.moments = Object.values(optimizer.moments).map(() => card.take(this.count));
    const placed = (/** @type {{ place: number }} */ block) => (block.place - stack.weights.place) / 4;
    /** @type {Part[]} */
    this.parts = [];
    stack.layers.forEach((layer, i) => {
      if (!(layer instanceof Linear)) return;
      const next = stack.layers.findIndex((other, at) => at > i && other instanceof Linear);
      const after = /** @type {any[]} */ (stack.layers.slice(i + 1, next < 0 ? undefined : next));
      this.parts.push(new Part(card, layer, after, placed, rows));
    });
  }

  /** Its stores, and the blocks of the state that they stand for. @returns {[Store, Float32Array][]} */
  get stored() {
    /** @type {[Store, Float32Array][]} */
    const pairs = [[this.weights, this.stack.weights.values]];
    Object.values(this.optimizer.moments).forEach(({ values }, i) => {
      pairs.push([this.moments[i], values]);
    });
    return pairs;
  }

  /** Parts with BatchNorm, and its running averages in the state. */
  get norms() {
    return this.parts.flatMap(({ norm, kept }) =>
      norm && kept ? [{ kept, mean: norm.kept.running_mean.values, variance: norm.kept.running_var.values }] : [],
    );
  }
}

/**
 * What a step works in: both players, a batch of images and of noise, `slopes` by units (two rooms, used in turn),
 * `joined` sums of BatchNorm's, the `tally` of losses and verdicts, and the step that has `diverged`.
 * @typedef {object} Stores
 * @property {Player} g
 * @property {Player} d
 * @property {Store} average
 * @property {Store} latents
 * @property {Store} pixels
 * @property {Store} batch
 * @property {Store[]} slopes
 * @property {Store} joined
 * @property {Store} tally
 * @property {Store} diverged
 */

/** The kernels of a step under a config; random numbers are drawn in the order of training.js. */
export class Kernels {
  draws = 0;

  /** @param {Stores} stores @param {Config} config */
  constructor(stores, config) {
    this.stores = stores;
    this.config = config;
  }

  /** All of one step: k updates of D, then one of G (code 13-32). @returns {Step[]} */
  all() {
    const { k, average } = this.config;
    const bytes = /** @type {Step["size"]} */ ((rows) => singly((rows * PIXELS) / 4));
    /** @type {Step[]} */
    const steps = [
      {
        kernel: "brighten",
        task: { columns: PIXELS },
        given: { 5: this.stores.batch, 7: this.stores.pixels },
        size: bytes,
      },
    ];
    for (let turn = 0; turn < k; turn++) steps.push(...this.#turnOfD(turn));
    steps.push(...this.#turnOfG(k));
    if (!average) return steps;
    const given = { 3: this.stores.g.weights, 7: this.stores.diverged, 8: this.stores.average };
    return [
      ...steps,
      { kernel: "follow", task: { count: this.stores.g.count }, given, size: () => singly(this.stores.g.count) },
    ];
  }

  /** D's loss on real images and forgeries, and its update (code 13-30). @param {number} turn @returns {Step[]} */
  #turnOfD(turn) {
    const logits = /** @type {Part} */ (this.stores.d.parts.at(-1)).output;
    return [
      ...this.#forge(this.stores.batch, 1),
      ...this.#forward(this.stores.d, this.stores.batch, logits, 2),
      this.#judge(logits, 2, 0),
      ...this.#backward(this.stores.d, this.stores.batch, 2, { weights: true, from: 0 }),
      ...this.#update(this.stores.d, turn),
    ];
  }

  /** G's loss on fresh noise, and its update (code 13-31). @param {number} turn @returns {Step[]} */
  #turnOfG(turn) {
    const logits = /** @type {Part} */ (this.stores.d.parts.at(-1)).output;
    const drawn = /** @type {Part} */ (this.stores.g.parts.at(-1)).output;
    const from = this.stores.d.parts.length % 2; // where D's backward pass leaves the slopes by its images
    return [
      ...this.#forge(drawn, 0),
      ...this.#forward(this.stores.d, drawn, logits, 1),
      this.#judge(logits, 1, OF_G),
      ...this.#backward(this.stores.d, drawn, 1, { weights: false, from: 0, tanh: true }),
      ...this.#backward(this.stores.g, this.stores.latents, 1, { weights: true, from }),
      ...this.#update(this.stores.g, turn),
    ];
  }

  /** Drawings of fresh noise. @param {Store} target @param {number} behind @returns {Step[]} */
  #forge(target, behind) {
    const columns = this.config.latent_dim;
    const task = { columns, draw: this.draws++ };
    const size = (/** @type {number} */ rows) => singly(rows * Math.ceil(columns / 2));
    return [
      { kernel: "normal", task, given: { 5: this.stores.latents }, size },
      ...this.#forward(this.stores.g, this.stores.latents, target, 1, behind),
    ];
  }

  /**
   * @param {Player} player
   * @param {Store} input
   * @param {Store} target for what the last part gives
   * @param {number} times the rows of the batch
   * @param {number} [behind]
   * @returns {Step[]}
   */
  #forward(player, input, target, times, behind = 0) {
    let units = input;
    return player.parts.flatMap((part, i) => {
      const isLast = i === player.parts.length - 1;
      const output = isLast ? target : part.output;
      const mode = isLast ? (player === this.stores.g ? TANH : BIAS) : part.norm ? BIAS : LEAKY;
      const drops = Number(part.drops && this.config.dropout > 0);
      const draw = drops ? this.draws++ : 0;
      const own = { mode, drops, draw, other_at: part.bias, behind: isLast ? behind : 0, times };
      const { inputs, outputs, weight } = part;
      const task = {
        columns: outputs,
        depth: inputs,
        a_row: inputs,
        a_next: 1,
        b_at: weight,
        b_row: 1,
        b_next: inputs,
      };
      const given = { 2: units, 3: player.weights, 4: part.raw ?? output, 5: player.weights };
      const size = (/** @type {number} */ rows) => tiled(times * rows, outputs);
      units = output;
      return [{ kernel: "multiply", task: { ...task, ...own }, given, size }, ...this.#normalise(player, part)];
    });
  }

  /** @param {Player} player @param {Part} part @returns {Step[]} */
  #normalise(player, { raw, plain, sums, kept, output, outputs, scaled = 0, moved = 0 }) {
    if (!raw || !plain || !sums || !kept) return [];
    const task = { columns: outputs, times: 1, a_at: scaled, b_at: moved };
    const own = { 2: raw, 3: sums, 4: plain, 5: output, 6: player.weights };
    const size = (/** @type {number} */ rows) => singly(rows * outputs);
    return [
      {
        kernel: "moments",
        task,
        given: { 2: raw, 4: sums, 5: kept, 7: this.stores.diverged },
        size: () => columned(outputs),
      },
      { kernel: "normalise", task, given: own, size },
    ];
  }

  /** @param {Store} logits @param {number} times @param {number} mode @returns {Step} */
  #judge(logits, times, mode) {
    const loss = Reflect.get(LOSSES, this.config.loss);
    const given = { 2: logits, 3: this.stores.slopes[0], 4: this.stores.tally, 5: this.stores.diverged };
    return { kernel: "judge", task: { times, mode, loss }, given, size: () => [1] };
  }

  /**
   * The gradients of the pass before, from the slopes by each output in the room number `from`; those by each input go
   * to the other room, and so on.
   * @param {Player} player
   * @param {Store} input
   * @param {number} times
   * @param {{ weights: boolean, from: number, tanh?: boolean }} wanted `tanh`: slopes by what was drawn, before tanh
   * @returns {Step[]}
   */
  #backward(player, input, times, { weights, from, tanh = false }) {
    let at = from;
    return player.parts.toReversed().flatMap((part, i) => {
      const [slope, next] = [this.stores.slopes[at], this.stores.slopes[1 - at]];
      const before = player.parts[player.parts.length - 2 - i];
      const units = before?.output ?? input;
      const steps = this.#normaliseBack(player, part, slope);
      if (weights) steps.push(...this.#byWeights(player, part, slope, units, times));
      if (before || tanh) {
        at = 1 - at;
        const mode = before ? LEAKY_GRADIENT : TANH_GRADIENT;
        const drops = Number((before?.drops ?? false) && this.config.dropout > 0);
        steps.push(this.#byInputs(player, part, { slope, next, units }, { times, mode, drops }));
      }
      return steps;
    });
  }

  /** @param {Player} player @param {Part} part @param {Store} slope @returns {Step[]} */
  #normaliseBack(player, { plain, sums, outputs, scaled = 0, moved = 0 }, slope) {
    if (!plain || !sums) return [];
    const found = { columns: outputs, times: 1, c_at: moved, other_at: scaled };
    const added = { 2: slope, 3: plain, 4: this.stores.joined, 6: player.gradients };
    const given = { 2: plain, 3: this.stores.joined, 5: slope, 6: player.weights, 8: sums };
    const size = (/** @type {number} */ rows) => singly(rows * outputs);
    return [
      { kernel: "products", task: found, given: added, size: () => columned(outputs) },
      { kernel: "normalise_gradient", task: { columns: outputs, a_at: scaled }, given, size },
    ];
  }

  /**
   * @param {Player} player
   * @param {Part} part
   * @param {Store} slope
   * @param {Store} units
   * @param {number} times
   * @returns {Step[]}
   */
  #byWeights({ weights, gradients }, { inputs, outputs, weight, bias }, slope, units, times) {
    const turned = { rows: outputs, columns: inputs, times, a_row: 1, a_next: outputs, b_row: inputs, b_next: 1 };
    const task = { ...turned, c_at: weight, mode: PLAIN };
    const given = { 2: slope, 3: units, 4: gradients, 5: weights };
    const sums = { columns: outputs, times, c_at: bias };
    return [
      { kernel: "multiply", task, given, size: () => tiled(outputs, inputs) },
      { kernel: "add_up", task: sums, given: { 2: slope, 4: gradients }, size: () => columned(outputs) },
    ];
  }

  /**
   * @param {Player} player
   * @param {Part} part
   * @param {{ slope: Store, next: Store, units: Store }} stores
   * @param {{ times: number, mode: number, drops: number }} how
   * @returns {Step}
   */
  #byInputs({ weights }, { inputs, outputs, weight }, { slope, next, units }, how) {
    const task = { columns: inputs, depth: outputs, a_row: outputs, a_next: 1, b_at: weight, b_row: inputs, b_next: 1 };
    const given = { 2: slope, 3: weights, 4: next, 5: units };
    const size = (/** @type {number} */ rows) => tiled(how.times * rows, inputs);
    return { kernel: "multiply", task: { ...task, ...how }, given, size };
  }

  /** @param {Player} player @param {number} turn @returns {Step[]} */
  #update({ weights, gradients, moments, count }, turn) {
    const task = { count, turn };
    const size = () => singly(count);
    const given = { 2: gradients, 3: weights, 4: moments[0], 7: this.stores.diverged };
    const update =
      moments.length > 1
        ? { kernel: "adam", task, given: { ...given, 5: moments[1] }, size }
        : { kernel: "descend", task, given, size };
    return [{ kernel: "check", task, given: { 2: gradients, 6: this.stores.diverged }, size }, update];
  }
}
