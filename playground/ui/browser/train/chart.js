// The curves of all runs in one plot that keeps its zoom. A single run has the hues of G and D; of several each has one
// of its own, and the line's style tells G from D. Lines and changes carry their names.

import { h, keepWorded, part } from "../kit/dom.js";
import { namesOn } from "../kit/names.js";
import { drawChart, hue, onSize } from "../kit/plot.js";
import { slide } from "../kit/slides.js";
import { headed, huesOf, settings } from "./apart.js";
import { buildFront } from "./front.js";
import { follow, partOf } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 * @typedef {import("../kit/names.js").Line} Named
 * @typedef {Record<string, any>} Trace Plotly's
 * @typedef {[y: number, words: string]} Level where a loss is at balance
 *
 * @typedef {object} Curve
 * @property {string} name the run's
 * @property {import("./shown.js").Differs} differs
 * @property {number[][]} points each [step, loss_g, loss_d, d_real, d_fake]
 * @property {[step: number, setting: string, value: unknown][]} marks settings that changed
 * @property {[step: number, distance: number][]} frechet
 * @property {[step: number, own: number, lecture: number][]} slopes of G, where its loss can lose them
 * @property {[d: Level, g: Level]} balance
 *
 * @typedef {Curve & {hue?: string, faint: boolean}} Shown a curve; where runs are compared with its hue
 * @typedef {{runs: Record<string, Curve>, current: string | null, token: string}} Chart
 * @typedef {ReturnType<typeof buildFront>} Front
 *
 * @typedef {object} Line
 * @property {Shown} run
 * @property {string} key of its name
 * @property {string} axis
 * @property {string} hue
 * @property {"solid" | "dash" | "dot"} dash
 * @property {number[]} x
 * @property {number[]} y
 * @property {boolean} [dots] whether its points are seen
 */

const [STEP, LOSS_G, LOSS_D, D_REAL, D_FAKE] = [0, 1, 2, 3, 4]; // columns of the points
/** Short names of lines, the same in every language: the other ones have a text. @type {Record<string, string>} */
const NOTATION = { loss_g: "G", loss_d: "D", d_real: "D(x)", d_fake: "D(G(z))" };
const DETAIL = [2, 1, 0]; // how many settings names tell; with none they are short ones
const MOST_BESIDE = 0.28; // of the width, for the names of the lines: where they would take more, they tell less
const DOMAINS = { y: [0.52, 1], y2: [0.26, 0.46], y3: [0, 0.2] }; // of the plots, from the bottom
const GREY = "#767676";
const FAINT = "rgba(128,128,128,.25)";
const STRONG = "rgba(128,128,128,.8)";

/** @param {View} view */
export function mount(view) {
  const plot = part(view.element, ".plot");
  const names = namesOn(plot, view.typeSize);
  const front = buildFront(view, () => redraw(partOf("chart")));
  const redraw = (/** @type {Chart | null} */ chart) => draw(view, names, front, chart);
  part(view.element, ".how summary").append(h("span", { say: "how" }), slide("figure", "13-31"));
  keepWorded(view, () => {});
  follow("chart", view, redraw);
  onSize(plot, () => redraw(partOf("chart")));
}

/**
 * @param {View} view
 * @param {ReturnType<typeof namesOn>} names
 * @param {Front} front
 * @param {Chart | null} chart
 */
async function draw(view, names, front, chart) {
  const { element, say, plotly, props } = view;
  const current = front.show(chart);
  const learning = shownOf(chart, current);
  const runs = learning.length || !props.ghost ? learning : [{ ...props.ghost, faint: true }];
  const main = runs.find((run) => run.name === current) ?? runs.at(-1);
  const plot = part(element, ".plot");
  plot.toggleAttribute("data-ghost", learning.length === 0);
  tell(view, main);
  if (!main) return;
  const below = main.slopes.length ? slopesOf : distances;
  const lines = [main, ...runs.filter((run) => run !== main)].flatMap((run) => linesOf(run, below));
  const traces = [...lines.map((line) => traceOf(line, say)), ...behind(main)];
  const { named, marks, margin } = wordsOn(plot, names, view, runs, main, lines);
  try {
    const layout = layoutOf(view, runs, main, learning.length && chart ? chart.token : "ghost", margin);
    await drawChart(await plotly(), plot, traces, layout);
    names.show(named, marks);
  } catch {
    part(element, ".empty").textContent = say("failed");
    part(element, ".empty").hidden = false;
  }
}

/**
 * The runs that have made a step, as they are drawn, the `current` one in front.
 * @param {Chart | null} chart
 * @param {string | null} current
 * @returns {Shown[]}
 */
function shownOf(chart, current) {
  const all = Object.values(chart?.runs ?? {});
  const runs = all.filter((run) => run.points.length > 0);
  if (runs.length < 2) return runs.map((run) => ({ ...run, faint: false }));
  const hues = huesOf(all.map(({ name }) => name));
  return runs.map((run) => ({ ...run, hue: hues.get(run.name), faint: run.name !== current }));
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
  part(element, ".plot").hidden = part(element, ".how").hidden = !main;
  if (!main) return;
  const [[, level_d], [, level_g]] = main.balance;
  const styles = main.hue ? [say("styles_help")] : [];
  const lowest = say(main.slopes.length ? "slope_help" : "frechet_help");
  help.textContent = [say("balance_help", { level_d, level_g }), ...styles, lowest, say("zoom_help")].join(" ");
}

/**
 * The names of lines and marks, as long as there is room for them, and the room around the plots.
 * @param {HTMLElement} plot
 * @param {ReturnType<typeof namesOn>} names
 * @param {View} view
 * @param {Shown[]} runs
 * @param {Shown} main
 * @param {Line[]} lines
 */
function wordsOn(plot, names, { say, typeSize }, runs, main, lines) {
  const size = typeSize();
  const [l, b] = [4.3 * size, 3.1 * size];
  const heights = Object.entries(DOMAINS).map(([axis, [low, high]]) => [axis, (high - low) * (plot.clientHeight - b)]);
  const levels = levelsOf(main).map(({ trace, text }) => ({ ...trace, axis: "y", text, hue: trace.line.color }));
  const ways = DETAIL.map((detail) => {
    const named = [...lines.map((line) => nameOf(line, detail, say)), ...levels];
    return { named, r: names.beside(named, Object.fromEntries(heights)) };
  });
  const { named, r } = ways.find((way) => way.r < MOST_BESIDE * plot.clientWidth) ?? ways[ways.length - 1];
  const marks = marksOf(runs, main, say);
  const steps = runs.flatMap((run) => [run.points[0][STEP], run.points[run.points.length - 1][STEP]]);
  const t = names.above(marks, Math.min(...steps), Math.max(...steps), { l, r });
  return { named, marks, margin: { l, r, b, t: Math.max(10, t) } };
}

// ---- lines ----

/**
 * A run's lines. The losses come first: others look for them there.
 * @param {Shown} run
 * @param {(run: Shown) => Line[]} below what the lowest plot has
 * @returns {Line[]}
 */
function linesOf(run, below) {
  const [G, D, REAL] = [hue("forger"), hue("detective"), hue("real")];
  const x = column(run, STEP);
  /** @type {(key: string, n: number, axis: string, hue: string, dash: Line["dash"]) => Line} */
  const line = (key, n, axis, hue, dash) => {
    const y = smooth(column(run, n));
    return { run, key, axis, hue: run.hue ?? hue, dash, x, y };
  };
  return [
    line("loss_g", LOSS_G, "y", G, "solid"),
    line("loss_d", LOSS_D, "y", D, "dash"),
    line("d_real", D_REAL, "y2", REAL, "dash"),
    line("d_fake", D_FAKE, "y2", G, "solid"),
    ...below(run),
  ];
}

/** The Frechet distances, which are measured more rarely. @param {Shown} run */
const distances = (run) => [rare(run, "frechet", run.frechet, 1, GREY, "solid")];

/** How strongly G is told to change, by the run's loss and by the lecture's. @param {Shown} run */
const slopesOf = (run) => [
  rare(run, "slope_own", run.slopes, 1, hue("forger"), "solid"),
  rare(run, "slope_lecture", run.slopes, 2, GREY, "dot"),
];

/**
 * A line of the lowest plot.
 * @param {Shown} run
 * @param {string} key
 * @param {number[][]} rows each [step, value, ...]
 * @param {number} n the value's column
 * @param {string} hue
 * @param {Line["dash"]} dash
 * @returns {Line}
 */
const rare = (run, key, rows, n, hue, dash) => ({
  ...{ run, key, axis: "y3", hue: run.hue ?? hue, dash, dots: true },
  x: rows.map((row) => row[STEP]),
  y: rows.map((row) => row[n]),
});

/**
 * The name at a line's end; where runs are compared, that of G's loss also says what differs.
 * @param {Line} line
 * @param {number} detail
 * @param {Say} say
 * @returns {Named}
 */
function nameOf({ run, key, axis, x, y, hue }, detail, say) {
  const text = detail && !run.hue ? say(key) : (NOTATION[key] ?? say(`${key}_short`));
  if (!run.hue) return { axis, x, y, hue, text };
  const name = headed(run.name, run.differs, key === "loss_g" ? detail : 0);
  return { axis, x, y, hue, text: key === "frechet" ? "" : text, owners: [{ name, letter: run.name, hue }] };
}

/**
 * @param {Line} line
 * @param {Say} say
 * @returns {Trace}
 */
function traceOf({ run, key, axis, hue, dash, x, y, dots }, say) {
  const name = run.hue ? say("of_run", { run: headed(run.name, run.differs), what: say(key) }) : say(key);
  return {
    ...{ x, y, name, yaxis: axis, mode: dots ? "lines+markers" : "lines" },
    marker: { size: 8, color: hue },
    line: { color: hue, dash, width: run.faint ? 1.5 : 2.6 },
  };
}

/**
 * What lies behind the main run's curves: the losses as they came, and their levels at balance.
 * @param {Shown} run
 * @returns {Trace[]}
 */
function behind(run) {
  const x = column(run, STEP);
  return [
    thin(x, column(run, LOSS_G), { color: run.hue ?? hue("forger") }, 0.35),
    thin(x, column(run, LOSS_D), { color: run.hue ?? hue("detective") }, 0.35),
    ...levelsOf(run).map(({ trace }) => trace),
  ];
}

/** Where the losses are at balance. @param {Shown} run */
function levelsOf(run) {
  const [first, last] = [run.points[0][STEP], run.points[run.points.length - 1][STEP]];
  const hues = [hue("detective"), hue("forger")];
  return run.balance.map(([y, text], n) => ({
    text,
    trace: thin([first, last], [y, y], { color: run.hue ? GREY : hues[n], dash: "dot" }),
  }));
}

/**
 * @param {number[]} x
 * @param {number[]} y
 * @param {{ color: string, dash?: string }} style
 * @param {number} [opacity]
 */
const thin = (x, y, style, opacity = 1) => ({
  x,
  y,
  mode: "lines",
  line: { width: 1, ...style },
  opacity,
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

// ---- how it is laid out ----

/**
 * @param {View} view
 * @param {Shown[]} runs
 * @param {Shown} main
 * @param {string} token
 * @param {{ l: number, r: number, t: number, b: number }} margin pixels
 */
function layoutOf({ element, say, typeSize }, runs, main, token, margin) {
  const size = typeSize();
  const { fontFamily: family } = getComputedStyle(element);
  const axis = (/** @type {string} */ key) => ({
    gridcolor: FAINT,
    zeroline: false,
    hoverformat: ".3~r", // three digits
    title: { text: say(key), font: { size } },
  });
  const slopes = { ...axis("slope"), type: "log", exponentformat: "power", nticks: 4, uirevision: "slopes" };
  const lowest = main.slopes.length ? slopes : { ...axis("frechet_short"), rangemode: "tozero" };
  const higher = 1 + margin.t / (part(element, ".plot").clientHeight - margin.t - margin.b); // up to the words of marks
  return {
    uirevision: token,
    showlegend: false,
    margin,
    font: { color: hue("ink"), size, family },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { namelength: -1 },
    xaxis: { ...axis("step"), anchor: "y3", hoverformat: ",.0f" },
    yaxis: { ...axis("loss"), exponentformat: "e", rangemode: "tozero", domain: DOMAINS.y, ...lossRange(runs, main) },
    yaxis2: { ...axis("verdict"), range: [0, 1], domain: DOMAINS.y2 },
    yaxis3: { ...lowest, domain: DOMAINS.y3 },
    shapes: runs.flatMap((run) => run.marks.map(([step]) => upright(step, run.hue ?? STRONG, higher))),
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
 * A line at a step, over all plots.
 * @param {number} step
 * @param {string} color
 * @param {number} y1 where it ends, over their height
 */
const upright = (step, color, y1) => ({
  ...{ type: "line", xref: "x", yref: "paper", x0: step, x1: step, y0: 0, y1 },
  line: { color, width: 1, dash: "dash" },
});

/**
 * Where settings changed, those of one moment together; of several runs it is said of which. The newest of the main run
 * come first.
 * @param {Shown[]} runs
 * @param {Shown} main
 * @param {Say} say
 */
function marksOf(runs, main, say) {
  return [main, ...runs.filter((run) => run !== main)].flatMap((run) => {
    const steps = [...new Set(run.marks.map(([step]) => step))].reverse();
    return steps.map((x) => {
      const there = run.marks.filter(([step]) => step === x).map(([, setting, value]) => [setting, value]);
      const what = settings(Object.fromEntries(there), DETAIL[0]);
      return { x, text: run.hue ? say("of_run", { run: run.name, what }) : what, hue: run.hue ?? "currentColor" };
    });
  });
}
