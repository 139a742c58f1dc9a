// The data: the same digit and the same histogram in three scales, bytes, 0 to 1, and -1 to 1.

import { paint, SIDE } from "../engine/pixels.js";
import { h, key, setText } from "../kit/dom.js";

const DECADES = 3; // of the histograms' height: a thousandth of the pixels is nothing, all of them the full height

/** An image of the data, 784 bytes in base64, as the networks see it: numbers from -1 to 1. */
export const drawingOf = (text) => Float32Array.from(bytesOf(text), (byte) => byte / 127.5 - 1);
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

export function build(view) {
  const {
    facts: { data },
    say,
    onLanguage,
  } = view;
  const told = (name) => {
    const element = h("p", {});
    const draw = () => setText(element, say(name, valuesOf(data)));
    onLanguage(draw);
    draw();
    return element;
  };
  const digit = buildDigit(view);
  return {
    elements: [
      h("p", { class: "lead", say: "data_lead" }),
      h("div", { class: "do" }, h("p", { say: "data_do" })),
      digit.element,
      h("h4", { say: "data_histograms" }),
      h(
        "div",
        { class: "pair" },
        histogram("data_before", data, ["0", "0.5", "1"]),
        histogram("data_after", data, ["−1", "0", "1"]),
      ),
      h("p", { class: "help", say: key("data_heights", { images: data.images.toLocaleString("en") }) }),
      told("data_why"),
      told("data_careful"),
      h(
        "div",
        { class: "links" },
        view.jump("data_explore", { tab: "explore", real: 0 }),
        view.jump("data_code", { lesson: 6 }),
      ),
    ],
  };
}

function valuesOf({ mean, std, mean_after, std_after, standardised: [low, high], black }) {
  const two = (x) => x.toFixed(2).replace("-", "−");
  return {
    mean: two(mean),
    std: two(std),
    mean_after: two(mean_after),
    std_after: two(std_after),
    low: two(low),
    high: two(high),
    black: `${(100 * black).toFixed(0)} %`,
  };
}

// ---- a digit, and one of its pixels under the hand ----

function buildDigit({ facts: { data }, say, onLanguage }) {
  let digit = 7,
    at = 14 * SIDE + 14;
  const canvas = h("canvas", {
    class: "pixels",
    id: "data-digit",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "img",
  });
  const cursor = h("div", { class: "cursor" });
  const cells = ["place", "byte", "share", "normal"].map((name) => [name, h("dd", { "data-column": name })]);
  const buttons = data.digits.map((_, i) =>
    h(
      "button",
      {
        type: "button",
        on: {
          click: () => {
            digit = i;
            draw();
          },
        },
      },
      String(i),
    ),
  );
  const draw = () => {
    const bytes = bytesOf(data.digits[digit]),
      byte = bytes[at];
    paint(canvas, drawingOf(data.digits[digit]));
    canvas.setAttribute("aria-label", say("data_digit", { digit }));
    Object.assign(cursor.style, {
      left: `${(100 * (at % SIDE)) / SIDE}%`,
      top: `${(100 * Math.floor(at / SIDE)) / SIDE}%`,
    });
    const shown = {
      place: `${at % SIDE}, ${Math.floor(at / SIDE)}`,
      byte: String(byte),
      share: (byte / 255).toFixed(3),
      normal: (byte / 127.5 - 1).toFixed(3).replace("-", "−"),
    };
    for (const [name, cell] of cells) setText(cell, shown[name]);
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === digit)));
  };
  const point = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const within = (share) => Math.max(0, Math.min(SIDE - 1, Math.floor(share * SIDE)));
    at = within((clientY - top) / height) * SIDE + within((clientX - left) / width);
    draw();
  };
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointermove", point);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -SIDE, ArrowDown: SIDE }[event.key];
    if (!step) return;
    event.preventDefault();
    const edge = Math.abs(step) === 1 && Math.floor((at + step) / SIDE) !== Math.floor(at / SIDE);
    if (!edge && at + step >= 0 && at + step < SIDE * SIDE) at += step;
    draw();
  });
  onLanguage(draw);
  draw();
  const values = h(
    "dl",
    { id: "data-values", "aria-live": "polite" },
    ...cells.map(([name, cell]) => h("div", { class: name }, h("dt", { say: `data_${name}` }), cell)),
  );
  return {
    element: h(
      "div",
      { class: "digit" },
      h("div", { class: "frame" }, canvas, cursor),
      h(
        "div",
        {},
        h("div", { class: "choices", role: "group", name: "data_choice" }, ...buttons),
        values,
        h(
          "pre",
          { tabindex: 0, name: "data_line" },
          "transforms.ToTensor()\n  x = byte / 255\ntransforms.Normalize((0.5,), (0.5,))\n  x = (x - 0.5) / 0.5",
        ),
      ),
    ),
  };
}

// ---- how often each value comes ----

function histogram(name, data, ticks) {
  const { histogram: shares, mean } = data,
    say = key(name, valuesOf(data));
  const height = (share) => Math.max(0, 1 + Math.log10(share) / DECADES);
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
