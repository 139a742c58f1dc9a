// The arrow of all diagrams: one shape that takes the colour and the size of the words around it. Knows no diagram.

import { svg } from "./plot.js";

/** Degrees from an arrow to the right. */
const TURNED = { right: 0, down: 90, left: 180, up: 270 };

/** An arrow, for the eye alone. @param {keyof typeof TURNED} [direction] */
export function arrow(direction = "right") {
  const looks = { class: `way-to ${direction}`, viewBox: "0 0 24 24", "aria-hidden": "true" };
  const line = { fill: "none", stroke: "currentColor", "stroke-width": 2.4, "stroke-linecap": "round" };
  const turned = { transform: `rotate(${TURNED[direction]} 12 12)`, "stroke-linejoin": "round" };
  return svg("svg", looks, svg("path", { d: "M3 12H20M13.5 5.5L20 12L13.5 18.5", ...line, ...turned }));
}
