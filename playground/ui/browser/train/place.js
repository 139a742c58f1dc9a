// Where runs train, this device or the server, before a visitor has said it, and where that is remembered.

import { say } from "./words.js";

const KEPT = "gan-playground.where"; // in the browser's own store
const FIRM = "gan-playground.where-firm"; // whether *device* meant: not its GPU
const GPUS = ["cuda", "mps", "lent"]; // kinds of devices
const THIS_MACHINE = ["localhost", "127.0.0.1", "[::1]"];

/** @typedef {"gpu" | "device" | "server"} Place */
/** @typedef {import("./machine.js").Machine} Machine */

/**
 * Where runs train at first: where they did last time; else on the server, if that is this very machine, or has a GPU
 * for which nobody waits.
 * `training`: whether the server trains at all; `kind` of its device; `free`: whether a run would begin at once.
 * @param {{ last: Place | null, host: string, training: boolean, kind: string, free: boolean }} what
 * @returns {Place}
 */
export function usualPlace({ last, host, training, kind, free }) {
  if (!training) return last === "gpu" ? last : "device";
  if (last) return last;
  return THIS_MACHINE.includes(host) || (GPUS.includes(kind) && free) ? "server" : "device";
}

/**
 * Where runs train on this device: on its GPU, where that was chosen or is quicker.
 * @param {string} place
 * @param {Pick<Machine, "card" | "quick">} machine
 * @param {boolean} firm whether *device* was said by a hand that could have said *gpu*
 */
export function placed(place, { card, quick }, firm) {
  if (place === "server") return place;
  if (card === null) return "device";
  return place === "gpu" || (quick && !firm) ? "gpu" : "device";
}

/**
 * The choices of where to train, once this device has a GPU to choose.
 * @param {Pick<Machine, "card">} machine
 * @param {boolean} training whether the server trains, too
 */
export function placesOf({ card }, training) {
  if (card === null) return {};
  const here = [
    [say("train.where_gpu"), "gpu"],
    [say("train.where_wasm"), "device"],
  ];
  return { choices: training ? [...here, [say("train.where_server"), "server"]] : here };
}

/**
 * @param {string} place
 * @param {boolean} firm as `placed` has it
 */
export function rememberPlace(place, firm) {
  try {
    localStorage.setItem(KEPT, place);
    localStorage.setItem(FIRM, String(firm));
  } catch {
    // it is forbidden: then the page forgets it
  }
}

/** Where runs trained last; null where nobody knows. @returns {Place | null} */
export function lastPlace() {
  try {
    const place = localStorage.getItem(KEPT);
    return place === "gpu" || place === "device" || place === "server" ? place : null;
  } catch {
    return null;
  }
}

/** Whether a hand has chosen this device without its GPU last time. */
export function lastFirm() {
  try {
    return localStorage.getItem(KEPT) === "device" && localStorage.getItem(FIRM) === "true";
  } catch {
    return false;
  }
}
