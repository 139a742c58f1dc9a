// Data that flows through both networks of the last epoch: what each layer says of one noise, as small pictures. G's
// layers draw it, D's layers judge what G drew. Knows nothing of where the pictures stand.

import { paint, paintHeat } from "../engine/pixels.js";
import { h, key, setText } from "../kit/dom.js";
import { many, write } from "../kit/numbers.js";
import { channels } from "../kit/plot.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { LAST } from "../page/state.js";

/** @import { Network } from "../engine/network.js" */
/** @import { Numbers, View } from "../types.d.ts" */
/** @import { LessonView, Role } from "./facts.d.ts" */
/** @typedef {{ element: HTMLElement, show: (values: Numbers) => void }} Picture */

const HUES = /** @type {const} */ ({ generator: "forger", discriminator: "detective" });

/** A network of the last epoch, or null until it has come. @param {View} view @param {Role} role */
function networkOf({ asset }, role) {
  forgers.begin(asset);
  return forgers.all.get(LAST)?.use(role) ?? null;
}

/** @param {Role} role */
const isLost = (role) => forgers.all.get(LAST)?.failed.has(role) ?? false;

/**
 * `pictures` has for each network a picture of what goes in and one of what each layer says. `show()` asks for the
 * networks and paints what has come; `renew()` takes another noise. What `onFlow` takes is called when data has flowed.
 * @param {LessonView} view
 */
export function buildFlow(view) {
  const { networks, game } = view.facts;
  const pictures = { generator: picturesOf("generator", view), discriminator: picturesOf("discriminator", view) };
  const lost = h("p", { role: "alert", say: "failed", hidden: true });
  let noise = Float32Array.from(game.noise);
  let flowed = ""; // what was painted last: which networks, and how often the noise was taken anew
  let renewed = 0;
  /** Give a network its data, and paint what it says; returns its answer. */
  const give = (/** @type {Role} */ role, /** @type {Numbers} */ input) => {
    const network = networkOf(view, role);
    const said = network && saidBy(network, kindsOf(networks[role].layers), input);
    said?.forEach((values, i) => pictures[role][i].show(values));
    return said?.at(-1);
  };
  return {
    pictures,
    lost,
    show() {
      const come = [networkOf(view, "generator"), networkOf(view, "discriminator")].map(Boolean);
      lost.hidden = !(isLost("generator") || isLost("discriminator"));
      const now = `${come} ${renewed}`;
      if (now === flowed) return;
      flowed = now;
      const drawing = give("generator", noise);
      if (drawing) give("discriminator", drawing);
    },
    renew() {
      noise = noise.map(normal);
      renewed++;
      page.touch();
    },
  };
}

/** A number of the normal distribution, by Box and Muller. */
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

/** @param {{ kind: string }[]} layers */
const kindsOf = (layers) => layers.map(({ kind }) => kind);

/**
 * What goes into a network, and what each of its layers says, as PyTorch counts them: a Linear before its activation.
 * @param {Network} network
 * @param {string[]} kinds
 * @param {Numbers} input
 */
function saidBy({ layers, activations, multiply }, kinds, input) {
  const said = [Float32Array.from(input)];
  layers[0].input.set(input);
  let at = -1;
  for (const kind of kinds) {
    if (kind === "Linear") multiply(layers[++at]);
    else if (kind !== "Dropout") activations[at](layers[at].output); // Dropout does nothing outside training
    said.push(layers[at].output.slice());
  }
  return said;
}

// ---- pictures ----

/** @param {Role} role @param {LessonView} view @returns {Picture[]} */
function picturesOf(role, { facts: { networks } }) {
  const { layers } = networks[role];
  const widths = [layers[0].inputs, ...layers.map(({ outputs }) => outputs)];
  const drawing = role === "generator" ? layers.length : 0; // pixels leave G at its end, and enter D
  return widths.map((width, i) => (width === 1 ? buildNumber() : buildCanvas(width, i === drawing, HUES[role])));
}

/** @returns {Picture} */
function buildNumber() {
  const element = h("output", { class: "picture waiting" });
  return {
    element,
    show(values) {
      setText(element, write(values[0]));
      element.classList.remove("waiting");
    },
  };
}

/**
 * @param {number} width how many values it shows
 * @param {boolean} drawing whether they are pixels
 * @param {"forger" | "detective"} hue
 * @returns {Picture}
 */
function buildCanvas(width, drawing, hue) {
  const side = Math.sqrt(width); // a square where that many values make one, as pixels do
  const columns = Number.isInteger(side) ? side : 2 ** Math.ceil(Math.log2(width) / 2);
  const size = { width: columns, height: Math.ceil(width / columns) };
  const name = key("networks_picture", { count: many(width) });
  const element = h("canvas", { class: "picture pixels waiting", ...size, role: "img", name });
  return {
    element,
    show(values) {
      if (drawing) paint(element, values);
      else paintHeat(element, values, Math.max(...values.map(Math.abs)), channels(hue));
      element.classList.remove("waiting");
    },
  };
}
