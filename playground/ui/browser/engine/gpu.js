// A run's networks and optimisers on the visitor's GPU: what engine/training.js does with WebAssembly, as kernels of
// WebGPU. All stays there; `pull` brings it back into the state, which is looked at and kept as ever. Knows no page.

import { columned, Reader, singly, tiled } from "./card.js";
import { PIXELS } from "./gan.js";
import { BatchNorm, Dropout, LeakyReLU, Linear } from "./layers.js";

/** @import { Card, Step, Store, Task } from "./card.js" */
/** @import { Stack } from "./gan.js" */
/** @import { TrainState } from "./state.js" */

const PLAIN = 0; // modes of a product, as product.wgsl has them
const BIAS = 1;
const LEAKY = 2;
const TANH = 3;
const LEAKY_GRADIENT = 4;
const TANH_GRADIENT = 5;
const OF_G = 2; // of a loss
const LOSSES = { "non-saturating": 0, minimax: 1, "least-squares": 2, hinge: 3 };
const TURNS = 11; // k and G's
const HEAD = 12; // numbers of Now before its turns
const EPSILON = 1e-8; // of Adam, as torch has it
const MOST_AHEAD = 8; // steps that the card has not yet done; with many more, others saw it become slower

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
class Player {
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

/** A run on a card. Throws CardFailed where the card has too little memory. */
export class Trainer {
  /** @param {Card} card @param {TrainState} state */
  static async make(card, state) {
    const trainer = await card.within(() => new Trainer(card, state));
    card.check();
    trainer.push();
    return trainer;
  }

  /** @param {Card} card @param {TrainState} state */
  constructor(card, state) {
    const { config, generator, discriminator, optimizerG, optimizerD } = state;
    const rows = config.batch_size;
    this.card = card;
    this.state = state;
    this.g = new Player(card, generator, optimizerG, rows);
    this.d = new Player(card, discriminator, optimizerD, 2 * rows);
    this.average = card.take(this.g.count);
    this.latents = card.take(rows * config.latent_dim);
    this.pixels = card.take((rows * PIXELS) / 4); // bytes, four in a number
    this.batch = card.take(2 * rows * PIXELS); // real images, and behind them as many forged ones
    const widest = Math.max(PIXELS, ...config.widths_g, ...config.widths_d);
    this.slopes = [card.take(2 * rows * widest), card.take(2 * rows * widest)];
    this.joined = card.take(2 * widest); // BatchNorm's sums in the backward pass
    this.tally = card.take(4); // both losses, D's verdicts on real and fake images
    this.diverged = card.take(1);
    this.now = card.take(HEAD + 4 * TURNS, GPUBufferUsage.UNIFORM);
    this.numbers = new ArrayBuffer(4 * (HEAD + 4 * TURNS));
    this.counts = new Reader(card, [this.tally, this.diverged]);
    const norms = [...this.g.norms, ...this.d.norms].map(({ kept }) => kept);
    this.drawn = new Reader(card, [this.g.weights, this.d.weights, this.average, ...norms]);
    this.moved = new Reader(card, [...this.g.moments, ...this.d.moments]);
    /** @type {ReturnType<Card["plan"]> | null} */
    this.plan = null;
    this.planned = "";
    this.draws = 0;
    /** @type {Promise<unknown>[]} steps that were handed over and may not be done */
    this.ahead = [];
  }

  /** Everything from the state to the card. */
  push() {
    const { queue } = this.card.device;
    const { average, generator } = this.state;
    for (const player of [this.g, this.d]) {
      for (const [store, values] of player.stored) queue.writeBuffer(store, 0, values.slice());
      for (const { kept, mean, variance } of player.norms) {
        queue.writeBuffer(kept, 0, mean.slice());
        queue.writeBuffer(kept, 4 * mean.length, variance.slice());
      }
    }
    queue.writeBuffer(this.average, 0, (average ?? generator.weights).values.slice());
  }

  /**
   * Both networks from the card into the state, and with `all` what the optimisers know, too.
   * @param {boolean} [all]
   */
  async pull(all = false) {
    const { generator, discriminator, average } = this.state;
    const [g, d, averaged, ...norms] = await this.drawn.read();
    generator.weights.values.set(g);
    discriminator.weights.values.set(d);
    average?.values.set(averaged);
    [...this.g.norms, ...this.d.norms].forEach(({ mean, variance }, i) => {
      mean.set(norms[i].subarray(0, mean.length));
      variance.set(norms[i].subarray(mean.length));
    });
    generator.refresh();
    discriminator.refresh();
    if (!all) return;
    const moments = await this.moved.read();
    const blocks = [this.g, this.d].flatMap(({ optimizer }) => Object.values(optimizer.moments));
    blocks.forEach(({ values }, i) => {
      values.set(moments[i]);
    });
  }

  /**
   * One step on a batch: k updates of D, then one of G (code 13-32), handed over at once. Waits where the card is behind.
   * @param {Uint8Array} pixels
   */
  async step(pixels) {
    const { device } = this.card;
    const rows = pixels.length / PIXELS;
    this.#prepare();
    this.#tell(rows);
    device.queue.writeBuffer(this.pixels, 0, pixels.buffer, pixels.byteOffset, pixels.length);
    const encoder = device.createCommandEncoder();
    /** @type {ReturnType<Card["plan"]>} */ (this.plan).encode(encoder, rows);
    device.queue.submit([encoder.finish()]);
    this.ahead.push(device.queue.onSubmittedWorkDone());
    if (this.ahead.length > MOST_AHEAD) await this.ahead.shift();
  }

  /**
   * The sums of the four numbers over the steps since the last call, and the step whose numbers were not finite,
   * counted from 1; 0: there was none.
   */
  async count() {
    const [sums, diverged] = await this.counts.read();
    this.card.device.queue.writeBuffer(this.tally, 0, new Float32Array(4));
    return { sums: Array.from(sums), diverged: new Uint32Array(diverged.slice().buffer)[0] };
  }

  /** The optimisers have not made the last steps. @param {number} steps */
  uncount(steps) {
    this.state.optimizerG.steps -= steps;
    this.state.optimizerD.steps -= steps * this.state.config.k;
  }

  /** What changes from step to step, for the card. @param {number} rows */
  #tell(rows) {
    const { config, step, optimizerD, optimizerG } = this.state;
    const [whole, real] = [new Uint32Array(this.numbers), new Float32Array(this.numbers)];
    whole.set([step, rows, config.seed, Math.round(config.dropout * 65_536)]);
    real.set([1 / (1 - config.dropout), 1 / rows, config.smoothing, config.k], 4);
    const decay = Math.min(config.average, (1 + step) / (10 + step)); // as in state.js
    real.set([1 - decay, config.beta1, config.beta2, EPSILON], 8);
    for (let turn = 0; turn < config.k; turn++) real.set(turned(optimizerD, config.lr_d, config), HEAD + 4 * turn);
    real.set(turned(optimizerG, config.lr_g, config), HEAD + 4 * config.k);
    this.card.device.queue.writeBuffer(this.now, 0, this.numbers);
  }

  // ---- the plan of a step, made anew where a setting has changed that it depends on ----

  #prepare() {
    const { k, loss, dropout, average } = this.state.config;
    const wanted = `${k} ${loss} ${dropout > 0} ${average > 0}`;
    if (wanted === this.planned) return;
    this.plan?.forget();
    this.plan = this.card.plan(this.#steps(), this.now);
    this.planned = wanted;
  }

  /** @returns {Step[]} */
  #steps() {
    const { k, average } = this.state.config;
    this.draws = 0;
    const bytes = /** @type {Step["size"]} */ ((rows) => singly((rows * PIXELS) / 4));
    /** @type {Step[]} */
    const steps = [
      { kernel: "brighten", task: { columns: PIXELS }, given: { 5: this.batch, 7: this.pixels }, size: bytes },
    ];
    for (let turn = 0; turn < k; turn++) steps.push(...this.#turnOfD(turn));
    steps.push(...this.#turnOfG(k));
    if (!average) return steps;
    const given = { 3: this.g.weights, 7: this.diverged, 8: this.average };
    return [...steps, { kernel: "follow", task: { count: this.g.count }, given, size: () => singly(this.g.count) }];
  }

  /** D's loss on real images and forgeries, and its update (code 13-30). @param {number} turn @returns {Step[]} */
  #turnOfD(turn) {
    const logits = /** @type {Part} */ (this.d.parts.at(-1)).output;
    return [
      ...this.#forge(this.batch, 1),
      ...this.#forward(this.d, this.batch, logits, 2),
      this.#judge(logits, 2, 0),
      ...this.#backward(this.d, this.batch, 2, { weights: true, from: 0 }),
      ...this.#update(this.d, turn),
    ];
  }

  /** G's loss on fresh noise, and its update (code 13-31). @param {number} turn @returns {Step[]} */
  #turnOfG(turn) {
    const logits = /** @type {Part} */ (this.d.parts.at(-1)).output;
    const drawn = /** @type {Part} */ (this.g.parts.at(-1)).output;
    const from = this.d.parts.length % 2; // where D's backward pass leaves the slopes by its images
    return [
      ...this.#forge(drawn, 0),
      ...this.#forward(this.d, drawn, logits, 1),
      this.#judge(logits, 1, OF_G),
      ...this.#backward(this.d, drawn, 1, { weights: false, from: 0, tanh: true }),
      ...this.#backward(this.g, this.latents, 1, { weights: true, from }),
      ...this.#update(this.g, turn),
    ];
  }

  /** Drawings of fresh noise. @param {Store} target @param {number} behind @returns {Step[]} */
  #forge(target, behind) {
    const columns = this.state.config.latent_dim;
    const task = { columns, draw: this.draws++ };
    const size = (/** @type {number} */ rows) => singly(rows * Math.ceil(columns / 2));
    return [
      { kernel: "normal", task, given: { 5: this.latents }, size },
      ...this.#forward(this.g, this.latents, target, 1, behind),
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
      const mode = isLast ? (player === this.g ? TANH : BIAS) : part.norm ? BIAS : LEAKY;
      const drops = Number(part.drops && this.state.config.dropout > 0);
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
      { kernel: "moments", task, given: { 2: raw, 4: sums, 5: kept, 7: this.diverged }, size: () => columned(outputs) },
      { kernel: "normalise", task, given: own, size },
    ];
  }

  /** @param {Store} logits @param {number} times @param {number} mode @returns {Step} */
  #judge(logits, times, mode) {
    const loss = Reflect.get(LOSSES, this.state.config.loss);
    const given = { 2: logits, 3: this.slopes[0], 4: this.tally, 5: this.diverged };
    return { kernel: "judge", task: { times, mode, loss }, given, size: () => [1] };
  }

  /**
   * The gradients of the pass before, from the slopes by each output in the room number `from`; those by each input go
   * to the other room, and so on.
   * @param {Player} player
   * @param {Store} input
   * @param {number} times
   * @param {{ weights: boolean, from: number, tanh?: boolean }} wanted `tanh`: the slopes by what was drawn, before tanh
   * @returns {Step[]}
   */
  #backward(player, input, times, { weights, from, tanh = false }) {
    let at = from;
    return player.parts.toReversed().flatMap((part, i) => {
      const [slope, next] = [this.slopes[at], this.slopes[1 - at]];
      const before = player.parts[player.parts.length - 2 - i];
      const units = before?.output ?? input;
      const steps = this.#normaliseBack(player, part, slope);
      if (weights) steps.push(...this.#byWeights(player, part, slope, units, times));
      if (before || tanh) {
        at = 1 - at;
        const mode = before ? LEAKY_GRADIENT : TANH_GRADIENT;
        const drops = Number((before?.drops ?? false) && this.state.config.dropout > 0);
        steps.push(this.#byInputs(player, part, { slope, next, units }, { times, mode, drops }));
      }
      return steps;
    });
  }

  /** @param {Player} player @param {Part} part @param {Store} slope @returns {Step[]} */
  #normaliseBack(player, { plain, sums, outputs, scaled = 0, moved = 0 }, slope) {
    if (!plain || !sums) return [];
    const found = { columns: outputs, times: 1, c_at: moved, other_at: scaled };
    const added = { 2: slope, 3: plain, 4: this.joined, 6: player.gradients };
    const given = { 2: plain, 3: this.joined, 5: slope, 6: player.weights, 8: sums };
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
    const given = { 2: gradients, 3: weights, 4: moments[0], 7: this.diverged };
    const update =
      moments.length > 1
        ? { kernel: "adam", task, given: { ...given, 5: moments[1] }, size }
        : { kernel: "descend", task, given, size };
    return [{ kernel: "check", task, given: { 2: gradients, 6: this.diverged }, size }, update];
  }
}

/**
 * Rate, correction and whether it is the first: of an optimiser's next update, which is counted.
 * @param {import("./optimizers.js").Optimizer} optimizer
 * @param {number} rate
 * @param {{ beta1: number, beta2: number }} config
 */
function turned(optimizer, rate, { beta1, beta2 }) {
  optimizer.steps++;
  if ("momentum_buffer" in optimizer.moments) return [rate, 1, Number(optimizer.steps === 1), 0];
  return [rate / (1 - beta1 ** optimizer.steps), Math.sqrt(1 - beta2 ** optimizer.steps), 0, 0];
}
