// A question to the class: four answers, and bars that grow while they come; then which one is right, and why. Knows
// the room; the questions' words are the lesson's.

import { courseLegend, coursePicture } from "../game/courses.js";
import { QUESTIONS } from "../game/questions.js";
import { button, press, rest } from "../kit/button.js";
import { h, setHidden, setText, speak } from "../kit/dom.js";
import { language, sayIn } from "../kit/view.js";
import { room } from "../room/room.js";
import { votes } from "../room/votes.js";

/** @import { Round } from "../room/room.js" */
/** @import { View } from "../types.d.ts" */

const OPTIONS = [1, 2, 3, 4];

/** @param {View} view */
export function buildQuestion(view) {
  const title = h("h3", {});
  const options = OPTIONS.map((option) => buildOption(option));
  const why = h("p", { class: "why", role: "status" });
  const rows = options.map((option) => option.element);
  const lines = courseLegend();
  const element = h("div", { class: "question" }, title, lines, h("div", { class: "options" }, ...rows), why);
  let begun = "";
  return {
    element,
    show(/** @type {Round | null} */ round) {
      setHidden(element, !round);
      if (!round?.question) return;
      const name = `${room.code} ${round.number}`;
      if (begun !== name) votes.send(); // what a page that was loaded anew had not sent
      begun = name;
      const { right, courses } = QUESTIONS[round.question];
      setHidden(lines, !courses);
      speak(lines, view.say);
      setText(title, sayIn(language(), `learn.quiz_${round.question}`));
      for (const option of options) option.show(round, round.counts?.[0] ?? []);
      setText(why, round.revealed ? sayIn(language(), `learn.quiz_${round.question}_${right}_why`) : stateOf(view));
    },
  };
}

/** @param {View} view */
function stateOf({ say }) {
  if (room.steers) return "";
  if (votes.open) return say("sending");
  return say(votes.given.size ? "answered" : "answer");
}

/** @param {number} option */
function buildOption(option) {
  const words = h("span", { class: "words" });
  const sign = h("span", { class: "sign" });
  const fill = h("span", { class: "fill" });
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, fill);
  const count = h("span", { class: "said" });
  const picture = h("span", { class: "shown" });
  /** @type {string | undefined} */
  let course;
  const choose = () => {
    if (!room.seat || !room.round || room.round.revealed) return;
    votes.give(0, option - 1);
    room.tell();
  };
  const pressed = button(
    undefined,
    choose,
    { "data-option": option },
    h("span", { class: "number" }, `${option}`),
    picture,
    words,
    sign,
  );
  const element = h("div", { class: "option" }, pressed, bar, count);
  return {
    element,
    show(/** @type {Round} */ { question = "", revealed }, /** @type {number[]} */ counts) {
      const all = counts.reduce((sum, each) => sum + each, 0);
      const mine = votes.given.get(0);
      const seen = Boolean(room.teacher) || revealed; // a student sees what the others say once it is told
      setText(words, sayIn(language(), `learn.quiz_${question}_${option}`));
      const drawn = QUESTIONS[question].courses?.[option - 1];
      if (course !== drawn) picture.replaceChildren(...(drawn ? [coursePicture(drawn)] : []));
      course = drawn;
      setText(sign, revealed ? (option === QUESTIONS[question].right ? "✓" : "✗") : "");
      setHidden(bar, !seen);
      setHidden(count, !seen);
      fill.style.width = `${all ? (100 * counts[option - 1]) / all : 0}%`;
      setText(count, String(counts[option - 1] ?? 0));
      element.classList.toggle("right", revealed && option === QUESTIONS[question].right);
      press([pressed], () => mine === option - 1);
      rest(pressed, !room.seat || revealed || mine !== undefined);
    },
  };
}
