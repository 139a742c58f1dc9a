// Explore: one noise under the visitor's hand, drawn by the forger of every epoch.

import { paint, SIDE } from "../engine/pixels.js";
import { card } from "../kit/cards.js";
import { h, key, quantity, setText, speak } from "../kit/dom.js";
import { notice } from "../kit/notice.js";
import { copy, savePng } from "../kit/save.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { reals } from "../page/reals.js";
import { draw, guide, latentOf, nameOf, verdictOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, HUNDREDTHS, REALS, SEEDS, TENTHS } from "../page/state.js";

const ENLARGED = 16; // 448 x 448

export function mount(view) {
  const { element, props, say, asset, watch, onLanguage } = view;
  forgers.begin(asset, props.epochs);
  reals.begin(props.reals);
  const hand = buildHand(view);
  const stage = buildStage(view);
  element.querySelector(".hand").append(...hand.elements);
  element.querySelector(".acts").append(...buildActs(view));
  const words = () => {
    speak(element, say);
    page.touch();
  };
  onLanguage(words);
  words();
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

/** A pair that the server has checked joins as a fourth epoch; its name and metadata are text and nothing else. */
function takeOwn(own, { cached }) {
  const { generator, discriminator } = own;
  forgers.join({ generator: cached(generator), discriminator: discriminator && cached(discriminator) }, own);
  page.receive(own.token);
  page.lookInto("own");
}

function buildStage(view) {
  const box = view.element.querySelector(".cards"),
    cards = new WeakMap(); // forger to its card
  const beside = realCard();
  const cardOf = (forger) => {
    if (!cards.has(forger)) cards.set(forger, forgerCard(forger));
    return cards.get(forger);
  };
  const show = (state) => {
    const shown = [...forgers.all.values()].map(cardOf);
    const elements = [...shown, ...(state.real === null ? [] : [beside])].map((one) => one.element);
    if (elements.some((one, i) => box.children[i] !== one) || box.children.length !== elements.length) {
      box.replaceChildren(...elements);
      speak(box, view.say);
    }
    for (const one of shown) one.draw(state);
    if (state.real !== null) beside.draw(state);
  };
  return { show };
}

function forgerCard(forger) {
  const own = forger.key === "own",
    name = own ? "own" : String(forger.key).padStart(3, "0");
  const ready = () => forgers.ready && forger.generator;
  const saves = [1, ENLARGED].map((scale) => {
    const size = SIDE * scale,
      ending = scale > 1 ? `-${size}.png` : ".png";
    const save = () =>
      ready() && savePng(draw(page.state, forger), scale, `epoch-${name}-${nameOf(page.state)}${ending}`);
    return h(
      "button",
      { type: "button", class: "save", name: key("save", { size }), on: { click: save } },
      "PNG",
      h("span", { class: "word" }, ` ${size}`),
    );
  });
  const caption = own ? "own_caption" : key("epoch", { epoch: forger.key });
  const foot = [h("div", { class: "saves" }, ...saves)];
  if (own) foot.push(...aboutOwn(forger));
  const one = card({ id: `drawing-${name}`, caption, foot, retry: () => forgers.retry() });
  return {
    element: one.element,
    draw(state) {
      const drawing = ready() ? draw(state, forger) : null;
      const broken = Boolean(forger.failed.size || forgers.failed);
      one.show({ drawing, verdict: drawing && verdictOf(forger, drawing), done: forger.done, broken });
      one.element.classList.toggle("changed", state.units.length > 0 && state.epoch === forger.key);
    },
  };
}

/** What a visitor's own file says of itself, as text, and a way to put it away. */
function aboutOwn(forger) {
  const about = h("p", { class: "about" });
  about.textContent = forger.about.name; // never HTML: a stranger may have written it
  const lines = Object.entries(forger.about.metadata).map(([name, value]) => {
    const line = h("li");
    line.textContent = `${name}: ${value}`;
    return line;
  });
  const metadata = h("details", { class: "about" }, h("summary", { say: "metadata" }), h("ul", {}, ...lines));
  const judged = forger.addresses.discriminator ? [] : [h("p", { class: "about", say: "own_judge" })];
  const leave = () => {
    forgers.leave();
    if (page.state.epoch === "own") page.lookInto(DEFAULT.epoch);
  };
  return [
    about,
    metadata,
    ...judged,
    h("button", { type: "button", class: "save", say: "own_leave", on: { click: leave } }),
  ];
}

function realCard() {
  const another = () => {
    page.set({ real: Math.floor(Math.random() * REALS) });
    page.commit();
  };
  const foot = [
    h(
      "div",
      { class: "saves" },
      h("button", { type: "button", class: "save", say: "another", on: { click: another } }),
    ),
  ];
  const one = card({
    id: "drawing-real",
    caption: "real_caption",
    foot,
    formula: "D(x)",
    retry: () => forgers.retry(),
  });
  let shown = "";
  return {
    element: one.element,
    draw(state) {
      const forger = forgers.all.get(state.epoch),
        now = `${state.real} ${forger?.name}`;
      if (!forger || shown === now) return; // a real digit stays as it is while the hand moves the noise
      const drawing = reals.digit(state.real),
        verdict = drawing && verdictOf(forger, drawing);
      one.show({ drawing, verdict });
      shown = drawing && verdict !== null ? now : ""; // what is still on its way is looked for again
    },
  };
}

function buildHand(view) {
  const commit = (control) => page.commit(control);
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
  const press = (id, say, click) => h("button", { type: "button", id, say, on: { click } });
  const dice = press("dice", "dice", () => {
    page.throwSeed(Math.floor(Math.random() * SEEDS));
    commit();
  });
  const undo = press("undo", "undo", () => page.undo());
  const reset = press("reset", "reset", () => {
    const { moves, temperature, at, painted, units, sum } = DEFAULT; // the seed stays, as do those of the plane
    page.set({ moves, temperature, at, painted, units, sum });
    commit();
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
  const show = (state) => {
    seed.show(state.seeds[0]);
    temperature.show(state.temperature);
    undo.setAttribute("aria-disabled", String(!page.canUndo)); // one that is disabled would lose the focus
    for (const direction of directions) direction.show(state);
    if (forgers.ready) wishEnds(state, directions);
  };
  return {
    show,
    elements: [
      h("div", { class: "seeds" }, seed.element, dice, undo, reset),
      temperature.element,
      h("p", { class: "help", say: "directions" }),
      h("div", { class: "directions" }, ...directions.map((direction) => direction.element)),
    ],
  };
}

function directionRow(i, view, commit) {
  const field = quantity({
    id: `direction-${i + 1}`,
    say: key("direction", { number: i + 1 }),
    low: -TENTHS,
    high: TENTHS,
    scale: 10,
    view,
    commit,
    change: (value) => page.set({ moves: page.state.moves.map((move, j) => (j === i ? value : move)) }),
  });
  const ends = ["low", "high"].map((end) =>
    h("canvas", { class: `pixels end ${end}`, width: SIDE, height: SIDE, "aria-hidden": "true" }),
  );
  field.element.querySelector("input[type=range]").before(ends[0]);
  field.element.querySelector("input[type=range]").after(ends[1]);
  return { ...field, ends, show: (state) => field.show(state.moves[i]) };
}

/** What lies at both ends of every direction, from where the hand is now; drawn when it rests. */
function wishEnds(state, directions) {
  const forger = guide(state);
  if (!forger) return;
  const { seeds, at, moves, temperature, painted } = state;
  const latents = () =>
    directions.flatMap((_, i) =>
      [-TENTHS, TENTHS].map((end) => latentOf({ ...state, moves: moves.map((move, j) => (j === i ? end : move)) })),
    );
  const put = (n, drawing) => paint(directions[n >> 1].ends[n & 1], drawing);
  sheets.wish("ends", forger, [seeds, at, moves, temperature, painted], latents, put);
}

function buildActs(view) {
  const toggle = (id, say, change) => {
    const button = h("button", {
      type: "button",
      id,
      say,
      "aria-pressed": "false",
      on: { click: () => change(button) },
    });
    return button;
  };
  const said = notice(view);
  const copyNoise = async () => said.tell((await copy(noiseJson())) ? "noise_copied" : "copy_failed");
  const noise = h("button", { type: "button", id: "copy-noise", say: "copy_noise", on: { click: copyNoise } });
  const real = toggle("real", "real_beside", () => {
    page.set({ real: page.state.real === null ? page.state.seeds[0] % REALS : null });
    page.commit();
  });
  const readout = h("output", { id: "frame-time", hidden: true });
  const timing = toggle("timing", "timing", (button) => {
    readout.hidden = !readout.hidden;
    button.setAttribute("aria-pressed", String(!readout.hidden));
    page.touch();
  });
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

function timingText({ say }) {
  const times = [...page.frames].sort((a, b) => a - b);
  if (!times.length) return say("timing_none");
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
  return say("timing_text", { median: at(0.5), most: at(0.95), frames: times.length });
}
