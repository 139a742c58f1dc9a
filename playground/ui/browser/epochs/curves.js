// All curves of the run below each other, each with its name at its end, and the handle's place on every one of them.
// Knows Plotly's layout, not what moves the handle.

import { namesOn } from "../kit/names.js";
import { drawChart, hue, LEVELS, onSize } from "../kit/plot.js";

/** @import { Row, Say, View } from "../types.d.ts" */

/**
 * @typedef {object} Curve
 * @property {keyof Row} column of the log
 * @property {() => string} color read when it is drawn: the page's hues stand in its style
 * @property {number} row of the plot that it lies in, from 1
 * @property {"solid" | "dash" | "dot"} dash
 */

const forger = () => hue("forger"),
  detective = () => hue("detective"),
  real = () => hue("real"),
  grey = () => "#767676",
  violet = () => "#9A5B9C";
/** @type {Curve[]} */
const CURVES = [
  { column: "loss_g", color: forger, row: 1, dash: "solid" },
  { column: "loss_d", color: detective, row: 1, dash: "dash" },
  { column: "d_real", color: real, row: 2, dash: "dash" },
  { column: "d_fake", color: forger, row: 2, dash: "solid" },
  { column: "frechet", color: grey, row: 3, dash: "solid" },
  { column: "recognisable", color: real, row: 4, dash: "solid" },
  { column: "entropy", color: grey, row: 4, dash: "dot" },
  { column: "digits", color: violet, row: 5, dash: "solid" },
];
/** Where the losses stand when neither wins. */
const BALANCE = [
  { loss: LEVELS.loss_d, text: "2 ln 2", color: detective },
  { loss: LEVELS.loss_g, text: "ln 2", color: forger },
];
/** The rows of the plot, from the top, as parts of its height. */
const ROWS = [
  { title: "losses", domain: [0.62, 1] },
  { title: "verdicts", domain: [0.44, 0.58] },
  { title: "frechet", domain: [0.27, 0.4] },
  { title: "shares", domain: [0.12, 0.23] },
  { title: "digits", domain: [0, 0.09] },
];
/** Short names of curves, for a phone: notation, or keys of texts. @type {Record<string, string>} */
const SHORT = {
  ...{ loss_g: "G", loss_d: "D", d_real: "D(x)", d_fake: "D(G(z))" },
  ...{ frechet: "axis_frechet", recognisable: "recognisable_short", digits: "axis_digits" },
};
const MOST_BESIDE = 0.2; // of the width, for the names: where long ones take more, short ones stand
const FAINT = "rgba(128,128,128,.25)",
  STRONG = "rgba(128,128,128,.9)";
const CLEAR = "rgba(0,0,0,0)";
/** Plotly's name of a row's axis. @param {number} row */
const axisOf = (row) => (row === 1 ? "y" : `y${row}`);

const HEIGHTS = Object.fromEntries(ROWS.map((_, n) => [axisOf(n + 1), Number.POSITIVE_INFINITY])); // few names in each

/**
 * What is drawn into `plot`: `draw` all of it, `move` the place to an epoch, `style` it by one of Plotly's templates.
 * @param {HTMLElement} plot
 * @param {View} view
 */
export function curves(plot, view) {
  /** @type {{ rows: Row[], templates: Record<string, object> }} */
  const { rows, templates } = /** @type {any} */ (view.props);
  let place = 0,
    template = /** @type {object | undefined} */ (undefined),
    drawn = /** @type {any} */ (null); // Plotly, once there is a plot
  const names = namesOn(plot, view.typeSize);
  const draw = async () => {
    const Plotly = await view.plotly();
    const long = namesOf(rows, view.say, false);
    const named = names.beside(long, HEIGHTS) > MOST_BESIDE * plot.clientWidth ? namesOf(rows, view.say, true) : long;
    const layout = layoutOf(place, template, view, names.beside(named, HEIGHTS));
    await drawChart(Plotly, plot, tracesOf(rows, place, view.say), layout);
    names.show(named);
    drawn = Plotly;
  };
  onSize(plot, draw);
  const move = (/** @type {number} */ epoch) => {
    if (epoch === place) return;
    place = epoch;
    const dots = CURVES.map((_, n) => CURVES.length + BALANCE.length + n);
    const to = { x: CURVES.map(() => [place]), y: CURVES.map(({ column }) => [rows[place][column]]) };
    drawn?.update(plot, to, { shapes: [line(place)] }, dots);
  };
  const style = (/** @type {string} */ name) => {
    template = templates[name];
    draw();
  };
  return { draw, move, style };
}

// ---- what is drawn: the curves, the levels of balance, and a dot on every curve ----

/** @param {Row[]} rows @param {number} place @param {Say} say */
function tracesOf(rows, place, say) {
  const epochs = rows.map((row) => row.epoch),
    ends = [epochs[0], epochs[epochs.length - 1]];
  return [
    ...CURVES.map((curve) => curveOf(curve, rows, epochs, say)),
    ...BALANCE.map((level) => levelOf(level, ends)),
    ...CURVES.map((curve) => dotOf(curve, rows[place], place)),
  ];
}

/** @param {Curve} curve @param {Row[]} rows @param {number[]} epochs @param {Say} say */
const curveOf = ({ column, color, row, dash }, rows, epochs, say) => ({
  x: epochs,
  y: rows.map((each) => each[column]),
  yaxis: axisOf(row),
  name: say(column),
  mode: "lines",
  line: { color: color(), dash, width: 2 },
});

/** @param {typeof BALANCE[number]} level @param {number[]} ends */
const levelOf = ({ loss, color }, ends) => ({
  x: ends,
  y: [loss, loss],
  mode: "lines",
  line: { color: color(), width: 1, dash: "dot" },
  hoverinfo: "skip",
});

/** @param {Curve} curve @param {Row} shown @param {number} place */
const dotOf = ({ column, color, row }, shown, place) => ({
  x: [place],
  y: [shown[column]],
  yaxis: axisOf(row),
  mode: "markers",
  marker: { color: color(), size: 10, line: { color: "#fff", width: 1.5 } },
  hoverinfo: "skip",
});

/**
 * The names of all lines, at their ends.
 * @param {Row[]} rows
 * @param {Say} say
 * @param {boolean} short
 */
function namesOf(rows, say, short) {
  const x = rows.map((row) => row.epoch);
  const curves = CURVES.map(({ column, color, row }) => ({
    ...{ x, y: rows.map((each) => each[column]), axis: axisOf(row), hue: color() },
    text: say((short && SHORT[column]) || column),
  }));
  const levels = BALANCE.map(({ loss, text, color }) => ({ x, y: x.map(() => loss), axis: "y", text, hue: color() }));
  return [...curves, ...levels];
}

/** The handle's place, through all rows. @param {number} place */
const line = (place) => ({
  type: "line",
  xref: "x",
  yref: "paper",
  x0: place,
  x1: place,
  y0: 0,
  y1: 1,
  line: { color: STRONG, width: 2 },
});

// ---- how it is laid out ----

/**
 * @param {number} place
 * @param {object | undefined} template
 * @param {View} view
 * @param {number} right pixels for the names beside the lines
 */
function layoutOf(place, template, { element, say, typeSize }, right) {
  const size = typeSize();
  const { fontFamily: family } = getComputedStyle(element);
  const own = { template: {}, paper_bgcolor: CLEAR, plot_bgcolor: CLEAR, font: { color: hue("ink"), size, family } };
  const grid = template ? {} : { gridcolor: FAINT, zeroline: false };
  return {
    ...(template ? { template, font: { size } } : own),
    uirevision: "story",
    showlegend: false,
    margin: { l: 4.6 * size, r: right, t: 10, b: 3.4 * size },
    shapes: [line(place)],
    hovermode: "x",
    xaxis: { ...grid, title: { text: say("epoch"), font: { size } }, anchor: axisOf(ROWS.length) },
    ...Object.fromEntries(ROWS.map((_, n) => [`yaxis${n ? n + 1 : ""}`, { ...grid, ...axis(n, say, size) }])),
  };
}

/** @param {number} n the row, from 0 @param {Say} say @param {number} size */
const axis = (n, say, size) => ({
  domain: ROWS[n].domain,
  rangemode: "tozero",
  hoverformat: ".3~r", // three digits
  nticks: n ? 3 : 6,
  title: { text: say(`axis_${ROWS[n].title}`), font: { size } },
});
