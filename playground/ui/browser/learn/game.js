// Forger and police: one noise, drawn by the forger of every epoch, and what the police learn to say to it.

import { paint, SIDE } from "../engine/pixels.js";
import { h, key, quantity, setText } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { sheets } from "../kit/sheet.js";
import { page } from "../page/page.js";
import { LAST } from "../page/state.js";
import { drawingOf } from "./data.js";

const PACE = 8; // epochs a second
const COLUMNS = 8; // of a sheet
const STAY = 10; // epochs that one real digit stays, so that it does not flicker in the film
const LESSONS = {
  // who learns, and the parts of the picture that take part
  g: ["noise", "g", "forgery", "d", "says-forged"],
  d_real: ["real", "d", "says-real"],
  d_fake: ["noise", "g", "forgery", "d", "says-forged"],
};
const WISHES = { g: ["forged", 1], d_real: ["real", 1], d_fake: ["forged", 0] }; // which verdict, and what the learner wants it to be

export function build(view) {
  const picture = buildPicture(view),
    lessons = buildLessons(view, picture.light);
  let epoch = 0;
  const button = h("button", { type: "button", id: "game-play", class: "primary", say: "game_play" });
  const handle = quantity({
    id: "game-epoch",
    say: "game_epoch",
    low: 0,
    high: LAST,
    view,
    commit() {},
    change(value) {
      epoch = value;
      page.set({}); // a hand has moved something: what plays stops
    },
  });
  let at = 0;
  player({
    button,
    view,
    play: "game_play",
    pause: "game_pause",
    begin() {
      at = epoch === LAST ? 0 : epoch;
    },
    step(seconds) {
      at = Math.min(LAST, at + PACE * seconds);
      epoch = Math.floor(at);
      return [{}, at === LAST];
    },
  });
  view.onLanguage(() => page.touch());
  return {
    elements: [
      h("p", { class: "lead", say: "game_lead" }),
      h("div", { class: "do" }, h("p", { say: "game_do" })),
      h("div", { class: "hand" }, button, handle.element),
      picture.element,
      lessons.element,
      h("p", { class: "help", say: "game_names" }),
      h(
        "div",
        { class: "links" },
        view.jump("game_story", { tab: "epochs" }),
        view.jump("game_explore", { tab: "explore" }),
      ),
    ],
    show() {
      handle.show(epoch);
      picture.show(epoch);
      lessons.show(epoch, button.dataset.say === "game_pause");
    },
  };
}

// ---- the picture: what goes from whom to whom ----

function buildPicture({ facts: { game, data }, ...view }) {
  const forgery = drawingCanvas("game_forgery_name"),
    real = drawingCanvas("game_real_name");
  const says = { forged: verdict("forged"), real: verdict("real") };
  const parts = {
    noise: part("noise", { count: game.noise.length }, noiseStrip(game.noise)),
    g: part("g"),
    forgery: part("forgery", {}, forgery),
    real: part("real", {}, real),
    d: part("d"),
    "says-forged": says.forged.element,
    "says-real": says.real.element,
  };
  const pictureOf = sheets(view),
    element = h("div", { class: "game" }, ...Object.values(parts));
  return {
    element,
    light(lesson) {
      const names = LESSONS[lesson] || Object.keys(parts),
        [kind, wish] = WISHES[lesson] || [];
      element.dataset.learner = lesson ? lesson[0] : "";
      for (const [name, box] of Object.entries(parts)) box.classList.toggle("dim", !names.includes(name));
      for (const [name, { want }] of Object.entries(says)) want(name === kind ? wish : null);
    },
    show(epoch) {
      const sheet = pictureOf(epoch);
      if (sheet && forgery.dataset.epoch !== String(epoch)) {
        cut(forgery, sheet, game.seed);
        forgery.dataset.epoch = epoch;
      }
      paint(real, drawingOf(data.digits[Math.floor(epoch / STAY) % data.digits.length]));
      says.forged.show(game.d_fake[epoch]);
      says.real.show(game.d_real[epoch]);
    },
  };
}

const part = (name, values = {}, ...content) =>
  h("div", { class: `part ${name}` }, ...content, h("p", { say: key(`game_${name}`, values) }));
const drawingCanvas = (name) => h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name });

/** One drawing out of a sheet of 8 x 8. */
function cut(canvas, sheet, seed) {
  const left = (seed % COLUMNS) * SIDE,
    top = Math.floor(seed / COLUMNS) * SIDE;
  canvas.getContext("2d").drawImage(sheet, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
}

/** The noise as grey cells, 16 a row. */
function noiseStrip(noise) {
  const canvas = h("canvas", {
    class: "pixels",
    width: 16,
    height: noise.length / 16,
    role: "img",
    name: key("game_noise", { count: noise.length }),
  });
  const context = canvas.getContext("2d");
  noise.forEach((value, i) => {
    const grey = Math.round(Math.max(0, Math.min(255, 128 + 50 * value)));
    context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
    context.fillRect(i % 16, Math.floor(i / 16), 1, 1);
  });
  return canvas;
}

/** What D says on average to one kind of image: a bar from forged (0) to real (1), the number, and an arrow to where a
 *  lesson wants it, 0 or 1. */
function verdict(kind) {
  const fill = h("span", { class: "fill" }),
    number = h("output", {}),
    arrow = h("span", { class: "arrow" });
  let wish = null,
    said = 0;
  const draw = () => {
    arrow.hidden = wish === null;
    arrow.dataset.to = wish;
    Object.assign(arrow.style, { left: `${100 * Math.min(said, wish)}%`, width: `${100 * Math.abs(wish - said)}%` });
  };
  const bar = h(
    "div",
    { class: "bar", role: "meter", name: `game_says_${kind}`, "aria-valuemin": 0, "aria-valuemax": 1 },
    fill,
  );
  return {
    element: h(
      "div",
      { class: `part says-${kind}` },
      h("p", { say: `game_says_${kind}` }),
      bar,
      h("div", { class: "wish", "aria-hidden": "true" }, arrow),
      h("p", { class: "ends" }, h("span", { say: "forged" }), number, h("span", { say: "real" })),
    ),
    want(value) {
      wish = value;
      draw();
    },
    show(value) {
      said = value;
      draw();
      fill.style.width = `${100 * value}%`;
      bar.setAttribute("aria-valuenow", value.toFixed(2));
      setText(number, value.toFixed(2));
    },
  };
}

// ---- one lesson for the forger, two for the detective ----

function buildLessons({ facts: { game }, say }, light) {
  let chosen = null;
  const buttons = Object.keys(LESSONS).map((name) =>
    h("button", {
      type: "button",
      id: `lesson-of-${name}`,
      class: name[0],
      say: `game_lesson_${name}`,
      on: {
        click() {
          chosen = chosen === name ? null : name;
          light(chosen);
          page.touch();
        },
      },
    }),
  );
  const text = h("p", { class: "lesson", role: "status" });
  return {
    element: h("div", {}, h("h4", { say: "game_lessons" }), h("div", { class: "choices" }, ...buttons), text),
    show(epoch, playing) {
      text.setAttribute("aria-live", playing ? "off" : "polite"); // a film of 200 epochs is not read aloud
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(Object.keys(LESSONS)[i] === chosen)));
      const values = { epoch, d_real: game.d_real[epoch].toFixed(2), d_fake: game.d_fake[epoch].toFixed(2) };
      setText(text, say(chosen ? `game_lesson_${chosen}_text` : "game_lesson_none", values));
    },
  };
}
