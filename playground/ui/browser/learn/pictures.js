// A small picture for each card of page 8: what goes into G, an arrow, and what comes out. Drawn here in the page's own
// hues; what a picture shows stands in the texts, for those who cannot see it.

import { arrow } from "../kit/arrow.js";
import { h } from "../kit/dom.js";
import { svg } from "../kit/plot.js";

/** @typedef {[look: string, d: string][]} Drawing paths in a box of 60 x 60, each with its look: see world.css */

const SIDE = 60,
  APART = 100; // from one box to the other

/** @type {Drawing} */
const NOISE = [
  [
    "ink",
    "M4 8h8v8h-8zM20 4h8v8h-8zM44 8h8v8h-8zM12 24h8v8h-8zM32 20h8v8h-8zM4 40h8v8h-8zM24 40h8v8h-8zM44 36h8v8h-8z",
  ],
  [
    "soft",
    "M12 4h8v8h-8zM32 4h8v8h-8zM4 20h8v8h-8zM24 28h8v8h-8zM44 24h8v8h-8zM16 48h8v8h-8zM36 48h8v8h-8zM36 32h8v8h-8z",
  ],
];
const HILLS = "M4 48L20 24L30 38L40 28L56 48Z";
const SUN = "M40 14a6 6 0 1 0 12 0a6 6 0 1 0 -12 0";
const SHOE = "M6 24C12 28 18 26 20 20L34 32C42 37 54 36 56 44V49H6Z";
const HEAD = "M30 5C15 5 9 17 9 29C9 45 19 55 30 55C41 55 51 45 51 29C51 17 45 5 30 5Z";
const BRAIN = "M30 13V48M22 17c-7 3-4 8-8 11c5 3 1 8 6 10c-1 5 4 7 6 7M38 17c7 3 4 8 8 11c-5 3-1 8-6 10c1 5-4 7-6 7";
const HOUSE = "M14 28L30 14L46 28V50H14ZM25 50V38H35V50";
const FACE = "M14 30a16 18 0 1 0 32 0a16 18 0 1 0 -32 0";
const LOOK = "M24 28v3M36 28v3M24 39c4 4 8 4 12 0";
/** @type {Drawing} */
const SCAN_CT = [["bone", HEAD]];
/** @type {Drawing} */
const SCAN_MRI = [
  ["thin", HEAD],
  ["tissue", BRAIN],
];

/** Card to what goes in and what comes out. @type {Record<string, [Drawing, Drawing]>} */
const PICTURES = {
  gaugan: [
    [
      ["detective", "M4 4H56V34H4Z"],
      ["real", HILLS],
      ["forger", "M4 44H56V56H4Z"],
    ],
    [
      ["sky", "M4 4H56V46H4Z"],
      ["forger", SUN],
      ["real", HILLS],
      ["line", HILLS],
      ["wave", "M6 50c6-4 10 4 16 0s10 4 16 0s10 4 16 0"],
    ],
  ],
  edges: [
    [["line", `${SHOE}M22 27l6-4M27 31l6-4`]],
    [
      ["forger", SHOE],
      ["detective", "M6 44H56V49H6Z"],
      ["line", `${SHOE}M22 27l6-4M27 31l6-4`],
    ],
  ],
  style: [
    [["line", `${HILLS}${SUN}`]],
    [
      ["stroke forger", "M8 14h12M24 9h10M10 22h9M44 14h8M42 9h6"],
      ["stroke real", "M12 42l8-12M22 44l6-8M32 42l8-10M42 44l4-8"],
      ["stroke detective", "M6 52h14M24 54h12M40 52h14"],
    ],
  ],
  animals: [
    [
      ["line", `${FACE}M16 20c-10 2-8 18-4 22M44 20c10 2 8 18 4 22`],
      ["line", "M24 27v3M36 27v3M27 37h6l-3 4z"],
    ],
    [
      ["forger", "M14 32L15 8L25 15H35L45 8L46 32C46 44 39 50 30 50S14 44 14 32Z"],
      ["line", "M24 27v3M36 27v3M27 37h6l-3 4zM8 36l10 2M52 36l-10 2"],
    ],
  ],
  words: [
    [["line", "M8 14H50M8 25H40M8 36H52M8 47H30"]],
    [
      ["forger", "M14 34C14 22 26 18 34 22C36 14 46 14 48 20L54 23L48 26C48 40 36 48 26 46L10 50Z"],
      ["line", "M42 20v1M24 34c6 4 10 2 14-4M28 46v8M34 45v8"],
    ],
  ],
  restore: [
    [
      ["real", HILLS],
      ["forger", SUN],
      ["hole", "M22 22H46V44H22Z"],
    ],
    [
      ["real", HILLS],
      ["forger", SUN],
      ["line", HILLS],
    ],
  ],
  deblur: [
    [
      ["ghost", "M8 28L24 14L40 28V50H8Z"],
      ["ghost", HOUSE],
      ["ghost", "M20 28L36 14L52 28V50H20Z"],
    ],
    [
      ["forger", "M14 28L30 14L46 28V50H14Z"],
      ["line", HOUSE],
    ],
  ],
  augment: [
    NOISE,
    [
      ["forger", "M5 30a25 25 0 1 0 50 0a25 25 0 1 0 -50 0"],
      ["pale", "M15 30a5 5 0 1 0 10 0a5 5 0 1 0 -10 0"],
      [
        "line",
        "M24 29C32 20 40 20 50 18M33 21c2-4 4-6 8-8M24 31C32 40 40 40 50 42M34 39c2 4 4 6 8 8M17 26c-2-6-2-8 0-12",
      ],
      ["line", "M17 34c-2 6-2 8 0 12"],
    ],
  ],
  ct_mri: [SCAN_CT, SCAN_MRI],
  mri_ct: [SCAN_MRI, SCAN_CT],
  faces: [
    NOISE,
    [
      ["hair", "M11 34C8 8 52 8 49 34L44 26C36 24 26 24 16 26Z"],
      ["skin", FACE],
      ["line", LOOK],
      ["hair", "M14 26C16 8 44 8 46 26C38 20 24 20 14 26Z"],
    ],
  ],
};

/** @param {string} name a card's */
export function pictureOf(name) {
  const [before, after] = PICTURES[name];
  const way = svg("g", { transform: "translate(68 18)" }, ...arrow().children);
  const whole = svg(
    "svg",
    { viewBox: `0 0 ${APART + SIDE} ${SIDE}`, "aria-hidden": "true" },
    box(before, 0),
    way,
    box(after, APART),
  );
  return h("div", { class: "picture", role: "img", name: `world_${name}_picture` }, whole);
}

/** @param {Drawing} drawing @param {number} x */
const box = (drawing, x) =>
  svg(
    "g",
    { transform: `translate(${x})` },
    svg("rect", { class: "frame", width: SIDE, height: SIDE, rx: 6 }),
    ...drawing.map(([look, d]) => svg("path", { class: look, d })),
  );
