// The head of the page: language, link, and what the address asks for. Knows how Gradio marks its tabs and where its
// runtime switches languages.

import { part, speak } from "../kit/dom.js";
import { notice } from "../kit/notice.js";
import { copy, saveAddress } from "../kit/save.js";
import { language } from "../kit/view.js";
import { page } from "../page/page.js";
import { TABS } from "../page/state.js";
import { classroom } from "./classroom.js";

/** @import { View } from "../types.d.ts" */
/** @typedef {{ tabs: string[][], languages: string[] }} Names */

/** @param {View} view */
export function mount(view) {
  // Files that the server has made, by Gradio's events: whole as a data URL, or at a path in Gradio's cache.
  page.save = ({ path, name }) => saveAddress(view.cached(path), name);
  const { element, props, onLanguage } = view;
  const names = /** @type {Names} */ (props);
  const damaged = part(element, ".notice");
  const teaching = classroom(view);
  part(element, ".languages").after(...teaching.elements);
  const words = () => inWords(view, names);
  element.addEventListener("click", chooseLanguage);
  addLink(view);
  part(element, ".close").addEventListener("click", () => {
    page.damaged = false;
    page.touch();
  });
  onLanguage(words);
  words();
  followTabs();
  page.show((state) => {
    damaged.hidden = !page.damaged;
    teaching.show(state);
    openTab(state.tab, names.tabs[TABS.indexOf(state.tab)]);
    speakGradio(state.lang);
  });
}

/**
 * @param {View} view
 * @param {Names} names
 */
function inWords({ element, say }, names) {
  speak(element, say);
  nameTabs(names);
  document.title = say("document");
  for (const button of element.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(language() === button.getAttribute("data-lang")));
  }
}

/** @param {Event} event */
function chooseLanguage({ target }) {
  const lang = target instanceof HTMLElement && target.dataset.lang;
  if (!lang) return;
  page.set({ lang });
  page.commit("lang");
}

/**
 * The button that copies the page's address, and the word beside it.
 * @param {View} view
 */
function addLink(view) {
  const button = part(view.element, ".link");
  const said = notice(view);
  button.before(said.element);
  button.addEventListener("click", async () => {
    const whole = page.state.epoch === "own" ? "copied_own" : "copied";
    said.tell((await copy(page.link)) ? whole : "copy_failed");
  });
}

// ---- Gradio's tabs: each has the id tab-NAME, its button tab-NAME-button ----

/**
 * A tab's button. Where the row is too narrow, Gradio has put it into a menu, where only its name tells it.
 * @param {string} tab
 * @param {readonly string[]} names
 * @returns {HTMLElement | undefined}
 */
function buttonOf(tab, names) {
  /** @type {NodeListOf<HTMLElement>} */
  const menu = document.querySelectorAll(".overflow-dropdown button");
  const inMenu = [...menu].find((button) => names.includes(button.textContent.trim()));
  return document.getElementById(`tab-${tab}-button`) ?? inMenu;
}

let opened = "";

/**
 * @param {string} tab
 * @param {readonly string[]} names
 */
function openTab(tab, names) {
  const button = tab === opened ? null : buttonOf(tab, names);
  if (!button) return;
  opened = tab;
  if (button.getAttribute("aria-selected") !== "true") button.click();
}

/**
 * Put the tabs' names into the page's language: Gradio leaves those that were never opened in their first one.
 * @param {Names} names
 */
function nameTabs({ tabs, languages }) {
  const now = languages.indexOf(language());
  for (const button of document.querySelectorAll("[role=tablist] button, .overflow-dropdown button")) {
    const text = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
    const names = tabs.find((each) => each.includes(text?.nodeValue?.trim() ?? ""));
    if (text && names && now >= 0) text.nodeValue = names[now];
  }
}

/** A tab that a visitor opens becomes part of the state. */
function followTabs() {
  new MutationObserver(() => {
    const open = document.querySelector("[role=tab][aria-selected=true]")?.id.match(/^tab-(\w+)-button$/)?.[1];
    if (open && open !== page.state.tab) {
      opened = open;
      page.set({ tab: open });
      page.commit();
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-selected"] });
}

// ---- Gradio's language: its runtime, which the page has already loaded, exports the switch ----

let asked = "";

/** @param {string} lang */
async function speakGradio(lang) {
  const wanted = lang || firstLanguage;
  if (wanted === asked || wanted === language()) return;
  asked = wanted;
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const links = [...document.querySelectorAll("link[href], script[src]")];
  const linked = links.map((link) => (link instanceof HTMLLinkElement ? link.href : Reflect.get(link, "src")));
  const core = [...linked, ...loaded].find((address) => /\/assets\/core-[\w-]+\.js/.test(address));
  (await import(String(core))).changeLocale(wanted);
  asked = "";
}

const firstLanguage = language();
