// Look inside: what G's hidden layers do with the noise, and the drawing as a sum of its last layer's templates.

import { paintHeat, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import { fold, forgerChoice, h, quantity, setText, speak } from "../kit/dom.js";
import { grid } from "../kit/grid.js";
import { player } from "../kit/player.js";
import { strip } from "../kit/strip.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { draw } from "../page/scene.js";
import { FOLDS, UNITS } from "../page/state.js";

const ADDING = 12; // seconds that adding all templates one by one takes

export function mount(view) {
  const { element, say, onLanguage } = view;
  const inside = { unit: 0, order: [] }; // what the newest `look` saw
  const drawings = strip(),
    layers = buildLayers(inside, view),
    unit = buildUnit(inside, view),
    sum = buildSum(inside, view);
  element.querySelector(".layers").before(drawings.element);
  element.querySelector(".layers").append(...layers.elements);
  element.querySelector(".templates").append(unit.element, sum.element);
  const epochs = forgerChoice({
    id: "inside-epoch",
    legend: "epoch_choice",
    forgers,
    view,
    choose: (epoch) => page.lookInto(epoch),
  });
  element.querySelector(".epochs").append(epochs.element);
  const words = () => {
    speak(element, say);
    page.touch();
  };
  onLanguage(words);
  words();
  const open = fold(element.querySelector("details"), 1 << FOLDS.indexOf("inside"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    epochs.show(state.epoch);
    const forger = forgers.all.get(state.epoch);
    if (!forgers.ready || !forger?.generator) return;
    look(inside, state, forger);
    for (const part of [drawings, layers, unit, sum]) part.show(state, forger);
  });
}

/** Run the forger and keep what its layers say: `said` a hidden layer, `shares` and `order` of the last one's units. */
function look(inside, state, forger) {
  draw(state, forger);
  const { layers } = forger.generator,
    last = layers.at(-1);
  inside.said = layers.slice(0, -1).map((layer) => layer.output);
  const norms = (forger.norms ??= columnNorms(last));
  const hidden = inside.said.at(-1);
  const strengths = Array.from(hidden, (value, unit) => Math.abs(value) * norms[unit]);
  const whole = strengths.reduce((sum, strength) => sum + strength, 0) || 1;
  inside.shares = strengths.map((strength) => strength / whole);
  inside.order = strengths.map((_, unit) => unit).sort((a, b) => strengths[b] - strengths[a]);
  inside.unit = Math.min(state.unit ?? inside.order[0], hidden.length - 1);
}

/** How much ink each unit of the last hidden layer moves: the sum of its template's magnitudes. */
function columnNorms({ weight, rows, columns, stride }) {
  const norms = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) norms[column] += Math.abs(weight[row * stride + column]);
  }
  return norms;
}

// ---- heat maps ----

function buildLayers(inside, { say }) {
  const heats = [0, 1, 2].map((i) => {
    const canvas = h("canvas", { class: "pixels heat", role: "img" });
    return { canvas, figure: h("figure", {}, canvas, h("figcaption", {})), limit: 0 };
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
        const values = inside.said[first + i],
          number = first + i + 1;
        heat.figure.hidden = !values;
        if (!values) return;
        heat.canvas.setAttribute("aria-label", say("layer_name", { number }));
        showHeat(heat, values, say("layer", { number, units: values.length }));
      });
      cells.show(inside.unit);
      nameUnit(canvas, inside, say);
    },
  };
}

function showHeat(heat, values, caption) {
  const columns = 2 ** Math.ceil(Math.log2(values.length) / 2);
  const rows = Math.ceil(values.length / columns);
  if (heat.canvas.width !== columns || heat.canvas.height !== rows) {
    [heat.canvas.width, heat.canvas.height, heat.limit] = [columns, rows, 0];
  }
  heat.limit = Math.max(heat.limit * 0.98, ...values, 1e-6); // slowly, so that nothing flickers
  paintHeat(heat.canvas, values, heat.limit);
  setText(heat.figure.querySelector("figcaption"), caption);
}

function pointAtUnits(canvas, inside) {
  let pinned = false; // a click holds a unit, so that the hand can go to its buttons; a click on it lets go
  const choose = (unit) => {
    if (unit !== inside.unit) page.set({ unit: Math.min(unit, inside.order.length - 1) });
  };
  const point = (unit, event) => {
    if (!pinned || event.type === "keydown") choose(unit);
  };
  const take = (unit) => {
    pinned = !(pinned && unit === inside.unit);
    choose(unit);
    page.commit("unit");
  };
  return grid({ canvas, columns: () => canvas.width, rows: () => canvas.height, point, take });
}

function nameUnit(canvas, { unit, said, shares, order }, say) {
  const attributes = {
    label: say("unit", { number: unit + 1 }),
    valuenow: unit + 1,
    valuemin: 1,
    valuemax: said.at(-1).length,
    valuetext: say("unit_text", unitNumbers(unit, said, shares, order)),
  };
  for (const [name, value] of Object.entries(attributes)) canvas.setAttribute(`aria-${name}`, value);
}

const unitNumbers = (unit, said, shares, order) => ({
  number: unit + 1,
  value: said.at(-1)[unit].toFixed(2),
  share: (100 * shares[unit]).toFixed(2),
  rank: order.indexOf(unit) + 1,
});

// ---- one unit and its template ----

function buildUnit(inside, view) {
  const { say } = view;
  const canvas = h("canvas", {
    id: "template",
    class: "pixels",
    width: SIDE,
    height: SIDE,
    role: "img",
    name: "template",
  });
  const text = h("p", { class: "numbers" }),
    changed = h("div", { class: "chips" });
  const buttons = [
    [0, "mute"],
    [1, "as_learnt"],
    [2, "boost"],
  ].map(([factor, name]) =>
    h("button", {
      type: "button",
      id: `unit-${name.replace("_", "-")}`,
      say: name,
      "aria-pressed": "false",
      on: { click: () => setFactor(inside.unit, factor) },
    }),
  );
  const restore = h("button", {
    type: "button",
    id: "units-restore",
    say: "restore",
    on: {
      click: () => {
        page.set({ units: [] });
        page.commit();
      },
    },
  });
  const strongest = h("button", {
    type: "button",
    id: "unit-strongest",
    say: "strongest",
    on: { click: () => pointAt(inside.order[0]) },
  });
  const element = h(
    "section",
    { class: "unit" },
    h("h4", { say: "template" }),
    canvas,
    text,
    h("div", { class: "acts" }, ...buttons, strongest, restore),
    changed,
  );
  return {
    element,
    show(state, forger) {
      const last = forger.generator.layers.at(-1),
        { weight, rows, stride } = last;
      const template = Float32Array.from({ length: rows }, (_, row) => weight[row * stride + inside.unit]);
      paintHeat(canvas, template, Math.max(...template.map(Math.abs)) || 1);
      setText(text, say("unit_text", unitNumbers(inside.unit, inside.said, inside.shares, inside.order)));
      const factor = new Map(state.units).get(inside.unit) ?? 1;
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === factor)));
      restore.setAttribute("aria-disabled", String(!state.units.length));
      showChips(changed, state, say);
    },
  };
}

function pointAt(unit) {
  page.set({ unit });
  page.commit();
}

function setFactor(unit, factor) {
  const units = new Map(page.state.units);
  if (factor === 1) units.delete(unit);
  else units.set(unit, factor);
  page.set({ unit, units: [...units].sort(([a], [b]) => a - b) });
  page.commit();
}

/** The changed units, each a button that points at it. */
function showChips(box, { units }, say) {
  const now = JSON.stringify([units, document.documentElement.lang]);
  if (box.dataset.now === now) return;
  box.dataset.now = now;
  box.replaceChildren(
    ...units.map(([unit, factor]) => {
      const chip = h("button", { type: "button", class: "chip", on: { click: () => pointAt(unit) } });
      chip.textContent = say(factor ? "boosted" : "muted", { number: unit + 1 });
      return chip;
    }),
  );
}

// ---- the sum of the templates ----

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
  const button = h("button", { type: "button", id: "sum-play", say: "sum_play" });
  let share = 0;
  player({
    button,
    view,
    play: "sum_play",
    pause: "sum_pause",
    begin() {
      const most = Math.min(inside.order.length, UNITS),
        now = page.state.sum ?? most;
      share = now < most ? Math.log(now + 1) / Math.log(most + 1) : 0;
    },
    step(seconds) {
      share = Math.min(1, share + seconds / ADDING);
      if (share === 1) return [{ sum: null }, true];
      return [{ sum: Math.round((Math.min(inside.order.length, UNITS) + 1) ** share) - 1 }, false]; // the first ones do the most
    },
  });
  return {
    element: h("section", { class: "sum" }, shown.element, count.element, h("div", { class: "acts" }, button)),
    show(state, forger) {
      const most = inside.order.length;
      count.limit(Math.min(most, UNITS));
      count.show(Math.min(state.sum ?? most, most));
      const drawing = addTemplates(inside, forger.generator, Math.min(state.sum ?? most, most));
      shown.show({ drawing, judged: false });
    },
  };
}

/** The drawing that only the `count` strongest units make, with the last layer's own bias. */
function addTemplates({ order, said }, network, count) {
  const hidden = said.at(-1),
    kept = new Float32Array(hidden.length);
  for (const unit of order.slice(0, count)) kept[unit] = hidden[unit];
  const before = hidden.slice();
  const drawing = network.run(kept, network.layers.length - 1).slice();
  network.layers.at(-1).input.set(before); // the heat map shows what the layer said
  return drawing;
}
