// In front of a class: the projector view, what a teacher hides, and the address as a code for the students' phones.

import { h, setText } from "../kit/dom.js";
import { page } from "../page/page.js";
import { HIDDEN, write } from "../page/state.js";

const LOOPBACK = /^(localhost|127\..*|\[::1\]|0\.0\.0\.0)$/;
const MOST_LETTERS = 1000; // a longer address makes dots too small for a phone at the back of the room

export function classroom(view) {
  const projector = h("button", {
    type: "button",
    id: "projector",
    say: "projector",
    name: "projector_key",
    on: { click: turnProjector },
  });
  const code = codeOf(view),
    hidden = hiddenOf();
  const panel = h(
    "details",
    { class: "class", id: "for-class" },
    h("summary", { say: "class" }),
    h("div", { class: "panel" }, hidden.element, h("p", { class: "help", say: "class_link" }), code.button),
  );
  document.addEventListener("keydown", (event) => {
    if (isProjectorKey(event)) turnProjector();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    panel.open = false;
    panel.firstChild.focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!panel.contains(target)) panel.open = false;
  });
  return {
    elements: [projector, panel, code.dialog],
    show(state) {
      look({ view: state.view, hide: state.hide.join(" ") });
      projector.setAttribute("aria-pressed", String(state.view === "projector"));
      hidden.show(state.hide);
    },
  };
}

/** Tell the style sheets. Whoever redraws when the type changes would do so for a value that is written once more. */
function look(values) {
  const { dataset } = document.documentElement;
  for (const [name, value] of Object.entries(values)) if (dataset[name] !== value) dataset[name] = value;
}

function turnProjector() {
  page.set({ view: page.state.view ? "" : "projector" });
  page.commit();
}

/** Whether it is the key p and nobody is writing. On a Korean keyboard the same key says another letter. */
function isProjectorKey(event) {
  const { target, code, key, ctrlKey, altKey, metaKey, shiftKey, repeat } = event;
  const writing = target.closest(
    "textarea, select, dialog, [contenteditable], input:not([type=range], [type=radio], [type=checkbox])",
  );
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
    show(names) {
      for (const box of boxes) box.checked = names.includes(box.value);
    },
  };
}

// ---- the address for the students' phones ----

/** The address as phones reach it, in their own view; null where only this machine reaches it. */
function addressOf(lan) {
  const query = write({ ...page.state, view: "" }, location.search),
    local = LOOPBACK.test(location.hostname);
  if (local && !lan) return null;
  const port = location.port && `:${location.port}`;
  return `${local ? `${location.protocol}//${lan}${port}` : location.origin}${location.pathname}${query && `?${query}`}`;
}

function codeOf({ say, asset, props }) {
  const image = h("img", { alt: "", name: "qr" }),
    address = h("p", { class: "address" });
  const close = h("button", { type: "button", class: "primary", say: "close", on: { click: () => dialog.close() } });
  const dialog = h("dialog", { id: "qr", name: "qr" }, image, address, close);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  }); // beside it
  const open = () => {
    const found = addressOf(props.lan),
      shown = found !== null && found.length <= MOST_LETTERS;
    image.hidden = !shown;
    if (shown) image.src = asset("qr", `code.svg?to=${encodeURIComponent(found)}`);
    setText(address, shown ? found : say(found === null ? "qr_local" : "qr_long"));
    dialog.showModal();
  };
  return { dialog, button: h("button", { type: "button", id: "show-qr", say: "qr", on: { click: open } }) };
}
