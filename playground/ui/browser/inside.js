// Look inside: what G's hidden layers do with the noise, and the drawing as a sum of its last layer's templates.

import { card } from "./cards.js";
import { h, key, quantity, setText, speak } from "./dom.js";
import { forgers } from "./forgers.js";
import { page } from "./page.js";
import { paintHeat, SIDE } from "./pixels.js";
import { draw } from "./scene.js";
import { UNITS } from "./state.js";

const ADDING = 12; // seconds that adding all templates one by one takes

export function mount(view) {
  const { element, say, onLanguage } = view;
  const inside = { unit: null, order: [] };
  const layers = buildLayers(inside, view), unit = buildUnit(inside, view), sum = buildSum(inside, view);
  element.querySelector(".layers").append(...layers.elements);
  element.querySelector(".templates").append(unit.element, sum.element);
  const epochs = element.querySelector(".epochs");
  const words = () => { speak(element, say); page.touch(); };
  onLanguage(words);
  words();
  const fold = element.querySelector("details");
  fold.addEventListener("toggle", () => page.touch());
  page.show((state) => {
    if (state.tab !== "explore" || !fold.open) return;
    showEpochs(epochs, state, view);
    const forger = forgers.all.get(state.epoch);
    if (!forgers.ready || !forger?.generator) return;
    look(inside, state, forger);
    for (const part of [layers, unit, sum]) part.show(state, forger);
  });
}

/** Which epoch is looked into: a radio a forger. */
function showEpochs(box, state, { say }) {
  const keys = [...forgers.all.keys()];
  if (box.dataset.keys !== keys.join()) {
    box.dataset.keys = keys.join();
    box.replaceChildren(...keys.map((epoch) => {
      const choose = () => { page.set({ epoch, units: [], sum: null }); page.commit(); };
      const radio = h("input", { type: "radio", name: undefined, value: epoch, on: { change: choose } });
      radio.setAttribute("name", "inside-epoch");
      return h("label", {}, radio, h("span", epoch === "own" ? { say: "own_caption" } : { say: key("epoch", { epoch }) }));
    }));
    speak(box, say);
  }
  for (const radio of box.querySelectorAll("input")) radio.checked = radio.value === String(state.epoch);
}

/** Run the forger and keep what its layers say: `said` a hidden layer, `shares` and `order` of the last one's units. */
function look(inside, state, forger) {
  draw(state, forger);
  const { layers } = forger.generator, last = layers.at(-1);
  inside.said = layers.slice(0, -1).map((layer) => layer.output);
  const norms = (forger.norms ??= columnNorms(last));
  const hidden = inside.said.at(-1);
  const strengths = Array.from(hidden, (value, unit) => Math.abs(value) * norms[unit]);
  const whole = strengths.reduce((sum, strength) => sum + strength, 0) || 1;
  inside.shares = strengths.map((strength) => strength / whole);
  inside.order = strengths.map((_, unit) => unit).sort((a, b) => strengths[b] - strengths[a]);
  inside.unit = Math.min(inside.unit ?? inside.order[0], hidden.length - 1);
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
    const canvas = h("canvas", { class: "pixels heat", role: "img", name: key("layer_name", { number: i + 1 }) });
    const figure = h("figure", {}, canvas, h("figcaption", {}));
    return { canvas, figure, limit: 0 };
  });
  const cursor = h("span", { class: "cursor" });
  const templates = heats[2];
  templates.canvas.id = "units";
  templates.canvas.tabIndex = 0;
  templates.canvas.setAttribute("role", "slider");
  templates.canvas.after(cursor);
  templates.figure.classList.add("pointed");
  pointAtUnits(templates.canvas, inside);
  return {
    elements: heats.map((heat) => heat.figure),
    show() {
      heats.forEach((heat, i) => {
        const values = inside.said[i - 3 + inside.said.length];
        heat.figure.hidden = !values;
        if (values) showHeat(heat, values, say("layer", { number: i + 1, units: values.length }));
      });
      showCursor(cursor, templates.canvas, inside, say);
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
  const choose = (unit) => {
    inside.unit = Math.min(canvas.width * canvas.height - 1, Math.max(0, unit));
    page.touch();
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
    choose(Math.floor(((event.clientY - box.top) / box.height) * canvas.height) * canvas.width + column);
  };
  let pinned = null; // a click holds a unit, so that the hand can go to its buttons; a second click lets go
  canvas.addEventListener("pointermove", (event) => { if (pinned === null) point(event); });
  canvas.addEventListener("click", (event) => {
    point(event);
    pinned = pinned === inside.unit ? null : inside.unit;
  });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -canvas.width, ArrowDown: canvas.width };
    if (!(event.key in steps)) return;
    event.preventDefault();
    choose(inside.unit + steps[event.key]);
  });
}

function showCursor(cursor, canvas, { unit, said, shares, order }, say) {
  const { width, height } = canvas;
  Object.assign(cursor.style, {
    left: `${((unit % width) / width) * 100}%`, top: `${(Math.floor(unit / width) / height) * canvas.offsetHeight}px`,
    width: `${100 / width}%`, height: `${canvas.offsetHeight / height}px`,
  });
  const attributes = { label: say("unit", { number: unit + 1 }), valuenow: unit + 1, valuemin: 1, valuemax: said.at(-1).length,
    valuetext: say("unit_text", unitNumbers(unit, said, shares, order)) };
  for (const [name, value] of Object.entries(attributes)) canvas.setAttribute(`aria-${name}`, value);
}

const unitNumbers = (unit, said, shares, order) => ({
  number: unit + 1, value: said.at(-1)[unit].toFixed(2), share: (100 * shares[unit]).toFixed(2), rank: order.indexOf(unit) + 1,
});

// ---- one unit and its template ----

function buildUnit(inside, view) {
  const { say } = view;
  const canvas = h("canvas", { id: "template", class: "pixels", width: SIDE, height: SIDE, role: "img", name: "template" });
  const text = h("p", { class: "numbers" }), changed = h("div", { class: "chips" });
  const buttons = [[0, "mute"], [1, "as_learnt"], [2, "boost"]].map(([factor, name]) =>
    h("button", { type: "button", id: `unit-${name.replace("_", "-")}`, say: name, "aria-pressed": "false", on: { click: () => setFactor(inside.unit, factor) } }));
  const restore = h("button", { type: "button", id: "units-restore", say: "restore", on: { click: () => { page.set({ units: [] }); page.commit(); } } });
  const strongest = h("button", { type: "button", id: "unit-strongest", say: "strongest", on: { click: () => { inside.unit = inside.order[0]; page.touch(); } } });
  const element = h("section", { class: "unit" }, h("h4", { say: "template" }), canvas, text,
    h("div", { class: "acts" }, ...buttons, strongest, restore), changed);
  return {
    element,
    show(state, forger) {
      const last = forger.generator.layers.at(-1), { weight, rows, stride } = last;
      const template = Float32Array.from({ length: rows }, (_, row) => weight[row * stride + inside.unit]);
      paintHeat(canvas, template, Math.max(...template.map(Math.abs)) || 1);
      setText(text, say("unit_text", unitNumbers(inside.unit, inside.said, inside.shares, inside.order)));
      const factor = new Map(state.units).get(inside.unit) ?? 1;
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === factor)));
      restore.disabled = !state.units.length;
      showChips(changed, state, inside, say);
    },
  };
}

function setFactor(unit, factor) {
  const units = new Map(page.state.units);
  if (factor === 1) units.delete(unit);
  else units.set(unit, factor);
  page.set({ units: [...units].sort(([a], [b]) => a - b) });
  page.commit();
}

/** The changed units, each a button that points at it. */
function showChips(box, { units }, inside, say) {
  const now = JSON.stringify([units, document.documentElement.lang]);
  if (box.dataset.now === now) return;
  box.dataset.now = now;
  box.replaceChildren(...units.map(([unit, factor]) => {
    const chip = h("button", { type: "button", class: "chip", on: { click: () => { inside.unit = unit; page.touch(); } } });
    chip.textContent = say(factor ? "boosted" : "muted", { number: unit + 1 });
    return chip;
  }));
}

// ---- the sum of the templates ----

function buildSum(inside, view) {
  const shown = card({ id: "drawing-sum", caption: "sum", view, retry: () => {} });
  const count = quantity({
    id: "sum", say: "sum_count", low: 0, high: UNITS, view, commit: (control) => page.commit(control),
    change: (value) => page.set({ sum: value }),
  });
  const adding = { frame: 0, from: 0 };
  const play = h("button", { type: "button", id: "sum-play", say: "sum_play", on: { click: () => (adding.frame ? stop() : start()) } });
  const stop = () => {
    cancelAnimationFrame(adding.frame);
    adding.frame = 0;
    play.dataset.say = "sum_play";
    setText(play, view.say("sum_play"));
    page.commit();
  };
  const start = () => {
    adding.from = performance.now();
    play.dataset.say = "sum_pause";
    setText(play, view.say("sum_pause"));
    adding.frame = requestAnimationFrame(step);
  };
  const step = (now) => {
    const share = Math.min(1, (now - adding.from) / 1000 / ADDING), units = inside.order.length;
    page.set({ sum: Math.round((units + 1) ** share) - 1 }); // the first ones slowly: they do the most
    if (share === 1) page.set({ sum: null });
    if (share === 1 || page.state.tab !== "explore") stop();
    else adding.frame = requestAnimationFrame(step);
  };
  return {
    element: h("section", { class: "sum" }, shown.element, count.element, h("div", { class: "acts" }, play)),
    show(state, forger) {
      const most = inside.order.length;
      count.show(Math.min(state.sum ?? most, most));
      const drawing = addTemplates(inside, forger.generator, Math.min(state.sum ?? most, most));
      shown.show({ drawing, judged: false });
    },
  };
}

/** The drawing that only the `count` strongest units make, with the last layer's own bias. */
function addTemplates({ order, said }, network, count) {
  const hidden = said.at(-1), kept = new Float32Array(hidden.length);
  for (const unit of order.slice(0, count)) kept[unit] = hidden[unit];
  const before = hidden.slice();
  const drawing = network.run(kept, network.layers.length - 1).slice();
  network.layers.at(-1).input.set(before); // the heat map shows what the layer said
  return drawing;
}
