// One turn of training in slow motion: five moments for the detective, five for the forger, on one real batch.

import { paint, SIDE } from "../engine/pixels.js";
import { arrow } from "../kit/arrow.js";
import { button, press, rest } from "../kit/button.js";
import { h, key, setText } from "../kit/dom.js";
import { slide } from "../kit/slides.js";
import { drawingOf, jump, links, onSteps, redrawn, task } from "./parts.js";

/** @import { Say } from "../types.d.ts" */
/** @import { LessonPage, LessonView, TurnFacts } from "./facts.d.ts" */

/**
 * @typedef {object} Moment
 * @property {string[]} lit the parts that act
 * @property {string[]} [back] the way that something goes backward
 * @property {string} [learns]
 * @property {"g" | "d"} frozen who must not learn
 * @property {string} code the moment's line
 */
/** @type {Record<string, Moment>} */
const MOMENTS = {
  real: {
    lit: ["real", "d", "verdict", "loss"],
    frozen: "g",
    code: "loss_real = criterion(discriminator(real), ones)",
  },
  forge: { lit: ["noise", "g", "forged"], frozen: "g", code: "forged = generator(noises)" },
  detach: { lit: ["forged", "cut"], frozen: "g", code: "forged = forged.detach()" },
  forged: {
    lit: ["forged", "d", "verdict", "loss"],
    back: ["d"],
    frozen: "g",
    code: "loss_forged = criterion(discriminator(forged), zeros)\n(loss_real + loss_forged).backward()",
  },
  update_d: { lit: ["d"], learns: "d", frozen: "g", code: "optimizer_d.step()" },
  fresh: { lit: ["noise", "g", "forged"], frozen: "d", code: "forged = generator(noises)  # fresh ones" },
  labels: { lit: ["forged", "d", "verdict"], frozen: "d", code: "verdicts = discriminator(forged)" },
  loss: { lit: ["verdict", "loss"], frozen: "d", code: "loss = criterion(verdicts, ones)" },
  backward: { lit: ["loss", "d", "forged", "g"], back: ["d", "forged", "g"], frozen: "d", code: "loss.backward()" },
  update_g: { lit: ["g"], learns: "g", frozen: "d", code: "optimizer_g.step()" },
};
const NAMES = Object.keys(MOMENTS);
const LAST = NAMES.length - 1;
const PARTS = ["noise", "g", "forged", "cut", "real", "d", "verdict", "loss"];
const BEGINNINGS = ["noise", "real"]; // nothing leads to these
const ROW = 4; // images side by side
const CODES = ["13-30", "13-31"]; // of the lecture: the half of D, and that of G

/** Whose half a moment lies in: five are the detective's. @param {number} at */
const whoseIs = (at) => (at < NAMES.length / 2 ? "d" : "g");

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { turn } = view.facts;
  const { batch, epoch } = turn;
  let at = 0;
  const go = (/** @type {number} */ to) => {
    at = Math.max(0, Math.min(LAST, to));
    draw();
  };
  const acts = buildActs((steps) => go(at + steps), go),
    picture = buildPicture(view),
    words = buildWords(view);
  const draw = () => {
    for (const part of [acts, picture, words]) part.show(at);
  };
  redrawn(view, draw);
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "turn_lead" }), task(key("turn_do", { epoch, batch }))),
      ...onSteps("2", acts.element),
      ...onSteps("1 2", picture.element),
      ...onSteps("2", words.element),
      ...onSteps(
        "3",
        h("p", { class: "help", say: key("turn_help", { batch }) }),
        links(jump("turn_train", { tab: "train" }), jump("turn_program", { lesson: 6 })),
      ),
    ],
  };
}

// ---- from moment to moment ----

/** @param {(steps: number) => void} move @param {(to: number) => void} go */
function buildActs(move, go) {
  const step = button("turn_step", () => move(1), { id: "turn-step", class: "primary" }),
    back = button("turn_back", () => move(-1), { id: "turn-back" }),
    start = button("turn_start", () => go(0), { id: "turn-start" });
  const dots = NAMES.map((name, i) =>
    button(undefined, () => go(i), { class: `of-${whoseIs(i)}`, name: `turn_${name}` }, String(i + 1)),
  );
  const halves = [dots.slice(0, NAMES.length / 2), dots.slice(NAMES.length / 2)];
  const marked = halves.map((half, i) => h("span", {}, ...half, slide("code", CODES[i])));
  const row = h("span", { class: "dots", role: "group", name: "turn_moments" }, ...marked);
  return {
    element: h("div", { class: "acts" }, step, back, start, row),
    show(/** @type {number} */ at) {
      press(dots, (i) => i === at);
      rest(step, at === LAST);
      rest(back, at === 0);
      rest(start, at === 0);
    },
  };
}

/** What a moment is: its words, its line of code, its numbers. @param {LessonView} view */
function buildWords({ facts: { turn }, say }) {
  const title = h("h4", {}),
    text = h("p", { class: "what", role: "status" }),
    code = h("pre", { tabindex: 0, name: "turn_code" }),
    numbers = h("dl", { id: "turn-numbers" });
  return {
    element: h("div", { class: "told" }, h("div", {}, title, text, code), numbers),
    show(/** @type {number} */ at) {
      const who = say(`turn_half_${whoseIs(at)}`);
      setText(title, say("turn_moment", { number: at + 1, moments: NAMES.length, who }));
      setText(text, say(`turn_${NAMES[at]}_text`));
      setText(code, MOMENTS[NAMES[at]].code);
      numbers.replaceChildren(...numbersOf(turn.moments[at], say));
    },
  };
}

/** @param {TurnFacts["moments"][number]} moment @param {Say} say */
const numbersOf = ({ name: _, ...moment }, say) =>
  Object.entries(moment).map(([what, value]) =>
    h("div", {}, h("dt", {}, say(`turn_${what}`)), h("dd", { "data-number": what }, write(value, say))),
  );

/**
 * A number as a class reads it: a shape, a yes or no, a verdict or a loss.
 * @param {number | string | boolean} value
 * @param {Say} say
 */
function write(value, say) {
  if (typeof value === "boolean") return say(value ? "turn_yes" : "turn_no");
  return typeof value === "string" ? value : value.toFixed(3);
}

// ---- the diagram: what acts is lit, who must not learn is frozen ----

/** @param {LessonView} view */
function buildPicture({ facts: { turn }, say }) {
  const real = imageRow("turn_real_name", turn.real),
    forged = imageRow("turn_forged_name", turn.forged),
    badges = { g: badge(), d: badge() },
    label = h("p", { class: "label" });
  const parts = buildParts({ real: real.element, forged: forged.element }, { ...badges, verdict: label });
  const element = h("div", { class: "turn", role: "group", name: "turn_diagram" }, ...parts);
  return {
    element,
    show(/** @type {number} */ at) {
      const who = whoseIs(at),
        { frozen } = MOMENTS[NAMES[at]];
      element.dataset.who = who;
      for (const [i, part] of parts.entries()) mark(part, PARTS[i], MOMENTS[NAMES[at]]);
      badges.g.hidden = frozen !== "g";
      badges.d.hidden = frozen !== "d";
      setText(label, say(who === "g" || NAMES[at] === "real" ? "turn_label_real" : "turn_label_forged"));
      forged.paint(who === "d" ? turn.forged : turn.fresh);
    },
  };
}

const badge = () => h("span", { class: "badge", say: "turn_frozen" });

/**
 * The parts by PARTS, each with its words; some have a picture above them or something below.
 * @param {Record<string, Node>} above
 * @param {Record<string, Node>} below
 */
const buildParts = (above, below) =>
  PARTS.map((name) => {
    const words = h("p", { say: `turn_part_${name}` });
    const ways = [BEGINNINGS.includes(name) ? "" : arrow(), buildReturn()];
    return h("div", { class: `part ${name}` }, ...ways, above[name] ?? "", words, below[name] ?? "");
  });

/** A gradient that goes back through a part. */
const buildReturn = () => h("span", { class: "returns", "aria-hidden": "true" }, arrow("left"), " ∇");

/** Show what a part does in a moment. @param {HTMLElement} part @param {string} name @param {Moment} moment */
function mark(part, name, { lit, back = [], learns, frozen }) {
  part.classList.toggle("lit", lit.includes(name));
  part.classList.toggle("back", back.includes(name));
  part.classList.toggle("learns", name === learns);
  part.classList.toggle("frozen", name === frozen);
}

/** Eight images side by side, in two rows. @param {string} name @param {string[]} images */
function imageRow(name, images) {
  const size = { width: SIDE * ROW, height: (SIDE * images.length) / ROW };
  const canvas = h("canvas", { class: "pixels", ...size, role: "img", name });
  const paintAll = (/** @type {string[]} */ all) => {
    for (const [i, image] of all.entries()) paint(canvas, drawingOf(image), i % ROW, Math.floor(i / ROW));
  };
  paintAll(images);
  return { element: canvas, paint: paintAll };
}
