// How a run stands, as the name of a sentence: from D's verdicts, G's slope, and what was measured of the drawings.
// Mirrors playground/live/standing.py, which says where the thresholds come from; a test compares both.

import { LEAST_RECOGNISED, LEAST_SHARE, leastCount } from "../engine/metrics.js";
import { mean } from "./record.js";

/** @typedef {import("./record.js").Measure} Measure */
/** @typedef {import("./record.js").Record} Record */

/**
 * What the sentences look at; null is what was not measured. `gap` is D(x) - D(G(z)) of the mean verdicts, `fake`
 * D(G(z)), `slope` G's over that of the lecture's loss; the rest are those of the last measure.
 * @typedef {object} Signs
 * @property {number} gap
 * @property {number} fake
 * @property {number} step
 * @property {boolean} probable
 * @property {boolean} diverged
 * @property {number | null} slope
 * @property {number | null} spread
 * @property {number | null} variety
 * @property {number | null} nearness
 * @property {number | null} recognisable
 */

const WINS = 0.05; // of D(G(z))
const FOOLED = 0.5;
const ONE_SIDED = 0.6; // of D(x) - D(G(z))
const EVEN = 0.34;
const GUESSING = 0.15;
const VANISHED = 0.1; // of the slope of the lecture's loss under the same D
const ALIKE = 0.28; // of the mean distance between real digits
const NARROW = 0.5; // of the distance from a real digit to the one most like it
const COPIES = 0.7; // of the distance from unseen real digits to those learnt from
const READABLE = 0.5; // share of drawings that are digits
const GREW_UP = 1500; // steps
const RECENT = 8; // readings that are averaged at least
const LOOKS = 9; // at G's slope
const LATELY = 0.02; // share of the steps that is averaged
const DRAWN = 3 * LEAST_SHARE; // share of the recognisable drawings: a digit with so many had been learnt

export const VANISHES = "minimax"; // the loss that is flat where D is sure
const FAILURES = ["diverged", "vanishing", "alike", "copies", "narrow", "blind"]; // sentences that name one
const PROBABILITIES = ["non-saturating", "minimax"]; // losses with which D(x) is a probability that x is real

const below = (/** @type {number | null} */ value, /** @type {number} */ threshold) =>
  value !== null && value < threshold;
const unreadable = (/** @type {Signs} */ at) => below(at.recognisable, LEAST_RECOGNISED);

/** The first that holds is shown. @type {[name: string, holds: (at: Signs) => boolean][]} */
const SENTENCES = [
  ["diverged", (at) => at.diverged],
  ["vanishing", (at) => below(at.slope, VANISHED)],
  ["alike", (at) => below(at.spread, ALIKE)],
  ["copies", (at) => below(at.nearness, COPIES)],
  ["narrow", (at) => below(at.variety, NARROW) && !below(at.recognisable, READABLE)],
  ["critic", (at) => !at.probable],
  ["detective_wins", (at) => at.fake < WINS],
  ["blind", (at) => at.probable && unreadable(at) && at.step >= GREW_UP && at.gap < GUESSING],
  ["young", unreadable],
  ["detective_guesses", (at) => Math.abs(at.gap) < GUESSING],
  ["forger_ahead", (at) => at.gap < EVEN && at.fake >= FOOLED],
  ["even", (at) => at.gap < EVEN],
  ["detective_leads", (at) => at.gap < ONE_SIDED],
  ["detective_far_ahead", () => true],
];

/** The name of the first sentence that holds. @param {Signs} at */
export const stand = (at) => /** @type {string} */ (SENTENCES.find(([, holds]) => holds(at))?.[0]);

/** The signs of a run that has made a step. @param {Record} record @returns {Signs} */
export function signs(record) {
  const [, , , real, fake] = recent(record);
  const measure = record.measures.at(-1);
  return {
    gap: real - fake,
    fake,
    step: record.step,
    probable: PROBABILITIES.includes(record.config.loss),
    diverged: record.diverged,
    slope: slopeOf(record),
    spread: spreadOf(record),
    variety: measure?.variety ?? null,
    nearness: measure?.nearness ?? null,
    recognisable: measure?.recognisable ?? null,
  };
}

/**
 * The smaller of the last two: where rates are too high the drawings jump to another blot, and some come later.
 * @param {Record} record
 */
function spreadOf({ measures }) {
  const known = measures.slice(-2).flatMap(({ spread }) => (spread === null ? [] : [spread]));
  return known.length ? Math.min(...known) : null;
}

/** G's slope over that of the lecture's loss: the median of the latest looks. @param {Record} record */
function slopeOf({ config, slopes }) {
  if (config.loss !== VANISHES) return null; // a loss that was changed leaves old slopes
  const latest = slopes.slice(-LOOKS).filter(([, , lecture]) => lecture);
  return latest.length ? median(latest.map(([, own, lecture]) => own / lecture)) : null;
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The mean of the latest readings. @param {Record} record */
export function recent({ curve: { all } }) {
  const from = (1 - LATELY) * /** @type {number[]} */ (all.at(-1))[0];
  const lately = all.slice(-1000).filter(([step]) => step > from).length;
  return mean(all.slice(-Math.max(RECENT, lately)));
}

/**
 * Those of the `digits` in the training data that G does not draw; none where too few drawings can be read.
 * @param {number[]} counts
 * @param {number} recognisable
 * @param {number[]} digits
 */
export function missing(counts, recognisable, digits) {
  if (recognisable < LEAST_RECOGNISED) return [];
  const least = leastCount(counts.reduce((sum, count) => sum + count, 0));
  return digits.filter((digit) => counts[digit] < least);
}

/** The digits that G had drawn and draws no more: missing in the last two measures. @param {Record} record */
export function lost({ measures, config }) {
  const last = measures.slice(-2);
  if (last.length < 2) return [];
  const drawn = new Set(measures.slice(0, -2).flatMap((measure) => drawnIn(measure)));
  const gone = last.map(({ counts, recognisable }) => missing(counts, recognisable, config.digits));
  return [...drawn].filter((digit) => gone.every((digits) => digits.includes(digit))).sort((a, b) => a - b);
}

/** The digits that had been learnt by then. @param {Measure} measure */
function drawnIn({ counts, recognisable }) {
  if (recognisable < LEAST_RECOGNISED) return [];
  const sum = counts.reduce((total, count) => total + count, 0);
  return counts.flatMap((count, digit) => (count / sum >= DRAWN ? [digit] : []));
}

/** All failures that the run shows now, and "collapse" where digits were lost. @param {Record} record */
export function failures(record) {
  if (!record.curve.all.length) return record.diverged ? ["diverged"] : [];
  const at = signs(record);
  const names = SENTENCES.filter(([name, holds]) => FAILURES.includes(name) && holds(at)).map(([name]) => name);
  return lost(record).length ? [...names, "collapse"] : names;
}

/** The share of the run's drawings that the judge can read, as last measured; 0 before. @param {Record} record */
export const readable = (record) => record.measures.at(-1)?.recognisable ?? 0;

/**
 * Whether a run that is to cure that failure does not show it, and draws what can be read.
 * @param {Record} record
 * @param {string} sign
 */
export const healed = (record, sign) => readable(record) >= READABLE && !failures(record).includes(sign);
