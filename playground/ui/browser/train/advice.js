// What D tells G: eight drawings, and under each the gradient of G's loss by its pixels.

import { find } from "../kit/dom.js";
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
  const image = find(element, "img");
  find(element, "summary").textContent = say("title");
  image.hidden = !advice;
  image.alt = say("name");
  if (advice) image.src = advice.src;
  find(element, ".words").textContent = advice
    ? say("help", { strength: advice.strength.toPrecision(2) })
    : say("empty");
}
