// Two networks: their layers as the files have them, and what each kind of layer does, to be tried out.

import { arrow } from "../kit/arrow.js";
import { button } from "../kit/button.js";
import { h, key, quantity, setText } from "../kit/dom.js";
import { many, write } from "../kit/numbers.js";
import { svg } from "../kit/plot.js";
import { slide } from "../kit/slides.js";
import { page } from "../page/page.js";
import { buildFlow } from "./flow.js";
import { jump, links, onSteps, redrawn, task } from "./parts.js";

/** @import { Say, View } from "../types.d.ts" */
/** @import { Layer, LessonPage, LessonView, Role } from "./facts.d.ts" */

const PACE = 600; // ms that a layer is lit
const APART = 90; // ms from one layer to the next where data flows through all of them
const STILL = "(prefers-reduced-motion: reduce)";
const UNITS = 64; // of the picture of Dropout
const SCALE = 100; // x and slope of LeakyReLU are set in hundredths
const WIDE = "(min-width: 1200px)"; // here the printed module has its place beside the layers
/** @type {Role[]} */
const ROLES = ["generator", "discriminator"];
const CODES = { generator: "13-25", discriminator: "13-26" }; // of the lecture

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { networks } = view.facts,
    flow = buildFlow(view);
  const layers = ROLES.flatMap((role) => networks[role].layers);
  const settingOf = (/** @type {string} */ kind) => layers.find((layer) => layer.kind === kind)?.setting ?? 0;
  const [noise, pixels] = ROLES.map((role) => many(networks[role].layers[0].inputs));
  const ends = ["tanh", "sigmoid"].map((name) =>
    h("section", {}, h("h4", { say: `networks_${name}_title` }), h("p", { say: `networks_${name}` })),
  );
  const [generator, discriminator] = ROLES.map((role, i) => buildNetwork(role, 2 + 2 * i, view, flow.pictures[role]));
  const renew = () => {
    flow.renew();
    for (const network of [generator, discriminator]) network.flow();
  };
  generator.acts.append(button("networks_renew", renew, { id: "networks-renew" }));
  const tried = [buildLeaky(settingOf("LeakyReLU"), view), buildDropout(settingOf("Dropout"), view)];
  const ways = [jump("networks_inside", { tab: "explore", folds: 6 }), jump("networks_code", { lesson: 6 })];
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: key("networks_lead", { noise, pixels }) }), task("networks_do")),
      ...onSteps("1", h("p", { class: "help", say: "networks_flow" })),
      ...onSteps("1 2 4", flow.lost),
      ...onSteps("2 3", generator.element),
      ...onSteps("4 5", discriminator.element),
      ...onSteps("6 7", tools(...tried.flatMap((each, i) => onSteps(String(6 + i), each)))),
      ...onSteps("8", tools(...ends), links(...ways)),
    ],
    show: flow.show,
  };
}

/** @param {...Node} each */
const tools = (...each) => h("div", { class: "tools" }, ...each);

// ---- a network, layer by layer ----

/**
 * Its layers stand on one step, and on the next one what PyTorch prints. `flow()` shows that data has gone through.
 * @param {Role} role
 * @param {number} step
 * @param {LessonView} view
 * @param {{ element: HTMLElement }[]} pictures of what goes in, and of what each layer says
 */
function buildNetwork(role, step, view, pictures) {
  const { layers, parameters, printed } = view.facts.networks[role];
  const text = h("p", { class: "numbers", role: "status" });
  const boxes = [buildEntry(role, layers[0].inputs), ...layers.map(buildLayer)];
  for (const [i, box] of boxes.entries()) box.append(pictures[i].element);
  const lines = printed.split("\n").map((line) => h("span", {}, `${line}\n`));
  const walk = walkThrough(layers.length, () => draw());
  const draw = () => {
    const place = walk.place();
    for (const [i, box] of boxes.entries()) if (box.classList.toggle("lit", i === place)) run(box);
    const start = `(${place - 1}):`; // PyTorch counts the layers from 0
    for (const line of lines) line.classList.toggle("lit", line.textContent.trim().startsWith(start));
    setText(text, wordsOf(layers, place, view.say));
  };
  redrawn(view, draw);
  const [list] = onSteps(String(step), h("ol", { name: `networks_${role}_name` }, ...boxes)),
    [module] = onSteps(String(step + 1), buildPrinted(lines));
  const acts = h(
    "div",
    { class: "acts" },
    button("networks_step", walk.step, { class: "step primary" }),
    button("networks_send", walk.send, { class: "send" }),
  );
  const parts = [buildHeading(role, parameters), h("div", { class: "drawn" }, list, module), acts, text];
  return {
    element: h("section", { class: `network ${role}`, id: `network-${role}` }, ...parts),
    acts,
    flow: () => boxes.forEach((box, i) => run(box, i * APART)),
  };
}

/** Let a dot run along the arrow to a box. @param {HTMLElement} box @param {number} [delay] in ms */
function run(box, delay = 0) {
  if (matchMedia(STILL).matches) return;
  const way = { left: ["-6px", "14px"], opacity: [1, 1] };
  box.querySelector(".dot")?.animate(way, { duration: PACE / 2, delay });
}

/** @param {Role} role @param {number} parameters */
const buildHeading = (role, parameters) =>
  h(
    "h4",
    {},
    h("span", { say: key(`networks_${role}`, { parameters: many(parameters) }) }),
    slide("figure", "13-23"),
    slide("code", CODES[role]),
  );

/** @param {Role} role @param {number} inputs */
const buildEntry = (role, inputs) =>
  h("li", { class: "layer entry" }, h("b", { say: `networks_in_${role}` }), h("span", {}, many(inputs)));

/** @param {Layer} layer */
function buildLayer({ kind, setting, inputs, outputs, parameters }) {
  const width = inputs === outputs ? [many(outputs)] : [many(inputs), " ", arrow(), " ", many(outputs)];
  return h(
    "li",
    { class: `layer ${kind.toLowerCase()}` },
    h("span", { class: "into", "aria-hidden": "true" }, arrow(), h("i", { class: "dot" })),
    h("b", {}, kind, ...(setting === undefined ? [] : [h("wbr"), `(${setting})`])),
    h("span", {}, ...width),
    parameters ? h("small", { say: key("networks_parameters", { count: many(parameters) }) }) : "",
  );
}

/** The module as PyTorch prints it. @param {Node[]} lines */
const buildPrinted = (lines) =>
  h(
    "details",
    { open: matchMedia(WIDE).matches, "data-unfolds": "" },
    h("summary", {}, h("span", { say: "networks_printed" }), slide("code", "13-27")),
    h("pre", { tabindex: 0, name: "networks_printed" }, ...lines),
  );

/**
 * A walk through `count` layers, a step at a time or by itself. `place()` is -1 before the first step, 0 at the entry,
 * and then the layer's number from 1.
 * @param {number} count
 * @param {() => void} draw
 */
function walkThrough(count, draw) {
  let place = -1,
    timer = 0;
  const go = (/** @type {number} */ next) => {
    place = next;
    draw();
  };
  const halt = () => clearInterval(timer);
  return {
    place: () => place,
    step() {
      halt();
      go(place === count ? 0 : place + 1);
    },
    send() {
      halt();
      go(0);
      timer = setInterval(() => (place < count ? go(place + 1) : halt()), PACE);
    },
  };
}

/** What is said of the layer at a place of the walk. @param {Layer[]} layers @param {number} place @param {Say} say */
function wordsOf(layers, place, say) {
  const layer = layers[place - 1],
    inputs = many(layers[0].inputs);
  if (!layer) return say("networks_start", { inputs });
  const { kind, outputs, parameters } = layer;
  return say(`networks_says_${kind.toLowerCase()}`, {
    place,
    layers: layers.length,
    kind,
    inputs,
    outputs: many(outputs),
    rows: Math.sqrt(outputs),
    count: many(parameters),
  });
}

// ---- LeakyReLU: a bend, and what is left of it on the negative side ----

/** @param {number} lectures the slope that the lecture's networks have @param {View} view */
function buildLeaky(lectures, view) {
  const state = { x: -1.5, slope: lectures };
  const hand = (/** @type {"x" | "slope"} */ name, /** @type {number} */ low, /** @type {number} */ high) =>
    quantity({
      id: `leaky-${name}`,
      say: `networks_${name}`,
      low,
      high,
      scale: SCALE,
      view,
      commit() {},
      change(/** @type {number} */ value) {
        state[name] = value / SCALE;
        draw();
      },
    });
  const hands = { x: hand("x", -300, 300), slope: hand("slope", 0, 50) };
  const plot = h("div", { class: "plot", role: "img" }),
    text = h("p", { class: "numbers", role: "status" }),
    why = h("p", {});
  const draw = () => {
    showLeaky({ ...state, lectures }, plot, text, why, view.say);
    for (const name of /** @type {const} */ (["x", "slope"])) hands[name].show(Math.round(state[name] * SCALE));
  };
  redrawn(view, draw);
  const title = h("h4", { say: "networks_leaky_title" });
  return h("section", { class: "leaky", id: "leaky" }, title, plot, hands.x.element, hands.slope.element, text, why);
}

/**
 * @param {{ x: number, slope: number, lectures: number }} state
 * @param {HTMLElement} plot
 * @param {HTMLElement} text
 * @param {HTMLElement} why
 * @param {Say} say
 */
function showLeaky({ x, slope, lectures }, plot, text, why, say) {
  const y = x > 0 ? x : slope * x,
    derivative = x > 0 ? 1 : slope;
  const shown = { x: write(x), y: write(y), derivative: write(derivative), slope: write(slope), lectures };
  plot.replaceChildren(drawLeaky(x, y, slope));
  plot.setAttribute("aria-label", say("networks_leaky_plot", shown));
  setText(text, say("networks_leaky_values", shown));
  setText(why, say(slope > 0 ? "networks_leaky" : x > 0 ? "networks_relu" : "networks_dying", shown));
}

/** @param {number} x @param {number} y @param {number} slope */
const drawLeaky = (x, y, slope) =>
  svg(
    "svg",
    { viewBox: "-3.2 -3.2 6.4 4.6", "aria-hidden": "true" },
    svg("path", { class: "axis", d: "M-3 0H3M0 -3V1" }),
    svg("path", { class: "bend", d: `M-3 ${3 * slope}L0 0L3 -3` }),
    svg("circle", { cx: x, cy: -y, r: 0.13 }),
  );

// ---- Dropout: other units at every step ----

/** @param {number} share of the units that are mute @param {View} view */
function buildDropout(share, view) {
  const cells = Array.from({ length: UNITS }, () => h("i", {}));
  const text = h("p", { class: "numbers", role: "status" });
  let mute = /** @type {boolean[]} */ ([]);
  const draw = () => {
    for (const [i, cell] of cells.entries()) cell.classList.toggle("mute", mute[i]);
    const values = { mute: mute.filter(Boolean).length, units: UNITS, scale: (1 / (1 - share)).toFixed(2) };
    setText(text, view.say("networks_dropout_values", values));
  };
  const again = () => {
    mute = cells.map(() => Math.random() < share);
    draw();
    page.touch();
  };
  view.onLanguage(draw);
  again();
  return h(
    "section",
    { class: "dropout", id: "dropout" },
    h("h4", { say: "networks_dropout_title" }),
    h("div", { class: "units", "aria-hidden": "true" }, ...cells),
    text,
    button("networks_again", again),
    h("p", { say: key("networks_dropout", { share }) }),
  );
}
