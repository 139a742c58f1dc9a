// What is said of this device's runs: why something could not be done, and what a change is called on the plot.

import { Refusal } from "../engine/config.js";
import { language, sayIn } from "../kit/view.js";
import { Refused } from "../live/workshop.js";

/** @typedef {import("../live/record.js").Mark} Mark */

/** A text of the page, by its whole key, in the page's language. @param {string} key @param {any} [values] */
export const say = (key, values = {}) => sayIn(language(), key, values);

/** Why something could not be done. @param {unknown} error */
export function explain(error) {
  if (error instanceof Refusal) return say(error.key, worded(error.values));
  if (error instanceof Refused) return say(`error.${error.message}`);
  const { name, message } = /** @type {{ name: string, message: string }} */ (error);
  if (name === "RangeError" || /memory/i.test(message)) return say("error.memory");
  if (name === "WorkerError") return say("error.worker");
  return say("error.fetch", { what: message });
}

/** The values of a refusal as words: the field by its name on the page. @param {any} values */
const worded = ({ field, got, options, ...values }) => ({
  ...values,
  field: say(`field.${field}`),
  got: got ?? say("error.nothing"),
  options: options?.join(", "),
});

/** What a change is called on the plot, in all languages. @param {Mark} mark */
export const wordsOf = ({ name, new: now }) =>
  Object.fromEntries(
    ["en", "ko"].map((lang) => {
      const value = name === "loss" ? sayIn(lang, `loss.${now}`) : String(now);
      return [lang, sayIn(lang, "chart.change", { what: sayIn(lang, `field.${name}`), new: value })];
    }),
  );
