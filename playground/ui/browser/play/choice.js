// What the teacher may begin: a round of pictures, or a question of the lesson's quiz. Knows how a round is set, not
// how it is played.

import { QUESTIONS } from "../game/questions.js";
import { buildSetting } from "../game/setting.js";
import { button } from "../kit/button.js";
import { h, setHidden, setText, speak } from "../kit/dom.js";
import { saveBlob } from "../kit/save.js";
import { language, sayIn } from "../kit/view.js";
import { room } from "../room/room.js";

/** @import { View } from "../types.d.ts" */

/** Steps of the lecture's pair that a wall's work may be worth, as room/rounds.py allows it. */
export const STEPS = [25, 50, 100, 200, 500];
const USUAL = 100;
const MARK = "\ufeff"; // so that a spreadsheet reads the file as UTF-8

/** @param {View} view whose `uploads` say whether the server takes files */
export function buildChoice(view) {
  const question = questionSection();
  const results = button("results", () => room.try(saveResults), { id: "round-results" });
  const back = button("back", () => room.choose(false), { id: "play-back" });
  const acts = h("div", { class: "acts" }, results, back);
  const element = h(
    "div",
    { class: "choice-of-games" },
    detectiveSection(),
    question.element,
    view.props.uploads ? wallSection() : wallClosed(),
    acts,
  );
  return {
    element,
    show(/** @type {boolean} */ shown) {
      setHidden(element, !shown);
      if (!shown) return;
      question.words();
      back.dataset.say = room.round ? "back_to_round" : "back";
      speak(element, view.say);
    },
  };
}

/**
 * What begins a round of a kind, with the settings that stand in the fields.
 * @param {string} kind
 * @param {() => object} settings
 */
const begin = (kind, settings) => () => room.try(() => room.lead("begin", { kind, settings: settings() }));

/**
 * One of the games.
 * @param {string} name the key of its words
 * @param {HTMLElement} fields
 * @param {HTMLButtonElement} start
 */
const section = (name, fields, start) =>
  h("section", {}, h("h3", { say: name }), h("p", { class: "help", say: `${name}_help` }), fields, start);

function detectiveSection() {
  const setting = buildSetting("round");
  const start = button("start", begin("detective", setting.value), { id: "round-start", class: "primary" });
  return section("detective", h("div", { class: "fields" }, ...setting.elements), start);
}

function questionSection() {
  const options = Object.keys(QUESTIONS).map((name) => h("option", { value: name }));
  const asked = h("select", { id: "round-question" }, ...options);
  const field = h("label", { class: "choice wide" }, h("span", { say: "which" }), asked);
  const settings = () => ({ question: asked.value });
  return {
    element: section("ask", field, button("ask_start", begin("question", settings), { id: "question-start" })),
    words() {
      for (const option of options) setText(option, sayIn(language(), `learn.quiz_${option.value}`));
    },
  };
}

function wallSection() {
  const options = STEPS.map((count) => h("option", { value: count, selected: count === USUAL }, String(count)));
  const steps = h("select", { id: "wall-steps" }, ...options);
  const field = h("label", { class: "choice" }, h("span", { say: "wall_steps" }), steps);
  const settings = () => ({ steps: Number(steps.value) });
  return section("wall", field, button("wall_start", begin("wall", settings), { id: "wall-start" }));
}

const wallClosed = () => h("section", {}, h("h3", { say: "wall" }), h("p", { class: "help", say: "wall_closed" }));

/** All that was answered in this room, as a file. */
async function saveResults() {
  const { csv } = await room.ask("results", { token: room.teacher });
  saveBlob(new Blob([MARK + csv], { type: "text/csv" }), `gan-playground-${room.code}.csv`);
}

/**
 * What leads through a round that is on: reveal, another one, back.
 * @param {View} view
 */
export function buildLead(view) {
  const count = h("p", { class: "count", role: "status" });
  const lead = (/** @type {"reveal" | "close"} */ act) => () => room.try(() => room.lead(act));
  const reveal = button("reveal", lead("reveal"), { id: "round-reveal", class: "primary" });
  const again = button("again", () => room.choose(true), { id: "round-again" });
  const close = button("close", lead("close"), { id: "round-close" });
  const fill = h("span", { class: "fill" });
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, fill); // the count says it
  const element = h("div", { class: "acts leads" }, reveal, again, close, count, bar);
  return {
    element,
    show(/** @type {boolean} */ shown) {
      const { round, news } = room;
      setHidden(element, !shown || !room.steers);
      if (!round || !news) return;
      setHidden(reveal, round.revealed);
      for (const each of [count, bar]) setHidden(each, round.revealed);
      fill.style.width = `${(100 * round.done) / Math.max(1, round.of)}%`;
      const values = { done: round.done, of: round.of, votes: round.votes ?? round.done };
      const sentence = { detective: "count", question: "count_asked", wall: "count_wall" }[round.kind];
      setText(count, view.say(sentence, values));
    },
  };
}
