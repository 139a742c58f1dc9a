// What can be seen of a run between two steps. Changes nothing in the run. Mirrors playground/live/views.py.

import { Team } from "../engine/distributed.js";
import { fold, makeGenerator, PIXELS } from "../engine/gan.js";
import { LOSSES, sigmoid } from "../engine/losses.js";

/** @import { TrainState } from "../engine/state.js" */

export const SHOWN = 64; // drawings on the sheet, of seeds 0 to 63
export const ADVISED = 8; // drawings on which D's advice is shown
const BINS = 20; // of a histogram of verdicts, from 0 to 1
const LECTURES = "non-saturating"; // the loss of the lecture's code
const CHUNK = 64; // drawings at a time

/** The generator of a run as it draws: averaged, BatchNorm folded. */
export class Forger {
  /** @param {TrainState} state */
  constructor({ arithmetic, config }) {
    const { latent_dim, widths_g } = config;
    this.size = latent_dim;
    this.latents = arithmetic.take(CHUNK * latent_dim);
    this.network = makeGenerator(arithmetic, latent_dim, widths_g, false, CHUNK);
  }

  /**
   * What it draws from latents, as the state stands now: 784 numbers each, -1 to 1.
   * @param {TrainState} state
   * @param {Float32Array} latents
   * @param {boolean} [averaged] by the moving average, where there is one
   */
  async draw(state, latents, averaged = true) {
    this.network.take(averaged ? state.forger() : fold(state.generator));
    const count = latents.length / this.size;
    const drawings = new Float32Array(count * PIXELS);
    for (let from = 0; from < count; from += CHUNK) {
      const rows = Math.min(CHUNK, count - from);
      this.latents.values.set(latents.subarray(from * this.size, (from + rows) * this.size));
      const drawn = await this.network.forward(this.latents, rows, plainPass(rows));
      drawings.set(drawn.values.subarray(0, rows * PIXELS), from * PIXELS);
    }
    return drawings;
  }

  /**
   * The norm of the gradient of G's loss by G's weights, D without dropout.
   * @param {TrainState} state
   * @param {Float32Array} latents
   * @param {number} rows
   * @param {string} loss
   */
  async slope(state, latents, rows, loss) {
    const { network } = this;
    network.take(fold(state.generator));
    this.latents.values.set(latents.subarray(0, rows * this.size));
    const pass = plainPass(rows);
    const logits = await state.discriminator.forward(await network.forward(this.latents, rows, pass), rows, pass);
    for (let row = 0; row < rows; row++) state.slopes.values[row] = LOSSES[loss].g(logits.values[row], 0)[1] / rows;
    const byPixel = await state.discriminator.backward(state.slopes, rows, { weights: false, input: true }, pass);
    await network.backward(byPixel, rows, { weights: true, input: false }, pass);
    const { place, length } = network.gradients;
    return Math.sqrt(network.arithmetic.run.sum_of_squares(place, length));
  }
}

/** A pass without dropout. @param {number} rows */
const plainPass = (rows) => ({ share: new Team().share(rows), parts: [], drop: null });

/**
 * D's logits on images (784 numbers each, -1 to 1), without dropout.
 * @param {TrainState} state
 * @param {Float32Array} images
 */
export async function logitsOf({ discriminator, batch, config }, images) {
  const most = 2 * config.batch_size;
  const count = images.length / PIXELS;
  const logits = new Float32Array(count);
  for (let from = 0; from < count; from += most) {
    const rows = Math.min(most, count - from);
    batch.values.set(images.subarray(from * PIXELS, (from + rows) * PIXELS));
    const answer = await discriminator.forward(batch, rows, plainPass(rows));
    logits.set(answer.values.subarray(0, rows), from);
  }
  return logits;
}

/** D's verdicts on such images, 0 (forged) to 1 (real). @param {TrainState} state @param {Float32Array} images */
export const verdictsOf = async (state, images) => (await logitsOf(state, images)).map(sigmoid);

/** How many verdicts lie in each of 20 bins. @param {Float32Array} verdicts */
export function histogram(verdicts) {
  const counts = Array(BINS).fill(0);
  for (const verdict of verdicts) if (!Number.isNaN(verdict)) counts[Math.min(BINS - 1, Math.floor(verdict * BINS))]++;
  return counts;
}

/**
 * What D tells G about each drawing: how each pixel should change so that G's loss falls, above 0 where brighter: the
 * negative gradient of G's loss on that one drawing (Goodfellow et al. 2014, algorithm 1).
 * @param {TrainState} state
 * @param {Float32Array} drawings at most as many as a batch has images
 */
export async function adviceOn(state, drawings) {
  const { discriminator, slopes, config } = state;
  const rows = drawings.length / PIXELS;
  const logits = await logitsOf(state, drawings);
  logits.forEach((logit, row) => {
    slopes.values[row] = -LOSSES[config.loss].g(logit, 0)[1]; // each counts alone: no mean
  });
  const wanted = { weights: false, input: true };
  const byPixel = await discriminator.backward(slopes, rows, wanted, plainPass(rows));
  return byPixel.values.slice(0, drawings.length).map((slope) => (Number.isFinite(slope) ? slope : 0));
}

/**
 * How strongly the run's loss, and the lecture's, tell G to change: the norms of their gradients by G's weights.
 * @param {TrainState} state
 * @param {Forger} forger
 * @param {Float32Array} latents
 * @returns {Promise<[step: number, own: number, lecture: number]>}
 */
export async function slopesOn(state, forger, latents) {
  const { config, step } = state;
  const rows = Math.min(latents.length / config.latent_dim, 2 * config.batch_size, CHUNK);
  const own = await forger.slope(state, latents, rows, config.loss);
  return [step, own, await forger.slope(state, latents, rows, LECTURES)];
}

/**
 * Both losses and D's mean verdicts, without dropout, on real images and on as many latents. Called before and after a
 * step with the same ones, it shows what the step changed.
 * @param {TrainState} state
 * @param {Forger} forger
 * @param {Float32Array} real
 * @param {Float32Array} latents
 */
export async function lossesOn(state, forger, real, latents) {
  const { loss, smoothing } = state.config;
  const [onReal, onFake] = [
    await logitsOf(state, real),
    await logitsOf(state, await forger.draw(state, latents, false)),
  ];
  const mean = (/** @type {Float32Array} */ logits, /** @type {(logit: number) => number} */ of) =>
    logits.reduce((sum, logit) => sum + of(logit) / logits.length, 0);
  const curves = LOSSES[loss];
  return {
    loss_g: mean(onFake, (logit) => curves.g(logit, 0)[0]),
    loss_d:
      mean(onReal, (logit) => curves.real(logit, smoothing)[0]) + mean(onFake, (logit) => curves.fake(logit, 0)[0]),
    d_real: mean(onReal, sigmoid),
    d_fake: mean(onFake, sigmoid),
  };
}

/**
 * All that a page shows of a run now.
 * @param {TrainState} state
 * @param {Forger} forger
 * @param {Float32Array} latents of the SHOWN drawings
 * @param {Float32Array} real some real images
 */
export async function look(state, forger, latents, real) {
  const drawings = await forger.draw(state, latents);
  const verdicts = await verdictsOf(state, drawings);
  const hist_real = histogram(await verdictsOf(state, real));
  const advised = drawings.subarray(0, PIXELS * Math.min(ADVISED, state.config.batch_size));
  const advice = await adviceOn(state, advised);
  const strength = advice.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  return { step: state.step, drawings, verdicts, hist_real, hist_fake: histogram(verdicts), advice, strength };
}
