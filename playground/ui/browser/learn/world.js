// Where GANs went: what goes in and comes out, what D compares, the paper, and what could go wrong.

import { button, press } from "../kit/button.js";
import { h } from "../kit/dom.js";
import { CARDS, CARE, DREAM, GIVEN } from "./papers.js";
import { jump, links, task } from "./parts.js";

/** @import { LessonPage } from "./facts.d.ts" */
/** @import { Given, Paper } from "./papers.js" */

/** @returns {LessonPage} */
export function build() {
  return {
    elements: [
      h("p", { class: "lead", say: "world_lead" }),
      task("world_do"),
      ...buildCards(),
      h("h4", { say: "world_harm_title" }),
      h("p", { say: "world_harm" }),
      h("p", { say: "world_harm_scan" }),
      source(CARE),
      h("h4", { say: "world_dream_title" }),
      h("p", { say: "world_dream" }),
      source(DREAM),
      h("p", { class: "help", say: "world_links" }),
      links(jump("world_quiz", { lesson: 9 })),
    ],
  };
}

/** The cards, and before them the buttons that choose by what goes in. */
function buildCards() {
  const cards = Object.entries(CARDS).map(([name, { given, paper }]) => ({
    given,
    card: buildCard(name, given, paper),
  }));
  const choices = /** @type {const} */ (["all", ...GIVEN]);
  const filters = choices.map((given) => button(`world_from_${given}`, () => show(given), { "data-given": given }));
  const show = (/** @type {Given | "all"} */ chosen) => {
    for (const { given, card } of cards) card.hidden = chosen !== "all" && given !== chosen;
    press(filters, (i) => choices[i] === chosen);
  };
  show("all");
  return [
    h("div", { class: "acts", role: "group", name: "world_filter" }, ...filters),
    h("div", { class: "all" }, ...cards.map(({ card }) => card)),
  ];
}

/** @param {string} name @param {Given} given @param {Paper} paper */
function buildCard(name, given, paper) {
  return h(
    "article",
    { class: `card-of ${given}`, id: `world-${name}` },
    h("h4", { say: `world_${name}` }),
    h("p", { class: "given", say: `world_given_${given}` }),
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
