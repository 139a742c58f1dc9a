// The tab's buttons and radios by their ids: whose clicks are this device's, and when.

import { SAVES } from "./leaving.js";

export const STEPS = /** @type {const} */ ({
  "train-step-d": ["discriminator"],
  "train-step-g": ["generator"],
  "train-step-both": ["discriminator", "generator"],
});

export const TO_SERVER = "train-to-server";
export const TO_DEVICE = "train-to-device"; // this device's also while the server is chosen
/** Buttons whose clicks are this device's while it is chosen. */
export const OWN = [
  "start",
  "pause",
  "go-on",
  "more",
  "stop",
  "step-d",
  "step-g",
  "step-both",
  "fork",
  "drop",
  "reset",
  "undo",
]
  .map((name) => `train-${name}`)
  .concat("train-explore", "recipe-cure", Object.keys(SAVES), TO_SERVER, TO_DEVICE);
export const ENDINGS = ["train-pause", "train-stop"];
/** Radios whose choices are this device's while it is chosen, by their ids, and what they want. */
export const CHOICES = /** @type {{ [id: string]: string }} */ ({
  point: "refresh",
  preset: "preset",
  recipe: "recipe",
});
/** What cannot be pressed while a run trains. */
export const IDLE = ["recipe", "start", "fork", "drop", "reset", "step_d", "step_g", "step_both"];
