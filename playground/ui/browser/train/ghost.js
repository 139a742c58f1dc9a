// Before the first run: what the generator of the shipped run drew from the same 64 noises, from epoch to epoch.

import { contextOf } from "../engine/pixels.js";
import { part, setText } from "../kit/dom.js";

/** @import { View } from "../types.d.ts" */

// Most changes in the first epochs. A sheet has about 30 kB, so not all two hundred are fetched.
const EPOCHS = [0, 1, 2, 3, 5, 8, 12, 18, 25, 35, 50, 70, 90, 110, 130, 150, 175, 199];
const PACE = 350; // milliseconds that a sheet stays at least

/**
 * Play the shipped run once in a box, as soon as somebody sees it; who wants less motion sees its last epoch.
 * @param {HTMLElement} box
 * @param {View} view
 */
export function haunt(box, { asset, say, onLanguage }) {
  const canvas = /** @type {HTMLCanvasElement} */ (part(box, "canvas"));
  let epoch = EPOCHS[0];
  const tell = () => setText(part(box, "p"), say("ghost", { epoch }));
  const show = async (/** @type {number} */ next) => {
    const picture = new Image();
    picture.src = asset("checkpoints", `drawings/epoch-${String(next).padStart(3, "0")}.png`);
    await picture.decode();
    contextOf(canvas).drawImage(picture, 0, 0);
    epoch = next;
    tell();
  };
  const play = async () => {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const next of still ? EPOCHS.slice(-1) : EPOCHS) {
      if (box.hidden) return; // a run has begun
      await Promise.all([show(next), new Promise((go) => setTimeout(go, PACE))]);
    }
  };
  tell();
  onLanguage(tell);
  const seen = new IntersectionObserver((changes) => {
    if (!changes.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    play().catch(() => {}); // a sheet that does not come is no news: the next run draws its own
  });
  seen.observe(canvas);
}
