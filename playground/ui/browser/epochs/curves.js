// All curves of the run below each other, and the handle's place on every one of them.

const G = "#E69F00",
  D = "#0072B2",
  REAL = "#009E73",
  GREY = "#767676";
// A curve: its column of the log, its colour, the row of the plot that it lies in, how its line is drawn.
const CURVES = [
  ["loss_g", G, 1, "solid"],
  ["loss_d", D, 1, "dash"],
  ["d_real", REAL, 2, "dash"],
  ["d_fake", G, 2, "solid"],
  ["frechet", GREY, 3, "solid"],
  ["recognisable", REAL, 4, "solid"],
  ["entropy", GREY, 4, "dot"],
  ["digits", "#9A5B9C", 5, "solid"],
];
const ROWS = [
  ["losses", 0.62, 1],
  ["verdicts", 0.44, 0.58],
  ["frechet", 0.27, 0.4],
  ["shares", 0.12, 0.23],
  ["digits", 0, 0.09],
];
const axisOf = (row) => (row === 1 ? "y" : `y${row}`);

/** What is drawn into `plot`: {draw() all of it, move(epoch) the place, style(name) of Plotly's templates}. */
export function curves(plot, { props: { rows, templates }, say, plotly, typeSize, element }) {
  const epochs = rows.map((row) => row.epoch);
  let place = 0,
    chosen = "",
    drawn = null;
  const draw = async () => {
    const Plotly = await plotly();
    await Plotly.react(
      plot,
      [...lines(rows, epochs, say), ...levels(epochs), ...CURVES.map((curve) => dot(rows, curve, place))],
      layoutOf(say, place, templates[chosen], { color: getComputedStyle(element).color, size: typeSize() }),
      { responsive: true, displaylogo: false },
    );
    drawn = Plotly;
  };
  const move = (epoch) => {
    if (epoch === place) return;
    place = epoch;
    if (!drawn) return;
    const first = CURVES.length + 2,
      dots = CURVES.map((_, n) => first + n);
    drawn.update(
      plot,
      { x: CURVES.map(() => [place]), y: CURVES.map(([name]) => [rows[place][name]]) },
      { shapes: [line(place)] },
      dots,
    );
  };
  return {
    draw,
    move,
    style(name) {
      chosen = name;
      draw();
    },
  };
}

const lines = (rows, epochs, say) =>
  CURVES.map(([name, color, row, dash]) => ({
    x: epochs,
    y: rows.map((each) => each[name]),
    yaxis: axisOf(row),
    name: say(name),
    mode: "lines",
    line: { color, dash, width: 2 },
  }));
const levels = (epochs) =>
  [
    [2 * Math.LN2, D],
    [Math.LN2, G],
  ].map(([y, color]) => ({
    x: [epochs[0], epochs.at(-1)],
    y: [y, y],
    mode: "lines",
    line: { color, width: 1, dash: "dot" },
    showlegend: false,
    hoverinfo: "skip",
  }));
const dot = (rows, [name, color, row], place) => ({
  x: [place],
  y: [rows[place][name]],
  yaxis: axisOf(row),
  mode: "markers",
  marker: { color, size: 10, line: { color: "#fff", width: 1.5 } },
  showlegend: false,
  hoverinfo: "skip",
});
const line = (place) => ({
  type: "line",
  xref: "x",
  yref: "paper",
  x0: place,
  x1: place,
  y0: 0,
  y1: 1,
  line: { color: "rgba(128,128,128,.9)", width: 2 },
});

function layoutOf(say, place, template, font) {
  const own = template
    ? { template, font: { size: font.size } }
    : {
        template: {},
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font,
      };
  const grid = template ? {} : { gridcolor: "rgba(128,128,128,.25)", zeroline: false };
  const layout = {
    ...own,
    uirevision: "story",
    margin: { l: 4.6 * font.size, r: 12, t: 10, b: 3.4 * font.size },
    shapes: [line(place)],
    hovermode: "x",
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", font: { size: font.size } },
    xaxis: { ...grid, title: { text: say("epoch"), font: { size: font.size } }, anchor: axisOf(ROWS.length) },
    annotations: [
      [2 * Math.LN2, "2 ln 2"],
      [Math.LN2, "ln 2"],
    ].map(([y, text]) => ({
      xref: "paper",
      x: 1,
      y,
      xanchor: "right",
      yanchor: "bottom",
      showarrow: false,
      text,
      font: { size: font.size },
    })),
  };
  ROWS.forEach(([title, low, high], n) => {
    layout[`yaxis${n ? n + 1 : ""}`] = {
      ...grid,
      domain: [low, high],
      rangemode: "tozero",
      nticks: n ? 3 : 6,
      title: { text: say(`axis_${title}`), font: { size: font.size } },
    };
  });
  return layout;
}
