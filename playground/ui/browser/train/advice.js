// What D tells G: eight drawings, and under each the gradient of G's loss by its pixels.

import { part } from "../kit/dom.js";
import { follow } from "./live.js";

/** @param {import("../types.d.ts").View} view */
export function mount(view) {
  follow("advice", view, (value) => draw(view, value));
}

/**
 * @param {import("../types.d.ts").View} view
 * @param {{src: string, strength: number} | null} advice
 */
function draw({ element, say }, advice) {
  const image = part(element, "img");
  part(element, "summary").textContent = say("title");
  image.hidden = !advice;
  image.alt = say("name");
  if (advice) image.src = advice.src;
  part(element, ".words").textContent = advice
    ? say("help", { strength: advice.strength.toPrecision(2) })
    : say("empty");
}
