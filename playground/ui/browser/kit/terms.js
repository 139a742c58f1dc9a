// Terms explained where they stand: where a page first names one, the word is a button, and a press shows what the
// glossary says. Knows no page; the glossary comes from Python (ui/glossary.py).

import { h, setText } from "./dom.js";
import { language } from "./view.js";

/** @typedef {{ name: string, other: string, meaning: string, words: string[] }} Term */
/** @typedef {Record<string, Term[]>} Glossary by language */

// Paragraphs that are read from top to bottom, and whose words stay as they are:
const STAYS = "p:is([data-say], [data-told]):not([role], .given, .source)";
const READ = ["article", ".do", "section"].map((box) => `${box} > ${STAYS}`).join();

/**
 * What marks the terms of a page, anew after each change of its words.
 * @param {Glossary} glossary
 */
export function terms(glossary) {
  /** @type {WeakMap<HTMLElement, { close: () => void }>} */
  const popovers = new WeakMap();
  return (/** @type {HTMLElement} */ root) => {
    const popover = popovers.get(root) ?? buildPopover(root, glossary);
    popovers.set(root, popover);
    popover.close();
    unmark(root);
    const find = finder(glossary[language()] ?? []);
    const seen = new Set();
    for (const paragraph of root.querySelectorAll(READ)) {
      markIn(paragraph, find, seen);
    }
  };
}

/** @param {HTMLElement} root */
function unmark(root) {
  for (const one of root.querySelectorAll("button.term")) {
    const parent = one.parentNode;
    one.replaceWith(one.textContent);
    parent?.normalize();
  }
}

/**
 * What finds the first word of a text that names a term which is not among `seen`: where it stands, and which term.
 * @param {Term[]} all
 */
function finder(all) {
  const known = new Map(all.flatMap((term, i) => term.words.map((word) => [word.toLowerCase(), i])));
  const longest = [...known.keys()].sort((a, b) => b.length - a.length).map(escaped);
  return (/** @type {string} */ text, /** @type {Set<number>} */ seen) => {
    const pattern = new RegExp(`(^|[^\\p{L}\\p{N}])(${longest.join("|")})(?![A-Za-z])`, "giu");
    for (const { 1: before, 2: word, index } of longest.length ? text.matchAll(pattern) : []) {
      const term = known.get(word.toLowerCase()) ?? -1;
      if (!seen.has(term)) return { term, at: index + before.length, length: word.length };
    }
    return null;
  };
}

const escaped = (/** @type {string} */ word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * @param {Element} paragraph
 * @param {ReturnType<typeof finder>} find
 * @param {Set<number>} seen terms that the page has named
 */
function markIn(paragraph, find, seen) {
  let text = paragraph.firstChild;
  while (text instanceof Text) {
    const found = find(text.data, seen);
    if (!found) return;
    seen.add(found.term);
    const word = text.splitText(found.at);
    text = word.splitText(found.length);
    const attributes = { type: "button", class: "term", "data-term": found.term, "aria-expanded": "false" };
    word.replaceWith(h("button", attributes, word.data));
  }
}

// ---- what the glossary says ----

/**
 * The one popover of a page: a press on a term opens it, Escape, another press or leaving the term closes it.
 * @param {HTMLElement} root
 * @param {Glossary} glossary
 */
function buildPopover(root, glossary) {
  const [name, other, meaning] = [h("b"), h("span", { class: "other" }), h("span", { class: "meaning" })];
  const box = h("div", { class: "term-words", role: "status" }, name, " ", other, meaning);
  let opened = /** @type {HTMLElement | null} */ (null);
  const close = () => {
    opened?.setAttribute("aria-expanded", "false");
    opened = null;
    box.classList.remove("open");
    for (const each of [name, other, meaning]) setText(each, "");
  };
  const open = (/** @type {HTMLElement} */ button) => {
    close();
    const term = (glossary[language()] ?? [])[Number(button.dataset.term)];
    for (const [each, text] of /** @type {const} */ ([
      [name, term.name],
      [other, term.other],
      [meaning, term.meaning],
    ])) {
      setText(each, text);
    }
    button.setAttribute("aria-expanded", "true");
    opened = button;
    box.classList.add("open");
    place(box, button, root);
  };
  root.append(box);
  root.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button.term") : null;
    if (button instanceof HTMLElement && button !== opened) open(button);
    else close();
  });
  root.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  root.addEventListener("focusout", ({ target }) => target === opened && close());
  return { close };
}

/** Below the word, and within the page's sides. @param {HTMLElement} box @param {Element} word @param {Element} root */
function place(box, word, root) {
  const [at, all] = [word.getBoundingClientRect(), root.getBoundingClientRect()];
  const left = Math.max(0, Math.min(at.left - all.left, all.width - box.offsetWidth));
  Object.assign(box.style, { left: `${left}px`, top: `${at.bottom - all.top + 4}px` });
}
