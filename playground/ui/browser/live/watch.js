// Measures a run every few seconds while it trains: its drawings, its census, its Frechet distance. Mirrors
// playground/live/watch.py.

import { LATENT } from "../engine/facts.js";
import { PIXELS } from "../engine/gan.js";
import { noise } from "../engine/latent.js";
import { census, distanceApart, distanceTo, distanceToNext, frechet, moments } from "../engine/metrics.js";
import { Random } from "../engine/random.js";
import { packSheet } from "./film.js";
import { VANISHES } from "./standing.js";
import { Forger, look, lossesOn, SHOWN, slopesOn } from "./views.js";

/** @import { Judge } from "../engine/judge.js" */
/** @import { TrainState } from "../engine/state.js" */
/** @import { Images } from "../types.d.ts" */
/** @typedef {import("./record.js").Measure} Measure */
/** @typedef {import("../engine/metrics.js").Moments} Moments */

const LOOK_EVERY = 1000; // milliseconds between two looks at the drawings and verdicts
const CENSUS_EVERY = 5000; // between two counts of the digits
const FRECHET_EVERY = 30_000; // between two Frechet distances
const PATIENCE = 10; // what is seen takes a tenth of the time at most: on a phone it comes more rarely
const REAL_SHOWN = 128; // real images that D judges at each look
const CENSUS_OF = 256; // drawings that are measured
const FRECHET_OF = 2000;
const FEW = 1000; // images to learn from: so few G may learn by heart, which is measured
const SAME = 1e-6; // a smaller distance is none

/**
 * What measures need: the judge, and how it sees all real digits.
 * @typedef {{ judge: Judge, reals: Moments }} Instruments
 */

/**
 * @typedef {object} News
 * @property {Awaited<ReturnType<typeof look>>} [look]
 * @property {Uint8Array} [sheet] its drawings, as a frame of the film
 * @property {[step: number, own: number, lecture: number] | null} [slopes]
 * @property {Measure} [measure]
 * @property {boolean} [again] whether the measure takes the place of the one before
 */

/** When something was seen last, and how long that took: milliseconds. */
class Clock {
  last = Number.NEGATIVE_INFINITY;
  took = 0;

  /** @param {number} every */
  constructor(every) {
    this.every = every;
  }

  get due() {
    return performance.now() - this.last >= Math.max(this.every, PATIENCE * this.took);
  }

  /** @template T @param {() => Promise<T>} act @returns {Promise<T>} */
  async time(act) {
    const begun = performance.now();
    const result = await act();
    this.last = performance.now();
    this.took = this.last - begun;
    return result;
  }
}

/** Sees one run: gives looks and measures as their time comes. */
export class Watch {
  #looks = new Clock(LOOK_EVERY);
  #counts = new Clock(CENSUS_EVERY);
  #distances = new Clock(FRECHET_EVERY);
  #counted = Number.NEGATIVE_INFINITY; // when digits were counted last
  /** @type {Moments | null} */
  #known = null;

  /**
   * @param {TrainState} state
   * @param {Images} images those that the run learns from, and then others that it does not
   * @param {Instruments} instruments
   * @param {boolean} trained whether its networks were: what had they drawn before?
   */
  constructor(state, images, instruments, trained) {
    this.images = images;
    this.instruments = instruments;
    this.forger = new Forger(state);
    this.latents = latentsOf(state);
    this.real = drawingsOf(images, 0, Math.min(REAL_SHOWN, images.count));
    const now = performance.now();
    if (!trained) this.#counts.last = now;
    this.#distances.last = now;
  }

  /** Whether the time of something has come. */
  get due() {
    return this.#looks.due || this.#counts.due;
  }

  /** What is new, as far as its time has come. @param {TrainState} state */
  async glance(state) {
    /** @type {News} */
    const news = this.#looks.due ? await this.#looks.time(() => this.#look(state)) : {};
    if (!this.#counts.due) return news;
    news.measure = await this.#counts.time(() => this.measure(state, this.#distances.due));
    this.#counted = this.#counts.last;
    return news;
  }

  /**
   * The last look and measure of a run that pauses or ends.
   * @param {TrainState} state
   * @param {boolean} distance whether the Frechet distance, too
   * @returns {Promise<News>}
   */
  async conclude(state, distance) {
    // The same once more: a digit that is missing by chance would be so twice.
    const again = performance.now() - this.#counted < CENSUS_EVERY / 2;
    return { ...(await this.#look(state)), measure: await this.measure(state, distance), again };
  }

  /**
   * Both losses and D's mean verdicts on those images, the same noises each time.
   * @param {TrainState} state
   * @param {Uint32Array} batch numbers of images
   */
  losses(state, batch) {
    const real = new Float32Array(batch.length * PIXELS);
    batch.forEach((image, row) => {
      real.set(drawingsOf(this.images, image, 1), row * PIXELS);
    });
    const latents = this.latents.many.subarray(0, batch.length * state.config.latent_dim);
    return lossesOn(state, this.forger, real, latents);
  }

  /** @param {TrainState} state @returns {Promise<News>} */
  async #look(state) {
    const seen = await look(state, this.forger, this.latents.shown, this.real);
    return {
      look: seen,
      sheet: await packSheet(seen.drawings),
      slopes: state.config.loss === VANISHES ? await slopesOn(state, this.forger, this.latents.shown) : null,
    };
  }

  /**
   * What is found in G's drawings.
   * @param {TrainState} state
   * @param {boolean} distance
   * @returns {Promise<Measure>}
   */
  async measure(state, distance) {
    const drawings = await this.forger.draw(state, this.latents.census);
    const { counts, recognisable } = census(this.instruments.judge.examine(drawings).answers);
    const beside = drawingsOf(this.images, 0, CENSUS_OF);
    return {
      step: state.step,
      counts,
      recognisable,
      frechet: distance ? await this.#distances.time(() => this.#frechet(state)) : null,
      spread: distanceApart(drawings) / Math.max(distanceApart(beside), SAME),
      variety: distanceToNext(drawings) / Math.max(distanceToNext(beside), SAME),
      nearness: this.images.count <= FEW ? this.#nearness(drawings) : null,
    };
  }

  /** @param {TrainState} state */
  async #frechet(state) {
    const { judge, reals } = this.instruments;
    const { features } = judge.examine(await this.forger.draw(state, this.latents.many));
    return frechet(features, state.config.digits.length === 10 ? reals : this.#own());
  }

  /** How the judge sees the digits that the run learns, where they are not all ten. */
  #own() {
    const some = drawingsOf(this.images, 0, Math.min(FRECHET_OF, this.images.count));
    this.#known ??= moments(this.instruments.judge.examine(some).features);
    return this.#known;
  }

  /**
   * How near drawings are to the images they were learnt from, over how near unseen real digits are.
   * @param {Float32Array} drawings
   */
  #nearness(drawings) {
    const { count } = this.images;
    const learnt = drawingsOf(this.images, 0, count);
    return distanceTo(drawings, learnt) / Math.max(distanceTo(drawingsOf(this.images, count, CENSUS_OF), learnt), SAME);
  }
}

/**
 * Images as drawings: 784 numbers each, -1 to 1.
 * @param {Images} images
 * @param {number} first
 * @param {number} count
 */
const drawingsOf = ({ pixels }, first, count) =>
  Float32Array.from(pixels.subarray(first * PIXELS, (first + count) * PIXELS), (byte) => byte / 127.5 - 1);

/**
 * The latents of all drawings that are looked at: always the same. For a latent size of 128 the first are those of the
 * seeds that the page knows; torch's noises of other sizes no browser can redo.
 * @param {TrainState} state
 */
function latentsOf({ arithmetic, config }) {
  const size = config.latent_dim;
  const block = arithmetic.take(FRECHET_OF * size);
  new Random(arithmetic, 0).normal(block, FRECHET_OF, size, 0);
  const many = block.values.slice();
  if (size !== LATENT) return { shown: many.slice(0, SHOWN * size), census: many.slice(0, CENSUS_OF * size), many };
  const known = new Float32Array(CENSUS_OF * size);
  for (let seed = 0; seed < CENSUS_OF; seed++) known.set(noise(seed), seed * size);
  return { shown: known.slice(0, SHOWN * size), census: known, many };
}
