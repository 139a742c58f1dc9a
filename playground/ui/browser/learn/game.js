// Forger and police: one noise, drawn by the forger of every epoch, and what the police learn to say to it.

import { contextOf, paint, SIDE } from "../engine/pixels.js";
import { arrow } from "../kit/arrow.js";
import { button, press } from "../kit/button.js";
import { h, key, quantity, setText } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { sheets } from "../kit/sheet.js";
import { slide } from "../kit/slides.js";
import { page } from "../page/page.js";
import { LAST } from "../page/state.js";
import { buildDetective } from "./detective.js";
import { drawingOf, jump, links, onSteps, task } from "./parts.js";

/** @import { LessonPage, LessonView } from "./facts.d.ts" */

const PACE = 8; // epochs a second
const COLUMNS = 8; // of a sheet
const BEGINNINGS = ["noise", "real"]; // nothing leads to these
const STAY = 10; // epochs that one real digit stays, so that it does not flicker in the film
/**
 * Who learns what: the parts of the picture that take part, and which verdict the learner wants to be what.
 * @type {Record<string, { parts: string[], kind: string, wish: number }>}
 */
const LESSONS = {
  g: { parts: ["noise", "g", "forgery", "d", "says-forged"], kind: "forged", wish: 1 },
  d_real: { parts: ["real", "d", "says-real"], kind: "real", wish: 1 },
  d_fake: { parts: ["noise", "g", "forgery", "d", "says-forged"], kind: "forged", wish: 0 },
};

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const picture = buildPicture(view),
    lessons = buildLessons(view, picture.light),
    film = buildFilm(view);
  view.onLanguage(() => page.touch());
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "game_lead" }), task("game_do")),
      ...onSteps("1 2", film.element, picture.element),
      ...onSteps("2", lessons.element),
      ...onSteps(
        "3",
        h("p", { class: "help", say: "game_names" }),
        h("p", { class: "help", say: "game_marks" }),
        links(jump("game_story", { tab: "epochs" }), jump("game_explore", { tab: "explore" })),
      ),
      ...onSteps("4", buildDetective(view)),
    ],
    show() {
      const { epoch, playing } = film.show();
      picture.show(epoch);
      lessons.show(epoch, playing);
    },
  };
}

// ---- the epoch: set, or played as a film ----

/** @param {LessonView} view */
function buildFilm(view) {
  let at = 0; // the epoch; while the film plays also what lies between two of them
  const handle = quantity({
    id: "game-epoch",
    say: "game_epoch",
    low: 0,
    high: LAST,
    view,
    commit() {},
    change(/** @type {number} */ value) {
      at = value;
      page.set({}); // a hand has moved something: what plays stops
    },
  });
  const play = h("button", { type: "button", id: "game-play", class: "primary", say: "game_play" });
  const begin = () => {
    at = Math.floor(at) === LAST ? 0 : Math.floor(at);
  };
  /** @type {(seconds: number) => [{}, boolean]} */
  const step = (seconds) => {
    at = Math.min(LAST, at + PACE * seconds);
    return [{}, at === LAST];
  };
  player({ button: play, view, play: "game_play", pause: "game_pause", begin, step });
  return {
    element: h("div", { class: "hand" }, play, handle.element, slide("figure", "13-21")),
    /** Show the epoch; returns it, and whether the film plays. */
    show() {
      const epoch = Math.floor(at);
      handle.show(epoch);
      return { epoch, playing: play.dataset.say === "game_pause" };
    },
  };
}

// ---- the picture: what goes from whom to whom ----

/** @param {LessonView} view */
function buildPicture(view) {
  const { game, data } = view.facts;
  const forgery = buildForgery(view),
    real = drawingCanvas("game_real_name"),
    says = { forged: verdict("forged"), real: verdict("real") };
  /** @type {Record<string, HTMLElement>} */
  const parts = {
    noise: part("noise", { count: game.noise.length }, noiseStrip(game.noise)),
    g: part("g"),
    forgery: part("forgery", {}, forgery.canvas),
    real: part("real", {}, real),
    d: part("d"),
    "says-forged": says.forged.element,
    "says-real": says.real.element,
  };
  const element = h("div", { class: "game" }, ...Object.values(parts));
  return {
    element,
    /** Show who takes part in a lesson, and what its learner wants; all parts for null. */
    light(/** @type {string | null} */ name) {
      const lesson = name ? LESSONS[name] : null;
      element.dataset.learner = name ? name[0] : "";
      for (const [part, box] of Object.entries(parts))
        box.classList.toggle("dim", !(lesson?.parts.includes(part) ?? true));
      for (const [kind, { want }] of Object.entries(says)) want(kind === lesson?.kind ? lesson.wish : null);
    },
    show(/** @type {number} */ epoch) {
      forgery.show(epoch);
      paint(real, drawingOf(data.digits[Math.floor(epoch / STAY) % data.digits.length]));
      says.forged.show(game.d_fake[epoch]);
      says.real.show(game.d_real[epoch]);
    },
  };
}

/** @param {string} name @param {Record<string, unknown>} values @param {...Node} content */
const part = (name, values = {}, ...content) =>
  h(
    "div",
    { class: `part ${name}` },
    BEGINNINGS.includes(name) ? "" : arrow(),
    ...content,
    h("p", { say: key(`game_${name}`, values) }),
  );

/** @param {string} name */
const drawingCanvas = (name) => h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name });

/** The drawing of the page's noise, cut out of an epoch's sheet of 8 x 8. @param {LessonView} view */
function buildForgery(view) {
  const { seed } = view.facts.game,
    canvas = drawingCanvas("game_forgery_name"),
    pictureOf = sheets(view);
  const left = (seed % COLUMNS) * SIDE,
    top = Math.floor(seed / COLUMNS) * SIDE;
  return {
    canvas,
    show(/** @type {number} */ epoch) {
      const sheet = pictureOf(epoch);
      if (!sheet || canvas.dataset.epoch === String(epoch)) return;
      contextOf(canvas).drawImage(sheet, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
      canvas.dataset.epoch = String(epoch);
    },
  };
}

/** The noise as grey cells, 16 a row. @param {number[]} noise */
function noiseStrip(noise) {
  const size = { width: 16, height: noise.length / 16 };
  const name = key("game_noise", { count: noise.length });
  const canvas = h("canvas", { class: "pixels", ...size, role: "img", name });
  const context = contextOf(canvas);
  noise.forEach((value, i) => {
    const grey = Math.round(Math.max(0, Math.min(255, 128 + 50 * value)));
    context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
    context.fillRect(i % 16, Math.floor(i / 16), 1, 1);
  });
  return canvas;
}

/**
 * What D says on average to one kind of image: a bar from forged (0) to real (1), the number, and an arrow to where a
 * lesson wants it, 0 or 1.
 * @param {"forged" | "real"} kind
 */
function verdict(kind) {
  const name = `game_says_${kind}`,
    fill = h("span", { class: "fill" }),
    number = h("output", {}),
    wish = wishArrow();
  const bar = h("div", { class: "bar", role: "meter", name, "aria-valuemin": 0, "aria-valuemax": 1 }, fill);
  const ends = h("p", { class: "ends" }, h("span", { say: "forged" }), number, h("span", { say: "real" }));
  return {
    element: h("div", { class: `part says-${kind}` }, arrow(), h("p", { say: name }), bar, wish.element, ends),
    want: wish.want,
    show(/** @type {number} */ value) {
      wish.show(value);
      fill.style.width = `${100 * value}%`;
      bar.setAttribute("aria-valuenow", value.toFixed(2));
      setText(number, value.toFixed(2));
    },
  };
}

/** An arrow from a verdict to what a learner wants it to be; none where nobody wants anything. */
function wishArrow() {
  const arrow = h("span", { class: "arrow" });
  let said = 0,
    wish = /** @type {number | null} */ (null);
  const draw = () => {
    arrow.hidden = wish === null;
    arrow.dataset.to = String(wish);
    const [low, high] = [said, wish ?? said].sort((a, b) => a - b);
    Object.assign(arrow.style, { left: `${100 * low}%`, width: `${100 * (high - low)}%` });
  };
  return {
    element: h("div", { class: "wish", "aria-hidden": "true" }, arrow),
    want(/** @type {number | null} */ value) {
      wish = value;
      draw();
    },
    show(/** @type {number} */ value) {
      said = value;
      draw();
    },
  };
}

// ---- one lesson for the forger, two for the detective ----

/** @param {LessonView} view @param {(name: string | null) => void} light */
function buildLessons({ facts: { game }, say }, light) {
  const names = Object.keys(LESSONS);
  let chosen = /** @type {string | null} */ (null);
  const choose = (/** @type {string} */ name) => {
    chosen = chosen === name ? null : name;
    light(chosen);
    page.touch();
  };
  const buttons = names.map((name) =>
    button(`game_lesson_${name}`, () => choose(name), { id: `lesson-of-${name}`, class: name[0] }),
  );
  const text = h("p", { class: "lesson", role: "status" });
  return {
    element: h("div", {}, h("h4", { say: "game_lessons" }), h("div", { class: "choices" }, ...buttons), text),
    show(/** @type {number} */ epoch, /** @type {boolean} */ playing) {
      text.setAttribute("aria-live", playing ? "off" : "polite"); // a film of 200 epochs is not read aloud
      press(buttons, (i) => names[i] === chosen);
      const values = { epoch, d_real: game.d_real[epoch].toFixed(2), d_fake: game.d_fake[epoch].toFixed(2) };
      setText(text, say(chosen ? `game_lesson_${chosen}_text` : "game_lesson_none", values));
    },
  };
}
