// Where GANs went: what goes in and comes out, what D compares, the paper, and what could go wrong.

import { arrow } from "../kit/arrow.js";
import { button, press } from "../kit/button.js";
import { h } from "../kit/dom.js";
import { CARDS, CARE, DREAM, GIVEN } from "./papers.js";
import { jump, links, onSteps, task } from "./parts.js";
import { pictureOf } from "./pictures.js";

/** @import { LessonPage } from "./facts.d.ts" */
/** @import { Given, Paper } from "./papers.js" */

const FIRST = 2; // the step of the first card; before it all cards stand together
const NAMES = Object.keys(CARDS);
const LAST = FIRST + NAMES.length;

/** @returns {LessonPage} */
export function build() {
  return {
    elements: [
      ...onSteps("1", h("p", { class: "lead", say: "world_lead" }), task("world_do")),
      ...buildCards(),
      ...onSteps(
        String(LAST),
        h("h4", { say: "world_harm_title" }),
        h("p", { say: "world_harm" }),
        h("p", { say: "world_harm_scan" }),
        source(CARE),
      ),
      ...onSteps(
        String(LAST + 1),
        h("h4", { say: "world_dream_title" }),
        h("p", { say: "world_dream" }),
        source(DREAM),
        h("p", { class: "help", say: "world_links" }),
        links(jump("world_quiz", { lesson: 9 })),
      ),
    ],
  };
}

/** The cards, and before them the buttons that choose by what goes in. */
function buildCards() {
  const cards = Object.entries(CARDS).map(([name, { given, paper }], i) => {
    const [card] = onSteps(`1 ${FIRST + i}`, buildCard(name, given, paper));
    return { given, card };
  });
  const choices = /** @type {const} */ (["all", ...GIVEN]);
  const filters = choices.map((given) => button(`world_from_${given}`, () => show(given), { "data-given": given }));
  const show = (/** @type {Given | "all"} */ chosen) => {
    for (const { given, card } of cards) card.hidden = chosen !== "all" && given !== chosen;
    press(filters, (i) => choices[i] === chosen);
  };
  show("all");
  const steps = ["1", ...NAMES.map((_, i) => FIRST + i)].join(" ");
  return [
    ...onSteps("1", h("div", { class: "acts", role: "group", name: "world_filter" }, ...filters)),
    ...onSteps(steps, h("div", { class: "all" }, ...cards.map(({ card }) => card))),
  ];
}

/** @param {string} name @param {Given} given @param {Paper} paper */
function buildCard(name, given, paper) {
  const ways = [h("span", { say: `world_given_${given}` }), " ", arrow(), " ", h("span", { say: "world_gives" })];
  return h(
    "article",
    { class: `card-of ${given}`, id: `world-${name}` },
    pictureOf(name),
    h("h4", { say: `world_${name}` }),
    h("p", { class: "given" }, ...ways),
    h("p", { say: `world_${name}_what` }),
    source(paper),
    h("details", {}, h("summary", { say: "world_wrong" }), h("p", { say: `world_${name}_harm` })),
  );
}

/** Where a paper can be read is another host: its link opens a page of its own and says so. @param {Paper} paper */
function source({ authors, title, where, address }) {
  const words = `${authors}: ${title}. ${where}`;
  const link = address && h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
  return h("p", { class: "source" }, link || words);
}
