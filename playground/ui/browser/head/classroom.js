// In front of a class: the projector view, what a teacher hides, and the address as a code for the students' phones.
// Knows the page's state and its address, not what the tabs show.

import { h, setAttribute, setHidden, setText } from "../kit/dom.js";
import { svg } from "../kit/plot.js";
import { page } from "../page/page.js";
import { HIDDEN, write } from "../page/state.js";

const LOOPBACK = /^(localhost|127\..*|\[::1\]|0\.0\.0\.0)$/;
const WRITTEN_IN =
  "textarea, select, dialog, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])";
const MOST_LETTERS = 300; // a longer address makes dots too small for a phone at the back of the room

/** @import { State, View } from "../types.d.ts" */

/** @param {View} view */
export function classroom(view) {
  const options = { type: "button", id: "projector", say: "projector", name: "projector_key" };
  const projector = h("button", { ...options, on: { click: turnProjector } });
  const code = codeOf(view);
  const hidden = hiddenOf();
  const help = h("p", { class: "help", say: "class_link" });
  const panel = panelOf(hidden.element, help, code.button);
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

// ---- the address for the students' phones ----

/**
 * The address as phones reach it, in their own view; null where only this machine reaches it.
 * @param {string | null} lan
 */
function addressOf(lan) {
  const query = write({ ...page.state, view: "" }, location.search);
  const local = LOOPBACK.test(location.hostname);
  if (local && !lan) return null;
  const port = location.port && `:${location.port}`;
  const origin = local ? `${location.protocol}//${lan}${port}` : location.origin;
  return `${origin}${location.pathname}${query && `?${query}`}`;
}

/** @param {View} view */
function codeOf({ say, asset, props }) {
  const image = h("img", { alt: "", name: "qr" });
  const address = h("p", { class: "address" });
  const close = h("button", { type: "button", class: "primary", say: "close" });
  const dialog = h("dialog", { id: "qr", name: "qr" }, image, address, close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close(); // beside it
  });
  const open = () => {
    const found = addressOf(props.lan);
    const short = found !== null && found.length <= MOST_LETTERS;
    setHidden(image, !short);
    if (short) image.src = asset("qr", `code.svg?to=${encodeURIComponent(found)}`);
    setText(address, short ? found : say(found === null ? "qr_local" : "qr_long"));
    dialog.showModal();
  };
  return { dialog, button: h("button", { type: "button", id: "show-qr", say: "qr", on: { click: open } }) };
}
