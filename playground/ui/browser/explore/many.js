// Sixty-four drawings of each epoch beside sixty-four real digits.

import { paint, SIDE } from "../engine/pixels.js";
import { fold, h, key, speak } from "../kit/dom.js";
import { grid } from "../kit/grid.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { reals } from "../page/reals.js";
import { latentOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, FOLDS, SEEDS } from "../page/state.js";

const SIDES = 8; // drawings along each side of a sheet

export function mount(view) {
  const { element, say, onLanguage } = view;
  const box = element.querySelector(".row"),
    shown = new WeakMap(); // forger to its sheet
  const real = sheet("real_sheet");
  const words = () => {
    speak(element, say);
    page.touch();
  };
  onLanguage(words);
  words();
  const open = fold(element.querySelector("details"), 1 << FOLDS.indexOf("sheets"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore" || !forgers.ready) return;
    const figures = [...forgers.all.values()].map((forger) => {
      if (!shown.has(forger)) shown.set(forger, forgerSheet(forger));
      return shown.get(forger).figure;
    });
    if (box.childElementCount !== figures.length + 1 || figures.some((figure, i) => box.children[i] !== figure)) {
      real.figure.hidden = !reals.picture;
      box.replaceChildren(...figures, real.figure);
      speak(box, say);
    }
    for (const forger of forgers.all.values()) {
      wishSheet(state, forger, shown.get(forger).canvas);
      shown.get(forger).name(say);
    }
    if (!real.drawn && reals.digit(0)) {
      for (let i = 0; i < SIDES * SIDES; i++) paint(real.canvas, reals.digit(i), i % SIDES, Math.floor(i / SIDES));
      real.drawn = true;
    }
  });
}

function sheet(caption) {
  const canvas = h("canvas", {
    class: "pixels",
    width: SIDES * SIDE,
    height: SIDES * SIDE,
    role: "img",
    name: caption,
  });
  return { canvas, figure: h("figure", {}, canvas, h("figcaption", { say: caption })) };
}

/** A forger's sheet; a click or the Enter key takes the noise of one drawing in the hand. */
function forgerSheet(forger) {
  const made = sheet(forger.key === "own" ? "own_caption" : key("epoch", { epoch: forger.key }));
  const seedOf = (i) => (page.state.seeds[0] + i) % SEEDS;
  let place = 0;
  const take = (i) => {
    place = 0; // where the drawing that was taken now stands
    page.throwSeed(seedOf(i));
    page.commit();
    document.getElementById("explore").scrollIntoView(); // to where its drawing is large
  };
  const point = (i, event) => {
    if (event.type !== "keydown") return;
    place = i;
    cells.show(i);
    page.touch();
  };
  const cells = grid({ canvas: made.canvas, columns: () => SIDES, rows: () => SIDES, point, take });
  made.canvas.after(cells.cursor);
  delete made.canvas.dataset.name;
  const name = (say) => {
    made.canvas.setAttribute("aria-label", say("take", { caption: made.figure.textContent }));
    for (const [what, value] of [
      ["now", seedOf(place)],
      ["min", 0],
      ["max", SEEDS - 1],
    ])
      made.canvas.setAttribute(`aria-value${what}`, value);
  };
  return { ...made, name };
}

/** The seed in the field and the 63 after it, moved as the hand has moved the directions. */
function wishSheet(state, forger, canvas) {
  const {
    seeds: [seed],
    moves,
    temperature,
  } = state;
  const latents = () =>
    Array.from({ length: SIDES * SIDES }, (_, i) =>
      latentOf({ ...DEFAULT, moves, temperature, seeds: Array(4).fill((seed + i) % SEEDS) }),
    );
  const put = (i, drawing) => paint(canvas, drawing, i % SIDES, Math.floor(i / SIDES));
  sheets.wish(forger, forger, [seed, moves, temperature], latents, put);
}
