// Where Explore's drawings come from: the noise z as a picture of its 128 numbers, what throws another one, and what is
// rarely wanted. Knows nothing of the drawings.

import { LATENT, SEEDS } from "../engine/facts.js";
import { paintGrey } from "../engine/pixels.js";
import { button, press } from "../kit/button.js";
import { h, setText } from "../kit/dom.js";
import { menu } from "../kit/menu.js";
import { notice } from "../kit/notice.js";
import { copy } from "../kit/save.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { latentOf, nameOf } from "../page/scene.js";

/** @import { State, View } from "../types.d.ts" */

const ROWS = 4; // of the picture: 32 numbers each
const LIMIT = 2.5; // of a number, from which it is white, or black: one of eighty is further out

/** {elements, show(state)}: the row above the drawings. @param {View} view */
export function buildSource(view) {
  const another = button("new_drawing", throwDice, { id: "dice", class: "primary" });
  const options = {
    id: "noise-picture",
    class: "pixels",
    width: LATENT / ROWS,
    height: ROWS,
    role: "img",
    name: "z_name",
  };
  const picture = h("canvas", options);
  const z = h("figure", { class: "z" }, picture, h("figcaption", { say: "z" }));
  const said = notice(view);
  const timing = buildTiming(view);
  const more = menu("more", [...noiseItems(said.tell), timing.toggle, ...ownItem()]);
  return {
    elements: [another, z, said.element, timing.readout, more],
    show(/** @type {State} */ state) {
      if (forgers.ready) paintGrey(picture, latentOf(state), LIMIT);
      timing.show();
    },
  };
}

function throwDice() {
  page.throwSeed(Math.floor(Math.random() * SEEDS));
  page.commit();
}

/** @param {(key: string) => void} tell */
function noiseItems(tell) {
  const copyNoise = async () => {
    if (forgers.ready) tell((await copy(noiseJson())) ? "noise_copied" : "copy_failed");
  };
  return [button("copy_noise", copyNoise, { id: "copy-noise" })];
}

/** What the generators are given, as JSON: 128 numbers, temperature included, and where they come from. */
function noiseJson() {
  return JSON.stringify({
    latent: Array.from(latentOf(page.state), Math.fround),
    name: nameOf(page.state),
    link: page.link,
  });
}

/** What opens a visitor's own network: Gradio's button, which stands out of sight; none where the server takes none. */
function ownItem() {
  const sender = document.querySelector("#own");
  return sender instanceof HTMLElement ? [button("own", () => sender.click(), { class: "own" })] : [];
}

/** @param {View} view */
function buildTiming(view) {
  const readout = h("output", { id: "frame-time", hidden: true });
  const toggle = button(
    "timing",
    () => {
      readout.hidden = !readout.hidden;
      press([toggle], () => !readout.hidden);
      page.touch();
    },
    { id: "timing", "aria-pressed": "false" },
  );
  const show = () => {
    if (!readout.hidden) setText(readout, timingText(view));
  };
  return { toggle, readout, show };
}

/** @param {View} view */
function timingText({ say }) {
  const times = [...page.frames].sort((a, b) => a - b);
  if (!times.length) return say("timing_none");
  const at = (/** @type {number} */ share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1);
  return say("timing_text", { median: at(0.5), most: at(0.95), frames: times.length });
}
