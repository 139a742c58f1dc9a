// A failure on demand: what is set, what the class expects, what happened and why, and what cures it.

import { part, radios, setText, speak } from "../kit/dom.js";
import { follow } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 *
 * @typedef {object} Failure
 * @property {string} recipe
 * @property {string[]} guesses names of recipes, or "learns"
 * @property {boolean} anew whether the cure begins anew
 * @property {"asked" | "failed" | "survived" | "curing" | "cured" | "uncured"} phase
 * @property {number} [percent] of the cured drawings that are digits
 */

/** @param {View} view */
export function mount(view) {
  const question = ask(view);
  follow("failure", view, (value) => draw(view, question, value));
}

/**
 * The three answers, and the one that was chosen: asked once a recipe, and kept while its runs go on. After a run they
 * rest: an answer that is known is no guess.
 * @param {View} view
 */
function ask({ element, say }) {
  const box = part(element, ".asked");
  let about = "";
  let guess = "";
  let resting = false;
  box.addEventListener("click", (event) => {
    if (resting) event.preventDefault();
  });
  return {
    /** @param {Failure} failure */
    show({ recipe, guesses, phase }) {
      resting = phase !== "asked";
      box.classList.toggle("resting", resting);
      if (about === recipe) return speak(box, say);
      [about, guess] = [recipe, ""];
      const choose = (/** @type {string} */ value) => {
        guess = value;
      };
      const names = (/** @type {string} */ value) => `${value}_guess`;
      const choice = radios({ id: "recipe-guess", legend: "ask", values: guesses, say: names, choose });
      box.replaceChildren(choice.element);
      speak(box, say);
    },
    guess: () => guess,
    forget() {
      about = "";
    },
  };
}

/**
 * @param {View} view
 * @param {ReturnType<typeof ask>} question
 * @param {Failure | null} value
 */
function draw({ element, say }, question, value) {
  const box = part(element, ".failure");
  if (value && box.hidden) unfold(element);
  box.hidden = !value;
  if (!value) return question.forget();
  question.show(value);
  const { recipe, phase, percent } = value;
  const ended = phase !== "asked";
  setText(part(element, ".what"), say(`${recipe}_what`));
  setText(part(element, ".told"), ended ? told(value, question.guess(), say) : "");
  setText(part(element, ".why"), ended && phase !== "survived" ? say(`${recipe}_why`) : "");
  setText(part(element, ".next"), next(value, say, percent));
}

/** Open the panel that the failure is told in: its run may have been found again. @param {HTMLElement} element */
function unfold(element) {
  const fold = element.closest("#failures")?.querySelector(".label-wrap:not(.open)");
  if (fold instanceof HTMLElement) fold.click();
}

/**
 * What happened, beside what was expected.
 * @param {Failure} value
 * @param {string} guess
 * @param {Say} say
 */
function told({ recipe, phase }, guess, say) {
  const happened = say(`${recipe}_guess`);
  if (phase === "survived") return say("survived");
  if (!guess) return say("happened", { happened });
  return say(guess === recipe ? "right" : "wrong", { happened });
}

/**
 * What to do next, or what the cure has done.
 * @param {Failure} value
 * @param {Say} say
 * @param {number} [percent]
 */
function next({ recipe, anew, phase }, say, percent = 0) {
  if (phase === "asked") return say("start");
  if (phase === "survived") return "";
  const cure = say(`${recipe}_cure`);
  if (phase === "cured" || phase === "uncured") return `${cure} ${say(phase, { percent })}`;
  if (phase === "curing") return `${cure} ${say("curing")}`;
  return `${cure} ${say(anew ? "anew" : "fork")}`;
}
