// A word to the visitor about what was just done: it goes when something else is done. Knows no tab.

import { page } from "../page/page.js";
import { h, setText } from "./dom.js";

/** @import { Say, State } from "../types.d.ts" */

/**
 * {element, tell(key)}: a place for a sentence, which screen readers read out, and what puts one there.
 * @param {{ say: Say }} view
 */
export function notice({ say }) {
  const element = h("span", { class: "said", role: "status" });
  /** @type {State | null} */
  let about = null; // the state that the sentence is about
  page.show((state) => {
    if (!about || about === state) return;
    about = null;
    delete element.dataset.say;
    setText(element, "");
  });
  return {
    element,
    tell(/** @type {string} */ key) {
      about = page.state;
      element.dataset.say = key; // it follows the page's language
      setText(element, say(key));
    },
  };
}
