// Two networks: their layers as the files have them, and what each kind of layer does, under one's hand.

import { h, key, quantity, setText } from "../kit/dom.js";
import { page } from "../page/page.js";

const PACE = 600; // ms that a layer is lit
const UNITS = 64; // of the picture of Dropout

const WIDE = "(min-width: 1200px)"; // here the printed module has its place beside the layers
const many = (number) => number.toLocaleString("en");
const two = (number) => (Number(number.toFixed(2)) || 0).toFixed(2).replace("-", "−"); // no −0.00

export function build(view) {
  const {
    facts: { networks },
  } = view;
  const layers = [...networks.generator.layers, ...networks.discriminator.layers];
  const ends = { noise: many(layers[0].inputs), pixels: many(networks.discriminator.layers[0].inputs) };
  const first = (kind) => layers.find((layer) => layer.kind === kind);
  return {
    elements: [
      h("p", { class: "lead", say: key("networks_lead", ends) }),
      h("div", { class: "do" }, h("p", { say: "networks_do" })),
      ...["generator", "discriminator"].map((role) => buildNetwork(role, networks[role], view)),
      h(
        "div",
        { class: "tools" },
        buildLeaky(first("LeakyReLU").setting, view),
        buildDropout(first("Dropout").setting, view),
      ),
      h(
        "div",
        { class: "tools" },
        ...["tanh", "sigmoid"].map((name) =>
          h("section", {}, h("h4", { say: `networks_${name}_title` }), h("p", { say: `networks_${name}` })),
        ),
      ),
      h(
        "div",
        { class: "links" },
        view.jump("networks_inside", { tab: "explore", folds: 6 }),
        view.jump("networks_code", { lesson: 6 }),
      ),
    ],
  };
}

// ---- a network, layer by layer ----

function buildNetwork(role, { layers, parameters, printed }, { say, onLanguage }) {
  let at = -1,
    begun = false,
    timer = 0; // `at` is the lit layer, -1 the entry
  const entry = h(
    "li",
    { class: "layer entry" },
    h("b", { say: `networks_in_${role}` }),
    h("span", {}, many(layers[0].inputs)),
  );
  const boxes = layers.map((layer) =>
    h(
      "li",
      { class: `layer ${layer.kind.toLowerCase()}` },
      h("b", {}, layer.kind + (layer.setting === undefined ? "" : `(${layer.setting})`)),
      h(
        "span",
        {},
        layer.inputs === layer.outputs ? many(layer.outputs) : `${many(layer.inputs)} → ${many(layer.outputs)}`,
      ),
      layer.parameters ? h("small", { say: key("networks_parameters", { count: many(layer.parameters) }) }) : "",
    ),
  );
  const text = h("p", { class: "numbers", role: "status" });
  const lines = printed.split("\n").map((line) => h("span", {}, `${line}\n`));
  const lineOf = (place) => lines.find((line) => line.textContent.trim().startsWith(`(${place}):`));
  const draw = () => {
    [entry, ...boxes].forEach((box, i) => box.classList.toggle("lit", begun && i === at + 1));
    for (const line of lines) line.classList.toggle("lit", line === lineOf(at));
    const layer = layers[at],
      place = { place: at + 1, layers: layers.length, kind: layer?.kind, outputs: layer && many(layer.outputs) };
    setText(
      text,
      say(layer ? `networks_says_${layer.kind.toLowerCase()}` : "networks_start", {
        ...place,
        rows: layer && Math.sqrt(layer.outputs),
        inputs: many(layers[0].inputs),
        count: many(layer?.parameters || 0),
      }),
    );
  };
  const step = () => {
    at = !begun || at === layers.length - 1 ? -1 : at + 1;
    begun = true;
    draw();
  };
  const halt = () => {
    clearInterval(timer);
    timer = 0;
  };
  const send = () => {
    halt();
    at = -1;
    begun = true;
    draw();
    timer = setInterval(() => (at < layers.length - 1 ? step() : halt()), PACE);
  };
  onLanguage(draw);
  draw();
  return h(
    "section",
    { class: `network ${role}`, id: `network-${role}` },
    h("h4", { say: key(`networks_${role}`, { parameters: many(parameters) }) }),
    h(
      "div",
      { class: "drawn" },
      h("ol", { name: `networks_${role}_name` }, entry, ...boxes),
      h(
        "details",
        { open: matchMedia(WIDE).matches },
        h("summary", { say: "networks_printed" }),
        h("pre", { tabindex: 0, name: "networks_printed" }, ...lines),
      ),
    ),
    h(
      "div",
      { class: "acts" },
      h("button", {
        type: "button",
        class: "step primary",
        say: "networks_step",
        on: {
          click() {
            halt();
            step();
          },
        },
      }),
      h("button", { type: "button", class: "send", say: "networks_send", on: { click: send } }),
    ),
    text,
  );
}

// ---- LeakyReLU: a bend, and what is left of it on the negative side ----

function buildLeaky(lectures, view) {
  const { say, onLanguage } = view;
  let x = -1.5,
    slope = lectures;
  const plot = h("div", { class: "plot", role: "img" }),
    text = h("p", { class: "numbers", role: "status" }),
    why = h("p", {});
  const hands = [
    quantity({
      id: "leaky-x",
      say: "networks_x",
      low: -300,
      high: 300,
      scale: 100,
      view,
      commit() {},
      change(value) {
        x = value / 100;
        draw();
      },
    }),
    quantity({
      id: "leaky-slope",
      say: "networks_slope",
      low: 0,
      high: 50,
      scale: 100,
      view,
      commit() {},
      change(value) {
        slope = value / 100;
        draw();
      },
    }),
  ];
  const draw = () => {
    const f = (value) => (value > 0 ? value : slope * value),
      derivative = x > 0 ? 1 : slope;
    plot.innerHTML =
      `<svg viewBox="-3.2 -3.2 6.4 4.6" aria-hidden="true"><path class="axis" d="M-3 0H3M0 -3V1"/>` +
      `<path class="bend" d="M-3 ${3 * slope}L0 0L3 -3"/><circle cx="${x}" cy="${-f(x)}" r="0.13"/></svg>`;
    const shown = { x: two(x), y: two(f(x)), derivative: two(derivative), slope: two(slope), lectures };
    plot.setAttribute("aria-label", say("networks_leaky_plot", shown));
    setText(text, say("networks_leaky_values", shown));
    setText(why, say(slope === 0 ? (x > 0 ? "networks_relu" : "networks_dying") : "networks_leaky", shown));
    hands[0].show(Math.round(x * 100));
    hands[1].show(Math.round(slope * 100));
  };
  onLanguage(draw);
  draw();
  return h(
    "section",
    { class: "leaky", id: "leaky" },
    h("h4", { say: "networks_leaky_title" }),
    plot,
    ...hands.map((hand) => hand.element),
    text,
    why,
  );
}

// ---- Dropout: other units at every step ----

function buildDropout(share, { say, onLanguage }) {
  const cells = Array.from({ length: UNITS }, () => h("i", {}));
  const text = h("p", { class: "numbers", role: "status" });
  let mute = [];
  const draw = () => {
    cells.forEach((cell, i) => cell.classList.toggle("mute", mute[i]));
    setText(
      text,
      say("networks_dropout_values", {
        mute: mute.filter(Boolean).length,
        units: UNITS,
        scale: (1 / (1 - share)).toFixed(2),
      }),
    );
  };
  const again = () => {
    mute = cells.map(() => Math.random() < share);
    draw();
    page.touch();
  };
  onLanguage(draw);
  again();
  return h(
    "section",
    { class: "dropout", id: "dropout" },
    h("h4", { say: "networks_dropout_title" }),
    h("div", { class: "units", "aria-hidden": "true" }, ...cells),
    text,
    h("button", { type: "button", say: "networks_again", on: { click: again } }),
    h("p", { say: key("networks_dropout", { share }) }),
  );
}
