// Forger and police: one noise, drawn by the forger of every epoch, and what the police learn to say to it.

import { h, quantity, setText } from "../dom.js";
import { page } from "../page.js";
import { paint, SIDE } from "../pixels.js";
import { player } from "../player.js";
import { LAST } from "../state.js";
import { sheets } from "../story-sheet.js";
import { drawingOf } from "./data.js";

const PACE = 8; // epochs a second
const COLUMNS = 8; // of a sheet
const LESSONS = { // who learns, and the parts of the picture that take part
  g: ["noise", "g", "forgery", "d", "says-forged"], d_real: ["real", "d", "says-real"], d_fake: ["noise", "g", "forgery", "d", "says-forged"],
};

export function build(view) {
  const picture = buildPicture(view), lessons = buildLessons(view, picture.light);
  let epoch = 0;
  const button = h("button", { type: "button", id: "game-play", class: "primary", say: "game_play" });
  const handle = quantity({
    id: "game-epoch", say: "game_epoch", low: 0, high: LAST, view, commit() {},
    change(value) {
      epoch = value;
      page.touch();
    },
  });
  let at = 0;
  player({
    button, view, play: "game_play", pause: "game_pause",
    begin() { at = epoch === LAST ? 0 : epoch; },
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
      picture.element, lessons.element, h("p", { class: "help", say: "game_names" }),
      h("div", { class: "links" }, view.jump("game_story", { tab: "epochs" }), view.jump("game_explore", { tab: "explore" })),
    ],
    show() {
      handle.show(epoch);
      picture.show(epoch);
      lessons.show(epoch);
    },
  };
}

// ---- the picture: what goes from whom to whom ----

function buildPicture({ facts: { game, data }, ...view }) {
  const forgery = drawingCanvas("game_forgery_name"), real = drawingCanvas("game_real_name");
  const says = { forged: verdict("forged"), real: verdict("real") };
  const parts = {
    noise: part("noise", noiseStrip(game.noise)), g: part("g"), forgery: part("forgery", forgery), real: part("real", real),
    d: part("d"), "says-forged": says.forged.element, "says-real": says.real.element,
  };
  const pictureOf = sheets(view), element = h("div", { class: "game" }, ...Object.values(parts));
  return {
    element,
    light(names, learner) {
      element.dataset.learner = learner;
      for (const [name, box] of Object.entries(parts)) box.classList.toggle("dim", Boolean(names) && !names.includes(name));
    },
    show(epoch) {
      const sheet = pictureOf(epoch);
      if (sheet && forgery.dataset.epoch !== String(epoch)) {
        cut(forgery, sheet, game.seed);
        forgery.dataset.epoch = epoch;
      }
      paint(real, drawingOf(data.digits[epoch % data.digits.length]));
      says.forged.show(game.d_fake[epoch]);
      says.real.show(game.d_real[epoch]);
    },
  };
}

const part = (name, ...content) => h("div", { class: `part ${name}` }, ...content, h("p", { say: `game_${name}` }));
const drawingCanvas = (name) => h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name });

/** One drawing out of a sheet of 8 x 8. */
function cut(canvas, sheet, seed) {
  const left = (seed % COLUMNS) * SIDE, top = Math.floor(seed / COLUMNS) * SIDE;
  canvas.getContext("2d").drawImage(sheet, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
}

/** The noise as grey cells, 16 a row. */
function noiseStrip(noise) {
  const canvas = h("canvas", { class: "pixels", width: 16, height: noise.length / 16, role: "img", name: "game_noise" });
  const context = canvas.getContext("2d");
  noise.forEach((value, i) => {
    const grey = Math.round(Math.max(0, Math.min(255, 128 + 50 * value)));
    context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
    context.fillRect(i % 16, Math.floor(i / 16), 1, 1);
  });
  return canvas;
}

/** What D says on average to one kind of image: a bar from forged (0) to real (1), and the number. */
function verdict(kind) {
  const fill = h("span", { class: "fill" }), number = h("output", {});
  const bar = h("div", { class: "bar", role: "meter", name: `game_says_${kind}`, "aria-valuemin": 0, "aria-valuemax": 1 }, fill);
  return {
    element: h("div", { class: `part says-${kind}` }, h("p", { say: `game_says_${kind}` }), bar,
      h("p", { class: "ends" }, h("span", { say: "forged" }), number, h("span", { say: "real" }))),
    show(value) {
      fill.style.width = `${100 * value}%`;
      bar.setAttribute("aria-valuenow", value.toFixed(2));
      setText(number, value.toFixed(2));
    },
  };
}

// ---- one lesson for the forger, two for the detective ----

function buildLessons({ facts: { game }, say }, light) {
  let chosen = null;
  const buttons = Object.keys(LESSONS).map((name) => h("button", {
    type: "button", id: `lesson-of-${name}`, class: name[0], say: `game_lesson_${name}`,
    on: {
      click() {
        chosen = chosen === name ? null : name;
        light(chosen && LESSONS[chosen], chosen ? chosen[0] : "");
        page.touch();
      },
    },
  }));
  const text = h("p", { class: "lesson", role: "status" });
  return {
    element: h("div", {}, h("h4", { say: "game_lessons" }), h("div", { class: "choices" }, ...buttons), text),
    show(epoch) {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(Object.keys(LESSONS)[i] === chosen)));
      const values = { epoch, d_real: game.d_real[epoch].toFixed(2), d_fake: game.d_fake[epoch].toFixed(2) };
      setText(text, say(chosen ? `game_lesson_${chosen}_text` : "game_lesson_none", values));
    },
  };
}
