// One drawing, large, with the detective's verdict as a meter beneath it. Knows neither forgers nor the page.

import { BLACK, paint, SIDE } from "../engine/pixels.js";
import { h, setText } from "./dom.js";

/** @import { Numbers } from "../types.d.ts" */
/**
 * @typedef Shown
 * @property {Numbers | null} [drawing]  while there is none, the card shows how far the download is
 * @property {number | null} [verdict]  0 forged to 1 real; null while it is not known
 * @property {number} [done]  share of the download, 0 to 1
 * @property {boolean} [broken]  whether something could not be had
 * @property {boolean} [judged]  false where nobody judges
 */

/**
 * A card. `caption` is the key of its heading, `foot` are elements for its end, `formula` names the verdict. One that
 * is `broken` has a button that calls `retry`.
 * @param {{ id: string, caption: string, retry: () => void, foot?: HTMLElement[], formula?: string }} card
 */
export function card({ id, caption, retry, foot = [], formula = "D(G(z))" }) {
  const canvas = h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name: caption });
  const heading = h("h3", { say: caption });
  const meter = buildMeter(formula);
  const bar = h("progress", { max: 1, value: 0, name: "loading_name" });
  const waiting = h("div", { class: "waiting", hidden: true }, h("p", { say: "loading" }), bar);
  const again = h("button", { type: "button", say: "again", on: { click: retry } });
  const failed = h("div", { class: "waiting", role: "alert", hidden: true }, h("p", { say: "failed" }), again);
  const frame = h("div", { class: "frame" }, canvas, waiting, failed);
  paint(canvas, BLACK);
  return {
    element: h("article", { id, class: "card" }, heading, frame, meter.element, ...foot),
    canvas,
    heading,
    show(/** @type {Shown} */ { drawing = null, verdict = null, done = 0, broken = false, judged = true }) {
      waiting.hidden = Boolean(drawing) || broken;
      failed.hidden = !broken;
      failed.classList.toggle("below", Boolean(drawing)); // only the verdict is missing
      bar.value = done;
      meter.element.hidden = !judged;
      if (drawing) paint(canvas, drawing);
      if (judged) meter.show(verdict);
    },
  };
}

/** @param {string} formula */
function buildMeter(formula) {
  const needle = h("span", { class: "needle" });
  const number = h("output", { class: "number" });
  const range = { role: "meter", name: "verdict", "aria-valuemin": 0, "aria-valuemax": 1 };
  const bar = h("div", { class: "bar", ...range }, needle);
  const ends = ["forged", "real"].map((end) => h("span", { class: end, say: end }));
  const element = h("div", { class: "verdict" }, bar, ends[0], number, ends[1]);
  return {
    element,
    show(/** @type {number | null} */ verdict) {
      element.classList.toggle("unknown", verdict === null);
      if (verdict === null) return setText(number, "…");
      setText(number, `${formula} = ${verdict.toFixed(2)}`);
      needle.style.left = `${verdict * 100}%`;
      bar.setAttribute("aria-valuenow", verdict.toFixed(2));
    },
  };
}
