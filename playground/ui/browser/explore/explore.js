// Explore: one noise that the visitor sets, drawn by the forger of every epoch. Knows its cards and controls; the noise
// itself is source.js, the other parts of the tab are widgets of their own.

import { LAST, SEEDS } from "../engine/facts.js";
import { HIDDEN, USUAL } from "../engine/network.js";
import { paint, SIDE } from "../engine/pixels.js";
import { arrow, flowing } from "../kit/arrow.js";
import { button, press, rest } from "../kit/button.js";
import { card } from "../kit/cards.js";
import {
  forgerName,
  h,
  inWords,
  keepWorded,
  key,
  part,
  quantity,
  replaceChildrenIfChanged,
  setAttribute,
  setHidden,
  setText,
  speak,
} from "../kit/dom.js";
import { menu } from "../kit/menu.js";
import { padded } from "../kit/numbers.js";
import { savePng } from "../kit/save.js";
import { forgers } from "../page/forgers.js";
import { opening } from "../page/opening.js";
import { page } from "../page/page.js";
import { reals } from "../page/reals.js";
import { draw, drawExactly, guide, latentOf, nameOf, verdictOf } from "../page/scene.js";
import { sheets } from "../page/sheets.js";
import { DEFAULT, HUNDREDTHS, PER_UNIT, REALS, TENTHS } from "../page/state.js";
import { naming } from "./judged.js";
import { buildSource } from "./source.js";

/** @import { About, Epoch, Forger, State, View } from "../types.d.ts" */
/** @typedef {(control: string) => void} Commit */
/**
 * @typedef {{
 *   element: HTMLElement, canvas: HTMLCanvasElement, key: Epoch | "real", at: number, draw: (state: State) => void,
 * }} Card
 */

const ENLARGED = 16; // 448 x 448
const SHARE = 10; // ms of a frame that drawings may take: the rest is the browser's

/** @param {View} view */
export async function mount(view) {
  const { element, props, asset, watch } = view;
  forgers.begin(asset);
  reals.begin(props.reals);
  await opening.begin(props.opening); // which the template shows already: so nothing flickers
  const hand = buildHand(view);
  const stage = buildStage(view);
  const source = buildSource(view);
  part(element, ".hand").replaceChildren(...hand.elements);
  part(element, ".source").replaceChildren(...source.elements);
  part(element, ".acts").replaceChildren(realButton(), stage.summary);
  keepWorded(view, () => page.touch());
  const join = () => {
    if (props.value?.own) takeOwn(props.value.own, view);
  };
  watch("value", join);
  join();
  page.show((state) => {
    if (state.tab !== "explore") return;
    source.show(state);
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
  const flows = flowing(part(view.element, ".shown"));
  const beside = realCard();
  const summary = h("p", { class: "summary", role: "status" });
  /** @type {WeakMap<Forger, Card>} */
  const cards = new WeakMap();
  /** @type {State | null} */
  let shown = null;
  const cardOf = (/** @type {Forger} */ forger) => {
    const one = cards.get(forger) ?? forgerCard(forger);
    cards.set(forger, one);
    return one;
  };
  const name = naming(view, (forger) => cardOf(forger).canvas);
  const show = (/** @type {State} */ state) => {
    const all = [...forgers.all.values()].map(cardOf);
    if (state.real !== null) all.push(beside);
    const changed = replaceChildrenIfChanged(
      box,
      all.map((one) => one.element),
    );
    if (changed) speak(box, view.say);
    drawInTime(all, state);
    if (shown !== state) flows();
    shown = state;
    if (page.busy) return;
    setText(summary, verdictsInWords(state, view));
    name(state);
  };
  return { show, summary };
}

/**
 * Draw the state on the cards: of the last epoch first, then, as long as the frame has time, who has waited longest.
 * What is late is drawn in the next frame: on a slow phone the hand is followed by one drawing at least.
 * @param {readonly Card[]} cards
 * @param {State} state
 */
function drawInTime(cards, state) {
  const begun = performance.now();
  const since = (/** @type {Card} */ { key, at }) => (key === LAST ? 0 : at);
  for (const [i, one] of [...cards].sort((a, b) => since(a) - since(b)).entries()) {
    const now = performance.now();
    if (i && now - begun > SHARE) return page.touch();
    one.draw(state);
    one.at = now;
  }
}

/**
 * One sentence for who hears the page: said when the hand rests, in place of a number at each drawing.
 * @param {State} state
 * @param {View} view
 */
function verdictsInWords(state, { say }) {
  const each = [...forgers.all.values()].filter(ready).map((forger) => {
    const verdict = verdictOf(forger, draw(state, forger));
    const name = inWords(forgerName(forger), say);
    return verdict === null ? name : `${name}: ${verdict.toFixed(2)}`;
  });
  return each.length ? say("summary", { seed: state.seeds[0], verdicts: each.join(", ") }) : "";
}

const ready = (/** @type {Forger} */ forger) => forger.use("generator") !== null && forgers.ready;

/**
 * @param {Forger} forger
 * @returns {Card}
 */
function forgerCard(forger) {
  const own = forger.key === "own";
  const name = own ? "own" : padded(Number(forger.key));
  const one = card({
    id: `drawing-${name}`,
    caption: forgerName(forger),
    name: own ? forgerName(forger) : key("epoch", { epoch: forger.key }),
    who: "G",
    menu: saveMenu(forger, name),
    foot: own ? aboutOwn(forger) : [],
    retry: () => forgers.retry(),
  });
  one.element.prepend(h("div", { class: "from" }, arrow("down")));
  return {
    element: one.element,
    canvas: one.canvas,
    key: forger.key,
    at: 0,
    draw(state) {
      const first = opening.of(forger.key, state);
      const drawing = ready(forger) ? draw(state, forger) : (first?.drawing ?? null);
      const judged = ready(forger) && drawing ? verdictOf(forger, drawing) : null;
      const verdict = drawing && (judged ?? first?.verdict ?? null);
      const broken = Boolean(forger.failed.size || forgers.failed);
      one.show({ drawing, verdict, done: forger.done, broken });
      setAttribute(one.element, "aria-busy", String(judged === null));
      one.element.classList.toggle("changed", state.units.length > 0 && state.epoch === forger.key);
    },
  };
}

/**
 * The menu of what one may do with a forger's drawing: save it as PNG, small or with each pixel 16 x 16.
 * @param {Forger} forger
 * @param {string} name
 */
function saveMenu(forger, name) {
  const buttons = [1, ENLARGED].map((scale) => {
    const size = SIDE * scale;
    const save = async () => {
      if (!ready(forger)) return;
      const file = `epoch-${name}-${nameOf(page.state)}${scale > 1 ? `-${size}` : ""}.png`;
      const drawing = await drawExactly(page.state, forger);
      if (drawing) savePng(drawing, scale, file);
    };
    return button(key("save", { size }), save);
  });
  return menu("save_menu", buttons, { class: "saves" });
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
    button("own_leave", leave),
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
  const foot = [h("div", { class: "again" }, button("another", another))];
  const retry = () => forgers.retry();
  const one = card({ id: "drawing-real", caption: "real_caption", foot, formula: "D(x)", retry });
  let shown = "";
  return {
    element: one.element,
    canvas: one.canvas,
    key: "real",
    at: 0,
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

/** What lays a real digit beside the drawings. */
function realButton() {
  const real = button(
    "real_beside",
    () => {
      page.set({ real: page.state.real === null ? page.state.seeds[0] % REALS : null });
      page.commit();
    },
    { id: "real" },
  );
  page.show((state) => {
    setHidden(real, !reals.picture);
    press([real], () => state.real !== null);
  });
  return real;
}

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
  const undo = button("undo", () => page.undo(), { id: "undo" });
  const reset = button("reset", resetHand, { id: "reset" });
  const help = h("p", { class: "help" });
  const show = (/** @type {State} */ state) => {
    const forger = guide(state);
    if (forger) setText(help, view.say("directions", { forger: inWords(forgerName(forger), view.say) }));
    seed.show(state.seeds[0]);
    temperature.show(state.temperature);
    rest(undo, !page.canUndo);
    for (const direction of directions) direction.show(state);
    if (forgers.ready) wishEnds(state, directions);
  };
  const seeds = h("div", { class: "seeds" }, seed.element, undo, reset);
  const warm = h("p", { class: "help", say: "temperature_help" });
  const rows = h("div", { class: "directions" }, ...directions.map((direction) => direction.element));
  show(page.state); // with all its words, so that nothing moves when the first frame comes
  return { show, elements: [seeds, temperature.element, warm, help, rows] };
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
