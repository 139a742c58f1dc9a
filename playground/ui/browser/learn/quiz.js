// Questions: every option explained, right or wrong; a score; and a view for the teacher that hides answers until
// reveal.

import { courseLegend, coursePicture } from "../game/courses.js";
import { QUESTIONS } from "../game/questions.js";
import { button, press, rest } from "../kit/button.js";
import { h, key, setText } from "../kit/dom.js";
import { slide } from "../kit/slides.js";
import { jump, onSteps, redrawn, task } from "./parts.js";

/** @import { Say, View } from "../types.d.ts" */
/** @import { LessonPage, LessonView } from "./facts.d.ts" */

/**
 * What was answered. `tried`: question to options, in time; `picked`: the class's choice in the teacher's view, which
 * scores nothing; `revealed`: the questions that the teacher has told; `at`: the question that the teacher's view
 * shows.
 * @typedef {object} Answers
 * @property {Record<string, number[]>} tried
 * @property {Record<string, number>} picked
 * @property {string[]} revealed
 * @property {boolean} teacher whether it is the teacher's view
 * @property {boolean} projected whether the page is shown step by step, which is the teacher's view too
 * @property {number} at
 */
/** @typedef {(change: () => void) => void} Act changes the answers, keeps them and shows them */

const OPTIONS = [1, 2, 3, 4];
const STORED = "gan-playground-quiz"; // in this window's session: a reload loses no answer
const LECTURES = 2; // the first questions are the lecture's own
const NAMES = Object.keys(QUESTIONS);
const LAST = NAMES.length - 1;
const FIRST = 2; // the step of the first question
const ASKING = NAMES.map((_, i) => FIRST + i).join(" "); // steps
const rightOf = (/** @type {string} */ name) => QUESTIONS[name].right;
const isTeaching = (/** @type {Answers} */ { teacher, projected }) => teacher || projected;
const none = () => ({ tried: {}, picked: {}, revealed: [], at: 0 });

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  /** @type {Answers} */
  const answers = { teacher: false, projected: false, ...none(), ...restore() };
  const act = (/** @type {() => void} */ change) => {
    change();
    store(answers);
    draw();
  };
  const sheet = buildSheet(view, (name, option) => act(() => answer(answers, name, option))),
    modes = buildModes(answers, act, view.say),
    told = buildTold(view.say),
    lead = buildLead(answers, act);
  const draw = () => {
    for (const part of [sheet, modes, told, lead]) part.show(answers);
  };
  redrawn(view, draw);
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: key("quiz_lead", { questions: NAMES.length }) }), task("quiz_do")),
      ...onSteps("1", modes.element),
      ...onSteps(ASKING, sheet.element, told.element, lead.element),
    ],
    show({ view: look, step }) {
      const projected = look === "projector",
        at = projected ? Math.min(LAST, Math.max(0, step - FIRST)) : answers.at;
      if (projected === answers.projected && at === answers.at) return;
      Object.assign(answers, { projected, at });
      draw();
    },
  };
}

/**
 * Take an option, unless it is tried or all is told.
 * @param {Answers} answers
 * @param {string} name
 * @param {number} option
 */
function answer(answers, name, option) {
  const tried = answers.tried[name] || [];
  if (isTeaching(answers)) {
    if (!answers.revealed.includes(name)) answers.picked[name] = option; // a class may change its mind until Reveal
  } else if (!tried.includes(option) && !tried.includes(rightOf(name))) answers.tried[name] = [...tried, option];
}

/** Whether the teacher has told the question that is shown. @param {Answers} answers */
const isTold = (answers) => isTeaching(answers) && answers.revealed.includes(NAMES[answers.at]);

// ---- above the questions: the teacher's view, another try, and the score ----

/** @param {Answers} answers @param {Act} act @param {Say} say */
function buildModes(answers, act, say) {
  const turn = () => {
    answers.teacher = !answers.teacher;
  };
  const teacher = button("quiz_teacher", () => act(turn), { id: "quiz-teacher" }),
    again = button("quiz_again", () => act(() => Object.assign(answers, none())), { id: "quiz-again" }),
    score = h("p", { class: "score", role: "status" });
  return {
    element: h("div", { class: "acts" }, teacher, again, score),
    show() {
      press([teacher], () => answers.teacher);
      setText(score, scoreOf(answers, say));
    },
  };
}

/** @param {Answers} answers @param {Say} say */
function scoreOf({ tried, teacher, at }, say) {
  if (teacher) return say("quiz_place", { number: at + 1, questions: NAMES.length });
  const answered = NAMES.filter((name) => tried[name]?.length),
    first = answered.filter((name) => tried[name][0] === rightOf(name));
  return say("quiz_score", { answered: answered.length, questions: NAMES.length, first: first.length });
}

// ---- below them: what the teacher leads through them with ----

/** What Reveal showed, for those who cannot see it. @param {Say} say */
function buildTold(say) {
  const element = h("p", { class: "told", role: "status" });
  return {
    element,
    show(/** @type {Answers} */ answers) {
      const name = NAMES[answers.at],
        right = rightOf(name);
      setText(element, isTold(answers) ? say("quiz_told", { right, words: say(`quiz_${name}_${right}`) }) : "");
    },
  };
}

/** @param {Answers} answers @param {Act} act */
function buildLead(answers, act) {
  const go = (/** @type {number} */ steps) =>
    act(() => {
      answers.at = Math.min(LAST, Math.max(0, answers.at + steps));
    });
  const reveal = () => {
    if (!answers.revealed.includes(NAMES[answers.at])) answers.revealed.push(NAMES[answers.at]);
  };
  const back = button("quiz_back", () => go(-1), { id: "quiz-back" }),
    next = button("quiz_next", () => go(1), { id: "quiz-next" }),
    tell = button("quiz_reveal", () => act(reveal), { id: "quiz-reveal", class: "primary" });
  const element = h("div", { class: "acts lead-through" }, back, next, tell);
  return {
    element,
    show() {
      element.hidden = !isTeaching(answers);
      rest(back, answers.at === 0);
      rest(next, answers.at === LAST);
      rest(tell, isTold(answers));
    },
  };
}

// ---- the questions ----

/** @param {View} view @param {(name: string, option: number) => void} choose */
function buildSheet(view, choose) {
  const questions = NAMES.map((name, i) => buildQuestion(name, i + 1, view, (option) => choose(name, option)));
  const element = h("div", { class: "sheet" }, ...questions.map((question) => question.element));
  return {
    element,
    show(/** @type {Answers} */ answers) {
      for (const [i, question] of questions.entries()) question.show(answers, !isTeaching(answers) || i === answers.at);
      element.classList.toggle("teaching", isTeaching(answers));
    },
  };
}

/** @param {string} name @param {number} number @param {View} view @param {(option: number) => void} choose */
function buildQuestion(name, number, { say }, choose) {
  const title = h("span", {}),
    mark = number <= LECTURES ? slide("question", String(number)) : "",
    link = h("p", { class: "where", hidden: true }, jump("quiz_where", QUESTIONS[name].shown)),
    options = OPTIONS.map((option) => buildOption(name, option, say, choose)),
    step = FIRST + number - 1;
  const rows = h("div", { class: "options" }, ...options.map((option) => option.element));
  const lines = QUESTIONS[name].courses ? [courseLegend()] : [];
  const element = h(
    "fieldset",
    { class: "question", id: `quiz-${name}`, "data-step": step },
    h("legend", {}, title, mark),
    ...lines,
    rows,
    link,
  );
  return {
    element,
    show(/** @type {Answers} */ answers, /** @type {boolean} */ visible) {
      const { tried, picked, revealed } = answers,
        teacher = isTeaching(answers);
      const mine = (teacher ? [picked[name]] : tried[name]) || [];
      const open = teacher ? revealed.includes(name) : mine.includes(rightOf(name)); // whether all is told
      element.hidden = !visible;
      setText(title, `${number}. ${say(`quiz_${name}`)}`);
      for (const option of options) option.show(mine, open, teacher);
      link.hidden = !open;
    },
  };
}

/** @param {string} name @param {number} option @param {Say} say @param {(option: number) => void} choose */
function buildOption(name, option, say, choose) {
  const number = h("span", { class: "number" }, String(option)),
    words = h("span", { class: "words" }),
    mark = h("span", { class: "sign" }),
    why = h("p", { class: "why", hidden: true }),
    course = QUESTIONS[name].courses?.[option - 1];
  const picture = course ? [coursePicture(course)] : [];
  const pressed = button(undefined, () => choose(option), {}, number, ...picture, words, mark);
  const right = option === rightOf(name);
  return {
    element: h("div", { class: "option" }, pressed, why),
    show(/** @type {number[]} */ mine, /** @type {boolean} */ open, /** @type {boolean} */ teacher) {
      const told = open || (!teacher && mine.includes(option));
      setText(words, say(`quiz_${name}_${option}`));
      setText(mark, told ? (right ? "✓" : "✗") : "");
      setText(why, told ? say(`quiz_${name}_${option}_why`) : "");
      why.hidden = !told;
      why.className = `why ${right ? "right" : "wrong"}`;
      press([pressed], () => mine.includes(option));
      rest(pressed, open);
    },
  };
}

// ---- what is kept ----

/** What was answered before a reload, as far as the questions still exist. @returns {Partial<Answers>} */
function restore() {
  try {
    const { tried, picked, revealed, teacher, at } = JSON.parse(sessionStorage.getItem(STORED) ?? "");
    const isOption = (/** @type {unknown} */ option) => OPTIONS.some((each) => each === option);
    return {
      tried: known(/** @type {Answers["tried"]} */ (tried), (options) => options.every(isOption)),
      picked: known(/** @type {Answers["picked"]} */ (picked), isOption),
      revealed: revealed.filter((/** @type {string} */ name) => NAMES.includes(name)),
      teacher: teacher === true,
      at: NAMES[at] ? at : 0,
    };
  } catch {
    return {}; // nothing kept, or a browser that keeps nothing
  }
}

/**
 * The entries of questions that exist, with values that may be.
 * @template T
 * @param {Record<string, T>} entries
 * @param {(value: T) => boolean} allowed
 */
const known = (entries, allowed) =>
  Object.fromEntries(Object.entries(entries).filter(([name, value]) => NAMES.includes(name) && allowed(value)));

/** @param {Answers} answers */
function store(answers) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(answers));
  } catch {
    // A browser that keeps nothing: the answers last as long as the page is open.
  }
}
