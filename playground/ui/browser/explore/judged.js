// What the judge, a classifier of digits, sees in a drawing: told to those who cannot see it. It comes after all else.

import { loadTensors } from "../engine/arithmetic.js";
import { Judge, NOT_A_DIGIT } from "../engine/judge.js";
import { page } from "../page/page.js";

/** @import { View } from "../types.d.ts" */

/**
 * What gives the digit that the judge sees in a drawing: null for no digit at all, undefined as long as the judge has
 * not come, which is fetched when it is asked first.
 * @param {Pick<View, "asset">} view
 */
export function judging({ asset }) {
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
