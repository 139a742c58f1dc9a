// The code: the lecture's program cell by cell, to read, to copy, and to keep as a notebook or a script.

import { h, key, speak } from "../kit/dom.js";
import { copy, saveBlob } from "../kit/save.js";

const PLACES = {
  // where on the page a cell's work is seen
  train: { tab: "train" },
  data: { tab: "learn", lesson: 3 },
  networks: { tab: "learn", lesson: 2 },
  turn: { tab: "learn", lesson: 5 },
  epochs: { tab: "epochs" },
  curves: { tab: "learn", lesson: 7 },
  explore: { tab: "explore" },
};
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
// What the slides print, word for word, by the name of what is wrong with it: the code's number and its lines.
const SLIPS = {
  imports: [
    "13-22, 13-34",
    "matplotlib.style.use('ggplot')\nfake_images_img = np.reshape(fake_images.data.cpu().numpy()[i], (28, 28))",
  ],
  idxh: ["13-32", "epoch_loss_d = loss_d / idxH"],
  bracket: ["13-32", "data_fake = generator(torch.randn(b_size, nz).to(device)).detach())"],
  average: ["13-32", "epoch_loss_g = loss_g / idx"],
};

export function build(view) {
  const {
    facts: { code: facts },
    jump,
  } = view;
  const cells = facts.notebooks.en.cells.filter((cell) => cell.cell_type === "code"); // the code is the same in all languages
  const kept = h(
    "div",
    { class: "links" },
    h("button", {
      type: "button",
      id: "save-notebook",
      class: "primary",
      say: "code_save_notebook",
      on: { click: () => saveNotebook(facts) },
    }),
    h("button", { type: "button", id: "save-script", say: "code_save_script", on: { click: () => saveScript(facts) } }),
  );
  const task = h(
    "div",
    { class: "do" },
    h("p", { say: key("code_do", facts.settings) }),
    kept,
    h("p", { say: "code_why" }),
    jump("code_rows", { tab: "epochs", moment: 2 }),
  );
  return {
    elements: [
      h("p", { class: "lead", say: "code_lead" }),
      task,
      ...cells.map((cell) => buildCell(cell, view)),
      h("h4", { say: "code_slips" }),
      h("p", { say: "code_slips_lead" }),
      ...Object.keys(SLIPS).map((name) => buildSlip(name, facts)),
    ],
  };
}

function buildCell({ id, metadata: { lecture }, source }, view) {
  const answer = h("span", { role: "status" });
  const button = h("button", {
    type: "button",
    say: "code_copy",
    on: {
      async click() {
        answer.dataset.say = (await copy(`${source}\n`)) ? "code_copied" : "code_not_copied";
        speak(answer.parentElement, view.say);
      },
    },
  });
  return h(
    "section",
    { class: `cell ${id}` },
    h("h4", {}, h("span", { class: "number" }, lecture), " ", h("span", { say: `code_${id}_title` })),
    h("p", { say: `code_${id}_text` }),
    codeBox(source, lecture),
    h("div", { class: "links" }, button, answer, view.jump(`code_see_${SEEN[id]}`, PLACES[SEEN[id]])),
  );
}

function buildSlip(name, { settings, batches, last }) {
  const [number, lines] = SLIPS[name],
    percent = (100 * (batches / last - 1)).toFixed(1),
    images = settings.images.toLocaleString("en");
  return h(
    "details",
    { class: "slip", id: `slip-${name}` },
    h("summary", {}, h("span", { class: "number" }, number), " ", h("code", {}, lines)),
    h("p", { say: key(`code_slip_${name}`, { ...settings, images, batches, last, percent }) }),
  );
}

const codeBox = (source, number) =>
  h("pre", { tabindex: 0, role: "group", name: key("code_box", { number }) }, h("code", {}, ...coloured(source)));

const TOKENS = /(?<string>"[^"\n]*")|\b(?<word>as|class|def|for|from|if|import|in|lambda|return)\b/g;

/** Python's lines as text and elements: strings and keywords in elements of their own. */
function coloured(source) {
  const parts = [];
  let at = 0;
  for (const { 0: text, index, groups } of source.matchAll(TOKENS)) {
    parts.push(source.slice(at, index), h(groups.word ? "b" : "i", {}, text));
    at = index + text.length;
  }
  return [...parts, source.slice(at)];
}

// ---- what one may keep, in the page's language ----

const chosen = ({ notebooks }) => notebooks[document.documentElement.lang.slice(0, 2)] || notebooks.en;

const saveNotebook = (facts) =>
  save("lecture-gan.ipynb", "application/x-ipynb+json", `${JSON.stringify(chosen(facts), null, 1)}\n`);

/** The notebook as a script in the percent format, which editors show as cells too. */
function saveScript(facts) {
  const cells = chosen(facts).cells.map(({ cell_type, source }) =>
    cell_type === "code"
      ? `# %%\n${source}\n`
      : `# %% [markdown]\n${source
          .split("\n")
          .map((line) => `# ${line}`.trimEnd())
          .join("\n")}\n`,
  );
  save("lecture-gan.py", "text/x-python", cells.join("\n"));
}

const save = (name, type, text) => saveBlob(new Blob([text], { type }), name);
