// The sheets of all runs side by side, and on demand D's verdict under each drawing.

import { h, part, replaceChildrenIfChanged } from "../kit/dom.js";
import { hue } from "../kit/plot.js";
import { headed, huesOf } from "./apart.js";
import { haunt } from "./ghost.js";
import { follow, partOf } from "./live.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 *
 * @typedef {object} Sheet
 * @property {string} name
 * @property {import("./shown.js").Differs} differs
 * @property {number} step
 * @property {string} origin "scratch", an epoch, "A:512", or "server-512" of a run that came from there
 * @property {string} src address of a picture, eight drawings by eight
 * @property {number[]} verdicts one a drawing, 0 to 1
 *
 * @typedef {object} Card a run's elements
 * @property {HTMLElement} figure
 * @property {HTMLElement} words
 * @property {HTMLElement} note
 * @property {HTMLImageElement} image
 * @property {HTMLCanvasElement} canvas
 */

const CELL = 84; // canvas pixels of a drawing, three times its own
const BELOW = 22; // room for its verdict
const ROW = 8; // drawings

/** @param {View} view */
export function mount(view) {
  /** @type {Map<string, Card>} */
  const cards = new Map(); // by the run's name
  /** @param {{runs: Record<string, Sheet>} | null} value */
  const redraw = (value) => draw(view, cards, Object.values(value?.runs ?? {}));
  haunt(part(view.element, ".ghost"), view);
  verdictsToggle(view.element).addEventListener("change", () => redraw(partOf("sheets")));
  follow("sheets", view, redraw);
}

/**
 * @param {HTMLElement} element
 * @returns {HTMLInputElement}
 */
const verdictsToggle = (element) => part(element, "input");

/**
 * @param {View} view
 * @param {Map<string, Card>} cards
 * @param {Sheet[]} sheets
 */
function draw({ element, say }, cards, sheets) {
  for (const name of cards.keys()) if (!sheets.some((sheet) => sheet.name === name)) cards.delete(name);
  const several = sheets.length > 1;
  const judged = verdictsToggle(element).checked;
  const hues = huesOf(sheets.map(({ name }) => name));
  for (const sheet of sheets) {
    if (!cards.has(sheet.name)) cards.set(sheet.name, makeCard());
    const card = /** @type {Card} */ (cards.get(sheet.name));
    tellCard(card, sheet, several, say);
    card.words.style.setProperty("--hue", hues.get(sheet.name) ?? "");
    showPicture(card, sheet, judged);
  }
  const box = part(element, ".sheets");
  replaceChildrenIfChanged(
    box,
    sheets.map(({ name }) => /** @type {Card} */ (cards.get(name)).figure),
  );
  box.classList.toggle("several", several);
  part(element, ".ghost").hidden = sheets.length > 0;
  part(element, ".toggle").hidden = sheets.length === 0;
  part(element, ".toggle span").textContent = say("verdicts");
}

/** @returns {Card} */
function makeCard() {
  const words = h("span");
  const note = h("span", { class: "note" });
  const image = h("img", { class: "pixels" });
  const canvas = h("canvas", { role: "img", width: ROW * CELL, height: ROW * (CELL + BELOW) });
  return { figure: h("figure", {}, h("figcaption", {}, words, note), image, canvas), words, note, image, canvas };
}

/**
 * The card's words: what differs comes first, and then how far the run has come, and from where.
 * @param {Card} card
 * @param {Sheet} sheet
 * @param {boolean} several whether other runs lie beside it
 * @param {Say} say
 */
function tellCard({ words, note, image, canvas }, sheet, several, say) {
  const mean = sheet.verdicts.reduce((a, b) => a + b, 0) / sheet.verdicts.length;
  const described = say("mean", { name: sheet.name, mean: mean.toFixed(2) });
  const head = headed(sheet.name, sheet.differs);
  const [step, origin] = [say("step", { step: sheet.step }), originText(sheet.origin, say)];
  const same = head === sheet.name; // nothing differs
  words.textContent = several ? (same ? `${head} \u00b7 ${step}` : head) : say("only");
  note.textContent = several ? (same ? origin : `${step}, ${origin}`) : "";
  image.alt = described;
  canvas.setAttribute("aria-label", described);
}

/**
 * Where a run began.
 * @param {string} origin
 * @param {Say} say
 */
function originText(origin, say) {
  if (origin === "scratch") return say("scratch");
  const came = /^(server|device)-(\d+)$/.exec(origin);
  if (came) return say(`from_${came[1]}`, { step: came[2] });
  const [name, step] = origin.split(":");
  return step ? say("fork", { name, step }) : say("epoch", { epoch: origin });
}

/**
 * The sheet as it came, or with D's verdicts as soon as the picture is there.
 * @param {Card} card
 * @param {Sheet} sheet
 * @param {boolean} judged
 */
function showPicture({ image, canvas }, { src, verdicts }, judged) {
  image.hidden = judged;
  canvas.hidden = !judged;
  const judge = () => {
    if (judged) drawVerdicts(image, canvas, verdicts);
  };
  image.onload = judge;
  if (image.src === src) judge();
  else image.src = src;
}

/**
 * Draw a sheet with a bar and a number below each drawing: orange for forged, green for real; the number says the same
 * without colours.
 * @param {HTMLImageElement} image
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} verdicts
 */
function drawVerdicts(image, canvas, verdicts) {
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const side = image.naturalWidth / ROW;
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = "#000";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.font = "600 17px system-ui, sans-serif";
  pen.textAlign = "center";
  verdicts.forEach((verdict, n) => {
    const column = n % ROW;
    const row = Math.floor(n / ROW);
    const [x, y] = [column * CELL, row * (CELL + BELOW)];
    pen.drawImage(image, column * side, row * side, side, side, x, y, CELL, CELL);
    pen.fillStyle = hue(verdict >= 0.5 ? "real" : "forger");
    pen.fillRect(x + 4, y + CELL, (CELL - 8) * verdict, 3);
    pen.fillStyle = "#fff";
    pen.fillText(verdict.toFixed(2), x + CELL / 2, y + CELL + 18);
  });
}
