// All curves of the run below each other, and the handle's place on every one of them. Knows Plotly's layout, not what
// moves the handle.

import { drawChart, hue, LEVELS } from "../kit/plot.js";

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
const FAINT = "rgba(128,128,128,.25)",
  STRONG = "rgba(128,128,128,.9)";
const CLEAR = "rgba(0,0,0,0)";
/** Plotly's name of a row's axis. @param {number} row */
const axisOf = (row) => (row === 1 ? "y" : `y${row}`);

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
  const draw = async () => {
    const Plotly = await view.plotly();
    const layout = layoutOf(place, template, view);
    await drawChart(Plotly, plot, tracesOf(rows, place, view.say), layout, { responsive: true, displaylogo: false });
    drawn = Plotly;
  };
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
  showlegend: false,
  hoverinfo: "skip",
});

/** @param {Curve} curve @param {Row} shown @param {number} place */
const dotOf = ({ column, color, row }, shown, place) => ({
  x: [place],
  y: [shown[column]],
  yaxis: axisOf(row),
  mode: "markers",
  marker: { color: color(), size: 10, line: { color: "#fff", width: 1.5 } },
  showlegend: false,
  hoverinfo: "skip",
});

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

/** @param {number} place @param {object | undefined} template @param {View} view */
function layoutOf(place, template, { element, say, typeSize }) {
  const size = typeSize();
  const color = getComputedStyle(element).color;
  const own = { template: {}, paper_bgcolor: CLEAR, plot_bgcolor: CLEAR, font: { color, size } };
  const grid = template ? {} : { gridcolor: FAINT, zeroline: false };
  return {
    ...(template ? { template, font: { size } } : own),
    uirevision: "story",
    margin: { l: 4.6 * size, r: 12, t: 10, b: 3.4 * size },
    shapes: [line(place)],
    hovermode: "x",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", font: { size } },
    xaxis: { ...grid, title: { text: say("epoch"), font: { size } }, anchor: axisOf(ROWS.length) },
    annotations: BALANCE.map((level) => nameOf(level, size)),
    ...Object.fromEntries(ROWS.map((_, n) => [`yaxis${n ? n + 1 : ""}`, { ...grid, ...axis(n, say, size) }])),
  };
}

/** @param {typeof BALANCE[number]} level @param {number} size of the type, in pixels */
const nameOf = ({ loss, text }, size) => ({
  xref: "paper",
  x: 1,
  y: loss,
  xanchor: "right",
  yanchor: "bottom",
  showarrow: false,
  text,
  font: { size },
});

/** @param {number} n the row, from 0 @param {Say} say @param {number} size */
const axis = (n, say, size) => ({
  domain: ROWS[n].domain,
  rangemode: "tozero",
  nticks: n ? 3 : 6,
  title: { text: say(`axis_${ROWS[n].title}`), font: { size } },
});
