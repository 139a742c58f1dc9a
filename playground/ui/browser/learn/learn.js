// The lesson: nine pages with one idea each. A page is built when it is first opened, and keeps its state.

import { h, key, setText, speak } from "../kit/dom.js";
import { page } from "../page/page.js";
import { PAGES } from "../page/state.js";

const NAMES = ["game", "networks", "data", "objective", "turn", "code", "curves", "world", "quiz"]; // in the lecture's order

export function mount(view) {
  const { element, say, onLanguage } = view;
  // Found now, while no page stands that may have a part of the same class.
  const [contents, pages, back, on, place] = ["contents", "pages", "back", "on", "numbers"].map((name) =>
    element.querySelector(`.${name}`),
  );
  const buttons = NAMES.map((name, i) => contentsButton(name, i + 1));
  const opened = new Map(); // a page's number to what it is
  contents.append(...buttons);
  back.addEventListener("click", () => turnTo(page.state.lesson - 1));
  on.addEventListener("click", () => turnTo(page.state.lesson + 1));
  const words = () => {
    speak(element, say);
    page.touch();
  };
  const open = async (number) => {
    const article = h("article", { class: `lesson-page page-${NAMES[number - 1]}`, id: `lesson-${number}` });
    pages.append(article);
    opened.set(number, { article, show() {} });
    try {
      const { build } = await import(`./${NAMES[number - 1]}.js`);
      const { elements, show = () => {} } = build({ ...view, facts: view.props.facts, jump });
      article.append(h("h3", { say: `${NAMES[number - 1]}_title` }), ...elements);
      opened.set(number, { article, show });
    } catch (error) {
      article.append(h("p", { say: "broken" }));
      throw error;
    } finally {
      words();
    }
  };
  onLanguage(words);
  words();
  page.show((state) => {
    if (state.tab !== "learn") return;
    if (!opened.has(state.lesson)) open(state.lesson);
    for (const [number, { article, show }] of opened) {
      article.hidden = number !== state.lesson;
      if (number === state.lesson) show(state);
    }
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i + 1 === state.lesson)));
    back.disabled = state.lesson === 1;
    on.disabled = state.lesson === PAGES;
    setText(place, say("place", { number: state.lesson, pages: PAGES }));
  });
}

function turnTo(number) {
  page.set({ lesson: Math.min(PAGES, Math.max(1, number)) });
  page.commit();
}

const contentsButton = (name, number) =>
  h(
    "button",
    { type: "button", on: { click: () => turnTo(number) } },
    h("span", { class: "place" }, String(number)),
    h("span", { class: "words", say: `${name}_title` }),
  );

/** A link within the page: it sets `changes` of the state, as { tab: "epochs", moment: 29 }. `say` is the key of its words. */
export function jump(say, changes) {
  const go = (event) => {
    event.preventDefault();
    page.set(changes);
    page.commit();
    window.scrollTo({ top: 0 });
  };
  return h("a", { class: "jump", href: `?${new URLSearchParams(changes)}`, say, on: { click: go } });
}
