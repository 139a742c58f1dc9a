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
import { latentOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, FOLDS } from "../page/state.js";

/** @import { Forger, View } from "../types.d.ts" */
/** @typedef {(Float32Array | null)[]} Drawings by seed; null while it is not drawn */

const COUNT = 10;
const ENLARGED = 16; // files of 448 x 448
/** Seed to the figure of the lecture that shows such a drawing. @type {Record<number, string>} */
const FIGURES = { 0: "13-32", 8: "13-34", 9: "13-35" };
const NAME = "fake_images_img"; // the lecture's

/** @param {View} view */
export function mount(view) {
  const { element } = view;
  forgers.begin(view.asset);
  /** @type {Drawings} */
  const drawings = Array(COUNT).fill(null);
  const places = drawings.map((_, seed) => buildPlace(drawings, seed)),
    all = button("save_all", () => saveAll(drawings), { id: "ten-all", class: "save" });
  const choose = page.lookInto.bind(page);
  const epochs = forgerChoice({ id: "ten-epoch", legend: "epoch_choice", forgers, view, choose });
  part(element, "summary").append(slide("code", "13-34"));
  part(element, ".epochs").append(epochs.element);
  part(element, ".drawings").append(...places.map(({ figure }) => figure));
  part(element, ".acts").append(all);
  keepWorded(view, () => page.touch());
  const open = fold(part(element, "details"), 1 << FOLDS.indexOf("ten"), page);
  const wish = wishes(drawings, (seed, drawing, { key }) => {
    paint(places[seed].canvas, drawing);
    places[seed].canvas.dataset.epoch = String(key);
  });
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    epochs.show(state.epoch);
    const forger = forgers.all.get(state.epoch);
    if (forgers.ready && forger?.generator) wish(forger);
    for (const [seed, { save }] of places.entries()) rest(save, !drawings[seed]);
    rest(all, drawings.includes(null));
  });
}

/** @param {Drawings} drawings @param {number} seed */
function buildPlace(drawings, seed) {
  const number = seed + 1,
    canvas = h("canvas", {
      class: "pixels",
      width: SIDE,
      height: SIDE,
      role: "img",
      name: key("drawing", { number, seed }),
    });
  const keep = () => {
    const drawing = drawings[seed];
    if (drawing) savePng(drawing, ENLARGED, `${NAME}${seed}.png`);
  };
  const save = button(undefined, keep, { class: "save", name: key("save", { number }) }, "PNG"),
    mark = FIGURES[seed] ? slide("figure", FIGURES[seed]) : "";
  return { canvas, save, figure: h("figure", {}, canvas, save, mark) };
}

/**
 * What has a forger make the ten drawings, whenever it is another one than before.
 * @param {Drawings} drawings
 * @param {(seed: number, drawing: Float32Array, forger: Forger) => void} show
 */
function wishes(drawings, show) {
  /** @type {Forger | null} */
  let asked = null;
  const latents = () => drawings.map((_, seed) => latentOf({ ...DEFAULT, seeds: Array(4).fill(seed) }));
  return (/** @type {Forger} */ forger) => {
    if (forger !== asked) drawings.fill(null);
    asked = forger;
    /** @type {(seed: number, drawing: Float32Array) => void} */
    const put = (seed, drawing) => {
      drawings[seed] = drawing.slice();
      show(seed, drawing, forger);
      page.touch();
    };
    sheets.wish("ten", forger, COUNT, latents, put);
  };
}

/** @param {Drawings} drawings */
async function saveAll(drawings) {
  const made = drawings.flatMap((drawing, seed) => (drawing ? [{ drawing, name: `${NAME}${seed}.png` }] : []));
  if (made.length < COUNT) return; // some are still being drawn
  const files = made.map(async ({ drawing, name }) => {
    const png = await pngOf(drawing, ENLARGED);
    return { name, bytes: new Uint8Array(await png.arrayBuffer()) };
  });
  saveBlob(zip(await Promise.all(files)), `${NAME}.zip`);
}
