// In front of a class: the projector view, what a teacher hides, and the address as a code for the students' phones.
// Knows the page's state and its address, not what the tabs show.

import { h, setAttribute } from "../kit/dom.js";
import { svg } from "../kit/plot.js";
import { page } from "../page/page.js";
import { HIDDEN, write } from "../page/state.js";
import { buildDoor } from "./door.js";
import { addressOf, buildCode } from "./qr.js";

const WRITTEN_IN =
  "textarea, select, dialog, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])";

/** @import { State, View } from "../types.d.ts" */

/** @param {View} view */
export function classroom(view) {
  const options = { type: "button", id: "projector", say: "projector", name: "projector_key" };
  const projector = h("button", { ...options, on: { click: turnProjector } });
  const code = buildCode(view);
  const hidden = hiddenOf();
  const help = h("p", { class: "help", say: "class_link" });
  const show = () => code.show(addressOf(view.props.lan, write({ ...page.state, view: "" }, location.search)));
  const shown = h("button", { type: "button", id: "show-qr", say: "qr", on: { click: show } });
  const panel = panelOf(...buildDoor(view), hidden.element, help, shown);
  document.addEventListener("keydown", (event) => {
    if (isProjectorKey(event)) turnProjector();
  });
  return {
    elements: [projector, panel, code.dialog],
    show(/** @type {State} */ state) {
      look({ view: state.view, hide: state.hide.join(" ") });
      setAttribute(projector, "aria-pressed", String(state.view === "projector"));
      hidden.show(state.hide);
    },
  };
}

/** Three dots, which stand for the words where the row is narrow. */
function sign() {
  const dots = [4, 10, 16].map((cx) => svg("circle", { cx, cy: 10, r: 1.2 }));
  return svg("svg", { class: "sign", viewBox: "0 0 20 20", "aria-hidden": "true" }, ...dots);
}

/**
 * What opens by its summary, and closes by the Escape key or a click beside it.
 * @param {...HTMLElement} elements
 */
function panelOf(...elements) {
  const summary = h("summary", {}, sign(), h("span", { class: "words", say: "class" }));
  const panel = h("details", { class: "class", id: "for-class" }, summary, h("div", { class: "panel" }, ...elements));
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    panel.open = false;
    summary.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!(target instanceof Node && panel.contains(target))) panel.open = false;
  });
  return panel;
}

/**
 * Tell the style sheets. Whoever redraws when the type changes would do so for a value that is written once more.
 * @param {Record<string, string>} values
 */
function look(values) {
  const { dataset } = document.documentElement;
  for (const [name, value] of Object.entries(values)) if (dataset[name] !== value) dataset[name] = value;
}

function turnProjector() {
  page.set({ view: page.state.view ? "" : "projector" });
  page.commit();
}

/**
 * Whether it is the key p and nobody is writing. On a Korean keyboard the same key says another letter.
 * @param {KeyboardEvent} event
 */
function isProjectorKey(event) {
  const { target, code, key, ctrlKey, altKey, metaKey, shiftKey, repeat } = event;
  const writing = target instanceof Element && target.closest(WRITTEN_IN);
  return !writing && !ctrlKey && !altKey && !metaKey && !shiftKey && !repeat && (code === "KeyP" || key === "p");
}

function hiddenOf() {
  const boxes = HIDDEN.map((name) => h("input", { type: "checkbox", value: name, on: { change: choose } }));
  function choose() {
    page.set({ hide: boxes.filter((box) => box.checked).map((box) => box.value) });
    page.commit();
  }
  const labels = boxes.map((box) => h("label", {}, box, h("span", { say: `hide_${box.value}` })));
  return {
    element: h("fieldset", { id: "hide" }, h("legend", { say: "hide" }), ...labels),
    show(/** @type {readonly string[]} */ names) {
      for (const box of boxes) box.checked = names.includes(box.value);
    },
  };
}
