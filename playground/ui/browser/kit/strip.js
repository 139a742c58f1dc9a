// The drawings once more, small, for parts of Explore that stand too far down to see the large ones. Knows no tab.

import { paint, SIDE } from "../engine/pixels.js";
import { forgers } from "../page/forgers.js";
import { draw } from "../page/scene.js";
import { h, replaceChildrenIfChanged } from "./dom.js";

/** @import { Forger, State } from "../types.d.ts" */

/** {element, show(state)}: a strip of small drawings that stays at the top of the window while its part is in sight. */
export function strip() {
  const element = h("div", { class: "strip", "aria-hidden": "true" });
  /** @type {WeakMap<Forger, HTMLCanvasElement>} */
  const canvases = new WeakMap();
  const canvasOf = (/** @type {Forger} */ forger) => {
    const canvas = canvases.get(forger) ?? h("canvas", { class: "pixels", width: SIDE, height: SIDE });
    canvases.set(forger, canvas);
    return canvas;
  };
  return {
    element,
    show(/** @type {State} */ state) {
      const ready = [...forgers.all.values()].filter((forger) => forger.use("generator") && forgers.ready);
      for (const forger of ready) paint(canvasOf(forger), draw(state, forger));
      replaceChildrenIfChanged(element, ready.map(canvasOf));
    },
  };
}
