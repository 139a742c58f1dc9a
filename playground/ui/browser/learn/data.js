// The data: the same digit and the same histogram in three scales, bytes, 0 to 1, and -1 to 1.

import { paint, SIDE } from "../engine/pixels.js";
import { button, press } from "../kit/button.js";
import { h, key, setText } from "../kit/dom.js";
import { many, percent, write } from "../kit/numbers.js";
import { slide, slides } from "../kit/slides.js";
import { bytesOf, drawingOf, jump, links, onSteps, redrawn, task, told } from "./parts.js";

/** @import { DataFacts, LessonPage, LessonView } from "./facts.d.ts" */
/** @typedef {{ digit: number, at: number }} Place the digit that is shown, and the pixel that is pointed at */

const DECADES = 3; // of the histograms' height: a thousandth of the pixels is nothing, all of them the full height
const COLUMNS = ["place", "byte", "share", "normal"]; // what is told of a pixel
const LINES = "transforms.ToTensor()\n  x = byte / 255\ntransforms.Normalize((0.5,), (0.5,))\n  x = (x - 0.5) / 0.5";

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { data } = view.facts;
  const values = valuesOf(data);
  const histograms = [
    histogram(key("data_before", values), data, ["0", "0.5", "1"]),
    histogram(key("data_after", values), data, ["−1", "0", "1"]),
  ];
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "data_lead" }), task("data_do"), buildDigit(view)),
      ...onSteps("2 3", h("h4", { say: "data_histograms" }), h("div", { class: "pair" }, ...histograms)),
      ...onSteps("2", h("p", { class: "help", say: key("data_heights", { images: many(data.images) }) })),
      ...onSteps(
        "3",
        told(view, "data_why", values),
        told(view, "data_careful", values),
        links(jump("data_explore", { tab: "explore", real: 0 }), jump("data_code", { lesson: 6 })),
      ),
    ],
  };
}

/** @param {DataFacts} data */
const valuesOf = ({ mean, std, mean_after, std_after, standardised: [low, high], black }) => ({
  mean: write(mean),
  std: write(std),
  mean_after: write(mean_after),
  std_after: write(std_after),
  low: write(low),
  high: write(high),
  black: percent(black),
});

// ---- a digit, and one of its pixels ----

/** @param {LessonView} view */
function buildDigit(view) {
  const { digits } = view.facts.data;
  /** @type {Place} */
  const place = { digit: 7, at: 14 * SIDE + 14 };
  const change = (/** @type {Partial<Place>} */ changes) => {
    Object.assign(place, changes);
    draw();
  };
  const canvas = buildCanvas(view, place, (at) => change({ at })),
    values = buildValues();
  const buttons = digits.map((_, digit) => button(undefined, () => change({ digit }), {}, String(digit)));
  const draw = () => {
    canvas.show(place, digits[place.digit]);
    values.show(place.at, bytesOf(digits[place.digit])[place.at]);
    press(buttons, (digit) => digit === place.digit);
  };
  redrawn(view, draw);
  const choices = h("div", { class: "choices", role: "group", name: "data_choice" }, ...buttons),
    lines = h("pre", { tabindex: 0, name: "data_line" }, LINES);
  return h(
    "div",
    { class: "digit" },
    canvas.element,
    h("div", {}, choices, values.element, slides(slide("code", "13-24")), lines),
  );
}

/**
 * The digit, whose pixels are pointed at with the mouse, a finger or the arrow keys.
 * @param {LessonView} view
 * @param {Place} place
 * @param {(at: number) => void} point
 */
function buildCanvas({ say }, place, point) {
  const size = { width: SIDE, height: SIDE };
  const canvas = h("canvas", { class: "pixels", id: "data-digit", ...size, tabindex: 0, role: "img" });
  const cursor = h("div", { class: "cursor" });
  const under = (/** @type {PointerEvent} */ event) => point(pixelUnder(event, canvas));
  canvas.addEventListener("pointerdown", under);
  canvas.addEventListener("pointermove", under);
  canvas.addEventListener("keydown", (event) => {
    const next = pixelBeside(place.at, event.key);
    if (next === null) return;
    event.preventDefault();
    point(next);
  });
  return {
    element: h("div", { class: "frame" }, canvas, cursor),
    show(/** @type {Place} */ { digit, at }, /** @type {string} */ image) {
      paint(canvas, drawingOf(image));
      canvas.setAttribute("aria-label", say("data_digit", { digit }));
      const { column, row } = cellOf(at);
      Object.assign(cursor.style, { left: `${(100 * column) / SIDE}%`, top: `${(100 * row) / SIDE}%` });
    },
  };
}

/** @param {number} at a pixel's number */
const cellOf = (at) => ({ column: at % SIDE, row: Math.floor(at / SIDE) });

/** @param {PointerEvent} event @param {HTMLElement} canvas */
function pixelUnder({ clientX, clientY }, canvas) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const within = (/** @type {number} */ share) => Math.max(0, Math.min(SIDE - 1, Math.floor(share * SIDE)));
  return within((clientY - top) / height) * SIDE + within((clientX - left) / width);
}

/**
 * The pixel that an arrow key leads to, the same one at an edge; null for another key.
 * @param {number} at
 * @param {string} key
 */
function pixelBeside(at, key) {
  const steps = new Map(Object.entries({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -SIDE, ArrowDown: SIDE }));
  const step = steps.get(key);
  if (!step) return null;
  const next = at + step;
  const wraps = Math.abs(step) === 1 && cellOf(next).row !== cellOf(at).row;
  return wraps || next < 0 || next >= SIDE * SIDE ? at : next;
}

/** A pixel's place and its value in the three scales. */
function buildValues() {
  const cells = COLUMNS.map((name) => h("dd", { "data-column": name }));
  const rows = COLUMNS.map((name, i) => h("div", { class: name }, h("dt", { say: `data_${name}` }), cells[i]));
  return {
    element: h("dl", { id: "data-values", "aria-live": "polite" }, ...rows),
    show(/** @type {number} */ at, /** @type {number} */ byte) {
      const { column, row } = cellOf(at);
      const told = [`${column}, ${row}`, String(byte), write(byte / 255, 3), write(byte / 127.5 - 1, 3)];
      for (const [i, cell] of cells.entries()) setText(cell, told[i]);
    },
  };
}

// ---- how often each value comes ----

/** @param {string} say @param {DataFacts} data @param {string[]} ticks */
function histogram(say, { histogram: shares, mean }, ticks) {
  const height = (/** @type {number} */ share) => Math.max(0, 1 + Math.log10(share) / DECADES);
  const bars = shares.map((share) => h("span", { style: `height: ${(100 * height(share)).toFixed(1)}%` }));
  const line = h("i", { style: `left: ${100 * mean}%` });
  return h(
    "figure",
    {},
    h("figcaption", { say }),
    h("div", { class: "bars", role: "img", name: say }, ...bars, line),
    h("p", { class: "ticks" }, ...ticks.map((tick) => h("span", {}, tick))),
  );
}
