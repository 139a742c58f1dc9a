// Which run is in front: the kept runs as tabs, by hue and by what differs; before the first run, the ghost is named.

import { button, oneStop, press } from "../kit/button.js";
import { h, part, replaceChildrenIfChanged, setText } from "../kit/dom.js";
import { headed, huesOf } from "./apart.js";

/** @import { View } from "../types.d.ts" */
/** @typedef {import("./chart.js").Chart} Chart */

const STOP = "#train-stop";

/**
 * The row above the plot. `redraw` is called when another run is chosen.
 * @param {View} view
 * @param {() => void} redraw
 */
export function buildFront({ element, say, props }, redraw) {
  const words = h("p", { class: "ghost" });
  const tabs = h("div", { class: "tabs", role: "group" });
  /** @type {Map<string, HTMLButtonElement>} */
  const buttons = new Map(); // by the run's name
  let told = /** @type {string | null} */ (null); // the run in front, as the last news had it
  let chosen = /** @type {string | null} */ (null); // by a hand since
  const choose = (/** @type {string} */ name) => {
    if (!underWay()) return chooseLastPoint(name); // of which the news tells
    chosen = name;
    redraw();
  };
  const ended = () => {
    chosen = null; // from now on that run is in front whose point Continue, Fork and Save act on
    redraw();
  };
  const stop = document.querySelector(STOP);
  if (stop) new MutationObserver(ended).observe(stop, { attributeFilter: ["disabled"] });
  part(element, ".front").append(words, tabs);
  oneStop(tabs);
  return {
    /** Show the tabs of all runs; returns the name of the one in front. @param {Chart | null} chart */
    show(chart) {
      const all = Object.values(chart?.runs ?? {});
      const runs = all.some(({ points }) => points.length) ? all : []; // one that waits for its turn shows nothing yet
      if (told !== (chart?.current ?? null)) [told, chosen] = [chart?.current ?? null, null];
      const current = runs.some(({ name }) => name === chosen) ? chosen : told;
      setText(words, runs.length || !props.ghost ? "" : `${say("ghost")} ${say("empty")}`);
      tabs.setAttribute("aria-label", say("front"));
      const hues = huesOf(runs.map(({ name }) => name));
      for (const { name, differs } of runs) {
        if (!buttons.has(name))
          buttons.set(
            name,
            button(undefined, () => choose(name)),
          );
        const tab = /** @type {HTMLButtonElement} */ (buttons.get(name));
        setText(tab, headed(name, differs));
        if (runs.length > 1) tab.style.setProperty("--hue", hues.get(name) ?? "");
        else tab.removeAttribute("style"); // alone it has the hues of G and D
      }
      const shown = runs.map(({ name }) => /** @type {HTMLButtonElement} */ (buttons.get(name)));
      replaceChildrenIfChanged(tabs, shown);
      press(shown, (n) => runs[n].name === current);
      return current;
    },
  };
}

/** Whether a run trains or waits: then no point can be chosen. */
const underWay = () => document.querySelector(`${STOP}:not(:disabled)`) !== null;

/** Choose the last kept point of a run, so that Continue, Fork and Save act on it. @param {string} name */
function chooseLastPoint(name) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const points = document.querySelectorAll("#point input");
  [...points].findLast(({ value }) => value.startsWith(`${name}:`))?.click();
}
