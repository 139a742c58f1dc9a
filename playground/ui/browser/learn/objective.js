// The objective V(D, G): both verdicts to be set, what each term and both losses make of them, and why the lecture lets
// G learn from another loss than the formula's.

import { button } from "../kit/button.js";
import { h, key, quantity, setText } from "../kit/dom.js";
import { levelsInWords, write } from "../kit/numbers.js";
import { linePlot } from "../kit/plot.js";
import { slide } from "../kit/slides.js";
import { buildFormula } from "./formula.js";
import { jump, links, onSteps, redrawn, task } from "./parts.js";

/** @import { Say } from "../types.d.ts" */
/** @import { LessonPage, LessonView, Verdicts } from "./facts.d.ts" */
/** @typedef {{ real: number, fake: number }} Hands D(x) and D(G(z)), in hundredths */
/** @typedef {Pick<Verdicts, "d_real" | "d_fake"> & Partial<Verdicts>} Place what a button sets; an epoch or none */
/** @typedef {"loss" | "slope"} Shown */

const LOW = 1,
  HIGH = 99,
  SCALE = 100; // verdicts, in hundredths: at 0 and 1 a logarithm ends
const ln = Math.log;
/**
 * G's losses by D(G(z)) = p: the loss, and its gradient with respect to D's last sum, before the Sigmoid.
 * @type {Record<string, Record<Shown, (p: number) => number>>}
 */
const G_LOSSES = {
  saturating: { loss: (p) => ln(1 - p), slope: (p) => -p },
  training: { loss: (p) => -ln(p), slope: (p) => p - 1 },
};
const KINDS = Object.keys(G_LOSSES);
const PLOTS = {
  loss: { low: -5, high: 5, ticks: [-4, -2, 0, 2, 4] },
  slope: { low: -1.05, high: 0.05, ticks: [-1, -0.5, 0] },
};
const HALF = { d_real: 0.5, d_fake: 0.5 }; // where nobody is ahead

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { objective } = view.facts;
  /** @type {Hands} */
  const state = { real: 80, fake: 30 };
  const change = (/** @type {Partial<Hands>} */ changes) => {
    Object.assign(state, changes);
    draw();
  };
  const log = buildLog(view);
  const move = (/** @type {Partial<Hands>} */ changes) => {
    log.show(null); // these verdicts are nobody's any more
    change(changes);
  };
  const choose = (/** @type {Place} */ place) => {
    log.show(place);
    change({ real: Math.round(place.d_real * SCALE), fake: Math.round(place.d_fake * SCALE) });
  };
  const parts = [buildHands(view, move), buildNumbers(view.say), buildPlots(view.say)];
  const draw = () => {
    for (const part of parts) part.show(state.real / SCALE, state.fake / SCALE);
  };
  redrawn(view, draw);
  const [hands, numbers, plots] = parts.map((part) => part.element);
  const { epoch } = objective.wins,
    count = view.facts.game.noise.length;
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "objective_lead" })),
      ...onSteps("1 2", buildFormula(view)),
      ...onSteps("1", h("p", { class: "help", say: key("objective_expected", { count }) }), task("objective_do")),
      ...onSteps("2 4", hands),
      ...onSteps("2", buildChoices({ half: HALF, ...objective }, choose), numbers, log.element),
      ...onSteps("3 4", h("h4", {}, h("span", { say: "objective_why_title" }), slide("code", "13-31"))),
      ...onSteps("3", h("p", { say: "objective_why" })),
      ...onSteps("4", plots),
      ...onSteps(
        "3",
        h("p", { class: "help", say: "objective_source" }),
        links(
          jump(key("objective_story", { epoch }), { tab: "epochs", moment: epoch }),
          jump("objective_train", { tab: "train" }),
        ),
      ),
    ],
  };
}

// ---- the two verdicts ----

/** @param {LessonView} view @param {(changes: Partial<Hands>) => void} change */
function buildHands(view, change) {
  const hand = (/** @type {keyof Hands} */ name) =>
    quantity({
      id: `objective-${name}`,
      say: `objective_${name}`,
      low: LOW,
      high: HIGH,
      scale: SCALE,
      view,
      commit() {},
      change: (/** @type {number} */ value) => change({ [name]: value }),
    });
  const hands = { real: hand("real"), fake: hand("fake") };
  const boxes = Object.entries(hands).map(([name, each]) => h("div", { class: name }, each.element));
  return {
    element: h("div", { class: "hands" }, ...boxes),
    show(/** @type {number} */ real, /** @type {number} */ fake) {
      hands.real.show(Math.round(real * SCALE));
      hands.fake.show(Math.round(fake * SCALE));
    },
  };
}

/**
 * Buttons that set both verdicts.
 * @param {Record<string, Place>} places
 * @param {(place: Place) => void} choose
 */
function buildChoices(places, choose) {
  const buttons = Object.entries(places).map(([name, place]) =>
    button(key(`objective_${name}`, { epoch: place.epoch }), () => choose(place), { id: `objective-${name}` }),
  );
  return h("div", { class: "choices" }, ...buttons);
}

/**
 * What the run's log says of an epoch whose mean verdicts are set: not the losses of those.
 * @param {LessonView} view
 */
function buildLog(view) {
  /** @type {Place | null} */
  let shown = null;
  const element = h("p", { id: "objective-log", role: "status" });
  const draw = () => {
    const { epoch, loss_d, loss_g } = shown ?? {};
    const known = epoch !== undefined && loss_d !== undefined && loss_g !== undefined;
    setText(element, known ? view.say("objective_log", { epoch, loss_d: write(loss_d), loss_g: write(loss_g) }) : "");
  };
  redrawn(view, draw);
  return {
    element,
    show(/** @type {Place | null} */ place) {
      shown = place;
      draw();
    },
  };
}

// ---- what the verdicts are worth ----

/** @param {Say} say */
function buildNumbers(say) {
  const rows = ["term_real", "term_fake", "value", "loss_d", "loss_g"].map((name) => ({
    name,
    cell: h("output", { "data-value": name }),
  }));
  const list = rows.map(({ name, cell }) =>
    h("div", { class: name }, h("dt", { say: `objective_${name}` }), h("dd", {}, cell)),
  );
  const text = h("p", { class: "numbers", role: "status" });
  return {
    element: h("div", {}, h("dl", { id: "objective-values" }, ...list), text),
    show(/** @type {number} */ real, /** @type {number} */ fake) {
      const worth = worthOf(real, fake);
      for (const { name, cell } of rows) setText(cell, write(worth[name], 3));
      const who = real === 0.5 && fake === 0.5 ? "half" : real > fake ? "ahead" : "fooled";
      setText(text, say(`objective_says_${who}`, { ...levelsInWords(3), real: write(real), fake: write(fake) }));
    },
  };
}

/**
 * Both terms of V(D, G), their sum, and both losses.
 * @param {number} real
 * @param {number} fake
 * @returns {Record<string, number>}
 */
function worthOf(real, fake) {
  const term_real = ln(real),
    term_fake = ln(1 - fake),
    value = term_real + term_fake;
  return { term_real, term_fake, value, loss_d: -value, loss_g: G_LOSSES.training.loss(fake) };
}

// ---- G's two losses by D(G(z)), and what G learns from them ----

/** @param {Say} say */
function buildPlots(say) {
  const plots = [buildPlot("loss", say), buildPlot("slope", say)];
  return {
    element: h("div", { class: "plots" }, ...plots.map((plot) => plot.element)),
    show(/** @type {number} */ _real, /** @type {number} */ fake) {
      for (const plot of plots) plot.show(fake);
    },
  };
}

/** @param {Shown} name @param {Say} say */
function buildPlot(name, say) {
  const { low, high, ticks } = PLOTS[name];
  const plot = linePlot({
    x: [0, 1],
    y: [low, high],
    lines: linesOf(name),
    across: [0, 0.5, 1].map((p) => [p, String(p)]),
    down: ticks.map((y) => [y, write(y, y % 1 ? 1 : 0)]),
  });
  const dots = KINDS.map((kind) => h("span", { class: `dot ${kind}` }));
  plot.lines.append(...dots);
  const shown = KINDS.map((kind) => h("output", { "data-curve": `${name}-${kind}` }));
  const legend = KINDS.map((kind, i) =>
    h("p", { class: `legend ${kind}` }, h("span", { say: `objective_${name}_${kind}` }), " ", shown[i]),
  );
  return {
    element: h("figure", { class: name }, h("figcaption", { say: `objective_plot_${name}` }), plot.element, ...legend),
    show(/** @type {number} */ p) {
      plot.element.setAttribute("aria-label", say(`objective_plot_${name}`));
      KINDS.forEach((kind, i) => {
        const y = G_LOSSES[kind][name](p);
        Object.assign(dots[i].style, { left: plot.left(p), top: plot.top(y) });
        setText(shown[i], write(y, 3));
      });
    },
  };
}

/**
 * Zero, and a line for each of G's losses.
 * @param {Shown} name
 * @returns {[string, number[][]][]}
 */
function linesOf(name) {
  const verdicts = Array.from({ length: HIGH }, (_, i) => (i + LOW) / SCALE);
  const zero = [
    [0, 0],
    [1, 0],
  ];
  return [["zero", zero], ...KINDS.map((kind) => lineOf(kind, name, verdicts))];
}

/**
 * @param {string} kind
 * @param {Shown} name
 * @param {number[]} verdicts
 * @returns {[string, number[][]]}
 */
const lineOf = (kind, name, verdicts) => [kind, verdicts.map((p) => [p, G_LOSSES[kind][name](p)])];
