// One Plotly for all charts of the page, kept under a name of our own.
const plotly = () => (window.ganPlotly ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = asset("plotly", "plotly.min.js");
  script.onload = () => resolve(window.Plotly);
  script.onerror = reject;
  document.head.append(script);
}));
const G = "#E69F00", D = "#0072B2";

const trace = (points, column, name, color, dash) => ({
  x: points.map((point) => point[0]), y: points.map((point) => point[column]),
  name, mode: "lines", line: { color, width: 2.5, dash },
});
const level = (points, y, name, color) => ({
  x: [points[0][0], points.at(-1)[0]], y: [y, y], name, mode: "lines", line: { color, width: 1, dash: "dot" },
});
const traces = (points, [[level_d, words_d], [level_g, words_g]]) => [
  trace(points, 1, say("loss_g"), G), trace(points, 2, say("loss_d"), D, "dash"),
  level(points, level_g, say("balance_g", { level: words_g }), G), level(points, level_d, say("balance_d", { level: words_d }), D),
];

const layout = (run) => {
  const axis = { gridcolor: "rgba(128,128,128,.25)", zeroline: false };
  return {
    uirevision: run, margin: { l: 50, r: 10, t: 10, b: 40 }, font: { color: getComputedStyle(element).color, size: 14 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", legend: { orientation: "h", y: 1.02, yanchor: "bottom" },
    xaxis: { ...axis, title: { text: say("step") } }, yaxis: { ...axis, title: { text: say("loss") }, rangemode: "tozero" },
  };
};

redrawWith(async () => {
  const points = props.value?.points || [], run = props.value?.run || 0;
  const plot = element.querySelector(".plot"), empty = element.querySelector(".empty");
  empty.textContent = say("empty");
  empty.hidden = points.length > 0;
  plot.hidden = points.length === 0;
  if (!points.length) return;
  try {
    (await plotly()).react(plot, traces(points, props.value.balance), layout(run), { responsive: true, displaylogo: false });
  } catch {
    empty.textContent = say("failed");
    empty.hidden = false;
  }
});
