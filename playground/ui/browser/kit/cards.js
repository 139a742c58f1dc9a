// One drawing, large, with the detective's verdict as a meter beneath it. Knows neither forgers nor the page.

import { BLACK, paint, SIDE } from "../engine/pixels.js";
import { h, setAttribute, setHidden, setText } from "./dom.js";

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
 * A card. `caption` is the key of its heading, before which a badge says `who` draws, `menu` stands at the heading's
 * end, `foot` are elements for its end, `formula` names the verdict. One that is `broken` has a button that calls
 * `retry`.
 * @param {{
 *   id: string, caption: string, name?: string, who?: "G", retry: () => void, menu?: HTMLElement, foot?: HTMLElement[],
 *   formula?: string,
 * }} card
 */
export function card({ id, caption, name = caption, who, retry, menu, foot = [], formula = "D(G(z))" }) {
  const canvas = h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name });
  const heading = h("h3", {}, ...(who ? [badge(who)] : []), h("span", { say: caption }));
  const meter = buildMeter(formula);
  const cover = buildCover(retry);
  const frame = h("div", { class: "frame" }, canvas, cover.element);
  paint(canvas, BLACK);
  return {
    element: h("article", { id, class: "card" }, h("header", {}, heading, menu ?? ""), frame, meter.element, ...foot),
    canvas,
    heading,
    show(/** @type {Shown} */ { drawing = null, verdict = null, done = 0, broken = false, judged = true }) {
      cover.show(drawing !== null, done, broken);
      setHidden(meter.element, !judged);
      if (drawing) paint(canvas, drawing);
      if (judged) meter.show(verdict);
    },
  };
}

/** The letter of a player in its colour: G the forger, D the detective. @param {"G" | "D"} player */
const badge = (player) => h("b", { class: `letter ${player.toLowerCase()}`, "aria-hidden": "true" }, player);

/**
 * What lies on a drawing that has not come: how far its network is, or that it could not be had.
 * @param {() => void} retry
 */
function buildCover(retry) {
  const share = h("span", { class: "share" });
  const bar = h("span", {
    class: "done",
    role: "progressbar",
    name: "loading_name",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const waiting = h("div", { class: "waiting", hidden: true }, h("p", { say: "loading" }), share, bar);
  const again = h("button", { type: "button", say: "again", on: { click: retry } });
  const failed = h("div", { class: "waiting", role: "alert", hidden: true }, h("p", { say: "failed" }), again);
  return {
    element: h("div", { class: "cover" }, waiting, failed),
    show(/** @type {boolean} */ drawn, /** @type {number} */ done, /** @type {boolean} */ broken) {
      setHidden(waiting, drawn || broken);
      setHidden(failed, !broken);
      failed.classList.toggle("below", drawn); // only the verdict is missing
      if (waiting.hidden) return;
      setText(share, `${Math.floor(done * 100)} %`);
      bar.style.setProperty("--done", String(done));
      setAttribute(bar, "aria-valuenow", String(Math.floor(done * 100)));
    },
  };
}

/** @param {string} formula */
function buildMeter(formula) {
  const needle = h("span", { class: "needle" });
  const number = h("span", { class: "number" });
  const range = { role: "meter", name: "verdict", "aria-valuemin": 0, "aria-valuemax": 1 };
  const bar = h("div", { class: "bar", ...range }, needle);
  const ends = ["forged", "real"].map((end) => h("span", { class: end, say: end }));
  const element = h("div", { class: "verdict" }, badge("D"), bar, ends[0], number, ends[1]);
  return {
    element,
    show(/** @type {number | null} */ verdict) {
      element.classList.toggle("unknown", verdict === null);
      if (verdict === null) return setText(number, "…");
      setText(number, `${formula} = ${verdict.toFixed(2)}`);
      needle.style.transform = `translateX(${verdict * 100}%)`; // which lays out nothing anew
      setAttribute(bar, "aria-valuenow", verdict.toFixed(2));
    },
  };
}
