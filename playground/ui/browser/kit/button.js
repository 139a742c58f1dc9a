// Buttons: made in a line each, and marked as pressed or as resting.

import { h } from "./dom.js";

/**
 * A button with the words of a key (or with `children` and none) that calls `act`.
 * @param {string | undefined} say
 * @param {(event: Event) => void} act
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 */
export const button = (say, act, attributes = {}, ...children) =>
  h("button", { type: "button", ...attributes, say, on: { click: act } }, ...children);

/**
 * Mark those that are chosen as pressed.
 * @param {HTMLElement[]} buttons
 * @param {(index: number) => boolean} isChosen
 */
export function press(buttons, isChosen) {
  for (const [i, each] of buttons.entries()) each.setAttribute("aria-pressed", String(isChosen(i)));
}

/**
 * Grey out a button while it has nothing to do. It keeps the focus, which a disabled one would lose.
 * @param {HTMLElement} each
 * @param {boolean} rests
 */
export const rest = (each, rests) => each.setAttribute("aria-disabled", String(rests));
