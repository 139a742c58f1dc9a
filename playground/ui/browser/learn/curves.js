// Reading curves: four places on the run's losses to be read, and what a loss cannot show.

import { button, press } from "../kit/button.js";
import { h, key, setText } from "../kit/dom.js";
import { levelsInWords, many, padded, percent } from "../kit/numbers.js";
import { LEVELS, linePlot } from "../kit/plot.js";
import { slide } from "../kit/slides.js";
import { buildLog } from "./log.js";
import { jump, links, onSteps, redrawn, task, told } from "./parts.js";

/** @import { Say, View } from "../types.d.ts" */
/** @import { Census, CurvesFacts, LessonPage, LessonView } from "./facts.d.ts" */
/** @typedef {Record<string, unknown>} Values what the words may name */

/**
 * How far the visitor has read: the place that is asked about, the reading picked for it, and the places found.
 * @typedef {{ place: string, picked: string | null, found: Set<string> }} Reading
 */

const APART = "2.5em";
const PLACES = ["rise", "low", "flat", "late"]; // 1 to 4: a place named D would be taken for the detective
const READINGS = ["flat", "rise", "late", "low"]; // as they are offered
/** How a column of the log is written, where not with two decimals. @type {Record<string, (x: number) => string>} */
const WRITTEN = { recognisable: percent, frechet: (x) => x.toFixed(0), epoch: String, digits: String };

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { curves: facts } = view.facts;
  const values = valuesOf(facts),
    repeats = facts.rows.repeats.epoch,
    most = Math.max(...facts.census.flatMap(({ counts }) => counts));
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "curves_lead" }), task("curves_do")),
      ...buildExercise(view, values),
      ...onSteps("3", h("h4", { say: "curves_why_title" }), told(view, "curves_why", values)),
      ...onSteps("4", buildLog(view)),
      ...onSteps(
        "5",
        h("h4", { say: "curves_balance_title" }),
        told(view, "curves_balance", values),
        told(view, "curves_balance_care", values),
      ),
      ...onSteps("6 7", h("h4", { say: "curves_collapse_title" })),
      ...onSteps("6", told(view, "curves_collapse", values)),
      ...onSteps("7", h("div", { class: "census" }, ...facts.census.map((each) => buildCensus(each, most, view)))),
      ...onSteps(
        "7",
        h("p", { class: "help", say: key("curves_census_help", { drawings: facts.census[0].drawings }) }),
      ),
      ...onSteps(
        "6",
        links(
          jump(key("curves_story", { epoch: String(repeats) }), { tab: "epochs", moment: repeats }),
          jump("curves_train", { tab: "train" }),
        ),
      ),
    ],
  };
}

/**
 * Every number of a named row, as `rise_loss_g`, and the levels of balance.
 * @param {CurvesFacts} facts
 * @returns {Values}
 */
function valuesOf({ rows, loss_g, samples }) {
  const all = Object.entries(rows).flatMap(([place, row]) =>
    Object.entries(row).map(([name, x]) => [`${place}_${name}`, WRITTEN[name]?.(x) ?? x.toFixed(2)]),
  );
  return {
    ...Object.fromEntries(all),
    ...levelsInWords(2),
    epochs: loss_g.length,
    samples: many(samples),
    rise_epochs: rows.rise.epoch + 1,
  };
}

// ---- the exercise ----

/** @param {LessonView} view @param {Values} values */
function buildExercise(view, values) {
  /** @type {Reading} */
  const reading = { place: PLACES[0], picked: null, found: new Set() };
  const go = (/** @type {string} */ place) => {
    Object.assign(reading, { place, picked: reading.found.has(place) ? place : null });
    draw();
  };
  const pick = (/** @type {string} */ name) => {
    reading.picked = name;
    if (name === reading.place) reading.found.add(name);
    draw();
  };
  const plot = buildPlot(view, values, go),
    question = buildQuestion(view, pick),
    answer = buildAnswer(view, values, () => go(unread(reading)));
  const draw = () => {
    for (const part of [plot, question, answer]) part.show(reading);
  };
  redrawn(view, draw);
  return [
    ...onSteps("1 2", plot.element),
    ...onSteps("2", h("div", { class: "task" }, question.element, answer.element)),
  ];
}

/**
 * What is asked about a place, and the readings to choose from.
 * @param {LessonView} view
 * @param {(name: string) => void} pick
 */
function buildQuestion({ facts: { curves }, say }, pick) {
  const question = h("p", { class: "question" }),
    score = h("p", { class: "numbers" }),
    signs = READINGS.map(() => h("span", { class: "sign" }));
  const readings = READINGS.map((name, i) => {
    const words = h("span", { say: `curves_${name}_reading` });
    return button(undefined, () => pick(name), { class: `reading ${name}` }, signs[i], words);
  });
  return {
    element: h("div", {}, question, h("div", { class: "readings" }, ...readings), score),
    show(/** @type {Reading} */ { place, picked, found }) {
      const { epoch, loss_g, loss_d } = curves.rows[place];
      const losses = { loss_g: loss_g.toFixed(2), loss_d: loss_d.toFixed(2) };
      setText(question, say("curves_question", { number: PLACES.indexOf(place) + 1, epoch, ...losses }));
      press(readings, (i) => READINGS[i] === picked);
      for (const [i, sign] of signs.entries())
        setText(sign, READINGS[i] !== picked ? "" : picked === place ? "✓ " : "✗ ");
      setText(score, say("curves_found", { found: found.size, places: PLACES.length }));
    },
  };
}

/**
 * Whether the reading holds, with the drawings that show it, and the way to the next place.
 * @param {LessonView} view
 * @param {Values} values
 * @param {() => void} goOn
 */
function buildAnswer(view, values, goOn) {
  const { rows } = view.facts.curves;
  const answer = h("p", { class: "answer", role: "status" });
  const proofs = PLACES.map((name) => buildProof(name, rows[name].epoch, view));
  const next = button("curves_next", goOn, { class: "next primary" });
  return {
    element: h("div", { class: "told" }, answer, ...proofs, next),
    show(/** @type {Reading} */ { place, picked, found }) {
      const right = picked === place;
      setText(answer, picked ? view.say(`curves_${place}_${right ? "why" : "hint"}`, values) : "");
      answer.className = `answer ${picked ? (right ? "right" : "wrong") : ""}`;
      proofs.forEach((proof, i) => {
        proof.hidden = !right || PLACES[i] !== place;
      });
      next.hidden = !right || found.size === PLACES.length;
    },
  };
}

/** The next place that is not found yet. @param {Reading} reading */
function unread({ found, place }) {
  const order = [...PLACES.slice(PLACES.indexOf(place)), ...PLACES];
  return order.find((name) => !found.has(name)) || place;
}

/**
 * The drawings of the epoch, which say whether a reading holds.
 * @param {string} name
 * @param {number} epoch
 * @param {View} view
 */
const buildProof = (name, epoch, view) =>
  h(
    "figure",
    { class: `proof ${name}`, hidden: true },
    sheetOf(epoch, view),
    h("figcaption", {}, jump(key("curves_see", { epoch }), { tab: "epochs", moment: epoch })),
  );

/** @param {number} epoch @param {View} view */
const sheetOf = (epoch, { asset }) =>
  h("img", {
    class: "pixels",
    src: asset("checkpoints", `drawings/epoch-${padded(epoch)}.png`),
    width: 224,
    height: 224,
    loading: "lazy",
    name: key("curves_sheet", { epoch }),
  });

// ---- both losses, with the four places ----

/** @param {LessonView} view @param {Values} values @param {(place: string) => void} go */
function buildPlot(view, values, go) {
  const { rows, loss_g, loss_d } = view.facts.curves;
  const top = Math.ceil(Math.max(...loss_g, ...loss_d)),
    last = loss_g.length - 1;
  const plot = linePlot({
    x: [0, last],
    y: [0, top],
    lines: linesOf(loss_g, loss_d),
    across: [0, 50, 100, 150, last].map((epoch) => [epoch, String(epoch)]),
    down: Array.from({ length: top + 1 }, (_, loss) => [loss, String(loss)]),
  });
  const marks = PLACES.map((name, i) => buildMark(name, i + 1, rows[name].epoch, go)),
    stems = PLACES.map(() => h("span", { class: "stem" })),
    dots = { g: h("span", { class: "dot g" }), d: h("span", { class: "dot d" }) };
  for (const [i, name] of PLACES.entries()) {
    stems[i].style.left = plot.left(rows[name].epoch);
    // Epochs that lie close: their numbers stay beside each other, each at least APART from those before it.
    const places = PLACES.slice(0, i + 1).map((one, n) => `calc(${plot.left(rows[one].epoch)} + ${i - n} * ${APART})`);
    marks[i].style.left = `max(${places.join(", ")})`;
  }
  plot.lines.append(...stems, dots.g, dots.d);
  return {
    element: h("div", { class: "curves" }, h("div", { class: "marks" }, ...marks), plot.element, buildLegend()),
    show(/** @type {Reading} */ { place, found }) {
      const { epoch, loss_g, loss_d } = rows[place];
      plot.element.setAttribute("aria-label", view.say("curves_plot", values));
      press(marks, (i) => PLACES[i] === place);
      for (const [i, mark] of marks.entries()) mark.classList.toggle("found", found.has(PLACES[i]));
      for (const [i, stem] of stems.entries()) stem.classList.toggle("here", PLACES[i] === place);
      Object.assign(dots.g.style, { left: plot.left(epoch), top: plot.top(loss_g) });
      Object.assign(dots.d.style, { left: plot.left(epoch), top: plot.top(loss_d) });
    },
  };
}

/** @param {string} name @param {number} number @param {number} epoch @param {(place: string) => void} go */
const buildMark = (name, number, epoch, go) =>
  button(
    undefined,
    () => go(name),
    { class: `mark ${name}`, name: key("curves_place", { number, epoch }) },
    String(number),
  );

/**
 * Both losses by epoch, and their levels of balance.
 * @param {number[]} loss_g
 * @param {number[]} loss_d
 * @returns {[string, number[][]][]}
 */
function linesOf(loss_g, loss_d) {
  const ends = [0, loss_g.length - 1];
  return [
    ["d level", ends.map((epoch) => [epoch, LEVELS.loss_d])],
    ["g level", ends.map((epoch) => [epoch, LEVELS.loss_g])],
    ["d", loss_d.map((loss, epoch) => [epoch, loss])],
    ["g", loss_g.map((loss, epoch) => [epoch, loss])],
  ];
}

const buildLegend = () =>
  h(
    "p",
    { class: "legend" },
    ...["loss_g", "loss_d", "levels"].map((name) => h("span", { class: name }, h("span", { say: `curves_${name}` }))),
    h("span", { say: "curves_epoch" }),
    h("span", {}, slide("figure", "13-31"), slide("code", "13-33")),
  );

// ---- the census: which digits the judge finds on a sheet ----

/** @param {Census} census @param {number} most the highest count of all sheets @param {View} view */
function buildCensus({ epoch, counts, drawings }, most, view) {
  const read = counts.reduce((sum, count) => sum + count, 0),
    spoken = counts.map((count, digit) => `${digit}: ${count}`).join(", ");
  const bars = counts.flatMap((count, digit) => [
    h("span", {}, String(digit)),
    h("span", { class: "bar" }, h("span", { style: `width: ${(100 * count) / most}%` })),
    h("span", { class: "count" }, String(count)),
  ]);
  const chart = h("div", { class: "bars", role: "img", name: key("curves_bars", { epoch, counts: spoken }) }, ...bars);
  return h(
    "figure",
    {},
    h("figcaption", { say: key("curves_census", { epoch, read, drawings }) }),
    h("div", { class: "pair" }, sheetOf(epoch, view), chart),
  );
}
