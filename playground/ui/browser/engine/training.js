// The training loop: `train` yields how it goes. Mirrors playground/training.py. Knows neither files nor the page.

import { Team } from "./distributed.js";
import { PIXELS, TAIL } from "./gan.js";
import { LOSSES, sigmoid } from "./losses.js";
import { TrainState } from "./state.js";

/** @import { Block } from "./arithmetic.js" */
/** @import { Order, Share, Workers } from "./distributed.js" */
/** @import { Pass } from "./layers.js" */
/** @import { Stack } from "./gan.js" */
/** @import { Adam, Descent } from "./optimizers.js" */
/** @import { Config, Images, Progress } from "../types.d.ts" */
/** @typedef {"generator" | "discriminator"} Player */

export const REPORT_EVERY = 280; // milliseconds; consumers are promised 300
/** @type {readonly Player[]} */
export const PLAYERS = ["generator", "discriminator"];
const SHADES = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(byte / 127.5) - 1); // as data.py: -1 to 1

/** A loss or gradient was not finite. The networks are those before that step; `step` counts from 0. */
export class Diverged extends Error {
  /** @param {TrainState} state */
  constructor(state) {
    super(`step ${state.step}: a loss or gradient was not finite; the networks before it are kept`);
    state.generator.capNorms();
    this.state = state;
  }
}

/**
 * Train on images from `state`, which is changed. Yields a Progress at least every 0.3 s (or after every step, where
 * one takes longer), at the end of every epoch and at the end of the run. Only `players` learn; the other one's loss is
 * still measured. May be closed at any yield, and `state.adopt()` changes settings there from the next step on. The
 * first worker of a `team` calls this, all others `follow`. Throws Diverged. Lecture, codes 13-28 to 13-32.
 * @param {TrainState} state
 * @param {Images} images
 * @param {readonly Player[]} [players]
 * @param {Team} [team]
 * @param {number} [every] milliseconds between two reports
 * @returns {AsyncGenerator<Progress>}
 */
export async function* train(state, images, players = PLAYERS, team = new Team(), every = REPORT_EVERY) {
  const { config } = state;
  const end = config.seconds === null ? Number.POSITIVE_INFINITY : performance.now() + 1000 * config.seconds;
  let recent = new Recent();
  let over = finished(state, false);
  try {
    while (!over) {
      recent.add(await step(state, deal(state, images, team), players, team));
      const epochOver = endsEpoch(state);
      over = finished(state, epochOver) || performance.now() > end;
      if (epochOver || over || recent.mustReport(every)) {
        yield recent.report(state, epochOver);
        recent = new Recent();
      }
    }
  } finally {
    team.end();
  }
}

/**
 * The same steps in another worker than the first: each computes its share of every batch, until the first one ends.
 * @param {TrainState} state like the first one's
 * @param {readonly Player[]} players
 * @param {Workers} team
 */
export async function follow(state, players, team) {
  for (let order = await team.ordered(); order; order = await team.ordered()) {
    state.adopt(order.config);
    await step(state, order, players, team);
  }
}

/**
 * The next batch: every worker is told its own rows.
 * @param {TrainState} state
 * @param {Images} images
 * @param {Team} team
 * @returns {Order}
 */
export function deal(state, { count, pixels }, team) {
  const chosen = state.nextBatch(count);
  const whole = chosen.length;
  return team.deal(whole, ({ first, rows }) => {
    const own = new Uint8Array(rows * PIXELS);
    chosen.subarray(first, first + rows).forEach((image, row) => {
      own.set(pixels.subarray(image * PIXELS, (image + 1) * PIXELS), row * PIXELS);
    });
    return { config: state.config, whole, pixels: own };
  });
}

/** Whether too few images are left for another step: with BatchNorm one needs two. @param {TrainState} state */
export const endsEpoch = ({ config, position, order }) =>
  /** @type {Uint32Array} */ (order).length - position < (config.norm === "batch" ? 2 : 1);

/**
 * k updates of D on one batch, then one of G (code 13-32). Returns the batch's size and its four numbers.
 * @param {TrainState} state
 * @param {Order} order our rows
 * @param {readonly Player[]} players
 * @param {Team} team
 */
async function step(state, { whole, pixels }, players, team) {
  const share = team.share(whole);
  state.random.begin(state.step);
  const real = state.batch.values;
  for (let i = 0; i < pixels.length; i++) real[i] = SHADES[pixels[i]];
  const means = new Float64Array(4);
  for (let turn = 0; turn < state.config.k; turn++) {
    const numbers = await discriminatorTurn(state, share);
    for (let i = 0; i < 3; i++) means[i + 1] += numbers[i] / state.config.k;
    if (players.includes("discriminator")) update(state, state.discriminator, state.optimizerD, "lr_d", numbers);
  }
  const numbers = await generatorTurn(state, share);
  means[0] = numbers[0];
  if (players.includes("generator")) {
    update(state, state.generator, state.optimizerG, "lr_g", numbers);
    state.moveAverage();
  }
  for (let i = 0; i < means.length; i++) state.sums[i] += means[i];
  state.step++;
  state.batches++;
  state.position += whole;
  return { size: whole, means };
}

/**
 * D's loss on the real images and on forgeries, and its mean verdicts on each; leaves the gradients by D's weights.
 * One pass over both halves gives the same gradients as two (code 13-30; Goodfellow et al. 2014, algorithm 1).
 * @param {TrainState} state
 * @param {Share} share
 */
async function discriminatorTurn(state, share) {
  const { config, discriminator, batch, slopes } = state;
  const { rows, whole, first } = share;
  const forged = await forge(state, share);
  batch.part(rows * PIXELS, rows * PIXELS).values.set(forged.part(0, rows * PIXELS).values);
  const pass = passOf(state, share, [
    [first, rows],
    [whole + first, rows],
  ]);
  const logits = (await discriminator.forward(batch, 2 * rows, pass)).values;
  const { real, fake } = LOSSES[config.loss];
  const numbers = [0, 0, 0];
  for (let row = 0; row < 2 * rows; row++) {
    const [value, slope] = (row < rows ? real : fake)(logits[row], config.smoothing);
    slopes.values[row] = slope / whole;
    numbers[0] += value / whole;
    numbers[row < rows ? 1 : 2] += sigmoid(logits[row]) / whole;
  }
  await discriminator.backward(slopes, 2 * rows, { weights: true, input: false }, pass);
  return addUp(discriminator, numbers, share);
}

/**
 * G's loss on fresh noise: it wants its forgeries called real (code 13-31); leaves the gradients by G's weights.
 * @param {TrainState} state
 * @param {Share} share
 */
async function generatorTurn(state, share) {
  const { config, generator, discriminator, slopes } = state;
  const { rows, whole, first } = share;
  const forged = await forge(state, share);
  const pass = passOf(state, share, [[first, rows]]);
  const logits = (await discriminator.forward(forged, rows, pass)).values;
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const [value, slope] = LOSSES[config.loss].g(logits[row], 0);
    slopes.values[row] = slope / whole;
    loss += value / whole;
  }
  const byPixel = await discriminator.backward(slopes, rows, { weights: false, input: true }, pass);
  await generator.backward(byPixel, rows, { weights: true, input: false }, pass);
  return addUp(generator, [loss], share);
}

/**
 * Forgeries of fresh noise, as many as we have rows.
 * @param {TrainState} state
 * @param {Share} share
 */
function forge(state, share) {
  const { random, latents, config, generator } = state;
  random.normal(latents, share.rows, config.latent_dim, share.first);
  return generator.forward(latents, share.rows, passOf(state, share, []));
}

/**
 * @param {TrainState} state
 * @param {Share} share
 * @param {number[][]} parts
 * @returns {Pass}
 */
const passOf = ({ random }, share, parts) => ({ share, parts, drop: (...given) => random.mask(...given) });

/**
 * The gradients and some numbers, added up over all workers in one message.
 * @param {Stack} network
 * @param {number[]} numbers
 * @param {Share} share
 */
async function addUp({ sent, gradients }, numbers, share) {
  sent.part(gradients.length, TAIL).values.set(numbers);
  if (share.team.size === 1) return numbers;
  await share.addUp(sent.values);
  return Array.from(sent.part(gradients.length, numbers.length).values);
}

/**
 * One step of the optimiser. Throws Diverged instead, where a loss or gradient is not finite.
 * @param {TrainState} state
 * @param {Stack} network
 * @param {Adam | Descent} optimizer
 * @param {"lr_g" | "lr_d"} rate
 * @param {number[]} numbers
 */
function update(state, network, optimizer, rate, numbers) {
  const { gradients, arithmetic } = network;
  const squares = arithmetic.run.sum_of_squares(gradients.place, gradients.length);
  if (!Number.isFinite(squares + numbers[0])) throw new Diverged(state);
  const { config } = state;
  optimizer.update(config[rate], config.beta1, config.beta2);
  network.refresh();
}

/**
 * Whether the budget of steps, or else of epochs, is used up; `epochOver` counts the epoch that just ended.
 * @param {TrainState} state
 * @param {boolean} epochOver
 */
export const finished = ({ config, step, epoch }, epochOver) =>
  config.steps === null ? epoch + Number(epochOver) >= config.epochs : step >= config.steps;

/** The steps since the previous Progress. */
export class Recent {
  since = performance.now();
  images = 0;
  steps = 0;
  sums = new Float64Array(4);

  /** @param {{ size: number, means: Float64Array }} step */
  add({ size, means }) {
    this.images += size;
    this.steps++;
    for (let i = 0; i < means.length; i++) this.sums[i] += means[i];
  }

  /** Whether one more step of the same length would make the consumer wait too long. @param {number} every */
  mustReport(every) {
    const age = performance.now() - this.since;
    return age + age / this.steps > every;
  }

  /**
   * The steps as a Progress; goes to the next epoch when this one has ended.
   * @param {TrainState} state
   * @param {boolean} epochOver
   * @returns {Progress}
   */
  report(state, epochOver) {
    const [loss_g, loss_d, d_real, d_fake] = this.sums.map((sum) => sum / this.steps);
    const epochMeans = epochOver ? Array.from(state.sums, (sum) => sum / state.batches) : null;
    const { step, epoch } = state;
    if (epochOver) state.finishEpoch();
    return { step, epoch, loss_g, loss_d, d_real, d_fake, images: this.images, epochMeans, state };
  }
}
