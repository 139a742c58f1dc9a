// The curves of all runs in one plot that keeps its zoom.

import { language } from "../kit/view.js";
import { follow } from "./live.js";

export function mount(view) {
  const { element, props, say, plotly, typeSize } = view;
  const G = "#E69F00",
    D = "#0072B2",
    REAL = "#009E73";
  const SYMBOLS = ["circle", "square", "diamond", "triangle-up"]; // tell runs apart where colours tell G from D

  const smooth = (values) => {
    // the mean of each point and its neighbours, fewer at the ends
    const reach = Math.max(1, Math.round(values.length / 40));
    return values.map((_, n) => {
      const near = values.slice(Math.max(0, n - reach), n + reach + 1);
      return near.reduce((a, b) => a + b, 0) / near.length;
    });
  };

  const line = (run, y, what, color, more = {}) => ({
    x: run.points.map((point) => point[0]),
    y,
    mode: run.symbol ? "lines+markers" : "lines",
    name: run.symbol ? say("of_run", { run: run.name, what }) : what,
    opacity: run.faint ? 0.6 : 1,
    marker: { symbol: run.symbol, size: 9, maxdisplayed: 12, color },
    line: { color, width: run.faint ? 1.6 : 2.6, ...more.line },
    ...more.trace,
  });
  const column = (run, n) => run.points.map((point) => point[n]);
  const raw = (run, n, color) => ({
    x: column(run, 0),
    y: column(run, n),
    mode: "lines",
    line: { color, width: 1 },
    opacity: 0.35,
    showlegend: false,
    hoverinfo: "skip",
  });
  const level = (run, y, color) => ({
    x: [run.points[0][0], run.points.at(-1)[0]],
    y: [y, y],
    mode: "lines",
    line: { color, width: 1, dash: "dot" },
    showlegend: false,
    hoverinfo: "skip",
  });
  const verdicts = { trace: { yaxis: "y2" } },
    dashed = { line: { dash: "dash" } };

  // Two traces first, the losses: others look for them there.
  const tracesOf = (run) => [
    line(run, smooth(column(run, 1)), say("loss_g"), G),
    line(run, smooth(column(run, 2)), say("loss_d"), D, dashed),
    line(run, smooth(column(run, 3)), say("d_real"), REAL, { ...dashed, ...verdicts }),
    line(run, smooth(column(run, 4)), say("d_fake"), G, verdicts),
    {
      ...line(run, [], say("frechet"), "#767676", { trace: { yaxis: "y3" } }),
      x: run.frechet.map((one) => one[0]),
      y: run.frechet.map((one) => one[1]),
      mode: "lines+markers",
    },
  ];
  const behind = (run) => [
    raw(run, 1, G),
    raw(run, 2, D),
    level(run, run.balance[1][0], G),
    level(run, run.balance[0][0], D),
  ];

  const marksOf = (runs) =>
    runs.flatMap((run) =>
      run.marks.map(([step, words], n) => ({ run, step, n, words: words[language()] || words.en })),
    );
  const shapes = (marks) =>
    marks.map(({ step }) => ({
      type: "line",
      xref: "x",
      yref: "paper",
      x0: step,
      x1: step,
      y0: 0,
      y1: 1,
      line: { color: "rgba(128,128,128,.8)", width: 1, dash: "dash" },
    }));
  const annotations = (marks, several, middle) =>
    marks.map(({ run, step, n, words }) => ({
      xref: "x",
      yref: "paper",
      x: step,
      y: 1 - 0.055 * (n % 5),
      xanchor: step > middle ? "right" : "left",
      yanchor: "top",
      showarrow: false,
      font: { size: typeSize() },
      text: several ? say("of_run", { run: run.name, what: words }) : words,
    }));

  const middleOf = (runs) => Math.max(...runs.map((run) => run.points.at(-1)[0])) / 2;
  const levelWords = ([[d, words_d], [g, words_g]]) =>
    [
      [d, words_d],
      [g, words_g],
    ].map(([y, text]) => ({
      xref: "paper",
      x: 1,
      y,
      xanchor: "right",
      yanchor: "bottom",
      showarrow: false,
      font: { size: typeSize() },
      text,
    }));

  const layout = (runs, main, token) => {
    const axis = { gridcolor: "rgba(128,128,128,.25)", zeroline: false },
      marks = marksOf(runs);
    const title = (key) => ({ title: { text: say(key), font: { size: typeSize() } } });
    return {
      uirevision: token,
      margin: { l: 4.3 * typeSize(), r: 10, t: 10, b: 3.1 * typeSize() },
      font: { color: getComputedStyle(element).color, size: typeSize() },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", font: { size: typeSize() } },
      xaxis: { ...axis, ...title("step"), anchor: "y3" },
      yaxis: { ...axis, ...title("loss"), rangemode: "tozero", domain: [0.5, 1] },
      yaxis2: { ...axis, ...title("verdict"), range: [0, 1], domain: [0.24, 0.46] },
      yaxis3: { ...axis, ...title("frechet"), rangemode: "tozero", domain: [0, 0.2] },
      shapes: shapes(marks),
      annotations: [...levelWords(main.balance), ...annotations(marks, runs.length > 1, middleOf(runs))],
    };
  };

  follow("chart", view, async (value) => {
    const { runs: all = [], current, token = 0 } = value || {};
    const shown = all.filter((run) => run.points.length);
    const plot = element.querySelector(".plot"),
      empty = element.querySelector(".empty"),
      help = element.querySelector(".help");
    empty.textContent = say("empty");
    empty.hidden = shown.length > 0;
    plot.hidden = help.hidden = shown.length === 0;
    if (!shown.length) return;
    const several = shown.length > 1;
    const runs = shown.map((run, n) => ({
      ...run,
      symbol: several ? SYMBOLS[n % 4] : undefined,
      faint: several && run.name !== current,
    }));
    const main = runs.find((run) => run.name === current) || runs.at(-1);
    const [[, level_d], [, level_g]] = main.balance;
    help.textContent = say("balance_help", { level_d, level_g });
    const traces = [main, ...runs.filter((run) => run !== main)].flatMap(tracesOf);
    if (several && plot.clientWidth < 500)
      traces.forEach((one, n) => {
        one.showlegend = n % 5 < 2;
      }); // a phone has no room for all
    try {
      (await plotly()).react(plot, [...traces, ...behind(main)], layout(runs, main, token), {
        responsive: true,
        displaylogo: false,
      });
    } catch {
      empty.textContent = say("failed");
      empty.hidden = false;
    }
  });
}
