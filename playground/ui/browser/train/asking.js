// Before all runs are deleted, the button for it asks: its words turn into the question, and a second press answers it.
// So on this device and on the server alike. Knows no runs.

import { part } from "../kit/dom.js";
import { say } from "./words.js";

/** @import { View } from "../types.d.ts" */

const DELETES = "#train-reset";
/** Buttons that disappear when they have been pressed, and what the focus goes on to. */
const AFTER = {
  [DELETES]: "#train-undo",
  "#train-undo": "#point input:checked",
  "#train-to-server": "#train-go-on:enabled",
  "#train-to-device": "#train-go-on:enabled",
};

/**
 * Let the button ask. To be called before anybody else listens for clicks on their way down.
 * @param {View} view its element has an `.asked`, which says the question to those who hear the page
 */
export function askFirst({ element, onLanguage }) {
  const heard = part(element, ".asked");
  /** @type {HTMLElement | null} the button, while it asks */
  let asking = null;
  const ask = (/** @type {HTMLElement | null} */ button) => {
    if (button === asking) return;
    if (asking) word(asking, say("train.reset"));
    if (button) word(button, say("train.reset_asks"));
    heard.textContent = button ? say("train.reset_heard") : "";
    asking = button;
  };
  const isAsked = (/** @type {Event} */ { target }) => asking?.contains(/** @type {Node} */ (target));
  const take = (/** @type {MouseEvent} */ event) => {
    const pressed = /** @type {Element} */ (event.target);
    const button = pressed.closest?.(DELETES);
    const answered = isAsked(event) && event.detail < 2; // the second half of a double click answers nothing
    if (button instanceof HTMLElement && !answered) {
      event.stopImmediatePropagation();
      event.preventDefault();
      ask(button);
      return button.focus(); // which Safari does not do by itself
    }
    if (event.isTrusted || answered) ask(null); // not for what a script presses meanwhile
    for (const [from, to] of Object.entries(AFTER)) if (pressed.closest?.(from)) passFocus(from, to);
  };
  document.addEventListener("click", take, true);
  document.addEventListener("focusout", (event) => isAsked(event) && ask(null));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") ask(null);
    if (event.repeat && isAsked(event)) event.preventDefault(); // nor does a key that is held down
  });
  onLanguage(() => ask(null));
}

/** Change a button's words in Gradio's own text, which follows the page's language. */
function word(/** @type {HTMLElement} */ button, /** @type {string} */ words) {
  const texts = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) if (text.nodeValue?.trim()) text.nodeValue = words;
}

/** Wait for a pressed button to disappear, and put the focus that is lost with it on what comes in its place. */
function passFocus(/** @type {string} */ from, /** @type {string} */ to) {
  const follow = new MutationObserver(() => {
    const { activeElement } = document;
    const lost = activeElement === document.body || activeElement?.matches(from);
    const next = document.querySelector(from) ? null : document.querySelector(to);
    if (lost && next instanceof HTMLElement) next.focus();
    if (!lost || next) follow.disconnect();
  });
  follow.observe(document.body, { childList: true, subtree: true });
  const leave = (/** @type {MouseEvent} */ { isTrusted }) => {
    if (!isTrusted) return; // a script's
    follow.disconnect();
    document.removeEventListener("click", leave, true);
  };
  document.addEventListener("click", leave, true); // a later one: the hand is elsewhere
}
