// A run's way between this device and the server: the file of its state and its budget, sent or fetched with a progress
// and a way to stop it. Knows no elements.

import { aboutState, isOlder, TrainState } from "../engine/state.js";
import { language, sayIn } from "../kit/view.js";
import { Refused } from "../live/workshop.js";
import { checkLoss } from "./fields.js";

/** @import { Config } from "../types.d.ts" */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */
/** @typedef {Pick<Config, "epochs" | "steps" | "seconds">} Budget how long a run goes on each time */

const BUDGET = "x-budget";
const LONGEST = 600_000; // milliseconds

/** Why the server takes or gives nothing, in the page's language. */
export class Answered extends Error {}
/** The way broke off. */
export class Lost extends Error {}
/** It was stopped by a hand. */
export class Stopped extends Error {}

/** One way, there or back. */
export class Journey {
  #request = new XMLHttpRequest(); // fetch tells nothing of what was sent
  #stopped = false; // maybe before anything was sent
  fraction = 0;

  /**
   * @param {string} address of the server's runs
   * @param {string} visitor the key of the visitor's runs there
   * @param {() => void} tell hears of each progress
   */
  constructor(address, visitor, tell) {
    this.address = address;
    this.visitor = visitor;
    this.tell = tell;
  }

  /** Give a state to the server, which keeps it as a new run. @param {ArrayBuffer} file @param {Budget} budget */
  async send(file, { epochs, steps, seconds }) {
    const headers = { [BUDGET]: JSON.stringify({ epochs, steps, seconds }) };
    await this.#go("POST", this.address, this.#request.upload, file, headers);
  }

  /**
   * The state of a point that the server keeps, "A:512", and its run's budget.
   * @param {string} point
   * @returns {Promise<{ file: ArrayBuffer, budget: Budget }>}
   */
  async fetch(point) {
    const file = await this.#go("GET", `${this.address}/${point.replace(":", "-")}`, this.#request);
    return { file, budget: JSON.parse(this.#request.getResponseHeader(BUDGET) ?? "{}") };
  }

  /** Stop: what has arrived is forgotten. */
  abort() {
    this.#stopped = true;
    this.#request.abort();
  }

  /**
   * Resolves to the body of the answer. Rejects with Answered where the server refuses, with Lost where nothing came,
   * and with Stopped.
   * @param {string} method
   * @param {string} address
   * @param {XMLHttpRequestEventTarget} moves what tells of the progress
   * @param {ArrayBuffer} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<ArrayBuffer>}
   */
  #go(method, address, moves, body, headers = {}) {
    const request = this.#request;
    if (this.#stopped) return Promise.reject(new Stopped(address));
    request.open(method, address);
    request.responseType = "arraybuffer";
    for (const [name, text] of Object.entries({ "x-visitor": this.visitor, ...headers })) {
      request.setRequestHeader(name, text);
    }
    moves.addEventListener("progress", (event) => {
      const { loaded, total } = /** @type {ProgressEvent} */ (event);
      this.fraction = total ? loaded / total : 0;
      this.tell();
    });
    return new Promise((resolve, reject) => {
      request.timeout = LONGEST;
      request.onload = () => (request.status === 200 ? resolve(request.response) : reject(refusalOf(request)));
      request.onerror = request.ontimeout = () => reject(new Lost(address));
      request.onabort = () => reject(new Stopped(address));
      request.send(body);
    });
  }
}

/**
 * Send the run of a point. Throws Answered for a file of more than `most` MiB: a server takes none.
 * @param {Journey} way
 * @param {Workshop} shop
 * @param {import("../live/workshop.js").Point} point
 * @param {number} most
 */
export async function sendRun(way, shop, point, most) {
  const { config } = shop.recordAt(point);
  const kept = await shop.fileAt(point);
  const file = isOlder(kept) ? TrainState.load(kept, shop.given.module).save() : kept;
  if (file.byteLength > most * 2 ** 20) throw new Answered(sayIn(language(), "guard.file_large", { most }));
  await way.send(file, config);
}

/**
 * Fetch the run of a point that the server keeps. Throws Refused while one trains here, and for a loss of the server's.
 * @param {Journey} way
 * @param {string} point
 * @param {() => Promise<Workshop>} open
 * @param {{ losses: string[] }} facts
 */
export async function takeRun(way, point, open, facts) {
  const shop = await open();
  if (shop.underWay) throw new Refused("busy");
  const { file, budget } = await way.fetch(point);
  checkLoss(aboutState(file).config, facts);
  await shop.takeIn(file, budget);
}

/** What the server said. @param {XMLHttpRequest} request */
function refusalOf({ response, status, responseURL }) {
  try {
    return new Answered(JSON.parse(new TextDecoder().decode(response)).detail);
  } catch {
    // A proxy's own page, in the proxy's words.
    return status === 413 ? new Answered(sayIn(language(), "error.way_large")) : new Lost(`${responseURL}: ${status}`);
  }
}
