// More ways to move the noise: all 128 values as bars, a plane between four seeds, a walk that plays by itself.

import { paint, SIDE } from "../engine/pixels.js";
import { fold, h, key, quantity, setText, speak } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { strip } from "../kit/strip.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { guide, latentOf, valuesOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { FOLDS, LATENT, PAINT, PLACES, SEEDS } from "../page/state.js";

const TOP = 127 / PAINT; // the greatest value that can be painted
const GRID = 8; // drawings along each side of the plane's map
const CROSSING = 4; // seconds from corner to corner at speed 1

export function mount(view) {
  const { element, say, onLanguage } = view;
  const drawings = strip(),
    parts = [buildBars(view), buildPlane(view), buildWalk(view)];
  element.querySelector(".ways").before(drawings.element);
  element.querySelector(".ways").append(...parts.map((part) => part.element));
  const words = () => {
    speak(element, say);
    page.touch();
  };
  onLanguage(words);
  words();
  const open = fold(element.querySelector("details"), 1 << FOLDS.indexOf("more"), page);
  page.show((state) => {
    if (!open(state) || state.tab !== "explore" || !forgers.ready) return;
    for (const part of [drawings, ...parts]) part.show?.(state);
  });
}

// ---- 128 bars ----

function buildBars(view) {
  const canvas = h("canvas", { id: "bars", width: LATENT * 6, height: 160, tabindex: 0, role: "slider" });
  const clear = h("button", {
    type: "button",
    id: "unpaint",
    say: "unpaint",
    on: {
      click: () => {
        page.set({ painted: [] });
        page.commit();
      },
    },
  });
  const count = h("span", { class: "help" });
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
    element: h(
      "section",
      { class: "way" },
      h("h4", { say: "bars" }),
      h("p", { class: "help", say: "bars_help" }),
      canvas,
      h("div", { class: "acts" }, clear, count),
    ),
    show(state) {
      bars.values = valuesOf(state);
      drawBars(bars, new Set(state.painted.map(([index]) => index)));
      clear.setAttribute("aria-disabled", String(!state.painted.length));
      setText(count, state.painted.length ? view.say("painted", { count: state.painted.length }) : "");
      canvas.setAttribute("aria-label", view.say("bar", { number: bars.chosen + 1 }));
      for (const [name, value] of [
        ["now", bars.values[bars.chosen].toFixed(2)],
        ["min", -TOP],
        ["max", TOP],
      ]) {
        canvas.setAttribute(`aria-value${name}`, value);
      }
    },
  };
}

/** Paint the bars from one index to another: a quick hand leaves no gaps. */
function paintBars(from, to, value) {
  const painted = new Map(page.state.painted);
  const number = Math.round(Math.min(127, Math.max(-127, value)));
  for (let index = Math.min(from, to); index <= Math.max(from, to); index++) painted.set(index, number);
  page.set({ painted: [...painted].sort(([a], [b]) => a - b) });
}

function pressBar(event, bars) {
  const steps = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    Home: [-LATENT, 0],
    End: [LATENT, 0],
    ArrowUp: [0, 2],
    ArrowDown: [0, -2],
    PageUp: [0, 16],
    PageDown: [0, -16],
  };
  const step = steps[event.key];
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

function drawBars({ canvas, values, chosen }, painted) {
  const context = canvas.getContext("2d"),
    { width, height } = canvas,
    wide = width / LATENT;
  context.clearRect(0, 0, width, height);
  const ink = getComputedStyle(canvas).color;
  values.forEach((value, i) => {
    const length = (Math.min(TOP, Math.max(-TOP, value)) / TOP) * (height / 2);
    context.globalAlpha = painted.has(i) ? 1 : 0.75;
    context.fillStyle = painted.has(i) ? ink : "#E69F00";
    context.fillRect(i * wide + 1, height / 2 - Math.max(0, length), wide - 2, Math.max(1, Math.abs(length)));
  });
  context.globalAlpha = 1;
  context.fillStyle = ink;
  context.fillRect(chosen * wide, height - 3, wide, 3); // where the arrow keys are
}

/** Call `move(x, y, first)` (0 to 1) while a mouse or finger is down on an element, and `done` when it is lifted. */
function followPointer(element, move, done) {
  const tell = (event, first) => {
    const box = element.getBoundingClientRect();
    const inside = (value) => Math.min(1, Math.max(0, value));
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

function buildPlane(view) {
  const map = h("canvas", { class: "pixels", width: GRID * SIDE, height: GRID * SIDE, "aria-hidden": "true" });
  const dot = h("span", { class: "dot" });
  const field = h("div", { id: "plane", class: "plane" }, map, dot);
  const commit = (control) => page.commit(control);
  const place = (axis) =>
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
  const corner = (i) =>
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
  const axes = [place(0), place(1)],
    corners = [0, 1, 2, 3].map(corner);
  const dice = h("button", {
    type: "button",
    id: "dice-plane",
    say: "plane_dice",
    on: {
      click: () => {
        page.set({ seeds: throwFour() });
        commit();
      },
    },
  });
  followPointer(
    field,
    (x, y) => page.set({ at: [x, y].map((share) => Math.round(placeAt(share) * PLACES)) }),
    () => commit(),
  );
  return {
    element: h(
      "section",
      { class: "way" },
      h("h4", { say: "plane" }),
      h("p", { class: "help", say: "plane_help" }),
      field,
      ...axes.map((axis) => axis.element),
      h("div", { class: "corners" }, ...corners.map((one) => one.element), dice),
    ),
    show(state) {
      dot.style.left = `${centre(state.at[0] / PLACES)}%`;
      dot.style.top = `${centre(state.at[1] / PLACES)}%`;
      axes.forEach((axis, i) => axis.show(state.at[i]));
      corners.forEach((one, i) => one.show(state.seeds[i]));
      wishMap(state, map);
    },
  };
}

// The map's first and last drawings are the plane's edges: a place is the middle of its drawing.
const centre = (place) => ((0.5 + place * (GRID - 1)) / GRID) * 100; // in percent of the map
const placeAt = (share) => Math.min(1, Math.max(0, (share * GRID - 0.5) / (GRID - 1)));

const throwFour = () => Array.from({ length: 4 }, () => Math.floor(Math.random() * SEEDS));

function wishMap(state, map) {
  const forger = guide(state);
  if (!forger) return;
  const { seeds, moves, painted, temperature } = state,
    last = GRID - 1;
  const latents = () =>
    Array.from({ length: GRID * GRID }, (_, i) =>
      latentOf({ ...state, at: [((i % GRID) / last) * PLACES, (Math.floor(i / GRID) / last) * PLACES] }),
    );
  const put = (i, drawing) => paint(map, drawing, i % GRID, Math.floor(i / GRID));
  const walked = map.dataset.seeds !== seeds.join(); // a walk throws new seeds while it moves
  map.dataset.seeds = seeds.join();
  sheets.wish("plane", forger, [seeds, moves, painted, temperature], latents, put, walked);
}

// ---- a walk that plays by itself ----

function buildWalk(view) {
  const speed = h("input", { type: "range", id: "walk-speed", min: 0.2, max: 3, step: 0.1, value: 1, name: "speed" });
  const button = h("button", { type: "button", id: "walk-play", say: "walk_play" });
  let walk = null;
  player({
    button,
    view,
    play: "walk_play",
    pause: "walk_pause",
    begin: () => {
      walk = { at: page.state.at.map((value) => value / PLACES), goal: null };
    },
    step: (seconds) => [stroll(walk, (seconds / CROSSING) * Number(speed.value)), false],
  });
  const acts = h("div", { class: "acts" }, button, h("label", {}, h("span", { say: "speed" }), speed));
  return {
    element: h(
      "section",
      { class: "way" },
      h("h4", { say: "walk" }),
      h("p", { class: "help", say: "walk_help" }),
      acts,
    ),
  };
}

/** Go `step` (1 is from side to side) towards a corner; having arrived, throw the other three seeds and choose anew.
 *  Returns the changes of the state. */
function stroll(walk, step) {
  walk.goal ??= nextCorner(walk.at);
  const away = walk.goal.map((value, i) => value - walk.at[i]),
    distance = Math.hypot(...away);
  const arrived = distance <= step;
  walk.at = arrived ? walk.goal : walk.at.map((value, i) => value + (away[i] / distance) * step);
  const at = walk.at.map((value) => Math.round(value * PLACES));
  if (!arrived) return { at };
  walk.goal = null;
  const here = walk.at[0] + 2 * walk.at[1],
    fresh = throwFour();
  return { at, seeds: page.state.seeds.map((seed, i) => (i === here ? seed : fresh[i])) };
}

function nextCorner(at) {
  const corners = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].filter((corner) => Math.hypot(corner[0] - at[0], corner[1] - at[1]) > 0.01);
  return corners[Math.floor(Math.random() * corners.length)];
}
