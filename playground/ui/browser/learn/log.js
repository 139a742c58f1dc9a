// The log that the lecture prints beside the log of our run, epoch by epoch: folded, on the page about curves.

import { h, key } from "../kit/dom.js";
import { write } from "../kit/numbers.js";
import { slide } from "../kit/slides.js";
import { told } from "./parts.js";

/** @import { CurvesFacts, LessonView, Printed } from "./facts.d.ts" */

const PLACES = 3; // decimals
const COLUMNS = ["epoch", "lecture_g", "ours_g", "lecture_d", "ours_d"];
const LATE = 100; // the lecture prints its first epochs and, after a gap, its last ones

/** @param {LessonView} view */
export function buildLog(view) {
  const { lecture, loss_g, loss_d } = view.facts.curves;
  const rows = lecture.map((printed) => rowOf(printed, loss_g[printed.epoch], loss_d[printed.epoch]));
  const first = lecture.findIndex(({ epoch }) => epoch > LATE);
  const lines = rows.map((row, i) => buildLine(row, i === first));
  const heads = COLUMNS.map((name) => h("th", { scope: "col", say: `curves_log_${name}` }));
  return h(
    "details",
    { class: "log", id: "lecture-log", "data-unfolds": "" },
    h("summary", {}, h("span", { say: "curves_log" }), slide("code", "13-32")),
    h("table", {}, h("thead", {}, h("tr", {}, ...heads)), h("tbody", {}, ...lines, buildMean(rows.slice(first)))),
    told(view, "curves_log_text", valuesOf(view.facts.curves)),
  );
}

/** A line's numbers, as COLUMNS has them. @param {Printed} printed @param {number} ours_g @param {number} ours_d */
const rowOf = ({ epoch, loss_g, loss_d }, ours_g, ours_d) => [epoch, loss_g, ours_g, loss_d, ours_d];

/** @param {number[]} row @param {boolean} late whether it is the first one after the gap */
const buildLine = ([epoch, ...losses], late) =>
  h("tr", late ? { class: "late" } : {}, h("th", { scope: "row" }, String(epoch)), ...losses.map(cell));

/** The mean of the last lines. @param {number[][]} rows */
function buildMean(rows) {
  const [, ...means] = COLUMNS.map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / rows.length);
  const name = key("curves_log_mean", { from: rows[0][0], to: rows[rows.length - 1][0] });
  return h("tr", { class: "mean" }, h("th", { scope: "row", say: name }), ...means.map(cell));
}

/** @param {number} loss */
const cell = (loss) => h("td", {}, write(loss, PLACES));

/** What the words name: where G's loss is highest in both. @param {CurvesFacts} facts */
function valuesOf({ lecture, rows: { rise } }) {
  const top = lecture.reduce((most, printed) => (printed.loss_g > most.loss_g ? printed : most));
  return { top_epoch: top.epoch, top: write(top.loss_g), rise_epoch: rise.epoch, rise: write(rise.loss_g) };
}
