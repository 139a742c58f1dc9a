// Explore: one noise that the visitor sets, drawn by the forger of every epoch. Knows its cards and controls; the other
// parts of the tab are widgets of their own.

import { SEEDS } from "../engine/facts.js";
import { HIDDEN, USUAL } from "../engine/network.js";
import { paint, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import { h, keepWorded, key, part, quantity, replaceChildrenIfChanged, setText, speak } from "../kit/dom.js";
import { notice } from "../kit/notice.js";
import { copy, savePng } from "../kit/save.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { reals } from "../page/reals.js";
import { draw, guide, latentOf, nameOf, verdictOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, HUNDREDTHS, PER_UNIT, REALS, TENTHS } from "../page/state.js";

/** @import { About, Forger, State, View } from "../types.d.ts" */
/** @typedef {(control: string) => void} Commit */
/** @typedef {{ element: HTMLElement, draw: (state: State) => void }} Card */

const ENLARGED = 16; // 448 x 448

/** @param {View} view */
export function mount(view) {
  const { element, props, asset, watch } = view;
  forgers.begin(asset);
  reals.begin(props.reals);
  const hand = buildHand(view);
  const stage = buildStage(view);
  part(element, ".hand").append(...hand.elements);
  part(element, ".acts").append(...buildActs(view));
  keepWorded(view, () => page.touch());
  const join = () => {
    if (props.value?.own) takeOwn(props.value.own, view);
  };
  watch("value", join);
  join();
  page.show((state) => {
    if (state.tab !== "explore") return;
    stage.show(state);
    hand.show(state);
  });
}

/**
 * A pair that the server has checked joins as a fourth epoch; its name and metadata are text and nothing else.
 * @param {About & { generator: string, discriminator: string | null }} own
 * @param {View} view
 */
function takeOwn(own, { cached }) {
  const { generator, discriminator } = own;
  forgers.join({ generator: cached(generator), discriminator: discriminator && cached(discriminator) }, own);
  page.receive(own.token);
  page.lookInto("own");
}

/** @param {View} view */
function buildStage(view) {
  const box = part(view.element, ".cards");
  const beside = realCard();
  /** @type {WeakMap<Forger, Card>} */
  const cards = new WeakMap();
  const cardOf = (/** @type {Forger} */ forger) => {
    const one = cards.get(forger) ?? forgerCard(forger);
    cards.set(forger, one);
    return one;
  };
  const show = (/** @type {State} */ state) => {
    const shown = [...forgers.all.values()].map(cardOf);
    if (state.real !== null) shown.push(beside);
    const changed = replaceChildrenIfChanged(
      box,
      shown.map((one) => one.element),
    );
    if (changed) speak(box, view.say);
    for (const one of shown) one.draw(state);
  };
  return { show };
}

const ready = (/** @type {Forger} */ forger) => forgers.ready && forger.generator !== null;

/**
 * @param {Forger} forger
 * @returns {Card}
 */
function forgerCard(forger) {
  const own = forger.key === "own";
  const name = own ? "own" : String(forger.key).padStart(3, "0");
  const caption = own ? "own_caption" : key("epoch", { epoch: forger.key });
  const saves = [1, ENLARGED].map((scale) => saveButton(forger, name, scale));
  const foot = [h("div", { class: "saves" }, ...saves), ...(own ? aboutOwn(forger) : [])];
  const one = card({ id: `drawing-${name}`, caption, foot, retry: () => forgers.retry() });
  return {
    element: one.element,
    draw(state) {
      const drawing = ready(forger) ? draw(state, forger) : null;
      const broken = Boolean(forger.failed.size || forgers.failed);
      one.show({ drawing, verdict: drawing && verdictOf(forger, drawing), done: forger.done, broken });
      one.element.classList.toggle("changed", state.units.length > 0 && state.epoch === forger.key);
    },
  };
}

/**
 * What saves a forger's drawing as a PNG file, each pixel `scale` x `scale`.
 * @param {Forger} forger
 * @param {string} name
 * @param {number} scale
 */
function saveButton(forger, name, scale) {
  const size = SIDE * scale;
  const ending = scale > 1 ? `-${size}.png` : ".png";
  const save = () => {
    const file = `epoch-${name}-${nameOf(page.state)}${ending}`;
    if (ready(forger)) savePng(draw(page.state, forger), scale, file);
  };
  const options = { type: "button", class: "save", name: key("save", { size }), on: { click: save } };
  return h("button", options, "PNG", h("span", { class: "word" }, ` ${size}`));
}

/**
 * What a visitor's own file says of itself, as text, and a way to put it away.
 * @param {Forger} forger
 */
function aboutOwn(forger) {
  const { name = "", metadata: entries = {} } = forger.about; // never HTML: a stranger may have written them
  const about = h("p", { class: "about" }, name);
  const lines = Object.entries(entries).map(([entry, value]) => h("li", {}, `${entry}: ${value}`));
  const metadata = h("details", { class: "about" }, h("summary", { say: "metadata" }), h("ul", {}, ...lines));
  const judged = forger.addresses.discriminator ? [] : [h("p", { class: "about", say: "own_judge" })];
  const leave = () => {
    forgers.leave();
    if (page.state.epoch === "own") page.lookInto(DEFAULT.epoch);
  };
  return [
    about,
    metadata,
    ...(entries.activations ? [] : [activationChoice(forger)]),
    ...judged,
    h("button", { type: "button", class: "save", say: "own_leave", on: { click: leave } }),
  ];
}

/**
 * What the hidden layers of a file that does not say it are taken for, for the visitor to correct.
 * @param {Forger} forger
 */
function activationChoice({ addresses, about }) {
  const options = HIDDEN.map((name) => h("option", { value: name, selected: name === (about.hidden ?? USUAL) }, name));
  const take = (/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => {
    forgers.join(addresses, { ...about, hidden: currentTarget.value });
    page.touch();
    requestAnimationFrame(() => document.getElementById(currentTarget.id)?.focus()); // its card is made anew
  };
  const select = h("select", { id: "own-activation", on: { change: take } }, ...options);
  return h("label", { class: "about" }, h("span", { say: "own_activation" }), " ", select);
}

/** @returns {Card} */
function realCard() {
  const another = () => {
    page.set({ real: Math.floor(Math.random() * REALS) });
    page.commit();
  };
  const button = h("button", { type: "button", class: "save", say: "another", on: { click: another } });
  const foot = [h("div", { class: "saves" }, button)];
  const retry = () => forgers.retry();
  const one = card({ id: "drawing-real", caption: "real_caption", foot, formula: "D(x)", retry });
  let shown = "";
  return {
    element: one.element,
    draw(state) {
      const forger = forgers.all.get(state.epoch);
      const now = `${state.real} ${forger?.name}`;
      if (!forger || shown === now) return; // a real digit stays as it is while the hand moves the noise
      const drawing = reals.digit(state.real ?? 0);
      const verdict = drawing && verdictOf(forger, drawing);
      one.show({ drawing, verdict });
      shown = drawing && verdict !== null ? now : ""; // what is still on its way is looked for again
    },
  };
}

/**
 * @param {string} id
 * @param {string} say
 * @param {() => unknown} click
 */
const press = (id, say, click) => h("button", { type: "button", id, say, on: { click } });

/** @param {View} view */
function buildHand(view) {
  const commit = (/** @type {string} */ control) => page.commit(control);
  const seed = quantity({
    id: "seed",
    say: "seed",
    low: 0,
    high: SEEDS - 1,
    range: false,
    view,
    commit,
    change: (value) => page.throwSeed(value),
  });
  const temperature = quantity({
    id: "temperature",
    say: "temperature",
    low: 0,
    high: HUNDREDTHS,
    scale: 100,
    view,
    commit,
    change: (value) => page.set({ temperature: value }),
  });
  const directions = DEFAULT.moves.map((_, i) => directionRow(i, view, commit));
  const dice = press("dice", "dice", throwDice);
  const undo = press("undo", "undo", () => page.undo());
  const reset = press("reset", "reset", resetHand);
  const show = (/** @type {State} */ state) => {
    seed.show(state.seeds[0]);
    temperature.show(state.temperature);
    undo.setAttribute("aria-disabled", String(!page.canUndo)); // one that is disabled would lose the focus
    for (const direction of directions) direction.show(state);
    if (forgers.ready) wishEnds(state, directions);
  };
  const seeds = h("div", { class: "seeds" }, seed.element, dice, undo, reset);
  const warm = h("p", { class: "help", say: "temperature_help" });
  const help = h("p", { class: "help", say: "directions" });
  const rows = h("div", { class: "directions" }, ...directions.map((direction) => direction.element));
  return { show, elements: [seeds, temperature.element, warm, help, rows] };
}

function throwDice() {
  page.throwSeed(Math.floor(Math.random() * SEEDS));
  page.commit();
}

/** Take back what the hand has moved. The seed stays, as do those of the plane. */
function resetHand() {
  const { moves, temperature, at, painted, units, sum } = DEFAULT;
  page.set({ moves, temperature, at, painted, units, sum });
  page.commit();
}

/**
 * @param {number} i
 * @param {View} view
 * @param {Commit} commit
 */
function directionRow(i, view, commit) {
  const field = quantity({
    id: `direction-${i + 1}`,
    say: key("direction", { number: i + 1 }),
    low: -TENTHS,
    high: TENTHS,
    scale: PER_UNIT,
    view,
    commit,
    change: (value) => page.set({ moves: page.state.moves.map((move, j) => (j === i ? value : move)) }),
  });
  const ends = ["low", "high"].map((end) =>
    h("canvas", { class: `pixels end ${end}`, width: SIDE, height: SIDE, "aria-hidden": "true" }),
  );
  const range = part(field.element, "input[type=range]");
  range.before(ends[0]);
  range.after(ends[1]);
  return { element: field.element, ends, show: (/** @type {State} */ state) => field.show(state.moves[i]) };
}

/**
 * What lies at both ends of every direction, from where the hand is now; drawn when it rests.
 * @param {State} state
 * @param {{ ends: HTMLCanvasElement[] }[]} directions
 */
function wishEnds(state, directions) {
  const forger = guide(state);
  if (!forger) return;
  const { seeds, at, moves, temperature, painted } = state;
  const reach = (/** @type {number} */ i, /** @type {number} */ end) =>
    latentOf({ ...state, moves: moves.map((move, j) => (j === i ? end : move)) });
  const latents = () => directions.flatMap((_, i) => [reach(i, -TENTHS), reach(i, TENTHS)]);
  /** @type {(n: number, drawing: Float32Array) => void} */
  const put = (n, drawing) => paint(directions[n >> 1].ends[n & 1], drawing);
  sheets.wish("ends", forger, [seeds, at, moves, temperature, painted], latents, put);
}

/** @param {View} view */
function buildActs(view) {
  const said = notice(view);
  const copyNoise = async () => said.tell((await copy(noiseJson())) ? "noise_copied" : "copy_failed");
  const noise = press("copy-noise", "copy_noise", copyNoise);
  const real = press("real", "real_beside", () => {
    page.set({ real: page.state.real === null ? page.state.seeds[0] % REALS : null });
    page.commit();
  });
  const readout = h("output", { id: "frame-time", hidden: true });
  const timing = press("timing", "timing", () => {
    readout.hidden = !readout.hidden;
    timing.setAttribute("aria-pressed", String(!readout.hidden));
    page.touch();
  });
  timing.setAttribute("aria-pressed", "false");
  page.show((state) => {
    real.hidden = !reals.picture;
    real.setAttribute("aria-pressed", String(state.real !== null));
    noise.disabled = !forgers.ready;
    if (!readout.hidden) setText(readout, timingText(view));
  });
  return [real, noise, timing, readout, said.element];
}

/** What the generators are given, as JSON: 128 numbers, temperature included, and where they come from. */
function noiseJson() {
  return JSON.stringify({
    latent: Array.from(latentOf(page.state), Math.fround),
    name: nameOf(page.state),
    link: page.link,
  });
}

/** @param {View} view */
function timingText({ say }) {
  const times = [...page.frames].sort((a, b) => a - b);
  if (!times.length) return say("timing_none");
  const at = (/** @type {number} */ share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
  return say("timing_text", { median: at(0.5), most: at(0.95), frames: times.length });
}
