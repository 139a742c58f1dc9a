// What did the best do differently? One setting against the Frechet distance, a dot a forger. Knows the wall's
// entries, not where they come from.

import { h, key, setHidden, speak } from "../kit/dom.js";
import { svg } from "../kit/plot.js";
import { language, sayIn } from "../kit/view.js";

/** @import { View } from "../types.d.ts" */
/** @import { Forger } from "./wall.js" */

const WIDE = 640,
  HIGH = 280,
  LEFT = 64,
  EDGE = 34;

/** @param {View} view */
export function buildComparison(view) {
  const field = h("select", { id: "wall-setting" });
  const picture = h("div", { class: "dots" });
  const label = h("label", { class: "choice" }, h("span", { say: "wall_setting" }), field);
  const element = h("section", { class: "comparison" }, h("h3", { say: "wall_why" }), label, picture);
  /** @type {Forger[]} */
  let found = [];
  const draw = () => {
    picture.replaceChildren(plotOf(found, field.value));
    speak(picture, view.say);
  };
  field.addEventListener("change", draw);
  return {
    element,
    show(/** @type {Forger[]} */ forgers) {
      found = forgers;
      const names = differing(found);
      setHidden(element, names.length === 0);
      if (!names.length) return;
      const chosen = names.includes(field.value) ? field.value : names[0];
      field.replaceChildren(...names.map((name) => h("option", { value: name }, sayIn(language(), `field.${name}`))));
      field.value = chosen;
      draw();
    },
  };
}

/** The settings in which some differ. @param {Forger[]} found */
const differing = (found) =>
  Object.keys(found[0]?.settings ?? {}).filter((name) => new Set(found.map((one) => textOf(one, name))).size > 1);

/** @param {Forger} forger @param {string} name */
const textOf = ({ settings }, name) => [settings[name]].flat().join(", ");

/** @param {Forger[]} found @param {string} name */
function plotOf(found, name) {
  const values = [...new Set(found.map((one) => textOf(one, name)))].sort(
    (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1),
  );
  const most = Math.max(...found.map(({ frechet }) => frechet), 1);
  const across = (/** @type {string} */ text) =>
    LEFT + ((values.indexOf(text) + 0.5) * (WIDE - LEFT - EDGE)) / values.length;
  const down = (/** @type {number} */ frechet) => HIGH - EDGE - (frechet * (HIGH - 2 * EDGE)) / most;
  const ticks = values.map((text) => svg("text", { class: "tick", x: across(text), y: HIGH - 10 }, text));
  const levels = [0, Math.round(most / 2), Math.round(most)].flatMap((level) => [
    svg("line", { x1: LEFT, x2: WIDE, y1: down(level), y2: down(level) }),
    svg("text", { class: "tick level", x: LEFT - 8, y: down(level) + 4 }, String(level)),
  ]);
  const dots = found.map((one) => {
    const dot = svg("circle", { cx: across(textOf(one, name)), cy: down(one.frechet), r: 7 });
    dot.style.setProperty("fill", `var(--who-${one.colour})`);
    return dot;
  });
  const view = { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "data-name": key("wall_plot", {}) };
  return svg("svg", view, ...levels, ...ticks, ...dots);
}
