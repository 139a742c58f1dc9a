// A slider for a number field of Gradio's: the quick way to set it. The field stays the one place of the value, takes
// what lies between the slider's stops, and tells of each change, whoever made it (`ganDial`).

import { keepWorded, part } from "../kit/dom.js";

/** @import { View } from "../types.d.ts" */

const REST = 400; // ms after which a run follows

/** @type {Record<string, (value: number) => void>} */
const dials = {}; // by setting

/** @param {View} view */
export function mount(view) {
  /** @type {{ setting: string, stops: number[] }} */
  const { setting, stops } = /** @type {any} */ (view.props);
  const slider = part(view.element, "input");
  const field = /** @type {HTMLInputElement} */ (part(document, `#set-${setting} input`));
  slider.max = String(stops.length - 1);
  const show = (/** @type {number} */ value) => {
    slider.value = String(nearest(value, stops));
    slider.setAttribute("aria-valuetext", String(value));
  };
  slider.addEventListener("input", () => {
    field.value = String(stops[Number(slider.value)]);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    show(Number(field.value));
  });
  // Gradio asks what a run under way follows when the field is left. A key that is pressed again changes it further.
  let rest = 0;
  slider.addEventListener("change", () => {
    clearTimeout(rest);
    rest = window.setTimeout(() => field.dispatchEvent(new FocusEvent("blur")), REST);
  });
  keepWorded(view, () => slider.setAttribute("aria-label", view.say(setting)));
  dials[setting] = show;
  show(Number(field.value));
  Reflect.set(window, "ganDial", (/** @type {string} */ name, /** @type {number} */ value) => dials[name]?.(value));
}

/**
 * The place of the stop next to a value, by their ratio: 0.001 lies between 0.0001 and 0.01.
 * @param {number} value
 * @param {number[]} stops
 */
function nearest(value, stops) {
  const far = (/** @type {number} */ stop) => Math.abs(Math.log(Math.max(value, 1e-9) / stop));
  return stops.reduce((best, stop, n) => (far(stop) < far(stops[best]) ? n : best), 0);
}
