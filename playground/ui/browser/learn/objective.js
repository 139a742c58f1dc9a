// The objective V(D, G): both verdicts under one's hand, what each term and both losses make of them, and why the
// lecture lets G learn from another loss than the formula's.

import { h, key, quantity, setText } from "../kit/dom.js";

const LOW = 1,
  HIGH = 99,
  SCALE = 100; // verdicts, in hundredths: at 0 and 1 a logarithm ends
const ln = Math.log;
const G_LOSSES = {
  // by D(G(z)) = p: the loss, and its gradient with respect to D's last sum, before the Sigmoid
  saturating: { loss: (p) => ln(1 - p), slope: (p) => -p },
  training: { loss: (p) => -ln(p), slope: (p) => p - 1 },
};
const PLOTS = {
  loss: { low: -5, high: 5, ticks: [-4, -2, 0, 2, 4] },
  slope: { low: -1.05, high: 0.05, ticks: [-1, -0.5, 0] },
};

const write = (x, places = 2) => x.toFixed(places).replace("-", "−");

export function build(view) {
  const {
    facts: { objective },
    jump,
  } = view;
  const state = { real: 80, fake: 30 };
  const formula = buildFormula(view),
    numbers = buildNumbers(view),
    plots = Object.keys(PLOTS).map((name) => buildPlot(name, view));
  const hand = (name) =>
    quantity({
      id: `objective-${name}`,
      say: `objective_${name}`,
      low: LOW,
      high: HIGH,
      scale: SCALE,
      view,
      commit() {},
      change(value) {
        state[name] = value;
        draw();
      },
    });
  const hands = { real: hand("real"), fake: hand("fake") };
  const places = [["half", { d_real: 0.5, d_fake: 0.5 }], ...Object.entries(objective)].map(
    ([name, { epoch, d_real, d_fake }]) =>
      h("button", {
        type: "button",
        id: `objective-${name}`,
        say: key(`objective_${name}`, { epoch }),
        on: {
          click() {
            Object.assign(state, { real: Math.round(d_real * SCALE), fake: Math.round(d_fake * SCALE) });
            draw();
          },
        },
      }),
  );
  const draw = () => {
    const real = state.real / SCALE,
      fake = state.fake / SCALE;
    for (const [name, each] of Object.entries(hands)) each.show(state[name]);
    numbers.show(real, fake);
    for (const plot of plots) plot.show(fake);
    formula.draw();
  };
  view.onLanguage(draw);
  draw();
  return {
    elements: [
      h("p", { class: "lead", say: "objective_lead" }),
      formula.element,
      h("div", { class: "do" }, h("p", { say: "objective_do" })),
      h(
        "div",
        { class: "hands" },
        h("div", { class: "real" }, hands.real.element),
        h("div", { class: "fake" }, hands.fake.element),
      ),
      h("div", { class: "choices" }, ...places),
      numbers.element,
      h("h4", { say: "objective_why_title" }),
      h("p", { say: "objective_why" }),
      h("div", { class: "plots" }, ...plots.map((plot) => plot.element)),
      h("p", { class: "help", say: "objective_source" }),
      h(
        "div",
        { class: "links" },
        jump(key("objective_story", { epoch: objective.wins.epoch }), { tab: "epochs", moment: objective.wins.epoch }),
        jump("objective_train", { tab: "train" }),
      ),
    ],
  };
}

// ---- the formula, typeset by the browser ----

const MATHML = document.createRange().createContextualFragment("<math></math>").firstChild.namespaceURI;
const m = (tag, ...children) => {
  const element = document.createElementNS(MATHML, tag);
  element.append(...children);
  return element;
};
const mi = (text) => m("mi", text),
  mo = (text) => m("mo", text);

function buildFormula({ say }) {
  const value = m("mrow", mi("V"), mo("("), mi("D"), mo(","), mi("G"), mo(")"));
  const best = (word, who) => m("munder", mo(word), mi(who));
  const mean = (what) => m("msub", mi("𝔼"), mi(what));
  const real = m("mrow", mean("x"), mo("["), mi("log"), m("mrow", mi("D"), mo("("), mi("x"), mo(")")), mo("]"));
  const fake = m(
    "mrow",
    mean("z"),
    mo("["),
    mi("log"),
    mo("("),
    m("mn", "1"),
    mo("−"),
    m("mrow", mi("D"), mo("("), mi("G"), mo("("), mi("z"), mo(")"), mo(")")),
    mo(")"),
    mo("]"),
  );
  real.setAttribute("class", "real");
  fake.setAttribute("class", "fake");
  const math = m("math", m("mrow", best("min", "G"), best("max", "D"), value, mo("="), real, mo("+"), fake));
  math.setAttribute("display", "block");
  return {
    element: h("div", { class: "formula", tabindex: 0 }, math),
    draw: () => math.setAttribute("aria-label", say("objective_formula")),
  };
}

// ---- what the verdicts are worth ----

function buildNumbers({ say }) {
  const rows = ["term_real", "term_fake", "value", "loss_d", "loss_g"].map((name) => [
    name,
    h("output", { "data-value": name }),
  ]);
  const text = h("p", { class: "numbers", role: "status" });
  return {
    element: h(
      "div",
      {},
      h(
        "dl",
        { id: "objective-values" },
        ...rows.map(([name, cell]) =>
          h("div", { class: name }, h("dt", { say: `objective_${name}` }), h("dd", {}, cell)),
        ),
      ),
      text,
    ),
    show(real, fake) {
      const terms = { term_real: ln(real), term_fake: ln(1 - fake) };
      const value = terms.term_real + terms.term_fake;
      const all = { ...terms, value, loss_d: -value, loss_g: -ln(fake) };
      for (const [name, cell] of rows) setText(cell, write(all[name], 3));
      const said =
        real === 0.5 && fake === 0.5
          ? "objective_says_half"
          : real <= fake
            ? "objective_says_fooled"
            : "objective_says_ahead";
      setText(
        text,
        say(said, {
          level_d: write(2 * Math.LN2, 3),
          level_g: write(Math.LN2, 3),
          real: write(real),
          fake: write(fake),
        }),
      );
    },
  };
}

// ---- G's two losses by D(G(z)), and what G learns from them: lines in SVG, words in HTML ----

function buildPlot(name, { say }) {
  const { low, high, ticks } = PLOTS[name],
    down = (y) => `${(100 * (high - y)) / (high - low)}%`;
  const kinds = Object.keys(G_LOSSES),
    places = Array.from({ length: HIGH }, (_, i) => (i + LOW) / SCALE);
  const line = (kind) =>
    `<polyline class="${kind}" points="${places.map((p) => `${p},${high - G_LOSSES[kind][name](p)}`).join(" ")}"/>`;
  const lines = h("div", { class: "lines" });
  lines.innerHTML = `<svg viewBox="0 0 1 ${high - low}" preserveAspectRatio="none" aria-hidden="true"><path class="zero" d="M0 ${high}H1"/>${kinds.map(line).join("")}</svg>`;
  const dots = kinds.map((kind) => h("span", { class: `dot ${kind}` }));
  lines.append(...dots);
  const marks = ticks.map((y) => h("span", { class: "tick", style: `top: ${down(y)}` }, write(y, y % 1 ? 1 : 0)));
  const across = [0, 0.5, 1].map((p) => h("span", { class: "tick", style: `left: ${100 * p}%` }, String(p)));
  const picture = h(
    "div",
    { class: "picture", role: "img" },
    h("div", { class: "down" }, ...marks),
    lines,
    h("div", { class: "across" }, ...across),
  );
  const legend = kinds.map((kind) => {
    const shown = h("output", { "data-curve": `${name}-${kind}` });
    return [h("p", { class: `legend ${kind}` }, h("span", { say: `objective_${name}_${kind}` }), " ", shown), shown];
  });
  return {
    element: h(
      "figure",
      { class: name },
      h("figcaption", { say: `objective_plot_${name}` }),
      picture,
      ...legend.map(([row]) => row),
    ),
    show(p) {
      picture.setAttribute("aria-label", say(`objective_plot_${name}`));
      kinds.forEach((kind, i) => {
        const y = G_LOSSES[kind][name](p);
        Object.assign(dots[i].style, { left: `${100 * p}%`, top: down(y) });
        setText(legend[i][1], write(y, 3));
      });
    },
  };
}
