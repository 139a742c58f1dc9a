// A lesson in front of a class: the projector view shows a page step by step, each as large as the screen, turned by
// keys, a presenter's clicker or the mouse. Knows which parts stand on which step (`onSteps` in parts.js), not what
// they are.

import { arrow } from "../kit/arrow.js";
import { button, rest } from "../kit/button.js";
import { h, setText } from "../kit/dom.js";
import { page } from "../page/page.js";
import { LESSONS } from "../page/state.js";

/** @import { State, View } from "../types.d.ts" */
/** @typedef {(lesson: number) => Promise<HTMLElement>} Open builds a page of the lesson, unless it is built */

/** What each key turns; clickers send Page Down and Page Up, some send arrows. @type {Record<string, number>} */
const KEYS = { PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1 };
const WRITTEN_IN = "textarea, select, dialog, [contenteditable]";
const USES_ARROWS = "input, [role=tab], [tabindex='0']"; // sliders and fields, pixels to point at, code to scroll

/** Whether the page is shown step by step. @param {State} state */
const isStepwise = ({ tab, view }) => tab === "learn" && view === "projector";

/** Whether a class plays something in place of the tabs. */
const isPlaying = () => document.documentElement.hasAttribute("data-play");

/** The steps that an element stands on. @param {HTMLElement} element */
const stepsOf = (element) => (element.dataset.step ?? "").split(" ").map(Number);

/** @param {HTMLElement} article @returns {NodeListOf<HTMLElement>} */
const marked = (article) => article.querySelectorAll("[data-step]");

/** How many steps a page has. @param {HTMLElement} article */
const countOf = (article) => Math.max(1, ...[...marked(article)].flatMap(stepsOf));

/**
 * The bar above a step, and the keys. `show(state, article)` shows the step of a page that is built.
 * @param {View} view
 * @param {HTMLElement} pages
 * @param {Open} open
 */
export function stepwise(view, pages, open) {
  const turn = (/** @type {number} */ by) => turnBy(by, open);
  const bar = buildBar(view, turn);
  document.addEventListener("keydown", (event) => {
    const by = isStepwise(page.state) && !isPlaying() && turns(event) ? KEYS[event.key] : 0;
    if (!by) return;
    event.preventDefault();
    turn(by);
  });
  return {
    element: bar.element,
    show(/** @type {State} */ state, /** @type {HTMLElement | undefined} */ article) {
      const on = isStepwise(state);
      document.documentElement.toggleAttribute("data-steps", on);
      pages.classList.toggle("stepwise", on);
      bar.element.hidden = !on;
      if (article && state.tab === "learn") showStep(article, on ? Math.min(state.step, countOf(article)) : null);
      if (article && on) bar.show(state, countOf(article));
    },
  };
}

/** Whether a key turns the step, and does nothing else where the focus is. @param {KeyboardEvent} event */
function turns({ key, target, ctrlKey, altKey, metaKey, shiftKey, defaultPrevented }) {
  if (!(key in KEYS) || ctrlKey || altKey || metaKey || shiftKey || defaultPrevented) return false;
  const used = key.startsWith("Arrow") ? `${WRITTEN_IN}, ${USES_ARROWS}` : WRITTEN_IN;
  return !(target instanceof Element && target.closest(used));
}

/** A step on or back; beyond the page's own steps the page beside it. @param {number} by @param {Open} open */
async function turnBy(by, open) {
  const { lesson, hide } = page.state;
  const steps = countOf(await open(lesson));
  const step = Math.min(page.state.step, steps) + by;
  const beside = lesson + by;
  if (step >= 1 && step <= steps) go({ step });
  else if (beside >= 1 && beside <= LESSONS.length && !hide.includes("pages"))
    go({ lesson: beside, step: by > 0 ? 1 : countOf(await open(beside)) });
}

/** @param {Partial<State>} changes */
function go(changes) {
  page.set(changes);
  page.commit();
}

/** Show one step of a page, or all of it for null. @param {HTMLElement} article @param {number | null} step */
function showStep(article, step) {
  const at = step === null ? "" : String(step);
  for (const element of marked(article))
    element.toggleAttribute("data-off", step !== null && !stepsOf(element).includes(step));
  if (article.dataset.at === at) return;
  article.dataset.at = at; // the sheets lay out some steps in a way of their own
  article.scrollTop = 0;
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const folds = article.querySelectorAll("details[data-unfolds]:not([data-off])");
  if (step !== null) for (const fold of folds) fold.open = true;
}

/** @param {View} view @param {(by: number) => void} turn */
function buildBar({ say }, turn) {
  const back = button(undefined, () => turn(-1), { id: "step-back", name: "step_back" }, arrow("left")),
    on = button(undefined, () => turn(1), { id: "step-on", name: "step_on" }, arrow("right")),
    place = h("span", { class: "place", role: "status" }),
    title = h("h3", {});
  return {
    element: h("nav", { class: "steps", name: "steps", hidden: true }, back, place, on, title),
    show(/** @type {State} */ { lesson, step, hide }, /** @type {number} */ steps) {
      const at = Math.min(step, steps),
        alone = hide.includes("pages");
      setText(place, say("step_place", { step: at, steps }));
      setText(title, `${lesson}. ${say(`${LESSONS[lesson - 1]}_title`)}`);
      rest(back, at === 1 && (alone || lesson === 1));
      rest(on, at === steps && (alone || lesson === LESSONS.length));
    },
  };
}
