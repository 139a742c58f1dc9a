// One turn of training in slow motion: five moments for the detective, five for the forger, on one real batch.

import { paint, SIDE } from "../engine/pixels.js";
import { h, key, setText } from "../kit/dom.js";
import { drawingOf } from "./data.js";

// Moment to the parts that act, the way that something goes backward, who is frozen, and its line of code.
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
const NAMES = Object.keys(MOMENTS),
  HALF = 5;
const PARTS = ["noise", "g", "forged", "cut", "real", "d", "verdict", "loss"];

export function build(view) {
  const {
    facts: { turn },
    say,
    jump,
  } = view;
  const picture = buildPicture(view),
    dots = buildDots((to) => go(to));
  let at = 0;
  const title = h("h4", {}),
    text = h("p", { class: "what", role: "status" }),
    code = h("pre", { tabindex: 0, name: "turn_code" });
  const numbers = h("dl", { id: "turn-numbers" });
  const step = h("button", {
    type: "button",
    id: "turn-step",
    class: "primary",
    say: "turn_step",
    on: { click: () => go(at + 1) },
  });
  const back = h("button", { type: "button", id: "turn-back", say: "turn_back", on: { click: () => go(at - 1) } });
  const start = h("button", { type: "button", id: "turn-start", say: "turn_start", on: { click: () => go(0) } });
  const go = (to) => {
    at = Math.max(0, Math.min(NAMES.length - 1, to));
    draw();
  };
  const draw = () => {
    const name = NAMES[at],
      moment = turn.moments[at],
      who = at < HALF ? "d" : "g";
    setText(title, say("turn_moment", { number: at + 1, moments: NAMES.length, who: say(`turn_half_${who}`) }));
    setText(text, say(`turn_${name}_text`));
    setText(code, MOMENTS[name].code);
    numbers.replaceChildren(
      ...Object.entries(moment)
        .filter(([what]) => what !== "name")
        .map(([what, value]) =>
          h("div", {}, h("dt", {}, say(`turn_${what}`)), h("dd", { "data-number": what }, write(value, say))),
        ),
    );
    picture.show(name, who);
    dots.show(at);
    for (const [button, off] of [
      [step, at === NAMES.length - 1],
      [back, at === 0],
      [start, at === 0],
    ])
      button.setAttribute("aria-disabled", String(off));
  };
  view.onLanguage(draw);
  draw();
  return {
    elements: [
      h("p", { class: "lead", say: "turn_lead" }),
      h("div", { class: "do" }, h("p", { say: key("turn_do", { epoch: turn.epoch, batch: turn.batch }) })),
      h("div", { class: "acts" }, step, back, start, dots.element),
      picture.element,
      h("div", { class: "told" }, h("div", {}, title, text, code), numbers),
      h("p", { class: "help", say: key("turn_help", { batch: turn.batch }) }),
      h("div", { class: "links" }, jump("turn_train", { tab: "train" }), jump("turn_program", { lesson: 6 })),
    ],
  };
}

/** A number as a class reads it: a shape, a yes or no, a verdict or a loss. */
function write(value, say) {
  if (typeof value === "boolean") return say(value ? "turn_yes" : "turn_no");
  return typeof value === "string" ? value : value.toFixed(3);
}

/** Ten places to jump to, in two groups. */
function buildDots(go) {
  const buttons = NAMES.map((name, i) =>
    h(
      "button",
      { type: "button", class: i < HALF ? "of-d" : "of-g", name: `turn_${name}`, on: { click: () => go(i) } },
      String(i + 1),
    ),
  );
  return {
    element: h("span", { class: "dots", role: "group", name: "turn_moments" }, ...buttons),
    show(at) {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === at)));
    },
  };
}

// ---- the diagram: what acts is lit, who must not learn is frozen ----

function buildPicture({ facts: { turn }, say }) {
  const sheets = { real: row(turn.real, "turn_real_name"), forged: row(turn.forged, "turn_forged_name") };
  const frozen = {
    g: h("span", { class: "badge", say: "turn_frozen" }),
    d: h("span", { class: "badge", say: "turn_frozen" }),
  };
  const label = h("p", { class: "label" });
  const parts = Object.fromEntries(
    PARTS.map((name) => [
      name,
      h(
        "div",
        { class: `part ${name}` },
        ...(sheets[name] ? [sheets[name].element] : []),
        h("p", { say: `turn_part_${name}` }),
        ...(frozen[name] ? [frozen[name]] : []),
        ...(name === "verdict" ? [label] : []),
      ),
    ]),
  );
  const element = h("div", { class: "turn", role: "group", name: "turn_diagram" }, ...Object.values(parts));
  return {
    element,
    show(name, who) {
      const { lit, back = [], learns, frozen: still } = MOMENTS[name];
      element.dataset.who = who;
      for (const [part, box] of Object.entries(parts)) {
        box.classList.toggle("lit", lit.includes(part));
        box.classList.toggle("back", back.includes(part));
        box.classList.toggle("learns", part === learns);
        box.classList.toggle("frozen", part === still);
      }
      for (const [part, badge] of Object.entries(frozen)) badge.hidden = part !== still;
      setText(label, say(who === "g" || name === "real" ? "turn_label_real" : "turn_label_forged"));
      sheets.forged.paint(who === "d" ? turn.forged : turn.fresh);
    },
  };
}

/** Some images side by side. */
function row(images, name) {
  const canvas = h("canvas", { class: "pixels", width: SIDE * 4, height: SIDE * 2, role: "img", name });
  const paintAll = (all) => all.forEach((image, i) => paint(canvas, drawingOf(image), i % 4, Math.floor(i / 4)));
  paintAll(images);
  return { element: canvas, paint: paintAll };
}
