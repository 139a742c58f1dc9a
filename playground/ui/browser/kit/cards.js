// One drawing, large, with the detective's verdict as a meter beneath it.

import { BLACK, paint, SIDE } from "../engine/pixels.js";
import { h, setText } from "./dom.js";

/** A card. `caption` is the key of its heading, `foot` are elements for its end, `formula` names the verdict. `show`
 *  takes what there is of {drawing, verdict, done, broken, judged}: while there is no drawing it shows the share `done`
 *  of the download, or that it is `broken` with a button that calls `retry`; `judged` is false where nobody judges. */
export function card({ id, caption, retry, foot = [], formula = "D(G(z))" }) {
  const canvas = h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img", name: caption });
  const heading = h("h3", { say: caption });
  const needle = h("span", { class: "needle" }),
    number = h("output", { class: "number" });
  const meter = h(
    "div",
    { class: "verdict" },
    h("div", { class: "bar", role: "meter", name: "verdict", "aria-valuemin": 0, "aria-valuemax": 1 }, needle),
    h("span", { class: "forged", say: "forged" }),
    number,
    h("span", { class: "real", say: "real" }),
  );
  const bar = h("progress", { max: 1, value: 0, name: "loading_name" });
  const waiting = h("div", { class: "waiting", hidden: true }, h("p", { say: "loading" }), bar);
  const failed = h(
    "div",
    { class: "waiting", role: "alert", hidden: true },
    h("p", { say: "failed" }),
    h("button", { type: "button", say: "again", on: { click: retry } }),
  );
  const element = h(
    "article",
    { id, class: "card" },
    heading,
    h("div", { class: "frame" }, canvas, waiting, failed),
    meter,
    ...foot,
  );
  paint(canvas, BLACK);

  const showVerdict = (verdict) => {
    meter.classList.toggle("unknown", verdict === null);
    if (verdict === null) return setText(number, "…");
    setText(number, `${formula} = ${verdict.toFixed(2)}`);
    needle.style.left = `${verdict * 100}%`;
    meter.firstChild.setAttribute("aria-valuenow", verdict.toFixed(2));
  };
  return {
    element,
    canvas,
    heading,
    show({ drawing = null, verdict = null, done = 0, broken = false, judged = true }) {
      waiting.hidden = Boolean(drawing) || broken;
      failed.hidden = !broken;
      failed.classList.toggle("below", Boolean(drawing)); // only the verdict is missing
      bar.value = done;
      meter.hidden = !judged;
      if (drawing) paint(canvas, drawing);
      if (judged) showVerdict(verdict);
    },
  };
}
