// Ten drawings one by one, as the lecture's code 13-34 saves them: seeds 0 to 9, by the epoch that is chosen. Knows
// what the files are called; page/sheets.js has the drawings made.

import { paint, SIDE } from "../engine/pixels.js";
import { button, rest } from "../kit/button.js";
import { fold, forgerChoice, h, keepWorded, key, part } from "../kit/dom.js";
import { pngOf, saveBlob, savePng } from "../kit/save.js";
import { slide } from "../kit/slides.js";
import { zip } from "../kit/zip.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { drawExactly, latentOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, FOLDS } from "../page/state.js";

/** @import { Forger, View } from "../types.d.ts" */
/** @typedef {{ drawn: boolean[], forger: Forger | null }} Shown which seeds are drawn, and whose drawings they are */

const COUNT = 10;
const ENLARGED = 16; // files of 448 x 448
/** Seed to the figure of the lecture that shows such a drawing. @type {Record<number, string>} */
const FIGURES = { 0: "13-32", 8: "13-34", 9: "13-35" };
const NAME = "fake_images_img"; // the lecture's

/** @param {View} view */
export function mount(view) {
  const { element } = view;
  forgers.begin(view.asset);
  /** @type {Shown} */
  const shown = { drawn: Array(COUNT).fill(false), forger: null };
  const places = shown.drawn.map((_, seed) => buildPlace(shown, seed)),
    all = button("save_all", () => saveAll(shown), { id: "ten-all", class: "save" });
  const choose = page.lookInto.bind(page);
  const epochs = forgerChoice({ id: "ten-epoch", legend: "epoch_choice", forgers, view, choose });
  part(element, "summary").append(slide("code", "13-34"));
  part(element, ".epochs").append(epochs.element);
  part(element, ".drawings").append(...places.map(({ figure }) => figure));
  part(element, ".acts").append(all);
  keepWorded(view, () => page.touch());
  const open = fold(part(element, "details"), 1 << FOLDS.indexOf("ten"), page);
  const put = (/** @type {number} */ seed, /** @type {Float32Array} */ drawing) => {
    paint(places[seed].canvas, drawing);
    places[seed].canvas.dataset.epoch = String(shown.forger?.key);
    shown.drawn[seed] = true;
    page.touch();
  };
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    epochs.show(state.epoch);
    const forger = forgers.all.get(state.epoch);
    if (forger?.use("generator") && forgers.ready) wish(shown, forger, put);
    for (const [seed, { save }] of places.entries()) rest(save, !shown.drawn[seed]);
    rest(all, shown.drawn.includes(false));
  });
}

/** The noise of a seed, as nobody has moved it. @param {number} seed */
const stateOf = (seed) => ({ ...DEFAULT, seeds: Array(4).fill(seed) });

/** @param {Shown} shown @param {number} seed */
function buildPlace(shown, seed) {
  const number = seed + 1,
    canvas = h("canvas", {
      class: "pixels",
      width: SIDE,
      height: SIDE,
      role: "img",
      name: key("drawing", { number, seed }),
    });
  const keep = async () => {
    const drawing = shown.drawn[seed] && shown.forger && (await drawExactly(stateOf(seed), shown.forger));
    if (drawing) savePng(drawing, ENLARGED, `${NAME}${seed}.png`);
  };
  const save = button(undefined, keep, { class: "save", name: key("save", { number }) }, "PNG"),
    mark = FIGURES[seed] ? slide("figure", FIGURES[seed]) : "";
  return { canvas, save, figure: h("figure", {}, canvas, save, mark) };
}

/**
 * Have a forger make the ten drawings, whenever it is another one than before.
 * @param {Shown} shown
 * @param {Forger} forger
 * @param {(seed: number, drawing: Float32Array) => void} put
 */
function wish(shown, forger, put) {
  if (forger !== shown.forger) shown.drawn.fill(false);
  shown.forger = forger;
  sheets.wish("ten", forger, COUNT, () => shown.drawn.map((_, seed) => latentOf(stateOf(seed))), put);
}

/** @param {Shown} shown */
async function saveAll({ drawn, forger }) {
  if (drawn.includes(false) || !forger) return; // some are still being drawn
  const made = await Promise.all(drawn.map((_, seed) => drawExactly(stateOf(seed), forger)));
  const drawings = made.filter((drawing) => drawing !== null);
  if (drawings.length < COUNT) return; // the network in full precision could not be had: its card says so
  const files = drawings.map(async (drawing, seed) => {
    const png = await pngOf(drawing, ENLARGED);
    return { name: `${NAME}${seed}.png`, bytes: new Uint8Array(await png.arrayBuffer()) };
  });
  saveBlob(zip(await Promise.all(files)), `${NAME}.zip`);
}
