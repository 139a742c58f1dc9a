// What tells runs apart where they are compared: a hue each, and in words what differs between them.

import { hue } from "../kit/plot.js";
import { say } from "./words.js";

/** @import { Differs } from "./shown.js" */

const HUES = /** @type {const} */ (["run-1", "run-2", "run-3", "run-4"]);
const ALL_IMAGES = 60_000; // that "all" are
const CHOICES = ["loss", "optimizer", "norm", "precision"]; // settings whose values have words

/**
 * The hue of each run, by name. A run keeps its hue when others come and go, unless another one has it already.
 * @param {string[]} names letters, in order
 */
export function huesOf(names) {
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const name of names) {
    const own = name.charCodeAt(0) - "A".charCodeAt(0);
    const free = HUES.map((_, n) => (own + n) % HUES.length).find((place) => ![...places.values()].includes(place));
    places.set(name, free ?? own % HUES.length);
  }
  return new Map([...places].map(([name, place]) => [name, hue(HUES[place])]));
}

/**
 * A run's name, and what differs: "B · D lr 0.01"; of many settings the first ones, at `most` so many.
 * @param {string} name
 * @param {Differs} differs
 * @param {number} [most]
 */
export const headed = (name, differs, most = 2) =>
  most && Object.keys(differs).length ? `${name} \u00b7 ${settings(differs, most)}` : name;

/** Settings and their values in words, at `most` so many. @param {Differs} differs @param {number} most */
export function settings(differs, most) {
  const told = Object.entries(differs).map(([setting, value]) => setTo(setting, value));
  const rest = told.length > most ? [say("differs.more", { count: told.length - most })] : [];
  return [...told.slice(0, most), ...rest].join(", ");
}

/** A setting and its value in a few words: "D lr 0.01". @param {string} name @param {unknown} value */
function setTo(name, value) {
  const option = `${name}.${value}`;
  if (name === "preset" || name === "recipe") return say(option);
  const setting = say(`differs.${name}`);
  return `${setting} ${CHOICES.includes(name) ? unexplained(say(option)) : written(value ?? ALL_IMAGES)}`;
}

/** Words without what explains them in parentheses. @param {string} words */
const unexplained = (words) => words.replace(/ \(.*/, "");

/** @param {unknown} value */
const written = (value) => (Array.isArray(value) ? value.join(", ") : String(value));
