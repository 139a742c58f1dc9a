// The tab's fields as a config and back, as playground/ui/tabs/train/controls.py reads and fills them.

import { makeConfig } from "../engine/config.js";
import { Refused } from "../live/workshop.js";

/** @import { Rules } from "../engine/config.js" */
/** @import { Config } from "../types.d.ts" */
/** @typedef {{ [name: string]: any }} Fields what Gradio's fields hold, by their names */
/** @typedef {{ [name: string]: any }} Updates what becomes of components, by their names */

const ALL_IMAGES = 60_000; // stands for all: an empty field sends 0
const EPOCHS = 200; // the lecture's, offered where none are asked for
export const ENDLESS = 10_000_000; // epochs, where the budget is another, or there is none

/**
 * The fields as a config. Throws a Refusal for a bad value, and Refused for a loss that a browser cannot learn by.
 * @param {Fields} given
 * @param {{ rules?: Rules, facts?: { losses: string[] } }} props
 * @returns {Config}
 */
export function configOf(given, props) {
  const {
    point: _,
    preset: __,
    recipe: ___,
    begin: ____,
    visitor: _____,
    budget,
    amount,
    images,
    widths_g,
    widths_d,
    ...fields
  } = given;
  const endless = budget === "epochs" ? {} : { epochs: ENDLESS };
  const lists = { widths_g: numbersOf(widths_g), widths_d: numbersOf(widths_d) };
  const counted = budget === "endless" ? {} : { [budget]: amount };
  const chosen = { ...fields, ...endless, ...lists, images: images === ALL_IMAGES ? null : images, ...counted };
  const config = makeConfig(chosen, props.rules ?? {});
  checkLoss(config, props.facts);
  return config;
}

/**
 * Throws Refused for a loss that only the server computes.
 * @param {Config} config
 * @param {{ losses: string[] }} [facts] the losses of this device
 */
export function checkLoss({ loss }, facts) {
  if (!facts?.losses.includes(loss)) throw new Refused("device_loss");
}

/** Whole numbers with commas between them as a list; anything else as it came. @param {unknown} text */
function numbersOf(text) {
  const parts = String(text)
    .split(",")
    .map((part) => part.trim());
  return parts.every((part) => /^\d{1,9}$/.test(part)) ? parts.map(Number) : text;
}

/**
 * A config as the fields show it, and where a run with it begins.
 * @param {Config} config
 * @param {string} origin
 * @returns {Updates}
 */
export function fieldsOf(config, origin) {
  const counted = config.epochs < ENDLESS ? "epochs" : "endless";
  const budget = config.seconds !== null ? "seconds" : config.steps !== null ? "steps" : counted;
  const shown = {
    ...config,
    budget,
    amount: budget === "endless" ? EPOCHS : config[budget],
    begin: /^\d+$/.test(origin) ? Number(origin) : "scratch",
    images: config.images ?? ALL_IMAGES,
    widths_g: config.widths_g.join(", "),
    widths_d: config.widths_d.join(", "),
  };
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, { value }]));
}
