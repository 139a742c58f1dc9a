// Numbers as the page writes them, in every language alike.

import { LEVELS } from "../engine/facts.js";

/** A number with `places` decimals and a true minus, never −0.00. @param {number} x */
export const write = (x, places = 2) => (Number(x.toFixed(places)) || 0).toFixed(places).replace("-", "−");

/** A large whole number, as 60,000. @param {number} number */
export const many = (number) => number.toLocaleString("en");

/** A share (0 to 1) in whole percent. @param {number} share */
export const percent = (share) => `${(100 * share).toFixed(0)} %`;

/** An epoch as files and elements are named after it, as 007. @param {number} epoch */
export const padded = (epoch) => String(epoch).padStart(3, "0");

/** The losses where D tells nothing apart, as words name them. @param {number} places decimals */
export const levelsInWords = (places) => ({
  level_d: LEVELS.loss_d.toFixed(places),
  level_g: LEVELS.loss_g.toFixed(places),
});
