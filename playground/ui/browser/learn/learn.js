// The lesson: nine pages with one idea each. A page is built when it is first opened, and keeps its state. Knows the
// pages' names, not what is on them.

import { button, oneStop, press } from "../kit/button.js";
import { h, part, setText, speak } from "../kit/dom.js";
import { terms } from "../kit/terms.js";
import { page } from "../page/page.js";
import { LESSONS } from "../page/state.js";
import { stepwise } from "./steps.js";

/** @import { Say, State, View } from "../types.d.ts" */
/** @import { LessonPage } from "./facts.d.ts" */

/** @param {View} view */
export function mount(view) {
  const { element, say, onLanguage } = view;
  const explain = terms(view.props.glossary);
  const words = () => {
    speak(element, say);
    page.touch();
    // After all others that follow the language have put their words:
    queueMicrotask(() => opened(element).forEach(explain));
  };
  // Found now, while no page stands that may have a part of the same class.
  const [contents, pages, turning] = [".contents", ".pages", ".turn-over"].map((name) => part(element, name));
  const { show: showPage, open, built } = buildPages(pages, view, words);
  const steps = stepwise(view, pages, open);
  pages.before(steps.element);
  const shows = [showContents(contents), showPage, showTurning(turning, say)];
  onLanguage(words);
  words();
  page.show((/** @type {State} */ state) => {
    steps.show(state, built(state.lesson));
    if (state.tab !== "learn") return;
    for (const show of shows) show(state);
  });
}

/** The pages that were opened. @param {HTMLElement} element @returns {NodeListOf<HTMLElement>} */
const opened = (element) => element.querySelectorAll(".lesson-page");

/** @param {number} number */
function turnTo(number) {
  page.set({ lesson: Math.min(LESSONS.length, Math.max(1, number)), step: 1 });
  page.commit();
}

// ---- the contents, and the way on and back ----

/** @param {HTMLElement} box */
function showContents(box) {
  const buttons = LESSONS.map((name, i) =>
    button(
      undefined,
      () => turnTo(i + 1),
      {},
      h("span", { class: "place" }, String(i + 1)),
      h("span", { class: "words", say: `${name}_title` }),
    ),
  );
  box.append(...buttons);
  oneStop(box);
  return (/** @type {State} */ { lesson }) => press(buttons, (i) => i + 1 === lesson);
}

/** @param {HTMLElement} box @param {Say} say */
function showTurning(box, say) {
  const place = part(box, ".numbers");
  const [back, on] = [".back", ".on"].map((name) => /** @type {HTMLButtonElement} */ (part(box, name)));
  back.addEventListener("click", () => turnTo(page.state.lesson - 1));
  on.addEventListener("click", () => turnTo(page.state.lesson + 1));
  return (/** @type {State} */ { lesson }) => {
    back.disabled = lesson === 1;
    on.disabled = lesson === LESSONS.length;
    setText(place, say("place", { number: lesson, pages: LESSONS.length }));
  };
}

// ---- the pages ----

/**
 * `show(state)` shows a page, `open(number)` builds one that is not, `built(number)` has one that is.
 * @param {HTMLElement} box
 * @param {View} view
 * @param {() => void} words puts a new page into words
 */
function buildPages(box, view, words) {
  /** @type {Map<number, { article: HTMLElement, whole: Promise<HTMLElement>, show?: LessonPage["show"] }>} */
  const pages = new Map(); // by number
  const build = async (/** @type {number} */ number, /** @type {HTMLElement} */ article) => {
    const show = await fill(article, LESSONS[number - 1], view).finally(words);
    Object.assign(pages.get(number) ?? {}, { show });
    page.touch();
    return article;
  };
  const open = (/** @type {number} */ number) => {
    const known = pages.get(number);
    if (known) return known.whole;
    const article = h("article", { class: `lesson-page page-${LESSONS[number - 1]}`, id: `lesson-${number}` });
    article.hidden = true;
    box.append(article);
    const whole = build(number, article).catch((error) => {
      reportError(error);
      return article;
    });
    pages.set(number, { article, whole });
    return whole;
  };
  return {
    open,
    built: (/** @type {number} */ number) => {
      const article = pages.get(number)?.article;
      return article?.hasChildNodes() ? article : undefined; // one that is still under way has no steps yet
    },
    show(/** @type {State} */ state) {
      open(state.lesson);
      for (const [number, { article, show }] of pages) {
        article.hidden = number !== state.lesson;
        if (number === state.lesson) show?.(state);
      }
    },
  };
}

/**
 * Build a page into its article, or say there that it is broken. Returns what shows the page's state, if anything does.
 * @param {HTMLElement} article
 * @param {string} name
 * @param {View} view
 * @returns {Promise<LessonPage["show"]>}
 */
async function fill(article, name, view) {
  try {
    const { build } = await import(`./${name}.js`);
    /** @type {LessonPage} */
    const { elements, show } = build({ ...view, facts: view.props.facts });
    article.append(h("h3", { say: `${name}_title` }), ...elements);
    return show;
  } catch (error) {
    article.append(h("p", { say: "broken" }));
    throw error;
  }
}
