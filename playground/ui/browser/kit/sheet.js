// The same 64 noises, drawn after each epoch: pictures of the server, fetched as they come near. Knows no tab.

import { LAST } from "../engine/facts.js";
import { contextOf } from "../engine/pixels.js";
import { page } from "../page/page.js";
import { h, key, speak } from "./dom.js";

/** @import { View } from "../types.d.ts" */

const SIDE = 224; // pixels of a sheet
const NEAR = 12; // epochs ahead that are fetched while one looks

/**
 * What gives the picture of an epoch's sheet as soon as it is there, null until then, and fetches the next ones.
 * @param {Pick<View, "asset">} view
 */
export function sheets({ asset }) {
  /** @type {Map<number, HTMLImageElement>} */
  const pictures = new Map();
  const fetchOne = (/** @type {number} */ epoch) => {
    if (epoch > LAST || pictures.has(epoch)) return;
    const picture = new Image();
    picture.onload = () => page.touch();
    picture.onerror = () => pictures.delete(epoch); // tried again when it is wanted again
    picture.src = asset("checkpoints", `drawings/epoch-${String(epoch).padStart(3, "0")}.png`);
    pictures.set(epoch, picture);
  };
  return (/** @type {number} */ epoch) => {
    for (let near = 0; near <= NEAR; near++) fetchOne(epoch + near);
    const picture = pictures.get(epoch);
    return picture?.complete && picture.naturalWidth ? picture : null;
  };
}

/**
 * {element, show(epoch)}: a canvas that shows the sheet of an epoch as soon as it is there, the last one until then.
 * @param {View} view
 */
export function sheetOf(view) {
  const canvas = h("canvas", { class: "pixels", id: "story-sheet", role: "img", width: SIDE, height: SIDE });
  const element = h("div", {}, canvas);
  const pictureOf = sheets(view);
  return {
    element,
    show(/** @type {number} */ epoch) {
      const picture = pictureOf(epoch);
      if (!picture || canvas.dataset.epoch === String(epoch)) return;
      contextOf(canvas).drawImage(picture, 0, 0);
      canvas.dataset.epoch = String(epoch);
      canvas.dataset.name = key("sheet", { epoch });
      speak(element, view.say);
    },
  };
}
