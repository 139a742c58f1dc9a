// Who is ahead: a sentence, D's verdicts as histograms, and a census of what G draws.

import { h, part, setText } from "../kit/dom.js";
import { follow } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 * @typedef {{loss_d: number, loss_g: number, d_real: number, d_fake: number}} Reading
 * @typedef {{players: string[], before: Reading, after?: Reading}} Move what one single step changed
 *
 * @typedef {object} Standing
 * @property {string} stand key of the sentence
 * @property {number} d_real 0 to 1
 * @property {number} d_fake 0 to 1
 * @property {number[]} hist_real counts
 * @property {number[]} hist_fake counts
 * @property {number[] | null} counts drawings of each digit
 * @property {number[]} digits learnt from
 * @property {number | null} recognisable 0 to 1
 * @property {number[]} missing digits
 * @property {number[]} lost those that were drawn before
 * @property {number | null} frechet
 * @property {number | null} frechet_step
 * @property {Move | null} move
 */

/** @param {View} view */
export function mount(view) {
  part(view.element, ".digits").append(...Array.from({ length: 10 }, (_, digit) => digitBar(digit)));
  follow("standing", view, (value) => draw(view, value));
}

/** @param {number} digit */
const digitBar = (digit) => h("figure", {}, h("div", { class: "room" }, h("i")), h("figcaption", {}, String(digit)));

/**
 * @param {View} view
 * @param {Standing | null} value
 */
function draw({ element, say }, value) {
  part(element, ".empty").hidden = Boolean(value);
  part(element, ".empty").textContent = say("empty");
  part(element, ".standing").hidden = !value;
  if (!value) return;
  // A sentence that says the same again is not read out again.
  setText(part(element, ".stand"), say(value.stand, { d_real: two(value.d_real), d_fake: two(value.d_fake) }));
  part(element, ".verdicts h4").textContent = say("verdicts");
  part(element, ".census h4").textContent = say("census");
  const [real, drawn] = element.querySelectorAll(".legend span");
  [real.textContent, drawn.textContent] = [say("real"), say("drawn")];
  drawHistogram(part(element, ".hist"), value);
  part(element, ".hist").setAttribute(
    "aria-label",
    say("verdicts_name", { d_real: two(value.d_real), d_fake: two(value.d_fake) }),
  );
  drawCensus(element, value, say);
}

/**
 * Both histograms side by side, to the scale of their highest bar.
 * @param {HTMLElement} box
 * @param {Standing} value
 */
function drawHistogram(box, { hist_real, hist_fake }) {
  while (box.children.length < hist_real.length) {
    box.append(h("div", {}, h("i", { class: "is-real" }), h("i", { class: "is-drawn" })));
  }
  const shares = [shareOf(hist_real), shareOf(hist_fake)];
  const most = Math.max(...shares.flat(), 0.01);
  shares.forEach((each, who) => {
    each.forEach((share, bin) => {
      const bar = /** @type {HTMLElement} */ (box.children[bin].children[who]);
      bar.style.height = `${(100 * share) / most}%`;
    });
  });
}

/** @param {number[]} counts */
function shareOf(counts) {
  const sum = counts.reduce((a, b) => a + b, 0) || 1;
  return counts.map((count) => count / sum);
}

/**
 * How many drawings of each digit, and what that says.
 * @param {HTMLElement} element
 * @param {Standing} value
 * @param {Say} say
 */
function drawCensus(element, value, say) {
  const { counts, digits, missing, lost } = value;
  const most = Math.max(...(counts ?? []), 1);
  /** @type {NodeListOf<HTMLElement>} */
  const figures = element.querySelectorAll(".digits figure");
  figures.forEach((figure, digit) => {
    const count = counts?.[digit] ?? 0;
    part(figure, "i").style.height = `${(100 * count) / most}%`;
    figure.classList.toggle("gone", missing.includes(digit));
    figure.classList.toggle("unlearnt", !digits.includes(digit));
    figure.setAttribute("aria-label", say("bar", { digit, count }));
  });
  part(element, ".count").textContent = censusText(value, say);
  const never = missing.filter((digit) => !lost.includes(digit));
  setText(part(element, ".never"), never.length ? say("never", { digits: never.join(", ") }) : "");
  setText(part(element, ".alarm"), lost.length ? say("lost", { digits: lost.join(", ") }) : "");
}

/**
 * @param {Standing} value
 * @param {Say} say
 */
function censusText({ counts, recognisable, frechet, frechet_step }, say) {
  const sentences = counts ? [say("census_help", { percent: Math.round(100 * (recognisable ?? 0)) })] : [];
  if (frechet !== null) sentences.push(say("frechet", { value: frechet.toFixed(0), step: frechet_step }));
  return sentences.join(" ");
}

/** @param {number} value */
const two = (value) => value.toFixed(2);
