// The story of 200 epochs: one handle moves the drawings, the numbers and the place on every curve.

import { button, oneStop, press, rest } from "../kit/button.js";
import { h, key, part, quantity, setText, speak } from "../kit/dom.js";
import { levelsInWords, percent } from "../kit/numbers.js";
import { player } from "../kit/player.js";
import { sheetOf } from "../kit/sheet.js";
import { EPOCH_FIGURES, slide, slides } from "../kit/slides.js";
import { page } from "../page/page.js";
import { LAST } from "../page/state.js";
import { curves } from "./curves.js";

/** @import { Row, State, View } from "../types.d.ts" */
/** @typedef {Record<string, number>} Chapters name to the epoch that it begins with, in time */

/**
 * A part of the tab: its elements, and the class of the template's element that they are put into.
 * @typedef {object} Part
 * @property {string} place
 * @property {HTMLElement[]} elements
 * @property {(moment: number) => void} [show] called in every frame with the handle's epoch
 */

const PACE = 8; // epochs a second of the film
/** A column of the log to how it is written. @type {Partial<Record<keyof Row, (x: number) => string>>} */
const WRITTEN = {
  loss_g: (x) => x.toFixed(3),
  loss_d: (x) => x.toFixed(3),
  d_real: (x) => x.toFixed(2),
  d_fake: (x) => x.toFixed(2),
  frechet: (x) => x.toFixed(0),
  recognisable: percent,
  digits: String,
  entropy: (x) => x.toFixed(2),
};
const COLUMNS = /** @type {(keyof Row)[]} */ (Object.keys(WRITTEN));
const write = (/** @type {Row} */ row, /** @type {keyof Row} */ column) => WRITTEN[column]?.(row[column]) ?? "";

/** @param {View} view */
export function mount(view) {
  const { element, say, onLanguage } = view;
  const plot = curves(part(element, ".plot"), view);
  /** @type {Part[]} */
  const parts = [buildHandle(view), buildChapters(view), buildSeen(view), buildKept(view, plot), buildLog(view)];
  for (const { place, elements } of parts) part(element, `.${place}`).append(...elements);
  oneStop(part(element, ".chapters"));
  part(element, ".plot").after(slides(slide("figure", "13-31"), slide("code", "13-33")));
  const words = () => {
    speak(element, (name, values) => say(name, { ...levelsInWords(2), ...values }));
    plot.draw();
    page.touch();
  };
  onLanguage(words);
  words();
  page.show((/** @type {State} */ state) => {
    if (state.tab !== "epochs") return;
    for (const { show } of parts) show?.(state.moment);
    plot.move(state.moment);
  });
}

/** @param {number} moment */
function goTo(moment) {
  page.set({ moment });
  page.commit();
}

// ---- the handle ----

/** @param {View} view @returns {Part} */
function buildHandle(view) {
  const play = h("button", { type: "button", id: "story-play", class: "primary", say: "play" }),
    undo = button("undo", () => page.undo(), { id: "story-undo" });
  const handle = quantity({
    id: "moment",
    say: "epoch",
    low: 0,
    high: LAST,
    view,
    commit: (/** @type {string} */ control) => page.commit(control),
    change: (/** @type {number} */ moment) => page.set({ moment }),
  });
  let at = 0;
  const begin = () => {
    at = page.state.moment === LAST ? 0 : page.state.moment;
  };
  /** @type {(seconds: number) => [{ moment: number }, boolean]} */
  const step = (seconds) => {
    at = Math.min(LAST, at + PACE * seconds);
    return [{ moment: Math.floor(at) }, at === LAST];
  };
  player({ button: play, view, play: "play", pause: "pause", begin, step });
  return {
    place: "handle",
    elements: [play, handle.element, undo],
    show(moment) {
      handle.show(moment);
      rest(undo, !page.canUndo);
    },
  };
}

// ---- the chapters ----

/** The chapter that an epoch lies in. @param {Chapters} chapters @param {number} moment */
const chapterAt = (chapters, moment) => Object.keys(chapters).findLast((name) => chapters[name] <= moment) ?? "";

/** @param {View} view @returns {Part} */
function buildChapters({ props }) {
  /** @type {Chapters} */
  const chapters = props.chapters;
  const buttons = Object.entries(chapters).map(([name, epoch]) => {
    const title = h("span", { say: `${name}_title` }),
      when = h("span", { class: "when", say: key("when", { epoch }) });
    return button(undefined, () => goTo(epoch), { id: `chapter-${name}` }, title, when);
  });
  return {
    place: "chapters",
    elements: buttons,
    show(moment) {
      const here = chapterAt(chapters, moment);
      press(buttons, (i) => buttons[i].id === `chapter-${here}`);
    },
  };
}

// ---- what is seen at the handle's epoch ----

/** @param {View} view @returns {Part} */
function buildSeen(view) {
  /** @type {{ rows: Row[], chapters: Chapters }} */
  const { rows, chapters } = /** @type {any} */ (view.props);
  const sheet = sheetOf(view),
    cells = COLUMNS.map((name) => h("dd", { "data-column": name })),
    title = h("h3", {}),
    marks = Object.entries(EPOCH_FIGURES).map(([epoch, figure]) => ({
      epoch: Number(epoch),
      mark: slide("figure", figure),
    })),
    text = h("p", { class: "chapter", id: "chapter-text" });
  const numbers = COLUMNS.map((name, i) => h("div", {}, h("dt", { say: name }), cells[i]));
  return {
    place: "seen",
    elements: [
      sheet.element,
      slides(...marks.map(({ mark }) => mark)),
      h("dl", { id: "story-numbers" }, ...numbers),
      title,
      text,
    ],
    show(moment) {
      const name = chapterAt(chapters, moment),
        epoch = chapters[name];
      sheet.show(moment);
      for (const { epoch, mark } of marks) mark.hidden = epoch !== moment;
      for (const [i, cell] of cells.entries()) setText(cell, write(rows[moment], COLUMNS[i]));
      setText(title, `${view.say(`${name}_title`)} ${view.say("when", { epoch })}`);
      setText(text, view.say(`${name}_text`, wordsOf(rows[epoch], rows[0], rows[epoch - 1] ?? rows[0])));
    },
  };
}

/**
 * A row of the log as words have it; beside it the first row and the one before, their names with `first_` and
 * `before_` in front.
 * @param {Row} row
 * @param {Row} first
 * @param {Row} before
 */
function wordsOf(row, first, before) {
  const written = (/** @type {Row} */ from, /** @type {string} */ prefix) =>
    COLUMNS.map((name) => [prefix + name, write(from, name)]);
  const words = [...written(row, ""), ...written(first, "first_"), ...written(before, "before_")];
  return Object.fromEntries([["epoch", row.epoch], ...words]);
}

// ---- what one may keep, and the plot's style ----

/** @param {View} view @param {{ style: (name: string) => void }} plot @returns {Part} */
function buildKept({ asset, props }, plot) {
  const own = h("option", { value: "", say: "style_own" });
  const options = Object.keys(props.templates).map((name) => h("option", { value: name }, name));
  const select = h(
    "select",
    { id: "story-style", on: { change: (event) => plot.style(event.currentTarget.value) } },
    own,
    ...options,
  );
  return {
    place: "kept",
    elements: [
      h("label", {}, h("span", { say: "style" }), slide("code", "13-22"), select),
      h("a", { href: asset("checkpoints", "history.csv"), download: "history.csv", say: "save_csv" }),
      h("a", { href: asset("film", "epochs.gif"), download: "200-epochs.gif", say: "save_gif" }),
    ],
  };
}

// ---- the log, as the lecture prints it: 200 lines, made when it is opened ----

/** @param {View} view @returns {Part} */
function buildLog(view) {
  /** @type {Row[]} */
  const rows = view.props.rows;
  const fold = /** @type {HTMLDetailsElement} */ (part(view.element, ".log")),
    box = h("div", {});
  let lines = /** @type {HTMLElement[]} */ ([]),
    here = /** @type {HTMLElement | null} */ (null);
  const follow = () => {
    if (!fold.open || lines.length) return;
    lines = rows.map((row) => buildLine(row, rows.length));
    box.append(buildTable(lines));
    speak(box, view.say);
    page.touch();
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

/** @param {HTMLElement[]} lines */
function buildTable(lines) {
  const heads = ["epoch_column", ...COLUMNS].map((name) => h("th", { scope: "col", say: name }));
  return h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines));
}

/** An epoch of the log; its head leads there. @param {Row} row @param {number} epochs of the whole run */
function buildLine(row, epochs) {
  const { epoch } = row;
  const head = button(key("log_line", { epoch, epochs }), () => goTo(epoch));
  return h("tr", {}, h("th", { scope: "row" }, head), ...COLUMNS.map((name) => h("td", {}, write(row, name))));
}
