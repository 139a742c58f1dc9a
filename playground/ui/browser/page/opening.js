// The first drawings, which come with the page: what is shown of the first state until a network has come.

import { contextOf, SIDE } from "../engine/pixels.js";
import { page } from "./page.js";
import { DEFAULT, same } from "./state.js";

/** @import { Epoch, State } from "../types.d.ts" */
/** @typedef {{ drawing: Float32Array, verdict: number }} First */
/** @typedef {{ epoch: number, picture: string, verdict: number }} Picture as a data URL */
/** @typedef {{ seed: number, all: Picture[] }} Sent */

/** What of a state the drawings depend on, beside the seed. @type {readonly (keyof State)[]} */
const MOVED = ["at", "moves", "temperature", "painted", "units"];

class Opening {
  /** @type {Map<Epoch, First>} */
  #all = new Map();
  #seed = -1;

  /**
   * Take what the page has brought, where it has brought something.
   * @param {Sent | null} sent
   */
  async begin(sent) {
    if (!sent) return;
    this.#seed = sent.seed;
    for (const { epoch, picture, verdict } of sent.all) this.#all.set(epoch, { drawing: await read(picture), verdict });
    page.touch();
  }

  /**
   * An epoch's first drawing, if the state is still the one that it is of.
   * @param {Epoch} epoch
   * @param {State} state
   */
  of(epoch, state) {
    const first = state.seeds[0] === this.#seed && MOVED.every((name) => same(state[name], DEFAULT[name]));
    return first ? this.#all.get(epoch) : undefined;
  }
}

/** The drawing of a picture of 28 x 28. @param {string} source */
async function read(source) {
  const picture = new Image(SIDE, SIDE);
  picture.src = source;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [SIDE, SIDE];
  contextOf(canvas).drawImage(picture, 0, 0);
  const { data } = contextOf(canvas).getImageData(0, 0, SIDE, SIDE);
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => data[4 * i] / 127.5 - 1);
}

export const opening = new Opening();
