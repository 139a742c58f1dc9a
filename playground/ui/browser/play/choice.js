// What the teacher may begin: a round of pictures, or a question of the lesson's quiz. Knows how a round is set, not
// how it is played.

import { QUESTIONS } from "../game/questions.js";
import { buildSetting } from "../game/setting.js";
import { button } from "../kit/button.js";
import { h, setHidden, setText } from "../kit/dom.js";
import { saveBlob } from "../kit/save.js";
import { language, sayIn } from "../kit/view.js";
import { room } from "../room/room.js";

/** @import { View } from "../types.d.ts" */

const MARK = "\ufeff"; // so that a spreadsheet reads the file as UTF-8

export function buildChoice() {
  const setting = buildSetting("round");
  const begin = (/** @type {string} */ kind, /** @type {() => object} */ settings) => () =>
    room.try(() => room.lead("begin", { kind, settings: settings() }));
  const detective = h(
    "section",
    {},
    h("h3", { say: "detective" }),
    h("p", { class: "help", say: "detective_help" }),
    h("div", { class: "fields" }, ...setting.elements),
    button("start", begin("detective", setting.value), { id: "round-start", class: "primary" }),
  );
  const questions = Object.keys(QUESTIONS).map((name) => h("option", { value: name }));
  const asked = h("select", { id: "round-question" }, ...questions);
  const question = h(
    "section",
    {},
    h("h3", { say: "ask" }),
    h("p", { class: "help", say: "ask_help" }),
    h("label", { class: "choice wide" }, h("span", { say: "which" }), asked),
    button(
      "ask_start",
      begin("question", () => ({ question: asked.value })),
      { id: "question-start" },
    ),
  );
  const results = button("results", () => room.try(saveResults), { id: "round-results" });
  const back = button("back", () => room.choose(false), { id: "play-back" });
  const element = h(
    "div",
    { class: "choice-of-games" },
    detective,
    question,
    h("div", { class: "acts" }, results, back),
  );
  return {
    element,
    show(/** @type {boolean} */ shown) {
      setHidden(element, !shown);
      if (!shown) return;
      for (const option of questions) setText(option, sayIn(language(), `learn.quiz_${option.value}`));
    },
  };
}

/** All that was answered in this room, as a file. */
async function saveResults() {
  const { csv } = await room.ask("results", { token: room.teacher });
  saveBlob(new Blob([MARK + csv], { type: "text/csv" }), `gan-playground-${room.code}.csv`);
}

/**
 * What leads through a round that is on: reveal, another one, back.
 * @param {View} view
 */
export function buildLead(view) {
  const count = h("p", { class: "count", role: "status" });
  const lead = (/** @type {"reveal" | "close"} */ act) => () => room.try(() => room.lead(act));
  const reveal = button("reveal", lead("reveal"), { id: "round-reveal", class: "primary" });
  const again = button("again", () => room.choose(true), { id: "round-again" });
  const close = button("close", lead("close"), { id: "round-close" });
  const fill = h("span", { class: "fill" });
  const bar = h("span", { class: "bar", "aria-hidden": "true" }, fill); // the count says it
  const element = h("div", { class: "acts lead" }, reveal, again, close, count, bar);
  return {
    element,
    show(/** @type {boolean} */ shown) {
      const { round, news } = room;
      setHidden(element, !shown || !room.steers);
      if (!round || !news) return;
      setHidden(reveal, round.revealed);
      for (const each of [count, bar]) setHidden(each, round.revealed);
      fill.style.width = `${(100 * round.done) / Math.max(1, news.here)}%`;
      const values = { done: round.done, here: news.here, votes: round.votes ?? round.done };
      setText(count, view.say(round.kind === "detective" ? "count" : "count_asked", values));
    },
  };
}
