// The lecture's own numbers, quietly beside what they name: Figure 13-25, Code 13-31, Question 1. Knows no page.

import { h, key } from "./dom.js";

/**
 * A mark with the number that the lecture gives to a thing.
 * @param {"figure" | "code" | "question"} kind
 * @param {string} number
 */
export const slide = (kind, number) =>
  h("span", { class: `slide ${kind}-${number}`, say: key(`slide_${kind}`, { number }) });

/** Marks in a line of their own. @param {...HTMLElement} marks */
export const slides = (...marks) => h("p", { class: "slides" }, ...marks);
