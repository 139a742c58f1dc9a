// The curves of all runs in one plot that keeps its zoom.

import { keepWorded, part } from "../kit/dom.js";
import { drawChart, hue } from "../kit/plot.js";
import { slide } from "../kit/slides.js";
import { language } from "../kit/view.js";
import { follow } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 * @typedef {Record<string, any>} Trace Plotly's
 * @typedef {[y: number, words: string]} Level where a loss is at balance
 *
 * @typedef {object} Curve
 * @property {string} name the run's
 * @property {number[][]} points each [step, loss_g, loss_d, d_real, d_fake]
 * @property {[step: number, words: Record<string, string>][]} marks settings that changed, in all languages
 * @property {[step: number, distance: number][]} frechet
 * @property {[step: number, own: number, lecture: number][]} slopes of G, where its loss can lose them
 * @property {[d: Level, g: Level]} balance
 *
 * @typedef {Curve & {symbol?: string, faint: boolean}} Shown a curve, with what tells its run from others
 * @typedef {{runs: Record<string, Curve>, current: string | null, token: string}} Chart
 */

const SYMBOLS = ["circle", "square", "diamond", "triangle-up"]; // tell runs apart where colours tell G from D
const [STEP, LOSS_G, LOSS_D, D_REAL, D_FAKE] = [0, 1, 2, 3, 4]; // columns of the points
const NARROW = 500; // pixels: a phone has no room for all names
const GREY = "rgba(128,128,128,";
const DASHED = { line: { dash: "dash" } };
const VERDICT = { trace: { yaxis: "y2" } };

/** @param {View} view */
export function mount(view) {
  view.element.append(slide("figure", "13-31"));
  keepWorded(view, () => {});
  follow("chart", view, (value) => draw(view, value));
}

/**
 * @param {View} view
 * @param {Chart | null} chart
 */
async function draw(view, chart) {
  const { element, say, plotly } = view;
  const runs = shownOf(chart);
  const main = runs.find((run) => run.name === chart?.current) ?? runs.at(-1);
  const plot = part(element, ".plot");
  tell(view, main);
  if (!chart || !main) return;
  const ordered = [main, ...runs.filter((run) => run !== main)];
  const below = main.slopes.length ? slopesOf : distances;
  const few = runs.length > 1 && plot.clientWidth < NARROW;
  const traces = ordered.flatMap((run) => inLegend(tracesOf(run, say, below), few));
  const options = { responsive: true, displaylogo: false };
  try {
    const layout = layoutOf(view, runs, main, chart.token);
    await drawChart(await plotly(), plot, [...traces, ...behind(main)], layout, options);
  } catch {
    part(element, ".empty").textContent = say("failed");
    part(element, ".empty").hidden = false;
  }
}

/**
 * The runs that have made a step, as they are drawn.
 * @param {Chart | null} chart
 * @returns {Shown[]}
 */
function shownOf(chart) {
  const runs = Object.values(chart?.runs ?? {}).filter((run) => run.points.length > 0);
  if (runs.length < 2) return runs.map((run) => ({ ...run, faint: false }));
  return runs.map((run, n) => ({
    ...run,
    symbol: SYMBOLS[n % SYMBOLS.length],
    faint: run.name !== chart?.current,
  }));
}

/**
 * The words around the plot, which is hidden as long as there is no run to show.
 * @param {View} view
 * @param {Shown} [main]
 */
function tell({ element, say }, main) {
  const empty = part(element, ".empty");
  const help = part(element, ".help");
  empty.textContent = say("empty");
  empty.hidden = Boolean(main);
  part(element, ".plot").hidden = help.hidden = !main;
  if (!main) return;
  const [[, level_d], [, level_g]] = main.balance;
  const lowest = say(main.slopes.length ? "slope_help" : "frechet_help");
  help.textContent = `${say("balance_help", { level_d, level_g })} ${lowest}`;
}

/**
 * A run's traces; with `few` only its losses stand in the legend.
 * @param {Trace[]} traces
 * @param {boolean} few
 */
const inLegend = (traces, few) => traces.map((trace, n) => ({ ...trace, showlegend: !few || n < 2 }));

/**
 * A run's traces. The losses come first: others look for them there.
 * @param {Shown} run
 * @param {Say} say
 * @param {typeof distances} below what the lowest plot has
 * @returns {Trace[]}
 */
function tracesOf(run, say, below) {
  const [G, D, REAL] = [hue("forger"), hue("detective"), hue("real")];
  /** @type {(key: string) => string} */
  const named = (key) => (run.symbol ? say("of_run", { run: run.name, what: say(key) }) : say(key));
  return [
    line(run, smooth(column(run, LOSS_G)), named("loss_g"), G),
    line(run, smooth(column(run, LOSS_D)), named("loss_d"), D, DASHED),
    line(run, smooth(column(run, D_REAL)), named("d_real"), REAL, { ...DASHED, ...VERDICT }),
    line(run, smooth(column(run, D_FAKE)), named("d_fake"), G, VERDICT),
    ...below(run, named),
  ];
}

/**
 * @param {Shown} run
 * @param {number[]} y
 * @param {string} name
 * @param {string} color
 * @param {{line?: object, trace?: object}} [more]
 * @returns {Trace}
 */
function line(run, y, name, color, more = {}) {
  return {
    x: column(run, STEP),
    y,
    mode: run.symbol ? "lines+markers" : "lines",
    name,
    opacity: run.faint ? 0.6 : 1,
    marker: { symbol: run.symbol, size: 9, maxdisplayed: 12, color },
    line: { color, width: run.faint ? 1.6 : 2.6, ...more.line },
    ...more.trace,
  };
}

/**
 * The Frechet distances, which are measured more rarely.
 * @param {Shown} run
 * @param {(key: string) => string} named
 * @returns {Trace[]}
 */
const distances = (run, named) => [rare(run, run.frechet, 1, named("frechet"), "#767676")];

/**
 * How strongly G is told to change, by the run's loss and by the lecture's.
 * @param {Shown} run
 * @param {(key: string) => string} named
 * @returns {Trace[]}
 */
const slopesOf = (run, named) => [
  rare(run, run.slopes, 1, named("slope_own"), hue("forger")),
  rare(run, run.slopes, 2, named("slope_lecture"), "#767676"),
];

/**
 * A trace of the lowest plot.
 * @param {Shown} run
 * @param {number[][]} rows each [step, value, ...]
 * @param {number} n the value's column
 * @param {string} name
 * @param {string} color
 * @returns {Trace}
 */
function rare(run, rows, n, name, color) {
  const y = rows.map((row) => row[n]);
  return {
    ...line(run, y, name, color, { trace: { yaxis: "y3" } }),
    x: rows.map((row) => row[STEP]),
    mode: "lines+markers",
  };
}

/**
 * What lies behind the main run's curves: the losses as they came, and their levels at balance.
 * @param {Shown} run
 * @returns {Trace[]}
 */
function behind(run) {
  const [G, D] = [hue("forger"), hue("detective")];
  const x = column(run, STEP);
  const ends = [x[0], x[x.length - 1]];
  const [[level_d], [level_g]] = run.balance;
  return [
    thin(x, column(run, LOSS_G), { color: G }, 0.35),
    thin(x, column(run, LOSS_D), { color: D }, 0.35),
    thin(ends, [level_g, level_g], { color: G, dash: "dot" }),
    thin(ends, [level_d, level_d], { color: D, dash: "dot" }),
  ];
}

/**
 * @param {number[]} x
 * @param {number[]} y
 * @param {object} style
 * @param {number} [opacity]
 * @returns {Trace}
 */
const thin = (x, y, style, opacity = 1) => ({
  x,
  y,
  mode: "lines",
  line: { width: 1, ...style },
  opacity,
  showlegend: false,
  hoverinfo: "skip",
});

/**
 * @param {Curve} run
 * @param {number} n
 */
const column = (run, n) => run.points.map((point) => point[n]);

/**
 * The mean of each value and its neighbours, fewer at the ends.
 * @param {number[]} values
 */
function smooth(values) {
  const reach = Math.max(1, Math.round(values.length / 40));
  return values.map((_, n) => {
    const near = values.slice(Math.max(0, n - reach), n + reach + 1);
    return near.reduce((a, b) => a + b, 0) / near.length;
  });
}

/**
 * @param {View} view
 * @param {Shown[]} runs
 * @param {Shown} main
 * @param {string} token
 */
function layoutOf({ element, say, typeSize }, runs, main, token) {
  const size = typeSize();
  /** @type {(key: string) => object} */
  const axis = (key) => ({
    gridcolor: `${GREY}.25)`,
    zeroline: false,
    title: { text: say(key), font: { size } },
  });
  const marks = marksOf(runs, say);
  const slopes = { ...axis("slope"), type: "log", exponentformat: "power", nticks: 4, uirevision: "slopes" };
  const lowest = main.slopes.length ? slopes : { ...axis("frechet"), rangemode: "tozero" };
  return {
    uirevision: token,
    margin: { l: 4.3 * size, r: 10, t: 10, b: 3.1 * size },
    font: { color: getComputedStyle(element).color, size },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", font: { size } },
    xaxis: { ...axis("step"), anchor: "y3" },
    yaxis: { ...axis("loss"), rangemode: "tozero", domain: [0.5, 1], ...lossRange(runs, main) },
    yaxis2: { ...axis("verdict"), range: [0, 1], domain: [0.24, 0.46] },
    yaxis3: { ...lowest, domain: [0, 0.2] },
    shapes: marks.map(({ step }) => upright(step)),
    annotations: [...levelWords(main, size), ...markWords(marks, middleOf(runs), size)],
  };
}

/**
 * The range of the losses where another run's, which diverged, would press those of the main one flat.
 * @param {Shown[]} runs
 * @param {Shown} main
 */
function lossRange(runs, main) {
  const losses = (/** @type {Shown} */ run) => [...column(run, LOSS_G), ...column(run, LOSS_D)];
  const [low, top] = [Math.min(0, ...losses(main)), Math.max(0.1, ...losses(main))];
  return runs.some((run) => Math.max(...losses(run)) > 100 * top) ? { range: [1.1 * low, 1.1 * top] } : {};
}

/**
 * Where settings changed, in the page's language; with several runs it is said of which.
 * @param {Shown[]} runs
 * @param {Say} say
 */
function marksOf(runs, say) {
  return runs.flatMap((run) =>
    run.marks.map(([step, words], n) => {
      const what = words[language()] ?? words.en;
      return { step, n, text: runs.length > 1 ? say("of_run", { run: run.name, what }) : what };
    }),
  );
}

/**
 * A line at a step, over all plots.
 * @param {number} step
 */
const upright = (step) => ({
  type: "line",
  xref: "x",
  yref: "paper",
  x0: step,
  x1: step,
  y0: 0,
  y1: 1,
  line: { color: `${GREY}.8)`, width: 1, dash: "dash" },
});

/**
 * The words of the marks, a run's below each other, towards the middle of the plot.
 * @param {{step: number, n: number, text: string}[]} marks
 * @param {number} middle
 * @param {number} size
 */
function markWords(marks, middle, size) {
  return marks.map(({ step, n, text }) => ({
    xref: "x",
    yref: "paper",
    x: step,
    y: 1 - 0.055 * (n % 5),
    xanchor: step > middle ? "right" : "left",
    yanchor: "top",
    showarrow: false,
    font: { size },
    text,
  }));
}

/** @param {Shown[]} runs */
const middleOf = (runs) => Math.max(...runs.map((run) => run.points[run.points.length - 1][STEP])) / 2;

/**
 * @param {Shown} run
 * @param {number} size
 */
function levelWords({ balance }, size) {
  return balance.map(([y, text]) => ({
    xref: "paper",
    x: 1,
    y,
    xanchor: "right",
    yanchor: "bottom",
    showarrow: false,
    font: { size },
    text,
  }));
}
