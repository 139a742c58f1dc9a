// What did the best do differently? One setting against the Frechet distance, a dot a forger. Knows the wall's
// entries, not where they come from.

import { h, setHidden, speak } from "../kit/dom.js";
import { language, sayIn } from "../kit/view.js";

/** @import { View } from "../types.d.ts" */
/** @import { Forger } from "./wall.js" */

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

/** A setting's value as the field of it says it. @param {string} text @param {string} name */
function wordsOf(text, name) {
  const key = `${name}.${text}`;
  const words = sayIn(language(), key);
  return words === key ? text : words;
}

/** A row for each value that the setting has. @param {Forger[]} found @param {string} name */
function plotOf(found, name) {
  const values = [...new Set(found.map((one) => textOf(one, name)))].sort(
    (a, b) => Number(a) - Number(b) || (a < b ? -1 : 1),
  );
  const most = Math.max(...found.map(({ frechet }) => frechet), 1);
  const dot = (/** @type {Forger} */ { frechet, colour }) =>
    h("i", { style: `left: ${(100 * frechet) / most}%; background: var(--who-${colour})` });
  const rows = values.flatMap((text) => [
    h("span", { class: "value" }, wordsOf(text, name)),
    h("span", { class: "track" }, ...found.filter((one) => textOf(one, name) === text).map(dot)),
  ]);
  const scale = ["0", h("span", { say: "wall_axis" }), String(Math.round(most))];
  const axis = h("span", { class: "axis" }, ...scale.map((each) => h("span", {}, each)));
  return h("div", { class: "by-value", role: "img", name: "wall_plot" }, ...rows, axis);
}
