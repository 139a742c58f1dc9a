// The lecture's own numbers, quietly beside what they name: Figure 13-25, Code 13-31, Question 1. Knows no page.

import { h, key } from "./dom.js";

/** Epoch to the figure of the lecture that shows its drawings. @type {Record<string, string>} */
export const EPOCH_FIGURES = { 0: "13-25", 100: "13-27", 199: "13-30" };

/**
 * A mark with the number that the lecture gives to a thing.
 * @param {"figure" | "code" | "question"} kind
 * @param {string} number
 */
export const slide = (kind, number) =>
  h("span", { class: `slide ${kind}-${number}`, say: key(`slide_${kind}`, { number }) });

/** Marks in a line of their own. @param {...HTMLElement} marks */
export const slides = (...marks) => h("p", { class: "slides" }, ...marks);
