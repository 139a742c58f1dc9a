// Buttons: made in a line each, marked as pressed or as resting, and in a row one stop for the Tab key.

import { h, setAttribute } from "./dom.js";

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
  for (const [i, each] of buttons.entries()) setAttribute(each, "aria-pressed", String(isChosen(i)));
}

/**
 * Grey out a button while it has nothing to do. It keeps the focus, which a disabled one would lose.
 * @param {HTMLElement} each
 * @param {boolean} rests
 */
export const rest = (each, rests) => setAttribute(each, "aria-disabled", String(rests));

const STEPS = new Map([
  ["ArrowRight", 1],
  ["ArrowDown", 1],
  ["ArrowLeft", -1],
  ["ArrowUp", -1],
]);
const isChosen = (/** @type {Element} */ each) => each.matches("[aria-pressed=true], [aria-selected=true]");

/**
 * Make a row of buttons one stop for the Tab key: the chosen one. Arrow keys go on from there.
 * @param {HTMLElement} row
 */
export function oneStop(row) {
  const all = () => [...row.querySelectorAll("button")].filter((each) => each.checkVisibility());
  const stopAt = (/** @type {Element | undefined} */ stop) => {
    for (const each of all()) each.tabIndex = each === stop ? 0 : -1;
  };
  const settle = () => stopAt(all().find(isChosen) ?? all()[0]);
  row.addEventListener("focusin", ({ target }) => stopAt(target instanceof Element ? target : undefined));
  row.addEventListener("focusout", settle);
  row.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = event.target instanceof HTMLButtonElement ? buttons.indexOf(event.target) : -1;
    const step = STEPS.get(event.key);
    if (at < 0 || !step) return;
    event.preventDefault();
    buttons[(at + step + buttons.length) % buttons.length].focus();
  });
  const watched = { subtree: true, childList: true, attributeFilter: ["aria-pressed", "aria-selected"] };
  new MutationObserver(settle).observe(row, watched);
  new ResizeObserver(settle).observe(row);
}
