// Sixty-four drawings of each epoch beside sixty-four real digits. Knows what each sheet shows; page/sheets.js has them
// drawn.

import { SEEDS } from "../engine/facts.js";
import { paint, SIDE } from "../engine/pixels.js";
import {
  fold,
  forgerName,
  h,
  keepWorded,
  key,
  part,
  replaceChildrenIfChanged,
  setAttribute,
  setHidden,
  speak,
} from "../kit/dom.js";
import { grid } from "../kit/grid.js";
import { EPOCH_FIGURES, slide } from "../kit/slides.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { reals } from "../page/reals.js";
import { latentOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, FOLDS } from "../page/state.js";

/** @import { Forger, Say, State, View } from "../types.d.ts" */

const SIDES = 8; // drawings along each side of a sheet

/** @param {View} view */
export function mount(view) {
  const { element, say } = view;
  forgers.begin(view.asset);
  const box = part(element, ".row");
  const real = realSheet();
  /** @type {WeakMap<Forger, ReturnType<typeof forgerSheet>>} */
  const known = new WeakMap();
  const sheetOf = (/** @type {Forger} */ forger) => {
    const one = known.get(forger) ?? forgerSheet(forger);
    known.set(forger, one);
    return one;
  };
  keepWorded(view, () => page.touch());
  const open = fold(part(element, "details"), 1 << FOLDS.indexOf("sheets"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    const all = [...forgers.all.values()];
    for (const forger of all) forger.use("generator");
    if (!forgers.ready) return;
    const figures = [...all.map((forger) => sheetOf(forger).figure), real.figure];
    if (replaceChildrenIfChanged(box, figures)) {
      setHidden(real.figure, !reals.picture);
      speak(box, say);
    }
    for (const forger of all) {
      wishSheet(state, forger, sheetOf(forger).canvas);
      sheetOf(forger).name(say);
    }
    real.draw();
  });
}

/** The sheet of real digits, drawn once they are there. */
function realSheet() {
  const made = sheet("real_sheet");
  let drawn = false;
  const draw = () => {
    if (drawn || !reals.digit(0)) return;
    for (let i = 0; i < SIDES * SIDES; i++) {
      const digit = reals.digit(i);
      if (digit) paint(made.canvas, digit, i % SIDES, Math.floor(i / SIDES));
    }
    drawn = true;
  };
  return { ...made, draw };
}

/** @param {string} caption @param {string} [figure] of the lecture */
function sheet(caption, figure) {
  const canvas = h("canvas", {
    class: "pixels",
    width: SIDES * SIDE,
    height: SIDES * SIDE,
    role: "img",
    name: caption,
  });
  const words = h("span", { say: caption });
  const below = h("figcaption", {}, words, figure ? slide("figure", figure) : "");
  return { canvas, words, figure: h("figure", {}, canvas, below) };
}

/**
 * A forger's sheet; a click or the Enter key takes the noise of one drawing in the hand.
 * @param {Forger} forger
 */
function forgerSheet(forger) {
  const made = sheet(
    forger.key === "own" ? forgerName(forger) : key("epoch", { epoch: forger.key }),
    EPOCH_FIGURES[forger.key],
  );
  const seedOf = (/** @type {number} */ i) => (page.state.seeds[0] + i) % SEEDS;
  let place = 0;
  const take = (/** @type {number} */ i) => {
    place = 0; // where the drawing that was taken now stands
    page.throwSeed(seedOf(i));
    page.commit();
    part(document, "#explore").scrollIntoView(); // to where its drawing is large
  };
  const point = (/** @type {number} */ i, /** @type {Event} */ event) => {
    if (event.type !== "keydown") return;
    place = i;
    cells.show(i);
    page.touch();
  };
  const cells = grid({ canvas: made.canvas, columns: () => SIDES, rows: () => SIDES, point, take });
  made.canvas.after(cells.cursor);
  delete made.canvas.dataset.name;
  const name = (/** @type {Say} */ say) => {
    setAttribute(made.canvas, "aria-label", say("take", { caption: made.words.textContent }));
    const values = { now: seedOf(place), min: 0, max: SEEDS - 1 };
    for (const [what, value] of Object.entries(values)) setAttribute(made.canvas, `aria-value${what}`, String(value));
  };
  return { ...made, name };
}

/**
 * The seed in the field and the 63 after it, moved as the hand has moved the directions.
 * @param {State} state
 * @param {Forger} forger
 * @param {HTMLCanvasElement} canvas
 */
function wishSheet({ seeds: [seed], moves, temperature }, forger, canvas) {
  const latent = (/** @type {number} */ i) =>
    latentOf({ ...DEFAULT, moves, temperature, seeds: Array(4).fill((seed + i) % SEEDS) });
  const latents = () => Array.from({ length: SIDES * SIDES }, (_, i) => latent(i));
  /** @type {(i: number, drawing: Float32Array) => void} */
  const put = (i, drawing) => paint(canvas, drawing, i % SIDES, Math.floor(i / SIDES));
  sheets.wish(forger, forger, [seed, moves, temperature], latents, put);
}
