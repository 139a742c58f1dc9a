// The settings of a run, checked as playground/checked.py checks them, by the rules that Python hands over. A bad value
// gives one clear sentence: which field, what came, what is allowed.

/** @import { Config } from "../types.d.ts" */

/**
 * @typedef {object} Rule of one field
 * @property {"number" | "whole" | "wholes" | "choice"} rule
 * @property {unknown} default
 * @property {number} low
 * @property {number} high
 * @property {boolean} [optional]
 * @property {number} [least] of a list
 * @property {number} [most]
 * @property {unknown[]} [options]
 */
/** @typedef {Record<string, Rule>} Rules */

const LONGEST = 40; // letters of a value in a sentence
const MOST_WEIGHTS = 5_000_000; // of a network, as on the server: more takes too much memory for a phone

/** What cannot be done, as a key of the page's texts and what fills its gaps. */
export class Refusal extends Error {
  /**
   * @param {string} key
   * @param {Record<string, unknown>} values
   */
  constructor(key, values) {
    super(`${key}: ${JSON.stringify(values)}`);
    this.key = key;
    this.values = values;
  }
}

/**
 * Settings as a whole config. Throws a Refusal for a value out of bounds and for a name that is no setting.
 * @param {unknown} given
 * @param {Rules} rules
 * @returns {Config}
 */
export function makeConfig(given, rules) {
  if (typeof given !== "object" || given === null || Array.isArray(given)) refuse("settings", given, "object", {});
  const settings = /** @type {Record<string, unknown>} */ (given);
  for (const name of Object.keys(settings)) {
    if (!Object.hasOwn(rules, name))
      throw new Refusal("error.name", { field: shorten(name), options: Object.keys(rules) });
  }
  /** @type {Record<string, unknown>} */
  const config = {};
  for (const [name, rule] of Object.entries(rules)) {
    config[name] = Object.hasOwn(settings, name) ? checked(name, settings[name], rule) : rule.default;
  }
  const made = /** @type {Config} */ (JSON.parse(JSON.stringify(config))); // lists of our own, not the page's
  checkTogether(made, rules);
  return made;
}

/**
 * What single fields do not tell: BatchNorm needs two images, and wide layers take memory.
 * @param {Config} config
 * @param {Rules} rules
 */
function checkTogether(config, rules) {
  const { norm, batch_size, widths_g, widths_d } = config;
  if (norm === "batch" && batch_size < 2) refuse("batch_size", batch_size, "whole", { ...rules.batch_size, low: 2 });
  for (const [name, layers] of Object.entries(layersOf(config))) {
    const count = weightsOf(layers);
    if (count > MOST_WEIGHTS) {
      const words = { count: count.toLocaleString("en"), high: MOST_WEIGHTS.toLocaleString("en") };
      throw new Refusal("error.weights", {
        field: name,
        got: shorten(name === "widths_g" ? widths_g : widths_d),
        ...words,
      });
    }
  }
}

/** The units of both networks, layer by layer. @param {Config} config */
const layersOf = ({ latent_dim, widths_g, widths_d }) => ({
  widths_g: [latent_dim, ...widths_g, 784],
  widths_d: [784, ...widths_d, 1],
});

/** @param {readonly number[]} layers */
const weightsOf = (layers) => layers.slice(1).reduce((sum, outputs, i) => sum + layers[i] * outputs, 0);

/** What a step costs: weights times images, where D's weights count k times (room/wall.py). @param {Config} config */
export function workOf(config) {
  const { widths_g, widths_d } = layersOf(config);
  return config.batch_size * (weightsOf(widths_g) + config.k * weightsOf(widths_d));
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {Rule} rule
 */
function checked(name, value, rule) {
  if (value === null && rule.optional) return null;
  const fits = {
    number: () => within(value, rule),
    whole: () => within(value, rule) && Number.isInteger(value),
    wholes: () =>
      Array.isArray(value) &&
      value.length >= (rule.least ?? 0) &&
      value.length <= (rule.most ?? 0) &&
      value.every((one) => Number.isInteger(one) && within(one, rule)),
    choice: () => rule.options?.includes(value),
  };
  if (!fits[rule.rule]()) refuse(name, value, rule.rule, rule);
  return value;
}

/** @param {unknown} value @param {Rule} rule */
const within = (value, { low, high }) => typeof value === "number" && low <= value && value <= high; // not NaN

/**
 * @param {string} field
 * @param {unknown} got
 * @param {string} rule
 * @param {Partial<Rule>} limits
 * @returns {never}
 */
function refuse(field, got, rule, { low, high, least, most, options }) {
  const nothing = got === null || got === "" || got === undefined;
  throw new Refusal(`error.${rule}`, { field, got: nothing ? null : shorten(got), low, high, least, most, options });
}

/** A value as text that is short enough for a sentence. @param {unknown} got */
function shorten(got) {
  const text = typeof got === "string" ? got : (JSON.stringify(got) ?? String(got));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
