// The one state of the page: who changes it calls `set`, who shows it is called once a frame, and the address keeps it.

import { DEFAULT, EPOCHS, languageOf, read, same, UNDONE, write } from "./state.js";

const SAME_GESTURE = 1000; // ms: one control moved again within this time is one entry of the history
const KEPT_FRAMES = 240;
const MOST_PAST = 200;
const RESTING = 120; // ms without a change until slow work may begin

class Page {
  state = { ...DEFAULT };
  damaged = false; // whether the address that the page was opened with could not be read
  frames = []; // ms from the hand to the last pixel, of the newest frames
  has = (epoch) => EPOCHS.includes(epoch); // whether there is a forger of this epoch; forgers.js knows of more
  #views = new Set();
  #past = {}; // tab to what undo goes back to
  #committed = this.state;
  #last = { control: "", time: -Infinity };
  #changed = null; // when the hand made the first change that is not yet drawn
  #moved = -Infinity;
  #frame = 0;
  #resting = 0;
  #arrived = ""; // the token of the newest pair that a visitor has brought

  constructor() {
    this.#restore();
    window.addEventListener("popstate", () => {
      this.#restore();
      this.touch();
    });
  }

  /** Call `draw(state)` in every frame that follows a change; returns what ends that. */
  show(draw) {
    this.#views.add(draw);
    this.touch();
    return () => this.#views.delete(draw);
  }

  /** Change the state; it is drawn in the next frame. */
  set(changes) {
    this.state = { ...this.state, ...changes };
    this.#moved = performance.now();
    this.#changed ??= this.#moved;
    this.touch();
  }

  /** Draw again, because something else than the state has changed: a network came, or the language. */
  touch() {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  /** Whether a hand moves something just now, so that slow work should wait. */
  get busy() {
    return performance.now() - this.#moved < RESTING;
  }

  /** Keep the state in the address: an entry of the browser's history, one for each gesture of a `control`. */
  commit(control = "") {
    if (same(this.state, this.#committed) && !this.damaged) return;
    const now = performance.now();
    const again = control && control === this.#last.control && now - this.#last.time < SAME_GESTURE;
    if (!again) this.#remember();
    this.#committed = this.state;
    this.#last = { control, time: now };
    this.damaged = false;
    this.#address(again ? "replaceState" : "pushState");
    this.touch();
  }

  /** Go back to what this tab showed before the last gesture. */
  undo() {
    const past = this.#past[this.state.tab] || [];
    while (past.length && !this.#undoes(past.at(-1))) past.pop();
    if (!past.length) return;
    this.set(past.pop());
    this.#committed = this.state;
    this.#last.control = "";
    this.#address("pushState");
  }

  get canUndo() {
    return (this.#past[this.state.tab] || []).some((before) => this.#undoes(before));
  }

  #undoes(before) {
    return (
      this.has(before.epoch ?? DEFAULT.epoch) &&
      Object.keys(before).some((name) => !same(before[name], this.state[name]))
    );
  }

  /** Remember what stood before a gesture, if it changed anything that undo brings back. */
  #remember() {
    const { tab } = this.state,
      names = UNDONE[tab] || [];
    if (names.every((name) => same(this.state[name], this.#committed[name]))) return;
    const past = (this.#past[tab] ??= []);
    past.push(Object.fromEntries(names.map((name) => [name, this.#committed[name]])));
    if (past.length > MOST_PAST) past.shift();
  }

  /** The page's whole address as it stands, to be sent to somebody. */
  get link() {
    const query = write(this.state, location.search);
    return `${location.origin}${location.pathname}${query && `?${query}`}`;
  }

  /** Take the noise of another seed in the hand: the place on the plane and what was painted belong to the old one. */
  throwSeed(seed) {
    this.set({ seeds: [seed, ...this.state.seeds.slice(1)], at: DEFAULT.at, painted: DEFAULT.painted });
  }

  /** Show what is inside the forger of an epoch, or "own": units of another one mean nothing there. */
  lookInto(epoch) {
    this.set({ epoch, units: DEFAULT.units, unit: DEFAULT.unit, sum: DEFAULT.sum });
    this.commit();
  }

  /** Open Explore for a pair that has just come; each has its own `token`. */
  receive(token) {
    if (!token || token === this.#arrived) return;
    this.#arrived = token;
    this.set({ tab: "explore" });
    this.commit();
  }

  /** The walk of Interpolate, as JSON for the server that makes films of it. */
  get walk() {
    const { epoch, route, path } = this.state;
    return JSON.stringify({ epoch, seeds: route, path });
  }

  #address(how) {
    const query = write(this.state, location.search);
    if (query === location.search.slice(1)) return; // what is no part of it has changed: a visitor's own network
    try {
      history[how](null, "", `${location.pathname}${query && `?${query}`}`);
    } catch {
      // Safari allows a hundred entries in half a minute: the state is kept, and the next one is written again.
    }
  }

  #restore() {
    try {
      this.state = read(location.search);
      this.damaged = false;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.state = { ...DEFAULT, lang: languageOf(location.search) };
      this.damaged = true;
    }
    this.#committed = this.state;
  }

  #draw() {
    this.#frame = 0;
    for (const draw of this.#views) draw(this.state);
    if (this.#changed === null) return;
    this.frames.push(performance.now() - this.#changed);
    if (this.frames.length > KEPT_FRAMES) this.frames.shift();
    this.#changed = null;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.touch(), RESTING + 10); // slow work may now begin
  }
}

export const page = new Page();
window.ganPage = page; // for Gradio's events, which are no modules
