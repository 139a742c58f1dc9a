// A run's networks and optimisers on the visitor's GPU: what engine/training.js does with WebAssembly, as kernels of
// WebGPU. All stays there; `pull` brings it back into the state, which is looked at and kept as ever. Knows no page.

import { Reader } from "./card.js";
import { PIXELS } from "./gan.js";
import { Kernels, Player } from "./gpu-steps.js";

/** @import { Card } from "./card.js" */
/** @import { TrainState } from "./state.js" */

const TURNS = 11; // k and G's
const HEAD = 12; // numbers of Now before its turns
const EPSILON = 1e-8; // of Adam, as torch has it
const WORDS = 2 ** 32;
const MOST_AHEAD = 8; // steps that the card has not yet done; with many more, others saw it become slower

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
   * One step on a batch: k updates of D, then one of G (code 13-32), handed over at once. Waits where the card is
   * behind.
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
    this.ahead.push(device.queue.onSubmittedWorkDone().catch(() => {})); // a lost card is found where it is asked
    if (this.ahead.length > MOST_AHEAD) await Promise.race([this.ahead.shift(), this.card.lost]);
  }

  /**
   * The sums of the four numbers over the steps since the last call, and the step whose numbers were not finite,
   * counted from 1; 0: there was none.
   */
  async count() {
    const [sums, diverged] = await this.counts.read();
    this.card.device.queue.writeBuffer(this.tally, 0, new Float32Array(4));
    const word = new Uint32Array(diverged.slice().buffer)[0]; // the earlier the step, the larger
    return { sums: Array.from(sums), diverged: word && WORDS - word };
  }

  /**
   * The optimisers have not made the last steps. D's updates in the first of these, before the one whose numbers were
   * not finite, stand but are not counted: its correction is of that many updates fewer.
   * @param {number} steps
   */
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

  /** Plan a step anew, where a setting has changed that it depends on. */
  #prepare() {
    const { k, loss, dropout, average } = this.state.config;
    const wanted = `${k} ${loss} ${dropout > 0} ${average > 0}`;
    if (wanted === this.planned) return;
    this.plan?.forget();
    this.plan = this.card.plan(new Kernels(this, this.state.config).all(), this.now);
    this.planned = wanted;
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
