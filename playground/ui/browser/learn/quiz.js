// Questions: every option explained, right or wrong; a score; and a view for the teacher that hides answers until reveal.

import { h, key, setText } from "../kit/dom.js";

const OPTIONS = [1, 2, 3, 4];
const STORED = "gan-playground-quiz"; // in this window's session: a reload loses no answer
// Question to its right option, and where it was shown. The first two are the lecture's own.
const QUESTIONS = {
  game: [1, { lesson: 1 }],
  forger: [3, { lesson: 1 }],
  lessons: [2, { lesson: 1 }],
  tanh: [4, { lesson: 2 }],
  dying: [2, { lesson: 2 }],
  black: [1, { lesson: 3 }],
  balance: [4, { lesson: 4 }],
  saturating: [3, { lesson: 4 }],
  detach: [2, { lesson: 5 }],
  labels: [1, { lesson: 5 }],
  clear: [3, { lesson: 6 }],
  falling: [4, { lesson: 7 }],
  collapse: [3, { lesson: 7 }],
  line: [2, { tab: "interpolate" }],
  scan: [1, { lesson: 8 }],
};
const NAMES = Object.keys(QUESTIONS);
const rightOf = (name) => QUESTIONS[name][0];

export function build(view) {
  const { say } = view;
  // `tried`: question to options, in time; `picked`: the class's choice in the teacher's view, which scores nothing.
  const state = { tried: {}, picked: {}, revealed: [], teacher: false, at: 0, ...restore() };
  const questions = NAMES.map((name, i) => buildQuestion(name, i, view, (option) => choose(name, option)));
  const sheet = h("div", { class: "sheet" }, ...questions.map((question) => question.element));
  const told = h("p", { class: "told", role: "status" }); // what Reveal showed, for those who cannot see it
  const score = h("p", { class: "score", role: "status" });
  const press = (id, text, act, attributes = {}) =>
    h("button", {
      type: "button",
      id,
      say: text,
      on: {
        click: () => {
          act();
          keep();
        },
      },
      ...attributes,
    });
  const teacher = press("quiz-teacher", "quiz_teacher", () => {
    state.teacher = !state.teacher;
  });
  const again = press("quiz-again", "quiz_again", () =>
    Object.assign(state, { tried: {}, picked: {}, revealed: [], at: 0 }),
  );
  const back = press("quiz-back", "quiz_back", () => {
    state.at = Math.max(0, state.at - 1);
  });
  const next = press("quiz-next", "quiz_next", () => {
    state.at = Math.min(NAMES.length - 1, state.at + 1);
  });
  const reveal = press(
    "quiz-reveal",
    "quiz_reveal",
    () => {
      if (!state.revealed.includes(NAMES[state.at])) state.revealed.push(NAMES[state.at]);
    },
    { class: "primary" },
  );
  const lead = h("div", { class: "acts lead-through" }, back, next, reveal);
  const choose = (name, option) => {
    const tried = state.tried[name] || [];
    if (state.teacher && !state.revealed.includes(name))
      state.picked[name] = option; // a class may change its mind until Reveal
    else if (!state.teacher && !tried.includes(option) && !tried.includes(rightOf(name)))
      state.tried[name] = [...tried, option];
    keep();
  };
  const keep = () => {
    store(state);
    draw();
  };
  const draw = () => {
    questions.forEach((question, i) => question.show(state, !state.teacher || i === state.at));
    const answered = NAMES.filter((name) => state.tried[name]?.length),
      first = answered.filter((name) => state.tried[name][0] === rightOf(name));
    setText(
      score,
      state.teacher
        ? say("quiz_place", { number: state.at + 1, questions: NAMES.length })
        : say("quiz_score", { answered: answered.length, questions: NAMES.length, first: first.length }),
    );
    const open = state.teacher && state.revealed.includes(NAMES[state.at]);
    setText(
      told,
      open
        ? say("quiz_told", {
            right: rightOf(NAMES[state.at]),
            words: say(`quiz_${NAMES[state.at]}_${rightOf(NAMES[state.at])}`),
          })
        : "",
    );
    sheet.classList.toggle("teaching", state.teacher);
    teacher.setAttribute("aria-pressed", String(state.teacher));
    lead.hidden = !state.teacher;
    back.setAttribute("aria-disabled", String(state.at === 0));
    next.setAttribute("aria-disabled", String(state.at === NAMES.length - 1));
    reveal.setAttribute("aria-disabled", String(open));
  };
  view.onLanguage(draw);
  draw();
  return {
    elements: [
      h("p", { class: "lead", say: key("quiz_lead", { questions: NAMES.length }) }),
      h("div", { class: "do" }, h("p", { say: "quiz_do" })),
      h("div", { class: "acts" }, teacher, again, score),
      sheet,
      told,
      lead,
    ],
  };
}

function buildQuestion(name, place, { say, jump }, choose) {
  const title = h("legend", {}),
    link = h("p", { class: "where", hidden: true }, jump("quiz_where", QUESTIONS[name][1]));
  const rows = OPTIONS.map((option) => {
    const mark = h("span", { class: "sign" }),
      words = h("span", {}),
      why = h("p", { class: "why", hidden: true });
    const button = h(
      "button",
      { type: "button", on: { click: () => choose(option) } },
      h("span", { class: "number" }, `${option}`),
      words,
      mark,
    );
    return { option, mark, words, why, button, element: h("div", { class: "option" }, button, why) };
  });
  const element = h(
    "fieldset",
    { class: "question", id: `quiz-${name}` },
    title,
    ...rows.map((row) => row.element),
    link,
  );
  return {
    element,
    show({ tried, picked, revealed, teacher }, visible) {
      const mine = (teacher ? [picked[name]] : tried[name]) || [],
        right = rightOf(name);
      const open = teacher ? revealed.includes(name) : mine.includes(right); // whether all is told
      element.hidden = !visible;
      setText(title, `${place + 1}. ${say(`quiz_${name}`)}`);
      for (const { option, mark, words, why, button } of rows) {
        const told = open || (!teacher && mine.includes(option));
        setText(words, say(`quiz_${name}_${option}`));
        setText(mark, told ? (option === right ? "✓" : "✗") : "");
        setText(why, told ? say(`quiz_${name}_${option}_why`) : "");
        why.hidden = !told;
        why.className = `why ${option === right ? "right" : "wrong"}`;
        button.setAttribute("aria-pressed", String(mine.includes(option)));
        button.setAttribute("aria-disabled", String(open));
      }
      link.hidden = !open;
    },
  };
}

function restore() {
  try {
    const { tried, picked, revealed, teacher, at } = JSON.parse(sessionStorage.getItem(STORED));
    const known = Object.entries(tried).filter(
      ([name, options]) => NAMES.includes(name) && options.every((option) => OPTIONS.includes(option)),
    );
    const chosen = Object.entries(picked).filter(([name, option]) => NAMES.includes(name) && OPTIONS.includes(option));
    return {
      tried: Object.fromEntries(known),
      picked: Object.fromEntries(chosen),
      revealed: revealed.filter((name) => NAMES.includes(name)),
      teacher: teacher === true,
      at: NAMES[at] ? at : 0,
    };
  } catch {
    return {}; // nothing kept, or a browser that keeps nothing
  }
}

function store(state) {
  try {
    sessionStorage.setItem(STORED, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing: the answers last as long as the page is open.
  }
}
