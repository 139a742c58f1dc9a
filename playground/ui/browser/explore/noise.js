// More ways to move the noise: all 128 values as bars, a plane between four seeds, a walk that plays by itself. Knows
// the state of the hand; what it draws is other modules' business.

import { LATENT, SEEDS } from "../engine/facts.js";
import { contextOf, paint, SIDE } from "../engine/pixels.js";
import { fold, h, keepWorded, key, part, quantity, setAttribute, setText } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { hue } from "../kit/plot.js";
import { strip } from "../kit/strip.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { guide, latentOf, valuesOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { FOLDS, PAINT, PLACES } from "../page/state.js";

/** @import { Numbers, State, View } from "../types.d.ts" */
/** @typedef {{ canvas: HTMLCanvasElement, chosen: number, values: Numbers }} Bars */
/** @typedef {{ at: number[], goal: number[] | null }} Walk */

const TOP = 127 / PAINT; // the greatest value that can be painted
const GRID = 8; // drawings along each side of the plane's map
const CROSSING = 4; // seconds from corner to corner at speed 1

/** @param {View} view */
export function mount(view) {
  const { element } = view;
  forgers.begin(view.asset);
  const drawings = strip();
  const [bars, plane, walk] = [buildBars(view), buildPlane(view), buildWalk(view)];
  part(element, ".ways").before(drawings.element);
  part(element, ".ways").append(bars.element, plane.element, walk);
  keepWorded(view, () => page.touch());
  const open = fold(part(element, "details"), 1 << FOLDS.indexOf("more"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore") return;
    guide(state)?.use("generator");
    if (!forgers.ready) return;
    for (const each of [drawings, bars, plane]) each.show(state);
  });
}

/**
 * One way to move the noise: `name` and `name_help` are the keys of its heading and of what one does there.
 * @param {string} name
 * @param {...HTMLElement} elements
 */
const way = (name, ...elements) =>
  h("section", { class: "way" }, h("h4", { say: name }), h("p", { class: "help", say: `${name}_help` }), ...elements);

/**
 * @param {string} id
 * @param {string} say
 * @param {() => void} click
 */
const press = (id, say, click) => h("button", { type: "button", id, say, on: { click } });

// ---- 128 bars ----

/** @param {View} view */
function buildBars(view) {
  const canvas = h("canvas", { id: "bars", width: LATENT * 6, height: 160, tabindex: 0, role: "slider" });
  const count = h("span", { class: "help" });
  const clear = press("unpaint", "unpaint", () => {
    page.set({ painted: [] });
    page.commit();
  });
  /** @type {Bars} */
  const bars = { canvas, chosen: 0, values: [] };
  followPointer(
    canvas,
    (x, y, first) => {
      const index = Math.min(LATENT - 1, Math.floor(x * LATENT));
      paintBars(first ? index : bars.chosen, index, (1 - 2 * y) * TOP * PAINT);
      bars.chosen = index;
    },
    () => page.commit(),
  );
  canvas.addEventListener("keydown", (event) => pressBar(event, bars));
  return {
    element: way("bars", canvas, h("div", { class: "acts" }, clear, count)),
    show(/** @type {State} */ state) {
      bars.values = valuesOf(state);
      drawBars(bars, new Set(state.painted.map(([index]) => index)));
      setAttribute(clear, "aria-disabled", String(!state.painted.length));
      setText(count, state.painted.length ? view.say("painted", { count: state.painted.length }) : "");
      nameBar(bars, view);
    },
  };
}

/**
 * @param {Bars} bars
 * @param {View} view
 */
function nameBar({ canvas, chosen, values }, { say }) {
  setAttribute(canvas, "aria-label", say("bar", { number: chosen + 1 }));
  setAttribute(canvas, "aria-valuenow", values[chosen].toFixed(2));
  setAttribute(canvas, "aria-valuemin", String(-TOP));
  setAttribute(canvas, "aria-valuemax", String(TOP));
}

/**
 * Paint the bars from one index to another: a quick hand leaves no gaps.
 * @param {number} from
 * @param {number} to
 * @param {number} value
 */
function paintBars(from, to, value) {
  const painted = new Map(page.state.painted);
  const number = Math.round(Math.min(127, Math.max(-127, value)));
  for (let index = Math.min(from, to); index <= Math.max(from, to); index++) painted.set(index, number);
  page.set({ painted: [...painted].sort(([a], [b]) => a - b) });
}

/**
 * What each key does: how many bars it goes on, and how much it raises the bar.
 * @type {Record<string, [number, number]>}
 */
const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  Home: [-LATENT, 0],
  End: [LATENT, 0],
  ArrowUp: [0, 2],
  ArrowDown: [0, -2],
  PageUp: [0, 16],
  PageDown: [0, -16],
};

/**
 * @param {KeyboardEvent} event
 * @param {Bars} bars
 */
function pressBar(event, bars) {
  const step = STEPS[event.key];
  if (step) {
    bars.chosen = Math.min(LATENT - 1, Math.max(0, bars.chosen + step[0]));
    if (step[1]) paintBars(bars.chosen, bars.chosen, Math.round(bars.values[bars.chosen] * PAINT) + step[1]);
  } else if (event.key === "Delete" || event.key === "Backspace") {
    page.set({ painted: page.state.painted.filter(([index]) => index !== bars.chosen) });
  } else return;
  event.preventDefault();
  page.commit("bars");
  page.touch();
}

/**
 * @param {Bars} bars
 * @param {Set<number>} painted
 */
function drawBars({ canvas, values, chosen }, painted) {
  const context = contextOf(canvas);
  const { width, height } = canvas;
  const wide = width / LATENT;
  context.clearRect(0, 0, width, height);
  const ink = hue("ink");
  values.forEach((value, i) => {
    const length = (Math.min(TOP, Math.max(-TOP, value)) / TOP) * (height / 2);
    context.globalAlpha = painted.has(i) ? 1 : 0.75;
    context.fillStyle = painted.has(i) ? ink : hue("forger");
    context.fillRect(i * wide + 1, height / 2 - Math.max(0, length), wide - 2, Math.max(1, Math.abs(length)));
  });
  context.globalAlpha = 1;
  context.fillStyle = ink;
  context.fillRect(chosen * wide, height - 3, wide, 3); // where the arrow keys are
}

/**
 * Call `move(x, y, first)` (0 to 1) while a mouse or finger is down on an element, and `done` when it is lifted.
 * @param {HTMLElement} element
 * @param {(x: number, y: number, first: boolean) => void} move
 * @param {() => void} done
 */
function followPointer(element, move, done) {
  const tell = (/** @type {PointerEvent} */ event, /** @type {boolean} */ first) => {
    const box = element.getBoundingClientRect();
    const inside = (/** @type {number} */ value) => Math.min(1, Math.max(0, value));
    move(inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height), first);
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    tell(event, true);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) tell(event, false);
  });
  element.addEventListener("lostpointercapture", done);
}

// ---- the plane between four seeds ----

/** @param {View} view */
function buildPlane(view) {
  const map = h("canvas", { class: "pixels", width: GRID * SIDE, height: GRID * SIDE, "aria-hidden": "true" });
  const dot = h("span", { class: "dot" });
  const field = h("div", { id: "plane", class: "plane" }, map, dot);
  const axes = [0, 1].map((axis) => axisField(axis, view));
  const corners = [0, 1, 2, 3].map((i) => cornerField(i, view));
  const dice = press("dice-plane", "plane_dice", () => {
    page.set({ seeds: throwFour() });
    page.commit();
  });
  followPointer(
    field,
    (x, y) => page.set({ at: [x, y].map((share) => Math.round(placeAt(share) * PLACES)) }),
    () => page.commit(),
  );
  const seeds = h("div", { class: "corners" }, ...corners.map((one) => one.element), dice);
  return {
    element: way("plane", field, ...axes.map((axis) => axis.element), seeds),
    show(/** @type {State} */ state) {
      dot.style.left = `${centre(state.at[0] / PLACES)}%`;
      dot.style.top = `${centre(state.at[1] / PLACES)}%`;
      axes.forEach((axis, i) => axis.show(state.at[i]));
      corners.forEach((one, i) => one.show(state.seeds[i]));
      wishMap(state, map);
    },
  };
}

const commit = (/** @type {string} */ control) => page.commit(control);

/**
 * @param {number} axis  0 across, 1 down
 * @param {View} view
 */
const axisField = (axis, view) =>
  quantity({
    id: `plane-${"xy"[axis]}`,
    say: ["plane_x", "plane_y"][axis],
    low: 0,
    high: PLACES,
    scale: PLACES,
    view,
    commit,
    change: (value) => page.set({ at: page.state.at.map((old, i) => (i === axis ? value : old)) }),
  });

/**
 * @param {number} i
 * @param {View} view
 */
const cornerField = (i, view) =>
  quantity({
    id: `corner-${i + 1}`,
    say: key("corner", { number: i + 1 }),
    low: 0,
    high: SEEDS - 1,
    range: false,
    view,
    commit,
    change: (seed) => page.set({ seeds: page.state.seeds.map((old, j) => (j === i ? seed : old)) }),
  });

// The map's first and last drawings are the plane's edges: a place is the middle of its drawing.
const centre = (/** @type {number} */ place) => ((0.5 + place * (GRID - 1)) / GRID) * 100; // in percent of the map
const placeAt = (/** @type {number} */ share) => Math.min(1, Math.max(0, (share * GRID - 0.5) / (GRID - 1)));

const throwFour = () => Array.from({ length: 4 }, () => Math.floor(Math.random() * SEEDS));

/**
 * @param {State} state
 * @param {HTMLCanvasElement} map
 */
function wishMap(state, map) {
  const forger = guide(state);
  if (!forger) return;
  const { seeds, moves, painted, temperature } = state;
  const place = (/** @type {number} */ i) => (i / (GRID - 1)) * PLACES;
  const at = (/** @type {number} */ i) => [place(i % GRID), place(Math.floor(i / GRID))];
  const latents = () => Array.from({ length: GRID * GRID }, (_, i) => latentOf({ ...state, at: at(i) }));
  /** @type {(i: number, drawing: Float32Array) => void} */
  const put = (i, drawing) => paint(map, drawing, i % GRID, Math.floor(i / GRID));
  const walked = map.dataset.seeds !== seeds.join(); // a walk throws new seeds while it moves
  map.dataset.seeds = seeds.join();
  sheets.wish("plane", forger, [seeds, moves, painted, temperature], latents, put, walked);
}

// ---- a walk that plays by itself ----

/** @param {View} view */
function buildWalk(view) {
  const speed = h("input", { type: "range", id: "walk-speed", min: 0.2, max: 3, step: 0.1, value: 1, name: "speed" });
  const button = press("walk-play", "walk_play", () => {});
  /** @type {Walk} */
  let walk = { at: [0, 0], goal: null };
  player({
    button,
    view,
    play: "walk_play",
    pause: "walk_pause",
    begin() {
      walk = { at: page.state.at.map((value) => value / PLACES), goal: null };
    },
    step: (seconds) => [stroll(walk, (seconds / CROSSING) * Number(speed.value)), false],
  });
  return way("walk", h("div", { class: "acts" }, button, h("label", {}, h("span", { say: "speed" }), speed)));
}

/**
 * Go `step` (1 is from side to side) towards a corner; having arrived, throw the other three seeds and choose anew.
 * Returns the changes of the state.
 * @param {Walk} walk
 * @param {number} step
 * @returns {Partial<State>}
 */
function stroll(walk, step) {
  const goal = walk.goal ?? nextCorner(walk.at);
  const away = goal.map((value, i) => value - walk.at[i]);
  const distance = Math.hypot(...away);
  const arrived = distance <= step;
  walk.goal = arrived ? null : goal;
  walk.at = arrived ? goal : walk.at.map((value, i) => value + (away[i] / distance) * step);
  const at = walk.at.map((value) => Math.round(value * PLACES));
  if (!arrived) return { at };
  const here = walk.at[0] + 2 * walk.at[1];
  const fresh = throwFour();
  return { at, seeds: page.state.seeds.map((seed, i) => (i === here ? seed : fresh[i])) };
}

/** @param {readonly number[]} at */
function nextCorner([x, y]) {
  const all = [0, 1, 2, 3].map((i) => [i % 2, i >> 1]);
  const corners = all.filter((corner) => Math.hypot(corner[0] - x, corner[1] - y) > 0.01);
  return corners[Math.floor(Math.random() * corners.length)];
}
