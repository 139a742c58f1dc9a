// The head of the page: language, link, and what the address asks for.

import { speak } from "../kit/dom.js";
import { notice } from "../kit/notice.js";
import { copy, saveAddress } from "../kit/save.js";
import { page } from "../page/page.js";
import { TABS } from "../page/state.js";
import { classroom } from "./classroom.js";

export function mount(view) {
  // Files that the server has made, by Gradio's events: whole as a data URL, or at a path in Gradio's cache.
  page.save = ({ src, path, name }) => saveAddress(src ?? view.cached(path), name);
  const { element, props, say, onLanguage } = view;
  const part = (name) => element.querySelector(`.${name}`);
  const teaching = classroom(view);
  part("languages").after(...teaching.elements);
  const words = () => {
    speak(element, say);
    nameTabs(props);
    document.title = say("document");
    for (const button of element.querySelectorAll("[data-lang]")) {
      button.setAttribute("aria-pressed", String(document.documentElement.lang.slice(0, 2) === button.dataset.lang));
    }
  };
  element.addEventListener("click", (event) => {
    const { lang } = event.target.dataset;
    if (!lang) return;
    page.set({ lang });
    page.commit("lang");
  });
  const said = notice({ say });
  part("link").before(said.element);
  part("link").addEventListener("click", async () => {
    const whole = page.state.epoch === "own" ? "copied_own" : "copied";
    said.tell((await copy(page.link)) ? whole : "copy_failed");
  });
  part("close").addEventListener("click", () => {
    page.damaged = false;
    page.touch();
  });
  onLanguage(words);
  words();
  followTabs();
  page.show((state) => {
    part("notice").hidden = !page.damaged;
    teaching.show(state);
    openTab(state.tab, props.tabs[TABS.indexOf(state.tab)]);
    speakGradio(state.lang);
  });
}

// ---- Gradio's tabs: each has the id tab-NAME, its button tab-NAME-button ----

/** A tab's button. Where the row is too narrow, Gradio has put it into a menu, where only its name tells it. */
function buttonOf(tab, names) {
  const menu = document.querySelectorAll(".overflow-dropdown button");
  return (
    document.getElementById(`tab-${tab}-button`) ||
    [...menu].find((button) => names.includes(button.textContent.trim()))
  );
}

let opened = "";

function openTab(tab, names) {
  const button = tab === opened ? null : buttonOf(tab, names);
  if (!button) return;
  opened = tab;
  if (button.getAttribute("aria-selected") !== "true") button.click();
}

/** Put the tabs' names into the page's language: Gradio leaves those that were never opened in their first one. */
function nameTabs({ tabs, languages }) {
  const now = languages.indexOf(document.documentElement.lang.slice(0, 2));
  for (const button of document.querySelectorAll("[role=tablist] button, .overflow-dropdown button")) {
    const text = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim());
    const names = tabs.find((each) => each.includes(text?.nodeValue.trim()));
    if (names && now >= 0) text.nodeValue = names[now];
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

async function speakGradio(lang) {
  const wanted = lang || firstLanguage;
  if (wanted === asked || wanted === document.documentElement.lang.slice(0, 2)) return;
  asked = wanted;
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const linked = [...document.querySelectorAll("link[href], script[src]")].map((link) => link.href || link.src);
  const core = [...linked, ...loaded].find((address) => /\/assets\/core-[\w-]+\.js/.test(address));
  (await import(core)).changeLocale(wanted);
  asked = "";
}

const firstLanguage = (document.documentElement.lang || "en").slice(0, 2);
