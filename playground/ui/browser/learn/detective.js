// Be the detective, alone: the pictures come in one file of the server, and D is the other player. Knows how a
// picture is judged and shown, no room.

import { EPOCHS } from "../engine/facts.js";
import { buildHand, FAKE, REAL, sheetAt } from "../game/hand.js";
import { buildOutcome, together } from "../game/outcome.js";
import { buildSetting } from "../game/setting.js";
import { button } from "../kit/button.js";
import { h, setHidden, setText } from "../kit/dom.js";
import { redrawn } from "./parts.js";

/** @import { Card, Share } from "../game/outcome.js" */
/** @import { Setting } from "../game/setting.js" */
/** @import { LessonView } from "./facts.d.ts" */
/** @typedef {{ sheet: HTMLImageElement, cards: Card[] }} Cards */

/** @param {LessonView} view */
export function buildDetective(view) {
  /** @type {Promise<Cards> | null} */
  let coming = null;
  /** @type {{ cards: Cards, places: number[], mine: Map<number, number> } | null} */
  let game = null;
  let over = false;
  const setting = buildSetting("alone");
  const said = h("p", { class: "said", role: "status" });
  const outcome = buildOutcome(view);
  const hand = buildHand(view, "alone", {
    answer: (item, answer) => answer === null || game?.mine.set(item, answer),
    done: () => finish(true),
  });
  const start = button("play_start", begin, { id: "alone-start" });
  const fields = h("div", { class: "fields" }, ...setting.elements, start);
  async function begin() {
    coming ??= fetchCards(view.asset("cards", "cards.json"));
    const cards = await coming.catch(() => null);
    setText(said, cards ? "" : view.say("play_failed"));
    if (!cards) {
      coming = null;
      return;
    }
    const chosen = setting.value();
    game = { cards, places: dealOf(cards.cards, chosen), mine: new Map() };
    finish(false);
    hand.play({ sheet: cards.sheet, places: game.places, seconds: chosen.seconds });
  }
  const finish = (/** @type {boolean} */ now) => {
    over = now;
    draw();
  };
  const draw = () => {
    setHidden(fields, game !== null && !over);
    hand.words();
    outcome.show(game && over ? playedOf(game.cards, game.places, game.mine) : null);
  };
  redrawn(view, draw);
  return h(
    "section",
    { class: "detective", id: "detective" },
    h("h4", { say: "play_alone" }),
    h("p", { say: "play_alone_help" }),
    fields,
    said,
    hand.element,
    outcome.element,
  );
}

/**
 * All pictures that one may play with. Rejects where they cannot be had.
 * @param {string} address
 * @returns {Promise<Cards>}
 */
async function fetchCards(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { sheet, cards } = await answer.json();
  return { sheet: await sheetAt(sheet), cards };
}

/** Which pictures come: of each epoch as many, half of them real. @param {Card[]} cards @param {Setting} setting */
function dealOf(cards, { epoch, pictures }) {
  const epochs = epoch === "mixed" ? EPOCHS : [epoch];
  const each = pictures / (2 * epochs.length);
  const places = shuffled(cards.map((_, place) => place));
  const kinds = epochs.flatMap((of) => [true, false].map((real) => [of, real]));
  return shuffled(
    kinds.flatMap(([of, real]) => places.filter((at) => cards[at][0] === of && cards[at][1] === real).slice(0, each)),
  );
}

/** @param {readonly number[]} values */
function shuffled(values) {
  const mixed = [...values];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}

/**
 * How it went, as outcome.js shows it.
 * @param {Cards} all
 * @param {number[]} places
 * @param {Map<number, number>} mine
 */
function playedOf({ sheet, cards }, places, mine) {
  const dealt = places.map((place) => cards[place]);
  const counts = dealt.map((_, item) => [FAKE, REAL].map((answer) => Number(mine.get(item) === answer)));
  const shares = dealt.map(([epoch, real, verdict], item) => {
    const right = counts[item][real ? REAL : FAKE];
    return /** @type {Share} */ ([epoch, right, Number(mine.has(item)), Number(verdict >= 0.5 === real), 1]);
  });
  return { who: "you", sheet, places, cards: dealt, counts, mine, shares: together(shares) };
}
