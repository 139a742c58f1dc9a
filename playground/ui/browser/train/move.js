// What a single step has changed, beside the buttons that make one.

import { part, setText } from "../kit/dom.js";
import { follow } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 * @typedef {import("./standing.js").Move} Move
 */

/** @type {Record<string, string>} */
const WHO = { discriminator: "who_discriminator", generator: "who_generator" };

/** @param {View} view */
export function mount(view) {
  const words = part(view.element, ".moved");
  follow("standing", view, (value) => setText(words, movedText(value?.move ?? null, view.say)));
}

/**
 * What a single step changed; empty where none was made.
 * @param {Move | null} move
 * @param {Say} say
 */
function movedText(move, say) {
  if (!move?.after) return "";
  const { before, after, players } = move;
  return say("moved", {
    who: say(players.length > 1 ? "who_both" : WHO[players[0]]),
    d_before: before.loss_d.toFixed(3),
    d_after: after.loss_d.toFixed(3),
    g_before: before.loss_g.toFixed(3),
    g_after: after.loss_g.toFixed(3),
    real_before: before.d_real.toFixed(3),
    real_after: after.d_real.toFixed(3),
    fake_before: before.d_fake.toFixed(3),
    fake_after: after.d_fake.toFixed(3),
  });
}
