// The arrow of all diagrams: one shape that takes the colour and the size of the words around it. Dots run along it
// while something flows (cards.css). Knows no diagram.

import { svg } from "./plot.js";

/** Degrees from an arrow to the right. */
const TURNED = { right: 0, down: 90, left: 180, up: 270 };
const FLOWS = 800; // ms that dots run for

/** An arrow, for the eye alone. @param {keyof typeof TURNED} [direction] */
export function arrow(direction = "right") {
  const looks = { class: `way-to ${direction}`, viewBox: "0 0 24 24", "aria-hidden": "true" };
  const line = { fill: "none", stroke: "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round" };
  const shape = svg("path", { d: "M3 12H20M13.5 5.5L20 12L13.5 18.5", "stroke-width": 2.4, ...line });
  const dots = svg("path", { class: "dots", d: "M3 12H20", "stroke-width": 5, ...line });
  const turned = svg("g", { transform: `rotate(${TURNED[direction]} 12 12)` }, shape, dots);
  return svg("svg", looks, turned);
}

/**
 * What lets the dots run on all arrows below `box`, for a moment after each call.
 * @param {Element} box
 */
export function flowing(box) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  return () => {
    clearTimeout(rest);
    box.classList.add("flowing");
    rest = setTimeout(() => box.classList.remove("flowing"), FLOWS);
  };
}
