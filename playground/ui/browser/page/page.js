// The one state of the page: who changes it calls `set`, who shows it is called once a frame, and the address keeps it.
// Knows neither networks nor elements.

import { EPOCHS } from "../engine/facts.js";
import { DEFAULT, languageOf, read, same, UNDONE, write } from "./state.js";

/** @import { Epoch, State } from "../types.d.ts" */
/** @typedef {(state: State) => void} Draw */

const SAME_GESTURE = 1000; // ms: one control moved again within this time is one entry of the history
const KEPT_FRAMES = 240;
const MOST_PAST = 200;
const RESTING = 120; // ms without a change until slow work may begin

class Page {
  /** @type {State} */
  state = { ...DEFAULT };
  damaged = false; // whether the address that the page was opened with could not be read
  /** @type {number[]} */
  frames = []; // ms from the hand to the last pixel, of the newest frames
  /** @type {(epoch: Epoch) => boolean} */
  has = (epoch) => EPOCHS.some((one) => one === epoch); // whether there is its forger; forgers.js knows of more
  /** @type {(file: { path: string, name: string }) => void} */
  save = () => {}; // a file that the server has made, for Gradio's events; banner.js knows how
  /** @type {Set<Draw>} */
  #views = new Set();
  /** @type {Record<string, Partial<State>[]>} */
  #past = {}; // tab to what undo goes back to
  #committed = this.state;
  #last = { control: "", time: -Infinity };
  /** @type {number | null} */
  #changed = null; // when the hand made the first change that is not yet drawn
  #moved = -Infinity;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;
  #arrived = ""; // the token of the newest pair that a visitor has brought

  constructor() {
    this.#restore();
    window.addEventListener("popstate", () => {
      this.#restore();
      this.touch();
    });
  }

  /**
   * Call `draw(state)` in every frame that follows a change; returns what ends that.
   * @param {Draw} draw
   */
  show(draw) {
    this.#views.add(draw);
    this.touch();
    return () => this.#views.delete(draw);
  }

  /**
   * Change the state; it is drawn in the next frame.
   * @param {Partial<State>} changes
   */
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

  /**
   * Keep the state in the address: an entry of the browser's history, one for each gesture of a `control`.
   * @param {string} [control]
   */
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

  /**
   * Show what another page shows: no gesture of this visitor's, so undo knows nothing of it.
   * @param {State} state
   */
  follow(state) {
    if (same(state, this.state)) return;
    this.set(state);
    this.#committed = this.state;
    this.#address("replaceState");
  }

  /** Go back to what this tab showed before the last gesture. */
  undo() {
    const past = this.#past[this.state.tab] || [];
    let before = past.pop();
    while (before && !this.#undoes(before)) before = past.pop();
    if (!before) return;
    this.set(before);
    this.#committed = this.state;
    this.#last.control = "";
    this.#address("pushState");
  }

  get canUndo() {
    return (this.#past[this.state.tab] || []).some((before) => this.#undoes(before));
  }

  /**
   * Whether going back to this changes anything, and can be shown.
   * @param {Partial<State>} before
   */
  #undoes(before) {
    return this.has(before.epoch ?? DEFAULT.epoch) && !same({ ...this.state, ...before }, this.state);
  }

  /** Remember what stood before a gesture, if it changed anything that undo brings back. */
  #remember() {
    const { tab } = this.state;
    const names = UNDONE[tab] || [];
    if (names.every((name) => same(this.state[name], this.#committed[name]))) return;
    this.#past[tab] ??= [];
    const past = this.#past[tab];
    past.push(Object.fromEntries(names.map((name) => [name, this.#committed[name]])));
    if (past.length > MOST_PAST) past.shift();
  }

  /** The page's whole address as it stands, to be sent to somebody. */
  get link() {
    const rest = new URLSearchParams(location.search);
    rest.delete("room"); // a room has a link of its own, and ends
    const query = write(this.state, rest.toString());
    return `${location.origin}${location.pathname}${query && `?${query}`}`;
  }

  /**
   * Take the noise of another seed in the hand: the place on the plane and what was painted belong to the old one.
   * @param {number} seed
   */
  throwSeed(seed) {
    this.set({ seeds: [seed, ...this.state.seeds.slice(1)], at: DEFAULT.at, painted: DEFAULT.painted });
  }

  /**
   * Show what is inside the forger of an epoch, or "own": units of another one mean nothing there.
   * @param {Epoch} epoch
   */
  lookInto(epoch) {
    this.set({ epoch, units: DEFAULT.units, unit: DEFAULT.unit, sum: DEFAULT.sum });
    this.commit();
  }

  /**
   * Open Explore, at its top, for a pair that has just come; each has its own `token`.
   * @param {string} [token]
   */
  receive(token) {
    if (!token || token === this.#arrived) return;
    this.#arrived = token;
    this.set({ tab: "explore" });
    this.commit();
    window.scrollTo({ top: 0 });
  }

  /** The walk of Interpolate, as JSON for the server that makes films of it. */
  get walk() {
    const { epoch, route, path } = this.state;
    return JSON.stringify({ epoch, seeds: route, path });
  }

  /** @param {"pushState" | "replaceState"} how */
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
Object.assign(window, { ganPage: page }); // for Gradio's events, which are no modules
