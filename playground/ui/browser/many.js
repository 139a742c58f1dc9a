// Sixty-four drawings of each epoch beside sixty-four real digits.

import { h, key, speak } from "./dom.js";
import { forgers } from "./forgers.js";
import { page } from "./page.js";
import { paint, SIDE } from "./pixels.js";
import { reals } from "./reals.js";
import { addMoves } from "./scene.js";
import { sheets } from "./sheets.js";
import { SEEDS } from "./state.js";

const SIDES = 8; // drawings along each side of a sheet

export function mount(view) {
  const { element, say, onLanguage } = view;
  const box = element.querySelector(".row"), shown = new WeakMap(); // forger to its sheet
  const real = sheet("real_sheet");
  const words = () => { speak(element, say); page.touch(); };
  onLanguage(words);
  words();
  const fold = element.querySelector("details");
  fold.addEventListener("toggle", () => page.touch());
  page.show((state) => {
    if (state.tab !== "explore" || !fold.open || !forgers.ready) return;
    const figures = [...forgers.all.values()].map((forger) => {
      if (!shown.has(forger)) shown.set(forger, forgerSheet(forger));
      return shown.get(forger).figure;
    });
    if (box.childElementCount !== figures.length + 1 || figures.some((figure, i) => box.children[i] !== figure)) {
      box.replaceChildren(...figures, real.figure);
      speak(box, say);
    }
    if (!page.busy) for (const forger of forgers.all.values()) wishSheet(state, forger, shown.get(forger).canvas);
    if (!real.drawn && reals.digit(0)) {
      for (let i = 0; i < SIDES * SIDES; i++) paint(real.canvas, reals.digit(i), i % SIDES, Math.floor(i / SIDES));
      real.drawn = true;
    }
  });
}

function sheet(caption) {
  const canvas = h("canvas", { class: "pixels", width: SIDES * SIDE, height: SIDES * SIDE, role: "img", name: caption });
  return { canvas, figure: h("figure", {}, canvas, h("figcaption", { say: caption })) };
}

/** A forger's sheet; a click takes the noise of the drawing that it meets in the hand. */
function forgerSheet(forger) {
  const made = sheet(forger.key === "own" ? "own_caption" : key("epoch", { epoch: forger.key }));
  made.canvas.addEventListener("click", (event) => {
    const { left, top, width, height } = made.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * SIDES), row = Math.floor(((event.clientY - top) / height) * SIDES);
    page.throwSeed((page.state.seeds[0] + row * SIDES + column) % SEEDS);
    page.commit();
  });
  return made;
}

/** The seed in the field and the 63 after it, moved as the hand has moved the directions. */
function wishSheet(state, forger, canvas) {
  const { seeds: [seed], moves, temperature } = state;
  const latents = Array.from({ length: SIDES * SIDES }, (_, i) => {
    const values = Float64Array.from(forgers.noise((seed + i) % SEEDS));
    addMoves(values, moves);
    return values.map((value) => (value * temperature) / 100);
  });
  sheets.wish(forger, forger, latents, JSON.stringify([seed, moves, temperature]), (i, drawing) =>
    paint(canvas, drawing, i % SIDES, Math.floor(i / SIDES)));
}
