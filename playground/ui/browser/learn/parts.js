// What several pages of the lesson are made of: links, tasks, words with values, and the images that Python sends.
// Knows none of the pages.

import { h, setText } from "../kit/dom.js";
import { page } from "../page/page.js";

/** @import { State, View } from "../types.d.ts" */

/**
 * A link within the page: it sets `changes` of the state, as { tab: "epochs", moment: 29 }.
 * @param {string} say the key of its words
 * @param {Partial<State>} changes
 */
export function jump(say, changes) {
  const texts = Object.entries(changes).map(([name, value]) => [name, String(value)]);
  const go = (/** @type {Event} */ event) => {
    event.preventDefault();
    page.set(changes.lesson ? { step: 1, ...changes } : changes);
    page.commit();
    window.scrollTo({ top: 0 });
  };
  return h("a", { class: "jump", href: `?${new URLSearchParams(texts)}`, say, on: { click: go } });
}

/**
 * Mark elements as parts of steps of their page, "1" or "1 2": the projector view shows one step at a time (steps.js).
 * What is not marked stands on every step. A folded part with `data-unfolds` is opened with its step.
 * @template {HTMLElement} E
 * @param {string} steps
 * @param {...E} elements
 */
export function onSteps(steps, ...elements) {
  for (const element of elements) element.dataset.step = steps;
  return elements;
}

/** The links that a page ends with. @param {...Node} each */
export const links = (...each) => h("div", { class: "links" }, ...each);

/**
 * What the visitor is asked to do.
 * @param {string} say the key of the words
 * @param {...Node} more what follows them
 */
export const task = (say, ...more) => h("div", { class: "do" }, h("p", { say }), ...more);

/** Draw now, and whenever the page's language changes. @param {View} view @param {() => void} draw */
export function redrawn(view, draw) {
  view.onLanguage(draw);
  draw();
}

/**
 * A paragraph that names many values. Few of them may stand in the element's key instead (`key` in kit/dom.js).
 * @param {View} view
 * @param {string} name the key of its words
 * @param {Record<string, unknown>} values
 */
export function told(view, name, values) {
  const element = h("p", { "data-told": name });
  redrawn(view, () => setText(element, view.say(name, values)));
  return element;
}

/** The bytes of an image, 28 x 28, that Python sent in base64. @param {string} text */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** The same image as the networks see it: numbers from -1 to 1. @param {string} text */
export const drawingOf = (text) => Float32Array.from(bytesOf(text), (byte) => byte / 127.5 - 1);
