// What D tells G: eight drawings, and under each the gradient of G's loss by its pixels.

import { follow } from "./live.js";

export function mount(view) {
  const { element, say } = view;
  follow("advice", view, (value) => {
    const image = element.querySelector("img"),
      { src, strength } = value || {};
    element.querySelector("summary").textContent = say("title");
    image.hidden = !src;
    image.alt = say("name");
    if (src) image.src = src;
    element.querySelector(".words").textContent = src
      ? say("help", { strength: strength.toPrecision(2) })
      : say("empty");
  });
}
