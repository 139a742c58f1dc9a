// Interpolate: a walk from noise to noise, along the arc and along the straight line at the same time. Knows the route
// of the state; networks and drawings come from page/.

import { LATENT, SEEDS } from "../engine/facts.js";
import { length, noise, onRoute } from "../engine/latent.js";
import { paint, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import {
  forgerChoice,
  forgerName,
  h,
  keepWorded,
  key,
  part,
  quantity,
  radios,
  replaceChildrenIfChanged,
  setAttribute,
  setHidden,
  setText,
  speak,
} from "../kit/dom.js";
import { player } from "../kit/player.js";
import { pointsOf, svg } from "../kit/plot.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { verdictOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { PLACES, STOPS } from "../page/state.js";

/** @import { Forger, Numbers, State, View } from "../types.d.ts" */
/** @typedef {{ place: string, elements: Element[], show: (state: State, forger?: Forger) => void }} Part */

const COLUMNS = 13; // drawings of the way, each a column of the sheet
const CROSSING = 6; // seconds from end to end at speed 1
const WAYS = ["slerp", "lerp"];

/** @param {View} view */
export function mount(view) {
  const { element, asset } = view;
  forgers.begin(asset);
  const parts = [
    buildStops(view),
    buildPlayer(view),
    buildDrawings(view),
    buildPlot(view),
    buildChoices(view),
    buildSheet(view),
  ];
  for (const { place, elements } of parts) part(element, place).append(...elements);
  keepWorded(view, () => page.touch());
  page.show((state) => {
    if (state.tab !== "interpolate") return;
    for (const each of parts) each.show(state, forgers.all.get(state.epoch));
  });
}

const commit = (/** @type {string | undefined} */ control = undefined) => page.commit(control);
const latentsOf = (/** @type {State} */ { route }) => route.map((seed) => noise(seed));

/** @type {WeakMap<State, Numbers[]>} */
const places = new WeakMap(); // state to the latents of both ways at its place

/**
 * The latents that the walk has reached, one a way, computed once a state.
 * @param {State} state
 */
function reached(state) {
  const known = places.get(state);
  if (known) return known;
  const stops = latentsOf(state);
  const latents = WAYS.map((path) => onRoute(stops, state.way / PLACES, path));
  places.set(state, latents);
  return latents;
}

// ---- the seeds, in a row ----

/**
 * @param {View} view
 * @returns {Part}
 */
function buildStops(view) {
  const stops = [0, 1, 2, 3].map((i) => buildStop(i, view));
  const add = press("add-seed", "add", () => setRoute([...page.state.route, throwSeed()]));
  return {
    place: ".stops",
    elements: [...stops.map((stop) => stop.element), add],
    show(state, forger) {
      stops.forEach((stop, i) => {
        setHidden(stop.element, i >= state.route.length);
        if (i < state.route.length) stop.show(state, forger);
      });
      setHidden(add, state.route.length >= STOPS[1]);
    },
  };
}

/**
 * @param {string} id
 * @param {string} say
 * @param {() => void} click
 */
const press = (id, say, click) => h("button", { type: "button", id, say, on: { click } });

const throwSeed = () => Math.floor(Math.random() * SEEDS);
const setRoute = (/** @type {number[]} */ route) => {
  page.set({ route });
  commit();
};

/**
 * @param {number} i
 * @param {View} view
 */
function buildStop(i, view) {
  const letter = "abcd"[i];
  const replace = (/** @type {number} */ seed) => page.state.route.map((old, j) => (j === i ? seed : old));
  const seed = quantity({
    id: `seed-${letter}`,
    say: key("seed", { number: i + 1 }),
    low: 0,
    high: SEEDS - 1,
    range: false,
    view,
    commit,
    change: (value) => page.set({ route: replace(value) }),
  });
  const dice = press(`dice-${letter}`, "dice", () => setRoute(replace(throwSeed())));
  const leave = leaveButton(i, letter, view);
  const caption = key("stop", { number: i + 1 });
  const shown = card({ id: `drawing-${letter}`, caption, retry: () => forgers.retry() });
  return {
    element: h("div", { class: "stop" }, shown.element, h("div", { class: "seeds" }, seed.element, dice, leave)),
    show(/** @type {State} */ state, /** @type {Forger | undefined} */ forger) {
      seed.show(state.route[i]);
      setHidden(leave, state.route.length <= STOPS[0]);
      show(shown, forger, () => noise(state.route[i]), false);
    },
  };
}

/**
 * @param {number} i
 * @param {string} letter
 * @param {View} view
 */
function leaveButton(i, letter, { element }) {
  const click = () => {
    setRoute(page.state.route.filter((_, j) => j !== i));
    const add = part(element, "#add-seed");
    add.hidden = false;
    add.focus(); // the button itself may go
  };
  const name = key("leave", { number: i + 1 });
  return h("button", { type: "button", id: `leave-${letter}`, class: "icon", name, on: { click } }, "×");
}

/**
 * Draw a latent on a card, or say how far the forger's download is.
 * @param {ReturnType<typeof card>} shown
 * @param {Forger | undefined} forger
 * @param {() => Numbers} latent
 * @param {boolean} [judged]
 */
function show(shown, forger, latent, judged = true) {
  const network = forger?.use("generator");
  const drawing = (forgers.ready && network?.run(latent())) || null;
  const verdict = forger && drawing && judged ? verdictOf(forger, drawing) : null;
  const broken = Boolean(forger?.failed.size || forgers.failed);
  shown.show({ drawing, verdict, done: forger?.done, broken, judged });
}

// ---- the player ----

/**
 * @param {View} view
 * @returns {Part}
 */
function buildPlayer(view) {
  const way = quantity({
    id: "way",
    say: "way",
    low: 0,
    high: PLACES,
    scale: PLACES,
    view,
    commit,
    change: (value) => page.set({ way: value }),
  });
  const button = h("button", { type: "button", id: "play", class: "primary", say: "play" });
  const back = h("input", { type: "checkbox", id: "there-and-back", checked: true });
  const speed = h("input", { type: "range", id: "speed", min: 0.2, max: 3, step: 0.1, value: 1, name: "speed" });
  const undo = press("undo-way", "undo", () => page.undo());
  player({ button, view, play: "play", pause: "pause", ...walking(back, speed) });
  const labels = [
    h("label", {}, back, h("span", { say: "there_and_back" })),
    h("label", {}, h("span", { say: "speed" }), speed),
  ];
  return {
    place: ".player",
    elements: [way.element, h("div", { class: "acts" }, button, ...labels, undo)],
    show(state) {
      way.show(state.way);
      setAttribute(undo, "aria-disabled", String(!page.canUndo));
    },
  };
}

/**
 * The player's steps along the way.
 * @param {HTMLInputElement} back
 * @param {HTMLInputElement} speed
 */
function walking(back, speed) {
  const going = { at: 0, direction: 1 };
  return {
    begin() {
      going.at = page.state.way / PLACES;
      if (!back.checked) Object.assign(going, { at: going.at === 1 ? 0 : going.at, direction: 1 });
    },
    /** @returns {[Partial<State>, boolean]} */
    step(/** @type {number} */ seconds) {
      const arrived = advance(going, (seconds / CROSSING) * Number(speed.value), back.checked);
      return [{ way: Math.round(going.at * PLACES) }, arrived];
    },
  };
}

/**
 * Move on; at the end that lies ahead it turns round, or has arrived (true).
 * @param {{ at: number, direction: number }} going
 * @param {number} moved
 * @param {boolean} thereAndBack
 */
function advance(going, moved, thereAndBack) {
  if (!thereAndBack) going.direction = 1;
  going.at = Math.min(1, Math.max(0, going.at + moved * going.direction));
  const end = going.direction === 1 ? 1 : 0;
  if (going.at !== end) return false;
  going.direction *= -1;
  return !thereAndBack;
}

// ---- both drawings, one above the other ----

/**
 * @param {View} view
 * @returns {Part}
 */
function buildDrawings(view) {
  const cards = WAYS.map((path) => {
    const long = h("p", { class: "numbers" });
    const id = path === "slerp" ? "drawing-way" : "drawing-lerp";
    return { long, shown: card({ id, caption: path, foot: [long], retry: () => forgers.retry() }) };
  });
  return {
    place: ".both",
    elements: cards.map(({ shown }) => shown.element),
    show(state, forger) {
      cards.forEach(({ long, shown }, i) => {
        show(shown, forger, () => reached(state)[i]);
        if (forgers.ready) setText(long, view.say("length", { length: length(reached(state)[i]).toFixed(2) }));
      });
    },
  };
}

// ---- the length of z along the way ----

const WIDE = 400;
const HIGH = 200;
const POINTS = 101;
const FLOOR = 4;
const CEILING = 14;
const USUAL = Math.sqrt(LATENT); // the length that most noises have

const SHOWN = { x: -36, y: -26, width: WIDE + 44, height: HIGH + 34 }; // with room for the names around the plot
const TICKS = Object.entries({ 5: 5, 10: 10, "√128": USUAL }); // each says how long

const height = (/** @type {number} */ long) =>
  HIGH * (1 - (Math.min(CEILING, Math.max(FLOOR, long)) - FLOOR) / (CEILING - FLOOR));

/**
 * Where words stand at a point of the plot: they keep the page's type, however wide the plot is.
 * @param {number} x
 * @param {number} y
 */
const standing = (x, y) =>
  `left: ${(100 * (x - SHOWN.x)) / SHOWN.width}%; top: ${(100 * (y - SHOWN.y)) / SHOWN.height}%`;

/**
 * @param {View} view
 * @returns {Part}
 */
function buildPlot(view) {
  const lines = WAYS.map((path) => svg("polyline", { class: path, fill: "none" }));
  const marks = WAYS.map((path) => svg("circle", { class: path, r: 6 }));
  const usual = svg("line", { class: "usual", x1: 0, x2: WIDE, y1: height(USUAL), y2: height(USUAL) });
  const { x, y, width, height: high } = SHOWN;
  const plot = svg("svg", { viewBox: `${x} ${y} ${width} ${high}`, role: "img" }, usual, ...lines, ...marks);
  const ticks = TICKS.map(([text, long]) => h("div", { class: "tick", style: standing(0, height(long)) }, text));
  const names = WAYS.map((path) => h("div", { class: path, say: path }));
  // The plot's own name tells all of it.
  const words = h("div", { class: "names", "aria-hidden": "true" }, ...ticks, ...names);
  let drawn = "";
  return {
    place: ".lengths",
    elements: [
      h("h4", { say: "lengths" }),
      h("div", { class: "plot" }, plot, words),
      h("p", { class: "help", say: "lengths_help" }),
    ],
    show(state) {
      if (!forgers.ready) return;
      const now = JSON.stringify([state.route, document.documentElement.lang]);
      if (drawn !== now) drawLengths(state, { plot, lines, names }, view);
      drawn = now;
      marks.forEach((mark, i) => {
        setAttribute(mark, "cx", String((state.way / PLACES) * WIDE));
        setAttribute(mark, "cy", String(height(length(reached(state)[i]))));
      });
    },
  };
}

/**
 * Draw both lines; their names stand where the straight one is shortest, since there they are furthest apart.
 * @param {State} state
 * @param {{ plot: SVGSVGElement, lines: SVGPolylineElement[], names: HTMLElement[] }} drawn
 * @param {View} view
 */
function drawLengths(state, { plot, lines, names }, { say }) {
  const stops = latentsOf(state);
  const at = (/** @type {string} */ path, /** @type {number} */ way) => length(onRoute(stops, way, path));
  const ways = Array.from({ length: POINTS }, (_, n) => n / (POINTS - 1));
  const straight = ways.map((way) => at("lerp", way));
  const shortest = ways[straight.indexOf(Math.min(...straight))];
  const between = Math.min(0.8, Math.max(0.2, shortest)); // so that no name leaves the plot
  WAYS.forEach((path, i) => {
    const points = ways.map((way) => [way * WIDE, Number(height(at(path, way)).toFixed(1))]);
    lines[i].setAttribute("points", pointsOf(points));
    const y = height(at(path, shortest));
    names[i].style.cssText = standing(between * WIDE, path === "slerp" ? Math.min(y, height(USUAL)) : y);
  });
  const middle = 0.5 / (state.route.length - 1); // of the first leg
  const numbers = { shortest: at("lerp", middle).toFixed(1), usual: USUAL.toFixed(1) };
  setAttribute(plot, "aria-label", say("lengths_name", numbers));
}

// ---- epoch and path ----

/**
 * @param {View} view
 * @returns {Part}
 */
function buildChoices(view) {
  const epoch = forgerChoice({ id: "epoch", legend: "epoch", forgers, view, choose: (value) => page.lookInto(value) });
  const choose = (/** @type {string} */ path) => {
    page.set({ path });
    commit();
  };
  const path = radios({ id: "path", legend: "path", values: WAYS, say: (value) => value, choose });
  return {
    place: ".choice",
    elements: [h("div", { class: "choices" }, epoch.element, path.element)],
    show(state) {
      epoch.show(state.epoch);
      path.show(state.path);
    },
  };
}

// ---- the sheet: the way across, the epochs down ----

/**
 * @param {View} view
 * @returns {Part}
 */
function buildSheet(view) {
  const box = h("div", { id: "way-sheet" });
  /** @type {WeakMap<Forger, ReturnType<typeof buildRow>>} */
  const rows = new WeakMap();
  const rowOf = (/** @type {Forger} */ forger) => {
    const row = rows.get(forger) ?? buildRow(forger);
    rows.set(forger, row);
    return row;
  };
  return {
    place: ".sheet",
    elements: [h("h4", { say: "sheet" }), box],
    show(state) {
      const all = [...forgers.all.values()];
      const elements = all.map((forger) => rowOf(forger).element);
      if (replaceChildrenIfChanged(box, elements)) speak(box, view.say);
      if (!forgers.ready) return;
      for (const forger of all) wishRow(state, forger, rowOf(forger));
    },
  };
}

/** @param {Forger} forger */
function buildRow(forger) {
  const say = forgerName(forger);
  const canvas = h("canvas", { class: "pixels", width: COLUMNS * SIDE, height: SIDE, role: "img", name: say });
  return { canvas, element: h("figure", {}, h("figcaption", { say }), canvas) };
}

/**
 * @param {State} state
 * @param {Forger} forger
 * @param {ReturnType<typeof buildRow>} row
 */
function wishRow(state, forger, row) {
  const latents = () => {
    const stops = latentsOf(state);
    return Array.from({ length: COLUMNS }, (_, i) => onRoute(stops, i / (COLUMNS - 1), state.path));
  };
  /** @type {(i: number, drawing: Float32Array) => void} */
  const put = (i, drawing) => paint(row.canvas, drawing, i);
  sheets.wish(row, forger, [state.route, state.path], latents, put);
}
