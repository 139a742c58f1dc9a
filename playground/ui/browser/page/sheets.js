// Sheets of many drawings, filled in by a worker a few at a time, while no hand moves anything.

import { forgers } from "./forgers.js";
import { page } from "./page.js";

const AT_ONCE = 16; // drawings a message: a new wish waits for no more than these

class Sheets {
  #worker = null;
  #sent = new WeakSet(); // forgers whose generator the worker has
  #wishes = new Map(); // who wishes to the newest wish, the others are forgotten
  #broken = false; // whether the worker cannot run
  #waiting = null; // the wish whose drawings are under way

  constructor() {
    page.show(() => this.#next());
  }

  /** Have a list of latents, which `make()` gives, drawn by `forger`, and `put(i, drawing)` called for each. A new wish
   *  of the same `who` replaces the one before; nothing is done when it is the `same` (any plain data). It is drawn
   *  when the hand rests, or `soon`: also while something moves. */
  wish(who, forger, same, make, put, soon = false) {
    const known = this.#wishes.get(who),
      about = JSON.stringify(same);
    if ((page.busy && !soon) || (known?.about === about && known.forger === forger)) return;
    this.#wishes.set(who, { forger, about, put, soon, latents: make(), next: 0 });
    this.#next();
  }

  #next() {
    if (this.#waiting) return;
    this.#forgetTheGone();
    const open = ({ forger, latents, next, soon }) => forger.generator && next < latents.length && (soon || !page.busy);
    const wish = [...this.#wishes.values()].find(open);
    if (!wish) return;
    this.#waiting = wish;
    if (this.#broken) return void setTimeout(() => this.#drawHere(wish));
    this.#start();
    if (!this.#sent.has(wish.forger)) this.#send(wish.forger);
    const chunk = wish.latents.slice(wish.next, wish.next + AT_ONCE);
    const latents = new Float32Array(chunk.length * chunk[0].length);
    chunk.forEach((latent, i) => latents.set(latent, i * latent.length));
    this.#worker.postMessage({ name: wish.forger.name, latents }, [latents.buffer]);
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

  #start() {
    if (this.#worker) return;
    this.#worker = new Worker(new URL("../engine/sheets-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#take(data);
    this.#worker.onerror = () => {
      this.#broken = true;
      if (this.#waiting) this.#drawHere(this.#waiting);
    };
  }

  /** Where no worker can be had (Firefox before 114), draw one at a time on the page's own thread. */
  #drawHere(wish) {
    this.#take(wish.forger.generator.run(wish.latents[wish.next]).slice());
    wish.forger.shown = null; // its layers hold something else now
  }

  #send(forger) {
    this.#worker.postMessage({ name: forger.name, file: forger.file, kernel: forger.kernel });
    this.#sent.add(forger);
  }

  #take(drawings) {
    const wish = this.#waiting;
    this.#waiting = null;
    const current = [...this.#wishes.values()].includes(wish);
    const size = wish.forger.generator.widths.at(-1);
    for (let i = 0; current && i < drawings.length / size; i++) {
      wish.put(wish.next + i, drawings.subarray(i * size, (i + 1) * size));
    }
    wish.next += drawings.length / size;
    this.#next();
  }
}

export const sheets = new Sheets();
