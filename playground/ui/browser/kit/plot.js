// Plots: the hues that all of them share, lines in SVG, and one Plotly for all charts of the page, kept apart from the
// one that Gradio may bring. Knows nothing of what is plotted.

import { h } from "./dom.js";

export { LEVELS } from "../engine/facts.js";

// ---- hues: tokens.css is the one place ----

/** @type {Map<string, string>} */
const hues = new Map();

/**
 * A hue of the page as CSS writes it, "#rrggbb": of the forger, the detective or what is real.
 * @param {"forger" | "detective" | "real"} name
 */
export function hue(name) {
  const known = hues.get(name);
  if (known) return known;
  const found = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  if (found) hues.set(name, found); // before the style sheet has come there is none
  return found;
}

/**
 * The same as red, green and blue, 0 to 255.
 * @param {"forger" | "detective" | "real"} name
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

/**
 * Draw a chart, or what has changed of it. Plotly names the parts that clip its lines by the address that the page had
 * at the first drawing, since Gradio's page has a base; with the next change of the address a browser would ask the
 * server for them, again and again. So its first drawing is an empty one, after which it names them by themselves.
 * @param {any} Plotly
 * @param {any} element
 * @param {object[]} traces
 * @param {object} layout
 * @param {object} options
 */
export function drawChart(Plotly, element, traces, layout, options) {
  if (!element._context) {
    Plotly.newPlot(element, [], {}, options);
    element._context._baseUrl = "";
  }
  return Plotly.react(element, traces, layout); // with options it would look for the address again
}
