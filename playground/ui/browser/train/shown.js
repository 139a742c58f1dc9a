// The runs of this device as the tab's widgets take them: plain data. Mirrors playground/ui/tabs/train/shown.py, which
// makes the same of the server's runs.

import { contextOf, paint, SIDE } from "../engine/pixels.js";
import { unlike } from "../live/record.js";
import { failures, healed, lost, missing, readable, recent, signs, stand, VANISHES } from "../live/standing.js";

/** @import { Config } from "../types.d.ts" */
/** @typedef {import("../live/record.js").Record} Run */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */

/**
 * What Python knows and hands over: where each loss is at balance, presets, with which of them runs begin on the device
 * and on the server, and recipes.
 * @typedef {object} Facts
 * @property {{ [loss: string]: unknown }} balances
 * @property {{ [name: string]: Config }} presets
 * @property {{ device: string, server: string }} begins
 * @property {{ [name: string]: Recipe }} recipes
 *
 * @typedef {object} Recipe
 * @property {Config} config
 * @property {string} origin
 * @property {string} sign
 * @property {string[]} guesses
 * @property {boolean} anew
 * @property {Partial<Config>} cure
 *
 * @typedef {{ [setting: string]: unknown }} Differs what tells a run from others, see `differs`
 */

const SHEET = 8; // drawings along each side
const MOST_TOLD = 2; // settings that a run is named by; more are told by the name of a preset
const ROWS = 2; // of the advice: the drawings, and below each what D says of it
const BRIGHTER = [230, 40, 40]; // colours of a pixel that D wants brighter or darker
const DARKER = [60, 120, 255];

/**
 * All parts: every run of the workshop, `record` in front.
 * @param {Workshop} workshop
 * @param {Run | null} record
 * @param {Facts} facts
 */
export function partsOf(workshop, record, facts) {
  const records = [...workshop.records.values()];
  const over = !workshop.underWay;
  return {
    chart: {
      names: records.map(({ name }) => name),
      runs: byName(records, (one) => curveOf(one, records[0], facts)),
      current: record?.name ?? null,
      token: `device-${records[0]?.name ?? ""}`,
    },
    sheets: {
      names: records.filter(({ look }) => look).map(({ name }) => name),
      runs: byName(
        records.filter(({ look }) => look),
        (one) => sheetOf(one, records[0], facts),
      ),
    },
    standing: record && standingOf(record, workshop.run?.record === record ? workshop.run.move : null),
    advice: record?.look ? { src: adviceOf(record.look), strength: record.look.strength } : null,
    failure: record && failureOf(record, facts, over),
  };
}

/**
 * @template T
 * @param {Run[]} records
 * @param {(record: Run) => T} of
 * @returns {{ [name: string]: T }}
 */
const byName = (records, of) => Object.fromEntries(records.map((record) => [record.name, of(record)]));

/**
 * @param {Run} record
 * @param {Run} first of all runs
 * @param {Facts} facts
 */
export function curveOf(record, first, facts) {
  const { name, curve, marks, measures, slopes, config } = record;
  return {
    name,
    differs: differs(record, first, facts),
    points: curve.points,
    marks: marks.map((mark) => [mark.step, mark.name, mark.new]),
    frechet: measures.filter(({ frechet }) => frechet !== null).map(({ step, frechet }) => [step, frechet]),
    slopes: config.loss === VANISHES ? slopes : [],
    balance: facts.balances[config.loss],
  };
}

/**
 * What tells a run from others: the settings that were other ones where it began. Other than its parent's for a fork,
 * its recipe's for a cure, and for every other run those of the `first` one, which has none itself. Of more than
 * MOST_TOLD, the preset or the recipe that the run began with, if there is one.
 * @param {Run} record
 * @param {Run} first
 * @param {Facts} facts
 * @returns {Differs}
 */
export function differs(record, first, facts) {
  if (record === first) return {};
  if (record.origin.includes(":")) return record.departs;
  const { begun, cures } = record;
  const recipe = cures && Object.hasOwn(facts.recipes, cures) ? facts.recipes[cures] : null;
  const found = unlike(begun, recipe?.config ?? first.begun);
  return Object.keys(found).length <= MOST_TOLD ? found : (knownAs(begun, facts) ?? found);
}

/**
 * The preset or recipe with these settings, whatever the seed; where two are alike, the one with this budget.
 * @param {Config} begun
 * @param {Facts} facts
 * @returns {Differs | null}
 */
function knownAs(begun, { presets, recipes }) {
  const known = [
    ...Object.entries(presets).map(([name, config]) => ({ differs: { preset: name }, config })),
    ...Object.entries(recipes).map(([name, { config }]) => ({ differs: { recipe: name }, config })),
  ];
  const same = known.filter(({ config }) => !Object.keys(unlike({ ...begun, seed: config.seed }, config)).length);
  return (same.find(({ config }) => config.seconds === begun.seconds) ?? same[0])?.differs ?? null;
}

/**
 * The 64 noises as the run's generator drew them last.
 * @param {Run} record
 * @param {Run} first of all runs
 * @param {Facts} facts
 */
function sheetOf(record, first, facts) {
  const { name, origin, look } = record;
  const seen = { step: look.step, src: pictureOf(look), verdicts: Array.from(look.verdicts) };
  return { name, differs: differs(record, first, facts), origin, ...seen };
}

/**
 * How it stands, D's verdicts, the census; null before the first look.
 * @param {Run} record
 * @param {object | null} move what its last single step changed
 */
export function standingOf(record, move) {
  if (!record.curve.points.length || !record.look) return null;
  const [, , , d_real, d_fake] = recent(record);
  const { hist_real, hist_fake } = record.look;
  return { stand: stand(signs(record)), d_real, d_fake, hist_real, hist_fake, move, ...censusOf(record) };
}

/** What the judge found last. @param {Run} record */
function censusOf(record) {
  const census = record.measures.at(-1);
  const digits = [...new Set(record.config.digits)].sort((a, b) => a - b);
  return {
    digits,
    counts: census?.counts ?? null,
    recognisable: census?.recognisable ?? null,
    missing: census ? missing(census.counts, census.recognisable, digits) : [],
    lost: lost(record),
    frechet: record.frechet?.frechet ?? null,
    frechet_step: record.frechet?.step ?? null,
  };
}

/**
 * The recipe that has these settings and begins there, whatever its seed; null for no recipe's.
 * @param {Run} record
 * @param {Facts} facts
 */
export function recipeOf({ config, origin }, { recipes }) {
  const same = (/** @type {Recipe} */ recipe) =>
    origin === recipe.origin &&
    Object.entries(recipe.config).every(
      ([name, value]) => name === "seed" || String(Reflect.get(config, name)) === String(value),
    );
  return Object.keys(recipes).find((name) => same(recipes[name])) ?? null;
}

/**
 * The preset that has all these settings; null for other ones.
 * @param {Config} config
 * @param {Pick<Facts, "presets">} facts
 */
export function presetOf(config, { presets }) {
  const same = (/** @type {Config} */ preset) =>
    Object.entries(preset).every(([name, value]) => String(Reflect.get(config, name)) === String(value));
  return Object.keys(presets).find((name) => same(presets[name])) ?? null;
}

/**
 * Whether a run's recipe fails, or its cure cures; else null. A run that was stopped before its time has shown nothing.
 * @param {Run} record
 * @param {Facts} facts
 * @param {boolean} ended
 */
export function failureOf(record, facts, ended) {
  const over = ended && (record.diverged || record.fraction(1) >= 1); // recipes have seconds
  const recipe = recipeOf(record, facts);
  if (recipe) {
    const failed = failures(record).includes(facts.recipes[recipe].sign);
    return { ...expected(recipe, facts), phase: over ? (failed ? "failed" : "survived") : "asked" };
  }
  const cures = record.cures;
  if (!cures || !Object.hasOwn(facts.recipes, cures)) return null;
  const phase = over ? (healed(record, facts.recipes[cures].sign) ? "cured" : "uncured") : "curing";
  return { ...expected(cures, facts), phase, percent: Math.round(100 * readable(record)) };
}

/**
 * @param {string} recipe
 * @param {Facts} facts
 */
export const expected = (recipe, { recipes }) => ({
  recipe,
  guesses: recipes[recipe].guesses,
  anew: recipes[recipe].anew,
});

/** The address of a picture of a look's drawings; made once. @param {any} look @returns {string} */
function pictureOf(look) {
  look.src ??= painted(look.drawings);
  return look.src;
}

/** Drawings eight by eight. @param {Float32Array} drawings */
function painted(drawings) {
  const [canvas] = canvasOf(SHEET * SIDE, SHEET * SIDE);
  const pixels = SIDE * SIDE;
  for (let i = 0; i < SHEET * SHEET; i++) {
    paint(canvas, drawings.subarray(i * pixels, (i + 1) * pixels), i % SHEET, Math.floor(i / SHEET));
  }
  return canvas.toDataURL();
}

/**
 * The address of a picture of D's advice: drawings, and below each how its pixels should change, all to one scale.
 * @param {any} look
 * @returns {string}
 */
function adviceOf({ drawings, advice, strength }) {
  const pixels = SIDE * SIDE;
  const count = advice.length / pixels;
  const [canvas, context] = canvasOf(count * SIDE, ROWS * SIDE);
  for (let i = 0; i < count; i++) paint(canvas, drawings.subarray(i * pixels, (i + 1) * pixels), i, 0);
  const image = context.getImageData(0, SIDE, canvas.width, SIDE);
  advice.forEach((/** @type {number} */ wish, /** @type {number} */ at) => {
    const [place, pixel] = [Math.floor(at / pixels), at % pixels];
    const to = 4 * (Math.floor(pixel / SIDE) * canvas.width + place * SIDE + (pixel % SIDE));
    const share = Math.sqrt(Math.abs(wish) / Math.max(strength, 1e-30)); // the root makes small ones visible
    const colour = wish > 0 ? BRIGHTER : DARKER;
    for (let c = 0; c < 3; c++) image.data[to + c] = colour[c] * share;
    image.data[to + 3] = 255;
  });
  context.putImageData(image, 0, SIDE);
  return canvas.toDataURL();
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]}
 */
function canvasOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return [canvas, contextOf(canvas)];
}
