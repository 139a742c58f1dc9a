// An address of this page as a code for phones, in a dialog. Knows how phones reach this server, not what is shown.

import { h, setHidden, setText, speak } from "../kit/dom.js";

const LOOPBACK = /^(localhost|127\..*|\[::1\]|0\.0\.0\.0)$/;
const MOST_LETTERS = 300; // a longer address makes dots too small for a phone at the back of the room

/** @import { View } from "../types.d.ts" */

/**
 * The page's address as phones reach it, with this query; null where only this machine reaches it.
 * @param {string | null} lan this machine's address in its network, where it serves that
 * @param {string} query
 */
export function addressOf(lan, query) {
  const local = LOOPBACK.test(location.hostname);
  if (local && !lan) return null;
  const port = location.port && `:${location.port}`;
  const origin = local ? `${location.protocol}//${lan}${port}` : location.origin;
  return `${origin}${location.pathname}${query && `?${query}`}`;
}

/** The dialog, and `show(address)`, which opens it. @param {View} view @param {string} [id] */
export function buildCode({ say, asset }, id = "qr") {
  const image = h("img", { alt: "", name: "qr" });
  const address = h("p", { class: "address" });
  const close = h("button", { type: "button", class: "primary", say: "close" });
  const dialog = h("dialog", { id, name: "qr" }, image, address, close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close(); // beside it
  });
  const show = (/** @type {string | null} */ found, help = "") => {
    const short = found !== null && found.length <= MOST_LETTERS;
    speak(dialog, say);
    setHidden(image, !short);
    if (short) image.src = asset("qr", `code.svg?to=${encodeURIComponent(found)}`);
    setText(address, short ? help || found : say(found === null ? "qr_local" : "qr_long"));
    dialog.showModal();
  };
  return { dialog, show };
}
