// The same 64 noises, drawn after each epoch: pictures of the server, fetched as they come near.

import { h, key, speak } from "./dom.js";
import { page } from "./page.js";
import { LAST } from "./state.js";

const SIDE = 224; // pixels of a sheet
const NEAR = 12; // epochs ahead that are fetched while one looks

/** {element, show(epoch)}: a canvas that shows the sheet of an epoch as soon as it is there, and the last one until then. */
export function sheetOf({ asset, say }) {
  const pictures = new Map();
  const canvas = h("canvas", { class: "pixels", id: "story-sheet", role: "img", width: SIDE, height: SIDE });
  let wanted = 0;
  const fetchOne = (epoch) => {
    if (epoch > LAST || pictures.has(epoch)) return;
    const picture = new Image();
    picture.onload = () => page.touch();
    picture.onerror = () => pictures.delete(epoch); // tried again when it is wanted again
    picture.src = asset("checkpoints", `drawings/epoch-${String(epoch).padStart(3, "0")}.png`);
    pictures.set(epoch, picture);
  };
  const element = h("div", {}, canvas);
  return {
    element,
    show(epoch) {
      wanted = epoch;
      for (let near = 0; near <= NEAR; near++) fetchOne(wanted + near);
      const picture = pictures.get(wanted), named = key("sheet", { epoch });
      if (!picture?.complete || !picture.naturalWidth || canvas.dataset.epoch === String(epoch)) return;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      canvas.dataset.epoch = epoch;
      canvas.dataset.name = named;
      speak(element, say);
    },
  };
}
