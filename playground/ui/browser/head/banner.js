// The head of the page: the way past it, link, language, and what the address asks for. Knows where Gradio's runtime
// switches languages.

import { oneStop } from "../kit/button.js";
import { part, setAttribute, setHidden, speak } from "../kit/dom.js";
import { notice } from "../kit/notice.js";
import { copy, saveAddress } from "../kit/save.js";
import { language } from "../kit/view.js";
import { page } from "../page/page.js";
import { classroom } from "./classroom.js";
import { followTabs, nameTabs, openTab } from "./tabs.js";

/** @import { View } from "../types.d.ts" */
/** @import { Names } from "./tabs.js" */

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
  part(element, ".skip").addEventListener("click", skip);
  oneStop(part(element, ".languages"));
  addLink(view);
  part(element, ".close").addEventListener("click", () => {
    page.damaged = false;
    page.touch();
  });
  onLanguage(words);
  words();
  followTabs();
  page.show((state) => {
    setHidden(damaged, !page.damaged);
    teaching.show(state);
    openTab(state.tab);
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
    setAttribute(button, "aria-pressed", String(language() === button.getAttribute("data-lang")));
  }
}

/**
 * Past the row of tabs, into the one that is open: the address names a state, no place on the page.
 * @param {Event} event
 */
function skip(event) {
  event.preventDefault();
  const content = document.getElementById(`tab-${page.state.tab}`);
  content?.setAttribute("tabindex", "-1");
  content?.focus();
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
