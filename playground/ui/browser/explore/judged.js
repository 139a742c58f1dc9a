// What the judge, a classifier of digits, sees in a drawing: told to those who cannot see it. It comes after all else.

import { loadTensors } from "../engine/arithmetic.js";
import { Judge, NOT_A_DIGIT } from "../engine/judge.js";
import { forgerName, inWords } from "../kit/dom.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { draw, verdictOf } from "../page/scene.js";

/** @import { Forger, State, View } from "../types.d.ts" */

/**
 * What lets each drawing's name say what the judge sees in it, once all networks are there. To be called when the hand
 * rests; `canvasOf` gives a forger's drawing.
 * @param {View} view
 * @param {(forger: Forger) => HTMLCanvasElement} canvasOf
 */
export function naming(view, canvasOf) {
  const see = judging(view);
  let told = "";
  /** @type {State | null} */
  let seen = null;
  return (/** @type {State} */ state) => {
    const all = [...forgers.all.values()];
    if (!forgers.ready || !all.every(({ generator }) => generator)) return;
    const drawn = all.map((forger) => ({ forger, drawing: draw(state, forger) }));
    if (!drawn.every(({ forger, drawing }) => verdictOf(forger, drawing) !== null)) return;
    const none = view.say("seen_none");
    const now = [none, ...all.map(({ name }) => name)].join();
    if (seen === state && told === now) return;
    for (const { forger, drawing } of drawn) {
      const digit = see(drawing);
      if (digit === undefined) return; // it is on its way
      const what = digit === null ? none : view.say("seen", { digit });
      canvasOf(forger).setAttribute("aria-label", `${inWords(forgerName(forger), view.say)}: ${what}`);
    }
    [seen, told] = [state, now];
  };
}

/**
 * What gives the digit that the judge sees in a drawing: null for no digit at all, undefined as long as the judge has
 * not come, which is fetched when it is asked first.
 * @param {Pick<View, "asset">} view
 */
function judging({ asset }) {
  /** @type {Judge | null} */
  let judge = null;
  let asked = false;
  const come = async () => {
    const answer = await fetch(asset("checkpoints", "judge.safetensors"));
    if (!answer.ok) return; // then the names stay as they are
    judge = new Judge(await answer.arrayBuffer(), await loadTensors((path) => asset("browser", path)));
    page.touch();
  };
  return (/** @type {Float32Array} */ drawing) => {
    if (!asked) come().catch(() => {});
    asked = true;
    if (!judge) return undefined;
    const { answers } = judge.examine(drawing);
    const best = answers.indexOf(Math.max(...answers));
    return best === NOT_A_DIGIT ? null : best;
  };
}
