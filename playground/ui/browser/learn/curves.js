// Reading curves: four places on the run's losses to be read, and what a loss cannot show.

import { h, key, setText } from "../kit/dom.js";

const PLACES = ["rise", "low", "flat", "late"]; // 1 to 4: a place named D would be taken for the detective
const READINGS = ["flat", "rise", "late", "low"]; // as they are offered
const PERCENT = new Set(["recognisable"]),
  WHOLE = new Set(["frechet", "epoch", "digits"]);

export function build(view) {
  const {
    facts: { curves: facts },
    jump,
  } = view;
  const values = valuesOf(facts),
    said = [];
  const told = (tag, name, attributes) => {
    const element = h(tag, attributes);
    said.push(() => setText(element, view.say(name, values)));
    return element;
  };
  const exercise = buildExercise(view, values);
  const page = {
    elements: [
      h("p", { class: "lead", say: "curves_lead" }),
      ...exercise.elements,
      h("h4", { say: "curves_why_title" }),
      told("p", "curves_why"),
      h("h4", { say: "curves_balance_title" }),
      told("p", "curves_balance"),
      told("p", "curves_balance_care"),
      h("h4", { say: "curves_collapse_title" }),
      told("p", "curves_collapse"),
      buildCensus(view),
      h("p", { class: "help", say: key("curves_census_help", { drawings: facts.census[0].drawings }) }),
      h(
        "div",
        { class: "links" },
        jump(key("curves_story", { epoch: values.repeats_epoch }), { tab: "epochs", moment: values.repeats_epoch }),
        jump("curves_train", { tab: "train" }),
      ),
    ],
  };
  const draw = () => [...said, exercise.draw].forEach((each) => each()); // once all that is told stands
  view.onLanguage(draw);
  draw();
  return page;
}

/** What the words may name: every number of a named row, as `rise_loss_g`, and the levels of balance. */
function valuesOf({ rows, loss_g, samples }) {
  const write = (name, x) => (PERCENT.has(name) ? `${(100 * x).toFixed(0)} %` : x.toFixed(WHOLE.has(name) ? 0 : 2));
  const all = Object.entries(rows).flatMap(([place, row]) =>
    Object.entries(row).map(([name, x]) => [`${place}_${name}`, write(name, x)]),
  );
  const levels = { level_d: (2 * Math.LN2).toFixed(2), level_g: Math.LN2.toFixed(2) };
  return {
    ...Object.fromEntries(all),
    ...levels,
    epochs: loss_g.length,
    samples: samples.toLocaleString("en"),
    rise_epochs: rows.rise.epoch + 1,
  };
}

// ---- the exercise ----

function buildExercise(view, values) {
  const {
    facts: {
      curves: { rows },
    },
    say,
  } = view;
  const found = new Set();
  let place = PLACES[0],
    picked = null;
  const go = (next) => {
    place = next;
    picked = found.has(place) ? place : null;
    draw();
  };
  const marks = PLACES.map((name, i) =>
    h(
      "button",
      {
        type: "button",
        class: `mark ${name}`,
        name: key("curves_place", { number: i + 1, epoch: rows[name].epoch }),
        on: { click: () => go(name) },
      },
      String(i + 1),
    ),
  );
  const plot = buildPlot(view, marks);
  const question = h("p", { class: "question" }),
    answer = h("p", { class: "answer", role: "status" }),
    score = h("p", { class: "numbers" });
  const readings = READINGS.map((name) =>
    h(
      "button",
      { type: "button", class: `reading ${name}`, on: { click: () => pick(name) } },
      h("span", { class: "sign" }),
      h("span", { say: `curves_${name}_reading` }),
    ),
  );
  const next = h("button", {
    type: "button",
    class: "next primary",
    say: "curves_next",
    on: { click: () => go(unread(found, place)) },
  });
  const proofs = PLACES.map((name) => buildProof(name, rows[name].epoch, view));
  const pick = (name) => {
    picked = name;
    if (name === place) found.add(name);
    draw();
  };
  const draw = () => {
    const { epoch, loss_g, loss_d } = rows[place],
      right = picked === place;
    plot.show(place, found);
    setText(
      question,
      say("curves_question", {
        number: PLACES.indexOf(place) + 1,
        epoch,
        loss_g: loss_g.toFixed(2),
        loss_d: loss_d.toFixed(2),
      }),
    );
    readings.forEach((button, i) => {
      const mine = READINGS[i] === picked;
      button.setAttribute("aria-pressed", String(mine));
      setText(button.firstChild, mine ? (right ? "✓ " : "✗ ") : "");
    });
    setText(answer, picked ? say(right ? `curves_${place}_why` : `curves_${place}_hint`, values) : "");
    answer.className = `answer ${picked ? (right ? "right" : "wrong") : ""}`;
    proofs.forEach((proof, i) => {
      proof.hidden = !right || PLACES[i] !== place;
    });
    next.hidden = !right || found.size === PLACES.length;
    setText(score, say("curves_found", { found: found.size, places: PLACES.length }));
  };
  const task = h(
    "div",
    { class: "task" },
    h("div", {}, question, h("div", { class: "readings" }, ...readings), score),
    h("div", { class: "told" }, answer, ...proofs, next),
  );
  return { elements: [h("div", { class: "do" }, h("p", { say: "curves_do" })), plot.element, task], draw };
}

const unread = (found, place) => {
  const order = [...PLACES.slice(PLACES.indexOf(place)), ...PLACES];
  return order.find((name) => !found.has(name)) || place;
};

/** The drawings of the epoch, which say whether a reading holds. */
const buildProof = (name, epoch, { asset, jump }) =>
  h(
    "figure",
    { class: `proof ${name}`, hidden: true },
    sheetOf(epoch, asset),
    h("figcaption", {}, jump(key("curves_see", { epoch }), { tab: "epochs", moment: epoch })),
  );

function sheetOf(epoch, asset) {
  const file = `drawings/epoch-${String(epoch).padStart(3, "0")}.png`;
  return h("img", {
    class: "pixels",
    src: asset("checkpoints", file),
    width: 224,
    height: 224,
    loading: "lazy",
    name: key("curves_sheet", { epoch }),
  });
}

// ---- both losses: lines without text in SVG, everything that is read in HTML, so that it grows with the page's type ----

function buildPlot(view, marks) {
  const {
    facts: {
      curves: { loss_g, loss_d, rows },
    },
  } = view;
  const last = loss_g.length - 1,
    top = Math.ceil(Math.max(...loss_g, ...loss_d));
  const across = (epoch) => `${(100 * epoch) / last}%`,
    down = (loss) => `${100 * (1 - loss / top)}%`;
  const line = (name, losses) =>
    `<polyline class="${name}" points="${losses.map((loss, n) => `${n},${top - loss}`).join(" ")}"/>`;
  const level = (name, loss) => `<polyline class="${name} level" points="0,${top - loss} ${last},${top - loss}"/>`;
  const lines = h("div", { class: "lines" });
  lines.innerHTML =
    `<svg viewBox="0 0 ${last} ${top}" preserveAspectRatio="none" aria-hidden="true">${level("d", 2 * Math.LN2)}${level("g", Math.LN2)}` +
    `${line("d", loss_d)}${line("g", loss_g)}</svg>`;
  const stems = PLACES.map((name) => h("span", { class: "stem", style: `left: ${across(rows[name].epoch)}` }));
  const dots = ["g", "d"].map((name) => h("span", { class: `dot ${name}` }));
  PLACES.forEach((name, i) => {
    marks[i].style.left = across(rows[name].epoch);
  });
  const ticks = Array.from({ length: top + 1 }, (_, loss) =>
    h("span", { class: "tick", style: `top: ${down(loss)}` }, String(loss)),
  );
  const epochs = [0, 50, 100, 150, last].map((epoch) =>
    h("span", { class: "tick", style: `left: ${across(epoch)}` }, String(epoch)),
  );
  lines.append(...stems, ...dots);
  const picture = h(
    "div",
    { class: "picture", role: "img" },
    h("div", { class: "down" }, ...ticks),
    lines,
    h("div", { class: "across" }, ...epochs),
  );
  const legend = h(
    "p",
    { class: "legend" },
    ...["loss_g", "loss_d", "levels"].map((name) => h("span", { class: name }, h("span", { say: `curves_${name}` }))),
    h("span", { say: "curves_epoch" }),
  );
  return {
    element: h("div", { class: "curves" }, h("div", { class: "marks" }, ...marks), picture, legend),
    show(place, found) {
      picture.setAttribute("aria-label", view.say("curves_plot", valuesOf(view.facts.curves)));
      PLACES.forEach((name, i) => {
        marks[i].setAttribute("aria-pressed", String(name === place));
        marks[i].classList.toggle("found", found.has(name));
        stems[i].classList.toggle("here", name === place);
      });
      dots.forEach((dot, i) => {
        dot.style.left = across(rows[place].epoch);
        dot.style.top = down(rows[place][i ? "loss_d" : "loss_g"]);
      });
    },
  };
}

// ---- the census: which digits the judge finds on three sheets ----

function buildCensus({
  facts: {
    curves: { census },
  },
  asset,
}) {
  const most = Math.max(...census.flatMap(({ counts }) => counts));
  return h(
    "div",
    { class: "census" },
    ...census.map(({ epoch, counts, drawings }) => {
      const read = counts.reduce((sum, count) => sum + count, 0),
        spoken = counts.map((count, digit) => `${digit}: ${count}`).join(", ");
      const bars = counts.flatMap((count, digit) => [
        h("span", {}, String(digit)),
        h("span", { class: "bar" }, h("span", { style: `width: ${(100 * count) / most}%` })),
        h("span", { class: "count" }, String(count)),
      ]);
      return h(
        "figure",
        {},
        h("figcaption", { say: key("curves_census", { epoch, read, drawings }) }),
        h(
          "div",
          { class: "pair" },
          sheetOf(epoch, asset),
          h("div", { class: "bars", role: "img", name: key("curves_bars", { epoch, counts: spoken }) }, ...bars),
        ),
      );
    }),
  );
}
