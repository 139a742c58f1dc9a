// What plays by itself: a walk, a way, a sum. It stops as soon as a hand, the back button or another player moves something.

import { page } from "../page/page.js";
import { setText } from "./dom.js";

/** Let `button` play and pause. `begin()` is called at the start; `step(seconds)` gives the changes of the state for
 *  that much time and whether it has arrived: [changes, arrived]. `play` and `pause` are keys of the button's words. */
export function player({ button, play, pause, view, begin, step }) {
  let frame = 0,
    then = 0,
    shown = null;
  const label = () => {
    button.dataset.say = frame ? pause : play;
    setText(button, view.say(button.dataset.say));
  };
  const stop = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    label();
  };
  const go = (now) => {
    if (page.state !== shown) return stop(); // somebody else has set the state, and keeps it in the address
    const seconds = Math.max(0, now - then) / 1000; // a frame may be stamped before the click that asked for it
    then = Math.max(now, then);
    const [changes, arrived] = step(seconds);
    page.set(changes);
    shown = page.state;
    if (!arrived) return void (frame = requestAnimationFrame(go));
    stop();
    return page.commit();
  };
  button.addEventListener("click", () => {
    if (frame) {
      stop();
      page.commit();
      return;
    }
    begin();
    then = performance.now();
    shown = page.state;
    frame = requestAnimationFrame(go);
    label();
  });
}
