// A menu of what is rarely used: a button of three dots that opens a short list. Knows no tab.

import { h } from "./dom.js";
import { svg } from "./plot.js";

/**
 * A menu called by the text `say` names. It closes when something in it was chosen, when the focus leaves it, and by
 * Escape, which gives the focus back to its button.
 * @param {string} say
 * @param {readonly Node[]} items  buttons, mostly
 * @param {{ class?: string, id?: string }} [attributes]
 */
export function menu(say, items, { class: kind = "", ...attributes } = {}) {
  const opener = h("summary", { class: "icon", name: say }, dots());
  const list = h("div", { class: "items" }, ...items);
  const element = h("details", { class: `menu ${kind}`, ...attributes }, opener, list);
  const close = () => {
    element.open = false;
  };
  list.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("button")) close();
  });
  element.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) close();
  });
  element.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !element.open) return;
    close();
    opener.focus();
  });
  return element;
}

/** Three dots, drawn: as a character they differ from font to font. */
function dots() {
  const each = [5, 12, 19].map((x) => svg("circle", { cx: x, cy: 12, r: 2 }));
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: 20, height: 20, fill: "currentColor", "aria-hidden": "true" },
    ...each,
  );
}
