// How a round of pictures is set: whose they are, how many, and how long one sees each. Knows neither rooms nor who
// plays.

import { h, key } from "../kit/dom.js";

/** What may be chosen, as room/rounds.py allows it. */
export const CHOICES = { epoch: [0, 100, 199, "mixed"], pictures: [6, 12, 24], seconds: [3, 5, 10] };
const USUAL = { epoch: "mixed", pictures: "12", seconds: "5" };

/** @typedef {{ epoch: number | "mixed", pictures: number, seconds: number }} Setting */

/**
 * Three fields. `value()` is what they are set to.
 * @param {string} id before the names of the fields
 * @param {Partial<Record<keyof Setting, string>>} [usual]
 */
export function buildSetting(id, usual = {}) {
  const chosen = { ...USUAL, ...usual };
  const epoch = fieldOf(id, "epoch", chosen.epoch, (option) =>
    option === "mixed" ? "play_mixed" : key("epoch_short", { epoch: option }),
  );
  const pictures = fieldOf(id, "pictures", chosen.pictures);
  const seconds = fieldOf(id, "seconds", chosen.seconds);
  return {
    elements: [epoch.element, pictures.element, seconds.element],
    /** @returns {Setting} */
    value: () => ({
      epoch: epoch.value() === "mixed" ? "mixed" : Number(epoch.value()),
      pictures: Number(pictures.value()),
      seconds: Number(seconds.value()),
    }),
  };
}

/**
 * A list to choose from; without `say` its options are their own words.
 * @param {string} id
 * @param {keyof Setting} name
 * @param {string} chosen
 * @param {(option: number | string) => string} [say]
 */
function fieldOf(id, name, chosen, say) {
  const options = CHOICES[name].map((option) => {
    const selected = String(option) === chosen;
    return say
      ? h("option", { value: option, selected, say: say(option) })
      : h("option", { value: option, selected }, String(option));
  });
  const field = h("select", { id: `${id}-${name}` }, ...options);
  return {
    element: h("label", { class: "choice" }, h("span", { say: `play_choose_${name}` }), field),
    value: () => field.value,
  };
}
