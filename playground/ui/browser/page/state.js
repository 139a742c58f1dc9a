// What the page shows, as plain data and as an address that one can send. Knows neither the document nor a network.
//
// Every value that a hand sets is a whole number of at most 8 bits (a seed of at most 10), so that an address restores
// exactly the picture it was copied from. What stands as in DEFAULT is left out of the address.

import { DIRECTIONS, EPOCHS, LAST, LATENT, REACH, SEEDS } from "../engine/facts.js";

/** @import { Entry, State } from "../types.d.ts" */
/** @typedef {{ write: (value: any) => string, read: (text: string) => any }} Field */

export { LAST };

export const TABS = ["explore", "interpolate", "train", "epochs", "learn"];
export const LANGUAGES = ["en", "ko"];
export const PLACES = 200; // steps of a way and of each side of the plane
export const PER_UNIT = 10; // steps of a move along a principal direction that make one: tenths
export const TENTHS = REACH * PER_UNIT; // how far a move goes to both sides, in tenths
export const HUNDREDTHS = 200; // temperature goes to 2, in hundredths
export const PAINT = 32; // painted noise: 32nds, from -127 to 127, so about -4 to 4
export const REALS = 100; // digits of the test set that the page brings along
export const UNITS = 1024;
export const FACTORS = [0, 1, 2]; // a unit of G's last hidden layer is mute, as learnt, or boosted
export const STOPS = [2, 4]; // seeds of a walk
// Its pages:
export const LESSONS = ["game", "networks", "data", "objective", "turn", "code", "curves", "world", "quiz"];
export const STEPS = 40; // more than any page of the lesson has
// What a teacher may hide:
export const HIDDEN = ["tabs", "pages", "verdicts", "help", "saves", "folds", "settings", "own"];
export const FOLDS = ["more", "inside", "sheets", "ten"]; // the folded parts of Explore, each a bit

/** @type {Readonly<State>} */
export const DEFAULT = Object.freeze({
  tab: "explore",
  lang: "", // the browser's own
  epoch: LAST, // that Look inside, the plane and the walk show
  seeds: [7, 31, 30, 77], // corners of the plane; the first is the seed in the field
  at: [0, 0], // place on the plane, in PLACES
  moves: Array(DIRECTIONS).fill(0), // along the principal directions, in tenths
  temperature: 100, // in hundredths
  painted: [], // [index, value in 32nds], sorted by index
  units: [], // [index, factor], sorted by index
  unit: null, // the unit of G's last hidden layer that is pointed at; null is the strongest
  folds: 4, // which parts are open, a bit each
  real: null, // which of the hundred real digits lies beside; null is none
  sum: null, // how many templates of Look inside are added, strongest first; null is all
  route: [7, 31], // seeds of the walk
  path: "slerp",
  way: 100, // place on the walk, in PLACES
  moment: LAST, // epoch of the story that the handle stands at
  lesson: 1, // the page of the lesson that is open; Gradio keeps the name `page` of an address for itself
  step: 1, // of that page, in the projector view
  view: "", // "projector": type that the last row reads
  hide: [], // names of HIDDEN, in its order
});

/**
 * A whole number from `low` to `high`, written in the plainest way. Throws a RangeError for anything else.
 * @param {string} text
 * @param {number} low
 * @param {number} high
 */
function whole(text, low, high) {
  const number = Number(text);
  const fits = /^-?\d{1,5}$/.test(text) && number >= low && number <= high;
  if (!fits) throw new RangeError(`${text} is not ${low} to ${high}`);
  return number;
}

/**
 * @template {string | number} V
 * @param {string} text
 * @param {readonly V[]} allowed
 */
function oneOf(text, allowed) {
  const found = allowed.find((value) => String(value) === text);
  if (found === undefined) throw new RangeError(`${text} is none of ${allowed}`);
  return found;
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} least
 * @param {number} [most]
 * @returns {Field}
 */
const list = (low, high, least, most = least) => ({
  write: (values) => values.join("."),
  read: (text) => {
    const parts = text.split(".");
    if (parts.length < least || parts.length > most) throw new RangeError(`${parts.length} numbers`);
    return parts.map((part) => whole(part, low, high));
  },
});

/**
 * @param {number} low
 * @param {number} high
 * @returns {Field}
 */
const one = (low, high) => ({ write: String, read: (text) => whole(text, low, high) });

/**
 * @param {...(string | number)} allowed
 * @returns {Field}
 */
const choice = (...allowed) => ({ write: String, read: (text) => oneOf(text, allowed) });

/**
 * Pairs of an index and a small whole number, as 16-bit words in base64url: index x `values` + value - `low`.
 * @param {number} indices
 * @param {number} low
 * @param {number} values
 * @returns {Field}
 */
const pairs = (indices, low, values) => ({
  write: (/** @type {Entry[]} */ entries) => toBase64(entries.map(([index, value]) => index * values + value - low)),
  read: (text) => {
    const entries = fromBase64(text).map((word) => [Math.floor(word / values), (word % values) + low]);
    const ordered = entries.every(([index], i) => index < indices && (!i || index > entries[i - 1][0]));
    if (!ordered) throw new RangeError("indices are not in order");
    return entries;
  },
});

/** @param {readonly number[]} words */
function toBase64(words) {
  const bytes = words.flatMap((word) => [word >> 8, word & 255]);
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}

/** @param {string} text */
function fromBase64(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw new RangeError("no base64url");
  const bytes = Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  if (bytes.length % 2) throw new RangeError("half a word");
  return bytes.flatMap((byte, i) => (i % 2 ? [] : [byte * 256 + bytes[i + 1]]));
}

/**
 * How each field of the state is written in an address, and read from one.
 * @type {Record<keyof State, Field>}
 */
const FIELDS = {
  tab: choice(...TABS),
  lang: choice(...LANGUAGES),
  epoch: choice(...EPOCHS),
  seeds: list(0, SEEDS - 1, 4),
  at: list(0, PLACES, 2),
  moves: list(-TENTHS, TENTHS, DIRECTIONS),
  temperature: one(0, HUNDREDTHS),
  painted: pairs(LATENT, -127, 255),
  units: pairs(UNITS, 0, FACTORS.length),
  unit: one(0, UNITS - 1),
  folds: one(0, 2 ** FOLDS.length - 1),
  real: one(0, REALS - 1),
  sum: one(0, UNITS),
  route: list(0, SEEDS - 1, STOPS[0], STOPS[1]),
  path: choice("slerp", "lerp"),
  way: one(0, PLACES),
  moment: one(0, LAST),
  lesson: one(1, LESSONS.length),
  step: one(1, STEPS),
  view: choice("projector"),
  hide: {
    write: (/** @type {string[]} */ names) => names.join("."),
    read: (text) => {
      const names = text.split(".").map((name) => oneOf(name, HIDDEN));
      return HIDDEN.filter((name) => names.includes(name));
    },
  },
};

const NAMES = /** @type {(keyof State)[]} */ (Object.keys(FIELDS));

/**
 * Whether two states (or values of one field) are the same.
 * @param {unknown} a
 * @param {unknown} b
 */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** @type {(keyof State)[]} */
const OWN_NETWORK = ["epoch", "units", "unit", "sum"]; // what a network that only this visitor has cannot tell others
/** @type {(keyof State)[]} */
const UNCHECKED = ["tab", "lang", "moment", "lesson", "step", "view", "hide"]; // these may be written by hand

/**
 * What undo in a tab brings back.
 * @type {Record<string, (keyof State)[]>}
 */
export const UNDONE = {
  explore: ["epoch", "seeds", "at", "moves", "temperature", "painted", "units", "real", "sum"],
  interpolate: ["epoch", "route", "path", "way"],
  epochs: ["moment"],
};

/**
 * A state as the query of an address, without `?`, empty for DEFAULT. What else stands in `query` is kept. A check
 * value before the fields tells an address that was cut short, as messengers do, from a whole one.
 * @param {State} state
 * @param {string} [query]
 */
export function write(state, query = "") {
  const params = new URLSearchParams(query);
  const own = !EPOCHS.some((epoch) => epoch === state.epoch);
  /** @type {Partial<Record<keyof State, string>>} */
  const texts = {};
  for (const name of NAMES) {
    const theirs = !(own && OWN_NETWORK.includes(name));
    if (theirs && !same(state[name], DEFAULT[name])) texts[name] = FIELDS[name].write(state[name]);
  }
  for (const name of ["check", ...NAMES]) params.delete(name);
  const check = checkOf(texts);
  if (check) params.set("check", check);
  for (const [name, text] of Object.entries(texts)) params.set(name, text);
  return params.toString();
}

/**
 * A short text that changes with any of these fields; empty when there are none. FNV-1a.
 * @param {Partial<Record<keyof State, string>>} texts
 */
function checkOf(texts) {
  const fields = NAMES.filter((name) => name in texts && !UNCHECKED.includes(name));
  const joined = fields.map((name) => `${name}=${texts[name]}`).join("&");
  let hash = 0x811c9dc5;
  for (const letter of joined) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return joined && hash.toString(36);
}

/**
 * The language of a query whose rest may be damaged: in it the page says so.
 * @param {string} query
 */
export function languageOf(query) {
  const lang = new URLSearchParams(query).get("lang") ?? "";
  return LANGUAGES.includes(lang) ? lang : DEFAULT.lang;
}

/**
 * The state that a query stands for. Throws a RangeError for a damaged one; names that are not ours are ignored.
 * @param {string} query
 * @returns {State}
 */
export function read(query) {
  const params = new URLSearchParams(query);
  /** @type {Partial<Record<keyof State, string>>} */
  const texts = {};
  /** @type {Record<string, unknown>} */
  const found = {};
  for (const name of NAMES) {
    const text = only(params, name);
    if (text === undefined) continue;
    texts[name] = text;
    found[name] = FIELDS[name].read(text);
  }
  if ((only(params, "check") ?? "") !== checkOf(texts)) throw new RangeError("the address is not whole");
  return { ...DEFAULT, ...found };
}

/**
 * What stands under a name; undefined where nothing does. Throws a RangeError where it stands twice.
 * @param {URLSearchParams} params
 * @param {string} name
 */
function only(params, name) {
  const all = params.getAll(name);
  if (all.length > 1) throw new RangeError(`${name} stands twice`);
  return all.at(0);
}
