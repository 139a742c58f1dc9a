// The drawings once more, small, for parts of Explore that stand too far down to see the large ones.

import { paint, SIDE } from "../engine/pixels.js";
import { forgers } from "../page/forgers.js";
import { draw } from "../page/scene.js";
import { h } from "./dom.js";

/** {element, show(state)}: a strip of small drawings that stays at the top of the window while its part is in sight. */
export function strip() {
  const element = h("div", { class: "strip", "aria-hidden": "true" }),
    canvases = new WeakMap();
  return {
    element,
    show(state) {
      const ready = [...forgers.all.values()].filter((forger) => forgers.ready && forger.generator);
      for (const forger of ready) {
        if (!canvases.has(forger)) canvases.set(forger, h("canvas", { class: "pixels", width: SIDE, height: SIDE }));
        paint(canvases.get(forger), draw(state, forger));
      }
      const shown = ready.map((forger) => canvases.get(forger));
      if (shown.length !== element.childElementCount || shown.some((canvas, i) => element.children[i] !== canvas)) {
        element.replaceChildren(...shown);
      }
    },
  };
}
