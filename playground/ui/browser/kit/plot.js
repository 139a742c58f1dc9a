// Plots: the hues that all of them share, lines in SVG, and one Plotly for all charts of the page, kept apart from the
// one that Gradio may bring. Knows nothing of what is plotted.

import { h } from "./dom.js";

export { LEVELS } from "../engine/facts.js";

// ---- hues: tokens.css is the one place ----

/** @type {Map<string, string>} */
const hues = new Map(); // of both schemes

/** @typedef {"ink" | "forger" | "detective" | "real" | "run-1" | "run-2" | "run-3" | "run-4"} Hue */

/**
 * A hue of the page as CSS writes it, "#rrggbb": of words, the forger, the detective, what is real, or one of the runs
 * that are compared. An element's own colour is still the other scheme's for a moment, where colours fade.
 * @param {Hue} name
 */
export function hue(name) {
  const place = `${name} ${document.body.classList.contains("dark")}`;
  const known = hues.get(place);
  if (known) return known;
  const found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  if (found) hues.set(place, found); // before the style sheet has come there is none
  return found;
}

/**
 * The same as red, green and blue, 0 to 255.
 * @param {Hue} name
 */
export const channels = (name) => [1, 3, 5].map((at) => Number.parseInt(hue(name).slice(at, at + 2), 16));

// ---- SVG ----

const SVG = document.createRange().createContextualFragment("<svg></svg>").firstElementChild?.namespaceURI;

/**
 * An element of an SVG picture.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG ?? "", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return /** @type {SVGElementTagNameMap[K]} */ (element);
}

/**
 * Points as the attribute `points` of a polyline takes them.
 * @param {Iterable<readonly number[]>} pairs
 */
export const pointsOf = (pairs) => Array.from(pairs, ([x, y]) => `${x},${y}`).join(" ");

/**
 * A plot of lines that fills its box: lines without text in SVG, everything that is read in HTML, so that it grows with
 * the page's type. `x` and `y` are the lowest and the highest number along each side. A line is a list of points [x, y]
 * under its class. `across` and `down` are the ticks, numbers with their texts. Of what it returns, `element` has the
 * whole, `lines` is the box for what stands on the lines, placed by `left(x)` and `top(y)`, in percent.
 * @param {{
 *   x: readonly [number, number], y: readonly [number, number],
 *   lines: readonly (readonly [string, Iterable<readonly number[]>])[],
 *   across?: readonly (readonly [number, string])[], down?: readonly (readonly [number, string])[],
 * }} plot
 */
export function linePlot({ x: [first, last], y: [low, high], lines, across = [], down = [] }) {
  const left = (/** @type {number} */ x) => `${(100 * (x - first)) / (last - first)}%`;
  const top = (/** @type {number} */ y) => `${(100 * (high - y)) / (high - low)}%`;
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${last - first} ${high - low}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...lines.map(([name, points]) =>
      svg("polyline", { class: name, points: pointsOf(Array.from(points, ([x, y]) => [x - first, high - y])) }),
    ),
  );
  const box = h("div", { class: "lines" }, picture);
  const element = h(
    "div",
    { class: "picture", role: "img" },
    h(
      "div",
      { class: "down" },
      ...down.map(([y, text]) => h("span", { class: "tick", style: `top: ${top(y)}` }, text)),
    ),
    box,
    h(
      "div",
      { class: "across" },
      ...across.map(([x, text]) => h("span", { class: "tick", style: `left: ${left(x)}` }, text)),
    ),
  );
  return { element, lines: box, left, top };
}

// ---- Plotly ----

/** @type {Promise<any> | null} */
let plotly = null;

/**
 * Plotly from an address, fetched once.
 * @param {string} address
 */
export function plotlyFrom(address) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return plotly;
}

const OPTIONS = { displayModeBar: false, showTips: false }; // its tips are English on every page

/**
 * Draw a chart, or what has changed of it. Plotly names the parts that clip its lines by the address that the page had
 * at the first drawing, since Gradio's page has a base; with the next change of the address a browser would ask the
 * server for them, again and again. So its first drawing is an empty one, after which it names them by themselves.
 * @param {any} Plotly
 * @param {any} element
 * @param {object[]} traces
 * @param {object} layout
 */
export function drawChart(Plotly, element, traces, layout) {
  if (!element._context) {
    Plotly.newPlot(element, [], {}, OPTIONS);
    element._context._baseUrl = "";
    takeFingers(element);
  }
  const { clientWidth: width, clientHeight: height } = element; // it would follow the window's size only
  // With options it would look for the address again.
  return Plotly.react(element, traces, { ...layout, width, height });
}

const SIDEWAYS = 10; // pixels that a finger moves before it is known where to

/**
 * Plotly would hold every finger, and the page would not scroll. So it is not told of them: one that moves sideways is
 * the mouse that drags, and zooms; one that moves up or down scrolls the page (touch-action in plot.css).
 * @param {HTMLElement} chart
 */
function takeFingers(chart) {
  let begin = /** @type {Touch | null} */ (null);
  let drags = false;
  const move = (/** @type {TouchEvent} */ event) => {
    event.stopPropagation();
    const [touch] = event.changedTouches;
    if (!begin) return;
    const [across, along] = [Math.abs(touch.clientX - begin.clientX), Math.abs(touch.clientY - begin.clientY)];
    if (!drags && across > Math.max(SIDEWAYS, along)) drags = mouse("mousedown", begin.target, begin);
    if (drags) mouse("mousemove", document, touch);
  };
  const end = (/** @type {TouchEvent} */ event) => {
    event.stopPropagation();
    if (drags) mouse("mouseup", document, event.changedTouches[0]);
    drags = false;
    begin = null;
  };
  const start = (/** @type {TouchEvent} */ event) => {
    end(event);
    if (event.touches.length === 1) begin = event.touches[0];
  };
  const listeners = { touchstart: start, touchmove: move, touchend: end, touchcancel: end };
  for (const [name, listener] of Object.entries(listeners)) {
    chart.addEventListener(name, /** @type {EventListener} */ (listener), { capture: true, passive: true });
  }
}

/**
 * Tell a target of a mouse where a finger is.
 * @param {string} type
 * @param {EventTarget} target
 * @param {Touch} finger
 */
const mouse = (type, target, { clientX, clientY }) =>
  target.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, buttons: 1, clientX, clientY })) || true;

/**
 * Call `draw` when the size of a chart changes: a phone is turned, a window drawn larger, a panel opened beside it.
 * @param {HTMLElement} chart
 * @param {() => void} draw
 */
export function onSize(chart, draw) {
  const measured = () => `${chart.clientWidth} ${chart.clientHeight}`;
  let size = measured();
  new ResizeObserver(() => {
    const now = measured();
    if (!chart.clientWidth || now === size) return;
    size = now;
    draw();
  }).observe(chart);
}
