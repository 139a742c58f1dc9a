// What plays by itself: a walk, a way, a sum. It stops as soon as a hand, the back button or another player moves
// something. Knows the page's state, not what is played.

import { page } from "../page/page.js";
import { setText } from "./dom.js";

/** @import { State, View } from "../types.d.ts" */

/**
 * Let `button` play and pause. `begin()` is called at the start; `step(seconds)` gives the changes of the state for
 * that much time and whether it has arrived: [changes, arrived]. `play` and `pause` are keys of the button's words.
 * @param {{
 *   button: HTMLButtonElement, play: string, pause: string, view: View,
 *   begin: () => void, step: (seconds: number) => [Partial<State>, boolean],
 * }} player
 */
export function player({ button, play, pause, view, begin, step }) {
  let frame = 0;
  let then = 0;
  /** @type {State | null} */
  let shown = null;
  const label = () => {
    const word = frame ? pause : play;
    button.dataset.say = word;
    setText(button, view.say(word));
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    label();
  };
  const end = () => {
    stop();
    page.commit();
  };
  const go = (/** @type {number} */ now) => {
    if (page.state !== shown) return stop(); // somebody else has set the state, and keeps it in the address
    if (typing()) return end(); // a number that changes under the fingers cannot be typed
    const seconds = Math.max(0, now - then) / 1000; // a frame may be stamped before the click that asked for it
    then = Math.max(now, then);
    const [changes, arrived] = step(seconds);
    page.set(changes);
    shown = page.state;
    if (!arrived) {
      frame = requestAnimationFrame(go);
      return;
    }
    end();
  };
  button.addEventListener("click", () => {
    button.focus(); // which Safari does not do by itself: the hand has left the field that it typed into
    if (frame) return end();
    begin();
    then = performance.now();
    shown = page.state;
    frame = requestAnimationFrame(go);
    label();
  });
}

/** Whether somebody is in a field for numbers. */
function typing() {
  const { activeElement: field } = document;
  return field instanceof HTMLInputElement && field.type === "number";
}
