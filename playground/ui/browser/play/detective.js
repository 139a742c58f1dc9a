// A round of pictures in a room: students judge, the teacher's page counts, and all see how it went. Knows the room,
// not how a picture is judged.

import { buildHand, sheetAt } from "../game/hand.js";
import { buildOutcome, together } from "../game/outcome.js";
import { h, setHidden, setText } from "../kit/dom.js";
import { room } from "../room/room.js";
import { votes } from "../room/votes.js";

/** @import { Round } from "../room/room.js" */
/** @import { View } from "../types.d.ts" */

const AGAIN = 2000; // ms after which a sheet is fetched again that did not come

/** @param {View} view */
export function buildDetective(view) {
  const title = h("h3", { say: "detective" });
  const wait = h("p", { class: "wait", role: "status" });
  const hand = buildHand(view, "vote", { answer: votes.give, pass: votes.pass, done: () => show(shown) });
  const outcome = buildOutcome(view);
  const element = h("div", { class: "detective" }, title, wait, hand.element, outcome.element);
  /** @type {Round | null} */
  let shown = null;
  let begun = ""; // the round that is played on this page
  /** @type {HTMLImageElement | null} */
  let sheet = null;
  const show = (/** @type {Round | null} */ round) => {
    shown = round;
    setHidden(element, !round);
    if (!round) {
      begun = "";
      hand.stop();
      return outcome.show(null);
    }
    begin(round);
    hand.words();
    if (round.revealed) hand.stop();
    setHidden(title, Boolean(room.seat) && !round.revealed);
    setHidden(wait, round.revealed || !hand.element.hidden);
    setText(wait, view.say(waitingFor(round)));
    if (round.revealed) outcome.show(played(round, sheet));
    else outcome.show(null);
  };
  /** Fetch the pictures, and let a student play. @param {Round} round */
  async function begin(round) {
    const name = `${room.code} ${round.number}`;
    if (begun === name) return;
    begun = name;
    sheet = null;
    hand.stop();
    const address = `${room.root}/room/${room.code}/sheets/${round.sheet}`;
    while (begun === name && !sheet) {
      const come = await sheetAt(address).catch(() => null);
      if (begun !== name) return; // a newer round has begun
      sheet = come;
      if (!sheet) await new Promise((go) => setTimeout(go, AGAIN));
    }
    await visible();
    if (begun !== name || !sheet) return;
    votes.send();
    const places = Array.from({ length: round.pictures ?? 0 }, (_, i) => i);
    const now = room.round;
    if (room.seat && now && !now.revealed) hand.play({ sheet, places, seconds: round.seconds ?? 0 }, votes.at);
    show(shown);
  }
  return { element, show };
}

/** Until this page is in front: of two tabs of a browser one plays. */
async function visible() {
  while (document.hidden) {
    await new Promise((go) => document.addEventListener("visibilitychange", go, { once: true }));
  }
}

/** What one is told who has nothing to do just now. @param {Round} round */
function waitingFor(round) {
  if (room.steers) return "running";
  if (votes.at < (round.pictures ?? 0)) return "fetching";
  return votes.open ? "sending" : "wait";
}

/** @param {Round} round @param {HTMLImageElement | null} sheet */
function played({ cards = [], counts = [] }, sheet) {
  const shares = together((room.news?.past ?? []).flatMap(({ epochs }) => epochs));
  const places = cards.map((_, i) => i);
  return { who: "class", sheet, places, cards, counts, mine: room.seat ? votes.given : undefined, shares };
}
