// Sheets of many drawings, filled in by a worker a few at a time, while no hand moves anything.

import { forgers } from "./forgers.js";
import { page } from "./page.js";

const AT_ONCE = 16; // drawings a message: a new wish waits for no more than these

class Sheets {
  #worker = null;
  #sent = new WeakSet(); // forgers whose generator the worker has
  #wishes = new Map(); // who wishes to the newest wish, the others are forgotten
  #waiting = null; // the wish whose drawings are under way

  constructor() {
    page.show(() => this.#next());
  }

  /** Have `latents` (a list) drawn by `forger`, and `put(i, drawing)` called for each. A new wish of the same `who`
   *  replaces the one before; one that is `same` as it (a string) is not drawn again. */
  wish(who, forger, latents, same, put) {
    const known = this.#wishes.get(who);
    if (known?.same === same && known.forger === forger) return;
    this.#wishes.set(who, { forger, latents, same, put, next: 0 });
    this.#next();
  }

  #next() {
    if (this.#waiting || page.busy) return;
    this.#forgetTheGone();
    const wish = [...this.#wishes.values()].find(({ forger, latents, next }) => forger.generator && next < latents.length);
    if (!wish) return;
    this.#start();
    if (!this.#sent.has(wish.forger)) this.#send(wish.forger);
    const chunk = wish.latents.slice(wish.next, wish.next + AT_ONCE);
    const latents = new Float32Array(chunk.length * chunk[0].length);
    chunk.forEach((latent, i) => latents.set(latent, i * latent.length));
    this.#waiting = wish;
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
    this.#worker = new Worker(new URL("./sheets-worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#take(data);
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
