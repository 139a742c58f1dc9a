// What is said of this device's runs: why something could not be done.

import { Refusal } from "../engine/config.js";
import { language, sayIn } from "../kit/view.js";
import { Refused } from "../live/workshop.js";
import { Answered, Lost } from "./moving.js";

/** A text of the page, by its whole key, in the page's language. @param {string} key @param {any} [values] */
export const say = (key, values = {}) => sayIn(language(), key, values);

/** Why something could not be done. @param {unknown} error */
export function explain(error) {
  if (error instanceof Refusal) return say(error.key, worded(error.values));
  if (error instanceof Refused) return say(`error.${error.message}`);
  if (error instanceof Answered) return error.message;
  if (error instanceof Lost) return say("error.way");
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
