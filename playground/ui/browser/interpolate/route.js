// Interpolate: a walk from noise to noise, along the arc and along the straight line at the same time.

import { length, onRoute } from "../engine/latent.js";
import { paint, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import { forgerChoice, forgerName, h, key, quantity, radios, setText, speak } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { verdictOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { PLACES, SEEDS, STOPS } from "../page/state.js";

const COLUMNS = 13; // drawings of the way, each a column of the sheet
const CROSSING = 6; // seconds from end to end at speed 1
const WAYS = ["slerp", "lerp"];

export function mount(view) {
  const { element, props, say, asset, onLanguage } = view;
  forgers.begin(asset, props.epochs);
  const parts = [
    buildStops(view),
    buildPlayer(view),
    buildDrawings(view),
    buildPlot(view),
    buildChoices(view),
    buildSheet(view),
  ];
  for (const part of parts) element.querySelector(part.place).append(...part.elements);
  const words = () => {
    speak(element, say);
    page.touch();
  };
  onLanguage(words);
  words();
  page.show((state) => {
    if (state.tab !== "interpolate") return;
    for (const part of parts) part.show(state, forgers.all.get(state.epoch));
  });
}

const commit = (control) => page.commit(control);
const latentsOf = ({ route }) => route.map((seed) => forgers.noise(seed));

// ---- the seeds, in a row ----

function buildStops(view) {
  const stops = [0, 1, 2, 3].map((i) => buildStop(i, view));
  const add = h("button", {
    type: "button",
    id: "add-seed",
    say: "add",
    on: { click: () => setRoute([...page.state.route, throwSeed()]) },
  });
  return {
    place: ".stops",
    elements: [...stops.map((stop) => stop.element), add],
    show(state, forger) {
      stops.forEach((stop, i) => {
        stop.element.hidden = i >= state.route.length;
        if (i < state.route.length) stop.show(state, forger);
      });
      add.hidden = state.route.length >= STOPS[1];
    },
  };
}

const throwSeed = () => Math.floor(Math.random() * SEEDS);
const setRoute = (route) => {
  page.set({ route });
  commit();
};

function buildStop(i, view) {
  const letter = "abcd"[i];
  const replace = (seed) => page.state.route.map((old, j) => (j === i ? seed : old));
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
  const dice = h("button", {
    type: "button",
    id: `dice-${letter}`,
    say: "dice",
    on: { click: () => setRoute(replace(throwSeed())) },
  });
  const leaveOut = () => {
    setRoute(page.state.route.filter((_, j) => j !== i));
    view.element.querySelector("#add-seed").hidden = false;
    view.element.querySelector("#add-seed").focus(); // the button itself may go
  };
  const leave = h(
    "button",
    { type: "button", id: `leave-${letter}`, name: key("leave", { number: i + 1 }), on: { click: leaveOut } },
    "×",
  );
  const shown = card({
    id: `drawing-${letter}`,
    caption: key("stop", { number: i + 1 }),
    retry: () => forgers.retry(),
  });
  return {
    element: h("div", { class: "stop" }, shown.element, h("div", { class: "seeds" }, seed.element, dice, leave)),
    show(state, forger) {
      seed.show(state.route[i]);
      leave.hidden = state.route.length <= STOPS[0];
      show(shown, forger, () => forgers.noise(state.route[i]), false);
    },
  };
}

/** Draw a latent on a card, or say how far the forger's download is; returns whether it was drawn. */
function show(shown, forger, latent, judged = true) {
  const ready = forgers.ready && forger?.generator;
  const drawing = ready ? forger.generator.run(latent()) : null;
  const broken = Boolean(forger?.failed.size || forgers.failed);
  shown.show({
    drawing,
    verdict: drawing && judged ? verdictOf(forger, drawing) : null,
    done: forger?.done,
    broken,
    judged,
  });
}

// ---- the player ----

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
  const undo = h("button", { type: "button", id: "undo-way", say: "undo", on: { click: () => page.undo() } });
  const going = { at: 0, direction: 1 };
  player({
    button,
    view,
    play: "play",
    pause: "pause",
    begin() {
      going.at = page.state.way / PLACES;
      if (!back.checked) Object.assign(going, { at: going.at === 1 ? 0 : going.at, direction: 1 });
    },
    step(seconds) {
      const arrived = advance(going, (seconds / CROSSING) * Number(speed.value), back.checked);
      return [{ way: Math.round(going.at * PLACES) }, arrived];
    },
  });
  return {
    place: ".player",
    elements: [
      way.element,
      h(
        "div",
        { class: "acts" },
        button,
        h("label", {}, back, h("span", { say: "there_and_back" })),
        h("label", {}, h("span", { say: "speed" }), speed),
        undo,
      ),
    ],
    show(state) {
      way.show(state.way);
      undo.setAttribute("aria-disabled", String(!page.canUndo));
    },
  };
}

/** Move on; at the end that lies ahead it turns round, or has arrived (true). */
function advance(going, moved, thereAndBack) {
  if (!thereAndBack) going.direction = 1;
  going.at = Math.min(1, Math.max(0, going.at + moved * going.direction));
  const end = going.direction === 1 ? 1 : 0;
  if (going.at !== end) return false;
  going.direction *= -1;
  return !thereAndBack;
}

// ---- both drawings, one above the other ----

function buildDrawings(view) {
  const cards = WAYS.map((path) => {
    const long = h("p", { class: "numbers" });
    const id = path === "slerp" ? "drawing-way" : "drawing-lerp";
    return { path, long, shown: card({ id, caption: path, foot: [long], retry: () => forgers.retry() }) };
  });
  return {
    place: ".both",
    elements: cards.map(({ shown }) => shown.element),
    show(state, forger) {
      for (const { path, long, shown } of cards) {
        const latent = () => onRoute(latentsOf(state), state.way / PLACES, path);
        show(shown, forger, latent);
        if (forgers.ready) setText(long, view.say("length", { length: length(latent()).toFixed(2) }));
      }
    },
  };
}

// ---- the length of z along the way ----

const WIDE = 400,
  HIGH = 200,
  POINTS = 101,
  FLOOR = 4,
  CEILING = 14;
const SVG = document.createRange().createContextualFragment("<svg></svg>").firstChild.namespaceURI;

function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const height = (long) => HIGH * (1 - (Math.min(CEILING, Math.max(FLOOR, long)) - FLOOR) / (CEILING - FLOOR));

function buildPlot(view) {
  const lines = WAYS.map((path) => svg("polyline", { class: path, fill: "none" }));
  const marks = WAYS.map((path) => svg("circle", { class: path, r: 6 }));
  const usual = svg("line", {
    class: "usual",
    x1: 0,
    x2: WIDE,
    y1: height(Math.sqrt(128)),
    y2: height(Math.sqrt(128)),
  });
  const ticks = [5, 10].map((long) => svg("text", { class: "tick", x: -8, y: height(long) + 4 }, String(long)));
  const plot = svg(
    "svg",
    { viewBox: `-28 -8 ${WIDE + 36} ${HIGH + 16}`, role: "img" },
    usual,
    ...ticks,
    ...lines,
    ...marks,
  );
  const names = [...WAYS, "usual"].map((name) => h("span", { class: name }, h("span", { say: name })));
  let drawn = "";
  return {
    place: ".lengths",
    elements: [
      h("h4", { say: "lengths" }),
      plot,
      h("div", { class: "legend" }, ...names),
      h("p", { class: "help", say: "lengths_help" }),
    ],
    show(state) {
      if (!forgers.ready) return;
      const now = JSON.stringify([state.route, document.documentElement.lang]);
      if (drawn !== now) drawLengths(state, lines, plot, view);
      drawn = now;
      WAYS.forEach((path, i) => {
        const way = state.way / PLACES;
        marks[i].setAttribute("cx", way * WIDE);
        marks[i].setAttribute("cy", height(length(onRoute(latentsOf(state), way, path))));
      });
    },
  };
}

function drawLengths(state, lines, plot, { say }) {
  const at = (path, way) => length(onRoute(latentsOf(state), way, path));
  WAYS.forEach((path, i) => {
    const points = Array.from({ length: POINTS }, (_, n) => n / (POINTS - 1));
    lines[i].setAttribute("points", points.map((way) => `${way * WIDE},${height(at(path, way)).toFixed(1)}`).join(" "));
  });
  const middle = 0.5 / (state.route.length - 1); // of the first leg
  plot.setAttribute(
    "aria-label",
    say("lengths_name", { shortest: at("lerp", middle).toFixed(1), usual: Math.sqrt(128).toFixed(1) }),
  );
}

// ---- epoch and path ----

function buildChoices(view) {
  const epoch = forgerChoice({ id: "epoch", legend: "epoch", forgers, view, choose: (value) => page.lookInto(value) });
  const path = radios({
    id: "path",
    legend: "path",
    values: WAYS,
    say: (value) => value,
    choose: (value) => {
      page.set({ path: value });
      commit();
    },
  });
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

function buildSheet(view) {
  const rows = new WeakMap(),
    box = h("div", { id: "way-sheet" }); // forger to its row
  const rowOf = (forger) => {
    const say = forgerName(forger.key);
    const canvas = h("canvas", { class: "pixels", width: COLUMNS * SIDE, height: SIDE, role: "img", name: say });
    return { canvas, element: h("figure", {}, h("figcaption", { say }), canvas) };
  };
  return {
    place: ".sheet",
    elements: [h("h4", { say: "sheet" }), box],
    show(state) {
      const all = [...forgers.all.values()];
      for (const forger of all) if (!rows.has(forger)) rows.set(forger, rowOf(forger));
      if (
        box.childElementCount !== all.length ||
        all.some((forger, i) => box.children[i] !== rows.get(forger).element)
      ) {
        box.replaceChildren(...all.map((forger) => rows.get(forger).element));
        speak(box, view.say);
      }
      if (!forgers.ready) return;
      const latents = () =>
        Array.from({ length: COLUMNS }, (_, i) => onRoute(latentsOf(state), i / (COLUMNS - 1), state.path));
      for (const forger of all) {
        const put = (i, drawing) => paint(rows.get(forger).canvas, drawing, i);
        sheets.wish(rows.get(forger), forger, [state.route, state.path], latents, put);
      }
    },
  };
}
