// Look inside: what G's hidden layers do with the noise, and the drawing as a sum of its last layer's templates. Knows
// the network that the state names, by its layers.

import { paintHeat, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import { fold, forgerChoice, h, keepWorded, part, quantity, setAttribute, setHidden, setText } from "../kit/dom.js";
import { grid } from "../kit/grid.js";
import { player } from "../kit/player.js";
import { channels } from "../kit/plot.js";
import { strip } from "../kit/strip.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { draw } from "../page/scene.js";
import { FOLDS, UNITS } from "../page/state.js";

/** @import { Network } from "../engine/network.js" */
/** @import { Layer, Say, State, View } from "../types.d.ts" */
/**
 * What the newest `look` saw.
 * @typedef Inside
 * @property {number} unit  of the last hidden layer, that is pointed at
 * @property {Float32Array[]} said  what each hidden layer said
 * @property {number[]} shares  of the last one's units, in the ink of the drawing
 * @property {number[]} order  of its units, the strongest first
 */

const ADDING = 12; // seconds that adding all templates one by one takes

/** @param {View} view */
export function mount(view) {
  const { element } = view;
  forgers.begin(view.asset);
  /** @type {Inside} */
  const inside = { unit: 0, said: [], shares: [], order: [] };
  const drawings = strip();
  const parts = [buildLayers(inside, view), buildUnit(inside, view), buildSum(inside, view)];
  const [layers, unit, sum] = parts;
  part(element, ".layers").before(drawings.element);
  part(element, ".layers").append(...layers.elements);
  part(element, ".templates").append(...unit.elements, ...sum.elements);
  const choose = page.lookInto.bind(page);
  const epochs = forgerChoice({ id: "inside-epoch", legend: "epoch_choice", forgers, view, choose });
  part(element, ".epochs").append(epochs.element);
  keepWorded(view, () => page.touch());
  const open = fold(part(element, "details"), 1 << FOLDS.indexOf("inside"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    epochs.show(state.epoch);
    const forger = forgers.all.get(state.epoch);
    const generator = forger?.use("generator");
    if (!forgers.ready || !forger || !generator) return;
    draw(state, forger); // its layers then hold what they said
    look(inside, state, generator);
    drawings.show(state);
    for (const each of parts) each.show(state, generator);
  });
}

/**
 * Keep what the layers of a network that has just run say.
 * @param {Inside} inside
 * @param {State} state
 * @param {Network} network
 */
function look(inside, state, { layers, last }) {
  inside.said = layers.slice(0, -1).map((layer) => layer.output);
  const hidden = inside.said[inside.said.length - 1];
  const norms = columnNorms(last);
  const strengths = Array.from(hidden, (value, unit) => Math.abs(value) * norms[unit]);
  const whole = strengths.reduce((sum, strength) => sum + strength, 0) || 1;
  inside.shares = strengths.map((strength) => strength / whole);
  inside.order = strengths.map((_, unit) => unit).sort((a, b) => strengths[b] - strengths[a]);
  inside.unit = Math.min(state.unit ?? inside.order[0], hidden.length - 1);
}

/** @type {WeakMap<Layer, Float64Array>} */
const knownNorms = new WeakMap();

/**
 * How much ink each unit of the last hidden layer moves: the sum of its template's magnitudes.
 * @param {Layer} last
 */
function columnNorms(last) {
  const known = knownNorms.get(last);
  if (known) return known;
  const { weight, rows, columns, stride } = last;
  const norms = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) norms[column] += Math.abs(weight[row * stride + column]);
  }
  knownNorms.set(last, norms);
  return norms;
}

// ---- heat maps ----

/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement, figure: HTMLElement, limit: number }} Heat */

/**
 * @param {Inside} inside
 * @param {View} view
 */
function buildLayers(inside, { say }) {
  const heats = [0, 1, 2].map(() => {
    const canvas = h("canvas", { class: "pixels heat", role: "img" });
    const caption = h("figcaption");
    return { canvas, caption, figure: h("figure", {}, canvas, caption), limit: 0 };
  });
  const { canvas, figure } = heats[2];
  canvas.id = "units";
  figure.classList.add("pointed");
  const cells = pointAtUnits(canvas, inside);
  canvas.after(cells.cursor);
  return {
    elements: heats.map((heat) => heat.figure),
    show() {
      const first = inside.said.length - heats.length; // the last three layers, of which the last has the templates
      heats.forEach((heat, i) => {
        const values = inside.said[first + i];
        const number = first + i + 1;
        setHidden(heat.figure, !values);
        if (!values) return;
        setAttribute(heat.canvas, "aria-label", say("layer_name", { number }));
        showHeat(heat, values, say("layer", { number, units: values.length }));
      });
      cells.show(inside.unit);
      nameUnit(canvas, inside, say);
    },
  };
}

/**
 * @param {Heat} heat
 * @param {Float32Array} values
 * @param {string} caption
 */
function showHeat(heat, values, caption) {
  const columns = 2 ** Math.ceil(Math.log2(values.length) / 2);
  const rows = Math.ceil(values.length / columns);
  if (heat.canvas.width !== columns || heat.canvas.height !== rows) {
    [heat.canvas.width, heat.canvas.height, heat.limit] = [columns, rows, 0];
  }
  heat.limit = Math.max(heat.limit * 0.98, ...values, 1e-6); // slowly, so that nothing flickers
  paintHeat(heat.canvas, values, heat.limit, channels("forger"));
  setText(heat.caption, caption);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Inside} inside
 */
function pointAtUnits(canvas, inside) {
  let pinned = false; // a click holds a unit, so that the hand can go to its buttons; a click on it lets go
  const choose = (/** @type {number} */ unit) => {
    if (unit !== inside.unit) page.set({ unit: Math.min(unit, inside.order.length - 1) });
  };
  const point = (/** @type {number} */ unit, /** @type {Event} */ event) => {
    if (!pinned || event.type === "keydown") choose(unit);
  };
  const take = (/** @type {number} */ unit) => {
    pinned = !(pinned && unit === inside.unit);
    choose(unit);
    page.commit("unit");
  };
  return grid({ canvas, columns: () => canvas.width, rows: () => canvas.height, point, take });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Inside} inside
 * @param {Say} say
 */
function nameUnit(canvas, inside, say) {
  const attributes = {
    label: say("unit", { number: inside.unit + 1 }),
    valuenow: inside.unit + 1,
    valuemin: 1,
    valuemax: inside.order.length,
    valuetext: say("unit_text", unitNumbers(inside)),
  };
  for (const [name, value] of Object.entries(attributes)) setAttribute(canvas, `aria-${name}`, String(value));
}

/** @param {Inside} inside */
const unitNumbers = ({ unit, said, shares, order }) => ({
  number: unit + 1,
  value: said[said.length - 1][unit].toFixed(2),
  share: (100 * shares[unit]).toFixed(2),
  rank: order.indexOf(unit) + 1,
});

// ---- one unit and its template ----

/**
 * @param {string} id
 * @param {string} say
 * @param {() => void} click
 */
const press = (id, say, click) => h("button", { type: "button", id, say, on: { click } });

/**
 * @param {Inside} inside
 * @param {View} view
 */
function buildUnit(inside, { say }) {
  const size = { width: SIDE, height: SIDE };
  const canvas = h("canvas", { id: "template", class: "pixels", ...size, role: "img", name: "template" });
  const text = h("p", { class: "numbers" });
  const chips = h("div", { class: "chips" });
  const factors = ["mute", "as_learnt", "boost"].map((name, factor) =>
    press(`unit-${name.replace("_", "-")}`, name, () => setFactor(inside.unit, factor)),
  );
  const strongest = press("unit-strongest", "strongest", () => pointAt(inside.order[0]));
  const restore = press("units-restore", "restore", () => {
    page.set({ units: [] });
    page.commit();
  });
  const acts = h("div", { class: "acts" }, ...factors, strongest, restore);
  return {
    elements: [h("section", { class: "unit" }, h("h4", { say: "template" }), canvas, text, acts, chips)],
    show(/** @type {State} */ state, /** @type {Network} */ { last }) {
      showTemplate(canvas, last, inside.unit);
      setText(text, say("unit_text", unitNumbers(inside)));
      const chosen = new Map(state.units).get(inside.unit) ?? 1;
      factors.forEach((button, factor) => setAttribute(button, "aria-pressed", String(factor === chosen)));
      setAttribute(restore, "aria-disabled", String(!state.units.length));
      showChips(chips, state, say);
    },
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Layer} last
 * @param {number} unit
 */
function showTemplate(canvas, { weight, rows, stride }, unit) {
  const template = Float32Array.from({ length: rows }, (_, row) => weight[row * stride + unit]);
  paintHeat(canvas, template, Math.max(...template.map(Math.abs)) || 1, channels("forger"));
}

/** @param {number} unit */
function pointAt(unit) {
  page.set({ unit });
  page.commit();
}

/**
 * @param {number} unit
 * @param {number} factor
 */
function setFactor(unit, factor) {
  const units = new Map(page.state.units);
  if (factor === 1) units.delete(unit);
  else units.set(unit, factor);
  page.set({ unit, units: [...units].sort(([a], [b]) => a - b) });
  page.commit();
}

/**
 * The changed units, each a button that points at it.
 * @param {HTMLElement} box
 * @param {State} state
 * @param {Say} say
 */
function showChips(box, { units }, say) {
  const now = JSON.stringify([units, document.documentElement.lang]);
  if (box.dataset.now === now) return;
  box.dataset.now = now;
  box.replaceChildren(
    ...units.map(([unit, factor]) => {
      const text = say(factor ? "boosted" : "muted", { number: unit + 1 });
      return h("button", { type: "button", class: "chip", on: { click: () => pointAt(unit) } }, text);
    }),
  );
}

// ---- the sum of the templates ----

/**
 * @param {Inside} inside
 * @param {View} view
 */
function buildSum(inside, view) {
  const shown = card({ id: "drawing-sum", caption: "sum", retry: () => {} });
  const count = quantity({
    id: "sum",
    say: "sum_count",
    low: 0,
    high: UNITS,
    view,
    commit: (control) => page.commit(control),
    change: (value) => page.set({ sum: value }),
  });
  const button = press("sum-play", "sum_play", () => {});
  player({ button, view, play: "sum_play", pause: "sum_pause", ...adding(inside) });
  const acts = h("div", { class: "acts" }, button);
  return {
    elements: [h("section", { class: "sum" }, shown.element, count.element, acts)],
    show(/** @type {State} */ state, /** @type {Network} */ network) {
      const most = inside.order.length;
      const added = Math.min(state.sum ?? most, most);
      count.limit(Math.min(most, UNITS));
      count.show(added);
      shown.show({ drawing: addTemplates(inside, network, added), judged: false });
    },
  };
}

/**
 * The player's steps: templates are added one by one, slowly at first, since the first ones do the most.
 * @param {Inside} inside
 */
function adding(inside) {
  let share = 0;
  return {
    begin() {
      const most = Math.min(inside.order.length, UNITS);
      const now = page.state.sum ?? most;
      share = now < most ? Math.log(now + 1) / Math.log(most + 1) : 0;
    },
    /** @returns {[Partial<State>, boolean]} */
    step(/** @type {number} */ seconds) {
      share = Math.min(1, share + seconds / ADDING);
      if (share === 1) return [{ sum: null }, true];
      return [{ sum: Math.round((Math.min(inside.order.length, UNITS) + 1) ** share) - 1 }, false];
    },
  };
}

/**
 * The drawing that only the `count` strongest units make, with the last layer's own bias.
 * @param {Inside} inside
 * @param {Network} network
 * @param {number} count
 */
function addTemplates({ order, said }, network, count) {
  const hidden = said[said.length - 1];
  const kept = new Float32Array(hidden.length);
  for (const unit of order.slice(0, count)) kept[unit] = hidden[unit];
  const before = hidden.slice();
  const drawing = network.run(kept, network.layers.length - 1).slice();
  network.last.input.set(before); // the heat map shows what the layer said
  return drawing;
}
