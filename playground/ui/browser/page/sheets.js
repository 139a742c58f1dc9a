// Sheets of many drawings, filled in by a worker a few at a time, while no hand moves anything. Knows latents and
// forgers, not what a sheet looks like.

import { forgers } from "./forgers.js";
import { page } from "./page.js";

/** @import { Forger, Numbers } from "../types.d.ts" */
/** @typedef {(i: number, drawing: Float32Array) => void} Put */
/**
 * @typedef Wish
 * @property {Forger} forger
 * @property {string} about  what the drawings depend on, as text
 * @property {Put} put
 * @property {boolean} soon
 * @property {Numbers[]} latents
 * @property {number} next  of the latents, to be drawn
 */

const AT_ONCE = 16; // drawings a message: a new wish waits for no more than these

class Sheets {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {WeakSet<Forger>} */
  #sent = new WeakSet(); // forgers whose generator the worker has
  /** @type {Map<unknown, Wish>} */
  #wishes = new Map(); // who wishes to the newest wish, the others are forgotten
  #broken = false; // whether the worker cannot run
  /** @type {Wish | null} */
  #waiting = null; // the wish whose drawings are under way

  constructor() {
    page.show(() => this.#next());
  }

  /**
   * Have a list of latents, which `make()` gives, drawn by `forger`, and `put(i, drawing)` called for each. A new wish
   * of the same `who` replaces the one before; nothing is done when it is the `same` (any plain data). It is drawn
   * when the hand rests, or `soon`: also while something moves.
   * @param {unknown} who
   * @param {Forger} forger
   * @param {unknown} same
   * @param {() => Numbers[]} make
   * @param {Put} put
   * @param {boolean} [soon]
   */
  wish(who, forger, same, make, put, soon = false) {
    forger.use("generator");
    const known = this.#wishes.get(who);
    const about = JSON.stringify(same);
    if ((page.busy && !soon) || (known?.about === about && known.forger === forger)) return;
    this.#wishes.set(who, { forger, about, put, soon, latents: make(), next: 0 });
    this.#next();
  }

  #next() {
    if (this.#waiting) return;
    this.#forgetTheGone();
    const wish = [...this.#wishes.values()].find(isOpen);
    if (!wish) return;
    this.#waiting = wish;
    if (this.#broken) setTimeout(() => this.#drawHere(wish));
    else this.#send(wish);
  }

  /** A pair that was put away needs nothing drawn any more. */
  #forgetTheGone() {
    const here = new Set(forgers.all.values());
    for (const [who, { forger }] of this.#wishes) {
      if (here.has(forger)) continue;
      this.#wishes.delete(who);
      this.#worker?.postMessage({ name: forger.name, gone: true });
    }
  }

  /** @param {Wish} wish */
  #send({ forger, latents, next }) {
    this.#worker ??= this.#start();
    if (!this.#sent.has(forger)) {
      this.#worker.postMessage({
        name: forger.name,
        file: forger.file,
        kernel: forger.kernel,
        hidden: forger.about.hidden,
      });
      this.#sent.add(forger);
    }
    const chunk = latents.slice(next, next + AT_ONCE);
    const packed = new Float32Array(chunk.length * chunk[0].length);
    chunk.forEach((latent, i) => packed.set(latent, i * latent.length));
    this.#worker.postMessage({ name: forger.name, latents: packed }, [packed.buffer]);
  }

  #start() {
    const worker = new Worker(new URL("../engine/sheets-worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => this.#take(data);
    worker.onerror = () => {
      this.#broken = true;
      if (this.#waiting) this.#drawHere(this.#waiting);
    };
    return worker;
  }

  /**
   * Where no worker can be had (Firefox before 114), draw one at a time on the page's own thread.
   * @param {Wish} wish
   */
  #drawHere({ forger, latents, next }) {
    if (!forger.generator) return;
    this.#take(forger.generator.run(latents[next]).slice());
    forger.shown = null; // its layers hold something else now
  }

  /**
   * Hand on the drawings that the newest wish was waiting for.
   * @param {Float32Array} drawings
   */
  #take(drawings) {
    const wish = this.#waiting;
    this.#waiting = null;
    const size = wish?.forger.generator?.last.rows;
    if (!wish || !size) return;
    const current = [...this.#wishes.values()].includes(wish);
    for (let i = 0; current && i < drawings.length / size; i++) {
      wish.put(wish.next + i, drawings.subarray(i * size, (i + 1) * size));
    }
    wish.next += drawings.length / size;
    this.#next();
  }
}

/** @param {Wish} wish */
const isOpen = ({ forger, latents, next, soon }) => forger.generator && next < latents.length && (soon || !page.busy);

export const sheets = new Sheets();
