// How it went: people and D on the same pictures, what each picture was, and both over the epochs. Knows neither
// rooms nor who plays.

import { SIDE } from "../engine/pixels.js";
import { h, key, speak } from "../kit/dom.js";
import { pointsOf, svg } from "../kit/plot.js";
import { language } from "../kit/view.js";
import { cut, FAKE, REAL } from "./hand.js";

/** @import { View } from "../types.d.ts" */
/** @typedef {[epoch: number, real: boolean, verdict: number]} Card as room/detective.py has it */
/** @typedef {[epoch: number, right: number, votes: number, convicted: number, pictures: number]} Share */
/**
 * What is shown. `who` is the key of who has played; `mine` what one has answered oneself, by picture.
 * @typedef {object} Played
 * @property {string} who
 * @property {CanvasImageSource | null} sheet
 * @property {number[]} places
 * @property {Card[]} cards
 * @property {number[][]} counts of a picture: how many said fake, and real
 * @property {Map<number, number>} [mine]
 * @property {Share[]} shares of all rounds, by epoch
 */

const GUESSING = 50; // per cent of pictures that are right by chance
const WIDE = 320, // of the plot
  HIGH = 150,
  LEFT = 40, // where its lines begin, beside what they stand for
  EDGE = 12, // above the highest one
  FOOT = 28; // below the lowest one

const percent = (/** @type {number} */ part, /** @type {number} */ whole) =>
  whole ? Math.round((100 * part) / whole) : 0;
const isRight = (/** @type {Card} */ [, real], /** @type {number} */ answer) => answer === (real ? REAL : FAKE);
const isConvicted = (/** @type {Card} */ [, real, verdict]) => verdict >= 0.5 === real;

/** Shares of several rounds together, by epoch. @param {Share[]} shares @returns {Share[]} */
export function together(shares) {
  /** @type {Map<number, Share>} */
  const sums = new Map();
  for (const share of shares) {
    const sum = sums.get(share[0]) ?? [share[0], 0, 0, 0, 0];
    sums.set(share[0], /** @type {Share} */ (sum.map((value, i) => (i ? value + share[i] : value))));
  }
  return [...sums.values()].sort((a, b) => a[0] - b[0]);
}

/** @param {View} view */
export function buildOutcome(view) {
  const element = h("div", { class: "outcome" });
  let shown = "";
  return {
    element,
    /** @param {Played | null} played */
    show(played) {
      const now = played ? JSON.stringify([played, Boolean(played.sheet), [...(played.mine ?? [])], language()]) : "";
      if (now === shown) return;
      shown = now;
      element.replaceChildren(...(played ? partsOf(played) : []));
      speak(element, view.say);
    },
  };
}

/** @param {Played} played */
function partsOf(played) {
  const { who, cards, counts, shares, mine } = played;
  const right = counts.reduce((sum, count, i) => sum + count[cards[i][1] ? REAL : FAKE], 0);
  const votes = counts.flat().reduce((sum, count) => sum + count, 0);
  const convicted = cards.filter(isConvicted).length;
  const own = [...(mine ?? [])];
  const ownRight = own.filter(([item, answer]) => isRight(cards[item], answer)).length;
  const bars = h(
    "div",
    { class: "shares" },
    ...(mine && who !== "you" ? [shareOf("you", ownRight, own.length)] : []),
    shareOf(who, right, votes),
    shareOf("d", convicted, cards.length),
    h("p", { class: "help", say: key("play_guessing", { percent: GUESSING }) }),
  );
  return [
    h("div", { class: "top" }, bars, ...(shares.length > 1 ? [plotOf(shares, who)] : [])),
    h("p", { class: "help", say: "play_reading" }),
    h("div", { class: "pictures" }, ...cards.map((_, item) => pictureOf(played, item))),
  ];
}

/** How many of the answers were right, as a bar. @param {string} who @param {number} right @param {number} of */
function shareOf(who, right, of) {
  const share = percent(right, of);
  const bar = h(
    "span",
    { class: "bar" },
    h("span", { class: "fill", style: `width: ${share}%` }),
    h("span", { class: "chance" }),
  );
  const said = of ? key("play_share", { percent: share, right, of }) : "play_share_none";
  return h(
    "p",
    { class: `share ${who}` },
    h("span", { class: "name", say: `play_${who}` }),
    bar,
    h("span", { class: "said", say: said }),
  );
}

/** A picture, what it was, and who took it for real. @param {Played} played @param {number} item */
function pictureOf({ sheet, places, cards, counts, mine, who }, item) {
  const card = cards[item];
  const [epoch, real, verdict] = card;
  const [said, votes] = [counts[item][REAL], counts[item][FAKE] + counts[item][REAL]];
  const own = mine?.get(item);
  const was = real ? "play_was_real" : key("play_was_fake", { epoch });
  const canvas = h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name: was });
  if (sheet) cut(canvas, sheet, places[item]);
  const mark = own === undefined ? "" : isRight(card, own) ? " ✓" : " ✗";
  const about = key(who === "you" ? "play_about_own" : "play_about", { said, votes, verdict: verdict.toFixed(2) });
  return h(
    "figure",
    { class: real ? "was-real" : "was-fake" },
    canvas,
    h("figcaption", {}, h("span", { say: was }), mark),
    h(
      "div",
      { class: "bar", role: "img", name: about },
      h("span", { class: "fill", style: `width: ${percent(said, votes)}%` }),
      h("span", { class: "verdict", style: `left: ${100 * verdict}%` }),
    ),
  );
}

// ---- people and D over the epochs ----

/** @param {Share[]} shares @param {string} who */
function plotOf(shares, who) {
  const across = (/** @type {number} */ i) => LEFT + ((i + 0.5) * (WIDE - LEFT)) / shares.length;
  const down = (/** @type {number} */ share) => HIGH - FOOT - (share * (HIGH - FOOT - EDGE)) / 100;
  const people = shares.map(([, right, votes]) => percent(right, votes));
  const d = shares.map(([, , , convicted, pictures]) => percent(convicted, pictures));
  const line = (/** @type {string} */ of, /** @type {number[]} */ values) => [
    svg("polyline", { class: of, points: pointsOf(values.map((value, i) => [across(i), down(value)])) }),
    ...values.map((value, i) => svg("circle", { class: of, cx: across(i), cy: down(value), r: 4 })),
  ];
  const names = shares.map(([epoch], i) =>
    svg("text", { class: "play_tick", x: across(i), y: HIGH - 6, "data-say": key("play_tick", { epoch }) }),
  );
  const levels = [0, GUESSING, 100].flatMap((share) => [
    svg("line", { class: share === GUESSING ? "chance" : "", x1: LEFT, x2: WIDE, y1: down(share), y2: down(share) }),
    svg("text", { class: "level", x: LEFT - 8, y: down(share) + 5 }, String(share)),
  ]);
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "data-name": key("play_plot", {}) },
    ...levels,
    ...line("people", people),
    ...line("d", d),
    ...names,
  );
  const legend = h(
    "p",
    { class: "lines" },
    h("span", { class: "people", say: `play_${who}` }),
    h("span", { class: "d", say: "play_d" }),
  );
  return h("div", { class: "over-epochs" }, h("h4", { say: "play_over_epochs" }), picture, legend);
}
