// The code: the lecture's program cell by cell, to read, to copy, and to keep as a notebook or a script. Knows where on
// the page each cell's work is seen, and what the lecture's slides print wrongly.

import { button } from "../kit/button.js";
import { h, key, speak } from "../kit/dom.js";
import { many } from "../kit/numbers.js";
import { copy, saveBlob } from "../kit/save.js";
import { slide } from "../kit/slides.js";
import { jump, links, onSteps, task } from "./parts.js";

/** @import { State, View } from "../types.d.ts" */
/** @import { Cell, CodeFacts, LessonPage, LessonView } from "./facts.d.ts" */

/** @type {Record<string, Partial<State>>} */
const PLACES = {
  train: { tab: "train" },
  data: { tab: "learn", lesson: 3 },
  networks: { tab: "learn", lesson: 2 },
  turn: { tab: "learn", lesson: 5 },
  epochs: { tab: "epochs" },
  curves: { tab: "learn", lesson: 7 },
  explore: { tab: "explore" },
};
/** Cell to the place where its work is seen. @type {Record<string, string>} */
const SEEN = {
  imports: "train",
  settings: "train",
  data: "data",
  generator: "networks",
  discriminator: "networks",
  networks: "networks",
  optimizers: "turn",
  saving: "epochs",
  discriminator_turn: "turn",
  generator_turn: "turn",
  training: "train",
  losses: "curves",
  drawings: "explore",
};
const STYLES = "import matplotlib.pyplot as plt\nprint(plt.style.available)\nplt.style.use('ggplot')";
const FORGED = "generator(torch.randn(b_size, nz).to(device)).detach()\n#         ⓐ                     ⓑ           ⓒ";
const SLIPS_A_STEP = 2;
/** What the slides print, word for word, by the name of what is wrong with it. */
const SLIPS = {
  imports: {
    number: "13-22, 13-34",
    lines: "matplotlib.style.use('ggplot')\nfake_images_img = np.reshape(fake_images.data.cpu().numpy()[i], (28, 28))",
  },
  mean: {
    number: "13-24",
    lines: "transforms.Normalize((0.5,), (0.5,))  # 평균이 0.5, 표준편차가 0.5가 되도록 정규화",
  },
  plus: { number: "13-32", lines: "detach()는 `+`와 같은 기능을 함" },
  idxh: { number: "13-32", lines: "epoch_loss_d = loss_d / idxH" },
  bracket: {
    number: "13-32",
    lines: "data_fake = generator(torch.randn(b_size, nz).to(device)).detach())",
  },
  average: { number: "13-32", lines: "epoch_loss_g = loss_g / idx" },
  sample: {
    number: "13-23, 13-32",
    lines: "generated_img = generator(torch.randn(b_size, nz).to(device)).cpu().detach()",
  },
  verdict: { number: "V(D, G)", lines: "생성자 G 가 생성한 이미지인 G(z) 가 1에 가까우면 진짜 데이터로" },
  zeroth: { number: "13-25", lines: "0.1번째 에포크에서 생성된 이미지" },
};

/** @param {LessonView} view @returns {LessonPage} */
export function build(view) {
  const { code: facts } = view.facts;
  // The code is the same in all languages:
  const cells = facts.notebooks.en.cells.filter((cell) => cell.cell_type === "code");
  const kept = links(
    button("code_save_notebook", () => saveNotebook(facts), { id: "save-notebook", class: "primary" }),
    button("code_save_script", () => saveScript(facts), { id: "save-script" }),
  );
  const why = [h("p", { say: "code_why" }), jump("code_rows", { tab: "epochs", moment: 2 })];
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "code_lead" }), task(key("code_do", facts.settings), kept, ...why)),
      ...buildCells(cells, 2, view),
      ...buildSlips(2 + stepsOf(cells), facts),
    ],
  };
}

/** Cell to what it adds to its code. @type {Record<string, () => HTMLElement[]>} */
const MORE = { imports: buildStyles, training: () => [h("p", { class: "abc", say: "code_abc" }), lineBox(FORGED)] };

/** The lecture's exercise: matplotlib's style sheets. */
function buildStyles() {
  const words = h("p", { say: "code_exercise_imports" });
  return [h("div", { class: "exercise" }, words, lineBox(STYLES), jump("code_exercise_styles", { tab: "epochs" }))];
}

/** How many steps so many cells take: one each, and one more for what is said beside it. @param {Cell[]} cells */
const stepsOf = (cells) => cells.length + cells.filter(({ id }) => id in MORE).length;

/** @param {Cell[]} cells @param {number} first their first step @param {View} view */
const buildCells = (cells, first, view) =>
  cells.map((cell, i) => buildCell(cell, first + stepsOf(cells.slice(0, i)), view));

/** @param {string} lines */
const lineBox = (lines) => h("pre", { tabindex: 0, class: "lines" }, lines);

/**
 * A cell: its words and its code on one step, or where more is said of it, its words on one and its code on the next.
 * @param {Cell} cell
 * @param {number} step
 * @param {View} view
 */
function buildCell({ id, metadata: { lecture = "" }, source }, step, view) {
  const answer = h("span", { role: "status" });
  const acts = links(
    button("code_copy", async () => {
      answer.dataset.say = (await copy(`${source}\n`)) ? "code_copied" : "code_not_copied";
      speak(acts, view.say);
    }),
    answer,
    jump(`code_see_${SEEN[id]}`, PLACES[SEEN[id]]),
  );
  const more = MORE[id]?.() ?? [],
    last = step + (more.length && 1);
  const told = h("p", { say: `code_${id}_text` });
  const parts = [...onSteps(String(step), told), ...onSteps(String(last), codeBox(source, lecture))];
  const title = h("h4", {}, h("span", { say: `code_${id}_title` }), slide("code", lecture));
  const cell = h("section", { class: `cell ${id}` }, title, ...parts, ...onSteps(String(step), ...more), acts);
  return onSteps(step === last ? String(step) : `${step} ${last}`, cell)[0];
}

/** What the slides print wrongly, a few on a step. @param {number} first their first step @param {CodeFacts} facts */
function buildSlips(first, facts) {
  const slips = Object.entries(SLIPS).map(([name, slip]) => buildSlip(name, slip, facts));
  const all = slips.map((_, i) => first + Math.floor(i / SLIPS_A_STEP));
  return [
    ...onSteps([...new Set(all)].join(" "), h("h4", { say: "code_slips" })),
    ...onSteps(String(first), h("p", { say: "code_slips_lead" })),
    ...slips.flatMap((slip, i) => onSteps(String(all[i]), slip)),
  ];
}

/** @param {string} name @param {{ number: string, lines: string }} slip @param {CodeFacts} facts */
function buildSlip(name, { number, lines }, { settings, batches, last }) {
  const percent = (100 * (batches / last - 1)).toFixed(1);
  const values = { ...settings, images: many(settings.images), batches, last, percent };
  return h(
    "details",
    { class: "slip", id: `slip-${name}` },
    h("summary", {}, numbered(number), " ", h("code", {}, lines)),
    h("p", { say: key(`code_slip_${name}`, values) }),
  );
}

/** @param {string} number */
const numbered = (number) => h("span", { class: "number" }, number);

/** @param {string} source @param {string} number */
const codeBox = (source, number) =>
  h("pre", { tabindex: 0, role: "group", name: key("code_box", { number }) }, h("code", {}, ...coloured(source)));

const TOKENS = /(?<string>"[^"\n]*")|\b(?<word>as|class|def|for|from|if|import|in|lambda|return)\b/g;

/** Python's lines as text and elements: strings and keywords in elements of their own. @param {string} source */
function coloured(source) {
  const parts = [];
  let at = 0;
  for (const { 0: text, index, groups } of source.matchAll(TOKENS)) {
    parts.push(source.slice(at, index), h(groups?.word ? "b" : "i", {}, text));
    at = index + text.length;
  }
  return [...parts, source.slice(at)];
}

// ---- what one may keep, in the page's language ----

/** @param {CodeFacts} facts */
const chosen = ({ notebooks }) => notebooks[document.documentElement.lang.slice(0, 2)] || notebooks.en;

/** @param {CodeFacts} facts */
const saveNotebook = (facts) =>
  save("lecture-gan.ipynb", "application/x-ipynb+json", `${JSON.stringify(chosen(facts), null, 1)}\n`);

/** The notebook as a script in the percent format, which editors show as cells too. @param {CodeFacts} facts */
function saveScript(facts) {
  const cells = chosen(facts).cells.map(({ cell_type, source }) =>
    cell_type === "code" ? `# %%\n${source}\n` : `# %% [markdown]\n${commented(source)}\n`,
  );
  save("lecture-gan.py", "text/x-python", cells.join("\n"));
}

/** @param {string} text */
const commented = (text) =>
  text
    .split("\n")
    .map((line) => `# ${line}`.trimEnd())
    .join("\n");

/** @param {string} name @param {string} type @param {string} text */
const save = (name, type, text) => saveBlob(new Blob([text], { type }), name);
