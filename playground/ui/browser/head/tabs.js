// Gradio's tabs: each has the id tab-NAME, its button tab-NAME-button. The state opens them, and hears of a hand's.

import { oneStop } from "../kit/button.js";
import { language } from "../kit/view.js";
import { page } from "../page/page.js";

/** @typedef {{ tabs: string[][], languages: string[] }} Names tabs: of each its names, in the order of `languages` */

const CHOSEN = "[role=tab][aria-selected=true]";
let opened = "";

/** @param {string} tab */
export function openTab(tab) {
  const button = tab === opened ? null : document.getElementById(`tab-${tab}-button`);
  if (!button) return;
  opened = tab;
  if (button.getAttribute("aria-selected") !== "true") button.click();
}

/**
 * Put the tabs' names into the page's language: Gradio leaves those that were never opened in their first one.
 * @param {Names} names
 */
export function nameTabs({ tabs, languages }) {
  const now = languages.indexOf(language());
  for (const button of document.querySelectorAll("[role=tablist] button")) {
    const text = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    const names = tabs.find((each) => each.includes(text?.nodeValue?.trim() ?? ""));
    if (text && names && now >= 0) text.nodeValue = names[now];
  }
  sweep();
}

/** A tab that a visitor opens becomes part of the state. */
export function followTabs() {
  /** @type {HTMLElement | null} */
  const row = document.querySelector("[role=tablist]");
  if (row) oneStop(row);
  new MutationObserver(() => {
    const open = document.querySelector(CHOSEN)?.id.match(/^tab-(\w+)-button$/)?.[1];
    sweep();
    if (open && open !== page.state.tab) {
      opened = open;
      page.set({ tab: open });
      page.commit();
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-selected"] });
}

/** Where the row is too narrow, sweep the open tab into sight. */
function sweep() {
  const chosen = document.querySelector(CHOSEN);
  chosen?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
