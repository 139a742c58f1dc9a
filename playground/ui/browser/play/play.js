// What a class plays together, in place of the tabs: what the teacher leads, and what a student answers. Knows which
// game is on, not how it is played.

import { keepWorded, part, setHidden } from "../kit/dom.js";
import { room } from "../room/room.js";
import { buildChoice, buildLead } from "./choice.js";
import { buildDetective } from "./detective.js";
import { buildQuestion } from "./question.js";
import { buildWall } from "./wall.js";

/** @import { View } from "../types.d.ts" */

/** @param {View} view */
export function mount(view) {
  const box = part(view.element, ".play");
  const choice = buildChoice(view),
    lead = buildLead(view),
    detective = buildDetective(view),
    question = buildQuestion(view),
    wall = buildWall(view);
  box.append(choice.element, lead.element, detective.element, question.element, wall.element);
  const keepPlace = keeperOf(box);
  const show = () => {
    const pressed = document.activeElement;
    const round = room.aside ? null : room.round;
    const choosing = room.steers && room.choosing;
    const shown = choosing || (round !== null && (room.steers || room.seat !== null));
    const trains = round?.kind === "wall" && !round.revealed && !room.steers; // beside the tabs, since one trains there
    document.documentElement.toggleAttribute("data-play", shown && !trains);
    setHidden(box, !shown);
    choice.show(choosing);
    lead.show(!choosing);
    detective.show(!choosing && round?.kind === "detective" ? round : null);
    question.show(!choosing && round?.kind === "question" ? round : null);
    wall.show(!choosing && round?.kind === "wall" ? round : null);
    keepPlace(pressed);
  };
  keepWorded(view, show);
  room.watch(show);
}

/**
 * What gives a hand by keyboard the next button, where the one it has pressed is gone: also later, when there is one.
 * @param {HTMLElement} box
 */
function keeperOf(box) {
  let lost = false;
  addEventListener("pointerdown", () => {
    lost = false; // no keyboard
  });
  return (/** @type {Element | null} */ pressed) => {
    if (pressed && box.contains(pressed) && !isShown(pressed)) lost = true;
    else if (pressed !== document.body) lost = false; // the hand has gone elsewhere
    if (!lost) return;
    const next = [...box.querySelectorAll("button")].find((each) => isShown(each) && !each.disabled);
    next?.focus({ preventScroll: true });
    lost = !next;
  };
}

/** @param {Element} element */
const isShown = (element) => element.getClientRects().length > 0;
