// A word to the visitor about what was just done: it goes when something else is done.

import { page } from "../page/page.js";
import { h, setText } from "./dom.js";

/** {element, tell(key)}: a place for a sentence, which screen readers read out, and what puts one there. */
export function notice(view) {
  const element = h("span", { class: "said", role: "status" });
  let about = null; // the state that the sentence is about
  page.show((state) => {
    if (about && about !== state) {
      about = null;
      delete element.dataset.say;
      setText(element, "");
    }
  });
  return {
    element,
    tell(key) {
      about = page.state;
      element.dataset.say = key; // it follows the page's language
      setText(element, view.say(key));
    },
  };
}
