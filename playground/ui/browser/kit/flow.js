// The arrow along which something flows: dots run along it while that is new. Knows no tab; page.css moves the dots.

import { svg } from "./plot.js";

const FLOWS = 800; // ms that dots run for

/** An arrow that points down, in the colour of the text. */
export const flow = () =>
  svg(
    "svg",
    { class: "flow", viewBox: "0 0 16 24", "aria-hidden": "true" },
    svg("path", { class: "shaft", d: "M8 1V20" }),
    svg("path", { class: "dots", d: "M8 1V20" }),
    svg("path", { class: "tip", d: "M3 15L8 22L13 15" }),
  );

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
