// One Plotly for all charts of the page, kept under a name of our own.
const plotly = () => (window.ganPlotly ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = (window.gradio_config?.root || "") + props.source;
  script.onload = () => resolve(window.Plotly);
  script.onerror = reject;
  document.head.append(script);
}));
const G = "#E69F00", D = "#0072B2", LN2 = Math.log(2);

const trace = (points, column, name, color, dash) => ({
  x: points.map((point) => point[0]), y: points.map((point) => point[column]),
  name, mode: "lines", line: { color, width: 2.5, dash },
});
const level = (y, color, text) => ({
  shape: { type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, line: { color, width: 1, dash: "dot" } },
  note: { xref: "paper", x: 1, xanchor: "right", y, yanchor: "bottom", text, showarrow: false },
});

const layout = (run) => {
  const ink = getComputedStyle(element).color;
  const levels = [level(2 * LN2, D, say("balance_d")), level(LN2, G, say("balance_g"))];
  const axis = { gridcolor: "rgba(128,128,128,.25)", zeroline: false };
  return {
    uirevision: run, margin: { l: 50, r: 10, t: 10, b: 40 }, font: { color: ink, size: 14 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", legend: { orientation: "h", y: 1.12 },
    xaxis: { ...axis, title: { text: say("step") } }, yaxis: { ...axis, title: { text: say("loss") }, rangemode: "tozero" },
    shapes: levels.map((each) => each.shape), annotations: levels.map((each) => each.note),
  };
};

redrawWith(async () => {
  const points = props.value?.points || [], run = props.value?.run || 0;
  const plot = element.querySelector(".plot"), empty = element.querySelector(".empty");
  empty.textContent = say("empty");
  empty.hidden = points.length > 0;
  plot.hidden = points.length === 0;
  if (!points.length) return;
  const traces = [trace(points, 1, say("loss_g"), G), trace(points, 2, say("loss_d"), D, "dash")];
  try {
    (await plotly()).react(plot, traces, layout(run), { responsive: true, displaylogo: false });
  } catch {
    empty.textContent = say("failed");
    empty.hidden = false;
  }
});
