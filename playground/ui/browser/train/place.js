// Where runs train, this device or the server, before a visitor has said it, and where that is remembered.

const KEPT = "gan-playground.where"; // in the browser's own store
const GPUS = ["cuda", "mps", "lent"]; // kinds of devices
const THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"];

/** @typedef {"device" | "server"} Place */

/**
 * Where runs train at first: where they did last time; else on the server, if that is this very machine, or has a GPU
 * for which nobody waits.
 * `training`: whether the server trains at all; `kind` of its device; `free`: whether a run would begin at once.
 * @param {{ last: Place | null, host: string, training: boolean, kind: string, free: boolean }} what
 * @returns {Place}
 */
export function usualPlace({ last, host, training, kind, free }) {
  if (!training) return "device";
  if (last) return last;
  return THIS_MACHINE.includes(host) || (GPUS.includes(kind) && free) ? "server" : "device";
}

/** @param {string} place */
export function rememberPlace(place) {
  try {
    localStorage.setItem(KEPT, place);
  } catch {
    // it is forbidden: then the page forgets it
  }
}

/** Where runs trained last; null where nobody knows. @returns {Place | null} */
export function lastPlace() {
  try {
    const place = localStorage.getItem(KEPT);
    return place === "device" || place === "server" ? place : null;
  } catch {
    return null;
  }
}
