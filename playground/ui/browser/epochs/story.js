// The story of 200 epochs: one handle moves the drawings, the numbers and the place on every curve.

import { h, key, quantity, setText, speak } from "../kit/dom.js";
import { player } from "../kit/player.js";
import { sheetOf } from "../kit/sheet.js";
import { page } from "../page/page.js";
import { LAST } from "../page/state.js";
import { curves } from "./curves.js";

const PACE = 8; // epochs a second of the film
const SHOWN = {
  // a column of the log to how it is written
  loss_g: (x) => x.toFixed(3),
  loss_d: (x) => x.toFixed(3),
  d_real: (x) => x.toFixed(2),
  d_fake: (x) => x.toFixed(2),
  frechet: (x) => x.toFixed(0),
  recognisable: (x) => `${(100 * x).toFixed(0)} %`,
  digits: String,
  entropy: (x) => x.toFixed(2),
};

export function mount(view) {
  const { element, props, say, onLanguage } = view;
  const part = (name) => element.querySelector(`.${name}`);
  const plot = curves(part("plot"), view),
    shown = buildSeen(view);
  const parts = [buildHandle(view), buildChapters(view), shown, buildKept(view, plot), buildLog(view)];
  for (const { place, elements } of parts) part(place).append(...elements);
  const words = () => {
    speak(element, (name, values) => say(name, { ...LEVELS, ...values }));
    plot.draw();
    page.touch();
  };
  onLanguage(words);
  words();
  page.show((state) => {
    if (state.tab !== "epochs") return;
    for (const each of parts) each.show(state.moment);
    plot.move(state.moment);
  });
}

const LEVELS = { level_d: (2 * Math.LN2).toFixed(2), level_g: Math.LN2.toFixed(2) };

function goTo(moment) {
  page.set({ moment });
  page.commit();
}

// ---- the handle ----

function buildHandle(view) {
  const button = h("button", { type: "button", id: "story-play", class: "primary", say: "play" });
  const handle = quantity({
    id: "moment",
    say: "epoch",
    low: 0,
    high: LAST,
    view,
    commit: (control) => page.commit(control),
    change: (moment) => page.set({ moment }),
  });
  const undo = h("button", { type: "button", id: "story-undo", say: "undo", on: { click: () => page.undo() } });
  let at = 0;
  player({
    button,
    view,
    play: "play",
    pause: "pause",
    begin() {
      at = page.state.moment === LAST ? 0 : page.state.moment;
    },
    step(seconds) {
      at = Math.min(LAST, at + PACE * seconds);
      return [{ moment: Math.floor(at) }, at === LAST];
    },
  });
  return {
    place: "handle",
    elements: [button, handle.element, undo],
    show(moment) {
      handle.show(moment);
      undo.setAttribute("aria-disabled", String(!page.canUndo));
    },
  };
}

// ---- the chapters ----

/** The chapter that an epoch lies in. */
const chapterAt = (chapters, moment) => Object.keys(chapters).findLast((name) => chapters[name] <= moment);

function buildChapters({ props: { chapters } }) {
  const buttons = Object.entries(chapters).map(([name, epoch]) =>
    h(
      "button",
      { type: "button", id: `chapter-${name}`, on: { click: () => goTo(epoch) } },
      h("span", { say: `${name}_title` }),
      h("span", { class: "when", say: key("when", { epoch }) }),
    ),
  );
  return {
    place: "chapters",
    elements: buttons,
    show(moment) {
      const here = chapterAt(chapters, moment);
      for (const button of buttons) button.setAttribute("aria-pressed", String(button.id === `chapter-${here}`));
    },
  };
}

/** A row of the log as words have it, and the first row beside it, its names with `first_` before them. */
function wordsOf(row, first) {
  const written = (from, prefix) => Object.entries(SHOWN).map(([name, write]) => [prefix + name, write(from[name])]);
  return Object.fromEntries([["epoch", row.epoch], ...written(row, ""), ...written(first, "first_")]);
}

// ---- what is seen at the handle's epoch ----

function buildSeen(view) {
  const { rows, chapters } = view.props,
    sheet = sheetOf(view);
  const cells = Object.fromEntries(Object.keys(SHOWN).map((name) => [name, h("dd", { "data-column": name })]));
  const numbers = h(
    "dl",
    { id: "story-numbers" },
    ...Object.entries(cells).map(([name, cell]) => h("div", {}, h("dt", { say: name }), cell)),
  );
  const title = h("h3", {}),
    text = h("p", { class: "chapter", id: "chapter-text" });
  return {
    place: "seen",
    elements: [sheet.element, numbers, title, text],
    show(moment) {
      const name = chapterAt(chapters, moment),
        epoch = chapters[name];
      sheet.show(moment);
      for (const [column, cell] of Object.entries(cells)) setText(cell, SHOWN[column](rows[moment][column]));
      setText(title, `${view.say(`${name}_title`)} ${view.say("when", { epoch })}`);
      setText(text, view.say(`${name}_text`, wordsOf(rows[epoch], rows[0])));
    },
  };
}

// ---- what one may keep, and the plot's style ----

function buildKept({ asset, props }, plot) {
  const link = (say, folder, file, name) => h("a", { href: asset(folder, file), download: name, say });
  const own = h("option", { value: "", say: "style_own" });
  const options = Object.keys(props.templates).map((name) => h("option", { value: name }, name));
  const select = h("select", { id: "story-style", on: { change: () => plot.style(select.value) } }, own, ...options);
  return {
    place: "kept",
    elements: [
      h("label", {}, h("span", { say: "style" }), select),
      link("save_csv", "checkpoints", "history.csv", "history.csv"),
      link("save_gif", "film", "epochs.gif", "200-epochs.gif"),
    ],
    show() {},
  };
}

// ---- the log, as the lecture prints it ----

function buildLog(view) {
  const { rows } = view.props,
    fold = view.element.querySelector(".log"),
    box = h("div", {});
  const heads = ["epoch_column", ...Object.keys(SHOWN)].map((name) => h("th", { scope: "col", say: name }));
  let lines = [],
    here = null;
  const build = () => {
    lines = rows.map((row) =>
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          h("button", {
            type: "button",
            say: key("log_line", { epoch: row.epoch, epochs: rows.length }),
            on: { click: () => goTo(row.epoch) },
          }),
        ),
        ...Object.entries(SHOWN).map(([name, write]) => h("td", {}, write(row[name]))),
      ),
    );
    box.append(h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines)));
    speak(box, view.say);
    page.touch();
  };
  const follow = () => {
    if (fold.open && !lines.length) build();
  };
  fold.addEventListener("toggle", follow);
  follow(); // a hand may have been quicker than this script
  return {
    place: "rows",
    elements: [box],
    show(moment) {
      if (!lines.length || here === lines[moment]) return;
      here?.classList.remove("here");
      here = lines[moment];
      here.classList.add("here");
    },
  };
}
