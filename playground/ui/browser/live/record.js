// What is known of a run beyond its networks: curves, marks, measures, drawings. Plain data. Mirrors
// playground/live/record.py.

import { LEAST_RECOGNISED } from "../engine/metrics.js";

/** @import { Config } from "../types.d.ts" */

export const MOST_POINTS = 300; // of a curve; from there on, neighbours are averaged in pairs
export const MOST_READINGS = 20_000; // that a curve keeps; then all are averaged in pairs
export const MOST_FRAMES = 120; // of a run's film; from there on, every second one is left out
const MOST_EPOCHS = 10_000_000; // that a config may ask for
/** Settings that may change while a run trains. */
export const CHANGEABLE = /** @type {const} */ (["lr_g", "lr_d", "k", "loss", "smoothing", "dropout"]);

const UNTOLD = ["epochs", "steps", "seconds", "device"]; // how long and where a run trains, not how

/**
 * A run's four numbers after a step: step, G's and D's loss, D's mean verdicts on real and on fake images. Each is a
 * mean over the steps since the reading before.
 * @typedef {number[]} Reading
 *
 * @typedef {object} Mark a setting that changed
 * @property {number} step
 * @property {string} name
 * @property {unknown} old
 * @property {unknown} new
 *
 * @typedef {object} Measure what the judge found in G's drawings; null is what was not measured
 * @property {number} step
 * @property {number[]} counts of each of the ten digits
 * @property {number} recognisable their share, 0 to 1
 * @property {number | null} frechet
 * @property {number | null} spread how different the drawings are from each other, over what real digits have
 * @property {number | null} variety how different from the one most like it, over the same
 * @property {number | null} nearness how near to the images learnt from, over how near unseen ones are
 */

/** The readings of a run, and `points`, an average of them that is small enough to plot. */
export class Curve {
  /** @type {Reading[]} */
  points = [];
  /** @type {Reading[]} */
  all = [];
  /** @type {Reading[]} */
  pending = [];
  pack = 1; // readings that make one point

  /** @param {Reading} reading */
  add(reading) {
    this.all.push(reading);
    if (this.all.length >= MOST_READINGS) this.all = inPairs(this.all);
    this.pending.push(reading);
    if (this.pending.length < this.pack) return;
    this.points.push(mean(this.pending));
    this.pending = [];
    if (this.points.length < MOST_POINTS) return;
    this.points = inPairs(this.points);
    this.pack *= 2;
  }
}

/** @param {Reading[]} readings @returns {Reading} */
export const mean = (readings) =>
  readings[0].map((_, column) => readings.reduce((sum, reading) => sum + reading[column], 0) / readings.length);

/** @param {Reading[]} readings */
const inPairs = (readings) =>
  Array.from({ length: readings.length / 2 }, (_, i) => mean(readings.slice(2 * i, 2 * i + 2)));

/**
 * One run: where it began, its settings, how far it has come, and all that was seen of it. `name` is a letter. `origin`
 * is "scratch", a shipped epoch ("100"), a point of another run ("A:512"), or the server ("server-512"). The budget in
 * `config` was granted `grants` times. `spent` counts the seconds of training, of which an earlier budget has `paid`
 * some.
 */
export class Record {
  origin = "scratch";
  begun_step = 0;
  begun_epoch = 0;
  grants = 1;
  spent = 0;
  paid = 0;
  step = 0;
  epoch = 0;
  curve = new Curve();
  /** @type {Mark[]} */
  marks = [];
  /** @type {Measure[]} */
  measures = [];
  /** @type {[step: number, own: number, lecture: number][]} */
  slopes = [];
  diverged = false;
  /** @type {number | null} how many workers train it: with as many it goes on to the bit */
  workers = null;
  /** @type {string | null} the recipe that the run is to cure */
  cures = null;
  /** @type {Partial<Config>} of a fork, the settings in which it began unlike its parent */
  departs = {};
  /** @type {any} what was seen last (views.js, look) */
  look = null;
  /** @type {[step: number, sheet: Uint8Array][]} the film: sheets of drawings as greys, packed (film.js) */
  film = [];
  filmPack = 1; // looks that make one frame
  looks = 0;

  /**
   * @param {string} name
   * @param {Config} config
   */
  constructor(name, config) {
    this.name = name;
    this.config = config;
  }

  /**
   * Note how far the first state has come; ignored once the run has made a step of its own.
   * @param {number} step
   * @param {number} epoch
   */
  beginAt(step, epoch) {
    if (this.curve.all.length) return;
    [this.step, this.epoch, this.begun_step, this.begun_epoch] = [step, epoch, step, epoch];
  }

  /**
   * Go back to an earlier step: what was seen of later ones did not happen.
   * @param {number} step
   * @param {number} epoch
   */
  goBack(step, epoch) {
    Object.assign(this, { step, epoch });
    const readings = this.curve.all.filter(([at]) => at <= step);
    this.curve = new Curve();
    for (const reading of readings) this.curve.add(reading);
    this.measures = this.measures.filter((measure) => measure.step <= step);
    this.slopes = this.slopes.filter(([at]) => at <= step);
    this.film = this.film.filter(([at]) => at <= step);
    for (const mark of this.marks) mark.step = Math.min(mark.step, step); // the setting holds from there on
  }

  /**
   * The config that spends the rest of the budget: training counts the steps and epochs that a state has ever made, but
   * the seconds of this call only.
   * @returns {Config}
   */
  remaining() {
    const { config, grants } = this;
    if (config.seconds !== null) {
      return { ...config, seconds: Math.max(1, config.seconds * grants - (this.spent - this.paid)) };
    }
    if (config.steps !== null) return { ...config, steps: this.begun_step + config.steps * grants };
    return { ...config, epochs: Math.min(this.begun_epoch + config.epochs * grants, MOST_EPOCHS) };
  }

  /** Grant the budget once more to a run that has spent it. @param {number} stepsAnEpoch */
  grant(stepsAnEpoch) {
    while (this.fraction(stepsAnEpoch) >= 1) this.grants++;
  }

  /** The share of the budget that is spent, 0 to 1. @param {number} stepsAnEpoch */
  fraction(stepsAnEpoch) {
    const { config, grants } = this;
    const made = this.step - this.begun_step;
    const share =
      config.seconds === null
        ? made / ((config.steps ?? config.epochs * stepsAnEpoch) * grants)
        : (this.spent - this.paid) / (config.seconds * grants);
    return Math.min(1, share);
  }

  /** Take other settings from now on, with a mark for each of CHANGEABLE that is another. @param {Config} config */
  change(config) {
    this.diverged = false;
    if (config.seconds !== this.config.seconds) [this.paid, this.grants] = [this.spent, 1];
    for (const name of CHANGEABLE) {
      const [old, now] = [this.config[name], config[name]];
      if (old !== now) this.marks.push({ step: this.step, name, old, new: now });
    }
    this.config = config;
  }

  /** How strongly G is told to change; of many every second is left out. @param {[number, number, number]} slopes */
  addSlopes(slopes) {
    this.slopes.push(slopes);
    if (this.slopes.length >= MOST_POINTS) this.slopes = this.slopes.filter((_, i) => i % 2 === 0);
  }

  /** Make `look` the latest one, and its `sheet` a frame of the film. @param {any} look @param {Uint8Array} sheet */
  see(look, sheet) {
    this.look = look;
    if (this.looks % this.filmPack === 0) this.film.push([look.step, sheet]);
    this.looks++;
    if (this.film.length < MOST_FRAMES) return;
    this.film = this.film.filter((_, i) => i % 2 === 0);
    this.filmPack *= 2;
  }

  /** The settings that the run began with; those of UNTOLD may be today's. @returns {Config} */
  get begun() {
    const olds = this.marks.map(({ name, old }) => [name, old]);
    const before = Object.fromEntries(olds.reverse()); // of a fork: its parent's
    return { ...this.config, ...before, ...this.departs };
  }

  /** Whether the run has a budget of seconds, and the judge cannot read its drawings yet. */
  get unread() {
    return this.config.seconds !== null && (this.measures.at(-1)?.recognisable ?? 0) < LEAST_RECOGNISED;
  }

  /** The last measure with a Frechet distance. */
  get frechet() {
    return this.measures.findLast((measure) => measure.frechet !== null) ?? null;
  }
}

/**
 * The settings in which a run trains unlike another one, those of CHANGEABLE first.
 * @param {Config} own
 * @param {Config} other
 * @returns {Partial<Config>}
 */
export function unlike(own, other) {
  const names = /** @type {(keyof Config)[]} */ ([...new Set([...CHANGEABLE, ...Object.keys(own)])]);
  const found = names.filter((name) => !UNTOLD.includes(name) && String(own[name]) !== String(other[name]));
  return Object.fromEntries(found.map((name) => [name, own[name]]));
}
