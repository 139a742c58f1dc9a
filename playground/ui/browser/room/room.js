// The room that this page is in: who it is there, the newest news, and what may be asked. Knows no element.

import { kept } from "./kept.js";
import { listen } from "./wire.js";

/** @import { Say } from "../types.d.ts" */
/** @typedef {[epoch: number, real: boolean, verdict: number]} Card */
/**
 * What all are asked. Of pictures: their `setting`, the name of their `sheet`, and once it is revealed `counts` and
 * `cards`; of a question its name and `counts`.
 * @typedef {object} Round
 * @property {number} number
 * @property {"detective" | "question" | "wall"} kind
 * @property {boolean} revealed
 * @property {number} done how many have answered all, of so many:
 * @property {number} of
 * @property {number} [votes]
 * @property {number[][]} [counts]
 * @property {Card[]} [cards]
 * @property {string} [sheet]
 * @property {number} [pictures]
 * @property {number} [seconds]
 * @property {string} [question]
 * @property {number} [steps] of the lecture's pair that take as much work as a wall allows
 * @property {number} [work]
 * @property {number} [down] how many networks were taken off the wall
 */
/** @typedef {{ number: number, epochs: [number, number, number, number, number][] }} Past */
/**
 * @typedef {{ showing: string, by: string, members: number, here: number, following: number,
 *   round?: Round | null, past?: Past[], shared?: Record<string, number> }} News
 */
/**
 * `token` proves who one is, with `ear` one asks for the news.
 * @typedef {{ number: number, colour: string, animal: string, token: string, follows: boolean, ear: string }} Seat
 */

const LETTERS = "BCDFGHJKMNPRTWXZ";
const LENGTH = 4;
const PATIENCE = 15_000; // ms for an answer of the server
const CARRIED = 120_000; // ms for a file to arrive, and to be judged
const TRIES = 5; // codes that are proposed until one is free

/** What the server has refused; `key` names its sentence, `message` says it. */
export class Refused extends Error {
  /** @param {string} key @param {string} said */
  constructor(key, said) {
    super(said);
    this.key = key;
  }
}

class Room {
  code = ""; // "" outside of any room
  /** @type {Seat | null} */
  seat = null; // a member's
  teacher = ""; // the token of who steers, else ""
  /** @type {News | null} */
  news = null;
  ended = false; // whether the room was there, and is not any more
  /** @type {unknown} */
  problem = null; // why the newest attempt failed
  root = "";
  choosing = false; // whether this page, a teacher's, chooses what to play
  aside = false; // whether it has laid the round aside, to show something else
  /** @type {Set<() => void>} */
  #watchers = new Set();
  #hangUp = () => {};
  #leading = false;
  /** @type {unknown} */
  #lost = null; // why a message did not arrive, if nothing else has failed since

  /**
   * Call `draw` now and after each change.
   * @param {() => void} draw
   */
  watch(draw) {
    this.#watchers.add(draw);
    draw();
  }

  /** Whether the page shows what the teacher shows. */
  get follows() {
    return Boolean(this.code && this.seat?.follows);
  }

  /**
   * Do something that may fail: why it did is told to who watches.
   * @param {() => Promise<void>} act
   */
  async try(act) {
    this.problem = null;
    await act().catch((error) => {
      this.problem = error;
    });
    this.tell();
  }

  /**
   * A message that the room needs did not arrive: a teacher whom the server does not know any more is one no longer.
   * @param {unknown} error
   */
  told(error) {
    if (error instanceof Refused && error.key === "room.forbidden") {
      forget(this.code);
      this.leave();
    }
    if (error instanceof Refused && error.key === "room.none") this.ended = true;
    else this.#lost = this.problem = error;
    this.tell();
  }

  /** A message of that kind has arrived again. */
  arrived() {
    if (this.problem && this.problem === this.#lost) this.dismiss();
  }

  /** The newest failure was read. */
  dismiss() {
    this.problem = null;
    if (!this.code || this.ended) this.leave();
    else this.tell();
  }

  /**
   * Why something failed, in words.
   * @param {unknown} problem
   * @param {Say} say
   */
  wordsOf(problem, say) {
    return problem instanceof Refused ? problem.message : say("unreachable");
  }

  /** Whether this page steers a room that is still there. */
  get steers() {
    return Boolean(this.teacher) && !this.ended;
  }

  /** What all are asked just now. */
  get round() {
    return (!this.ended && this.news?.round) || null;
  }

  /** @param {boolean} choosing */
  choose(choosing) {
    Object.assign(this, { choosing, aside: false });
    this.tell();
  }

  /** Show something else than the round, until it is taken up again. */
  layAside() {
    this.aside = true;
    this.tell();
  }

  /**
   * Ask all something, or tell how it was answered, or put it away. Rejects with Refused.
   * @param {"begin" | "reveal" | "close"} act
   * @param {Record<string, unknown>} [what]
   */
  async lead(act, what = {}) {
    if (this.#leading) return; // a second press of the same button
    this.#leading = true;
    const asked = { token: this.teacher, round: this.round?.number, ...what };
    await this.ask(act, asked).finally(() => {
      this.#leading = false;
    });
    this.choose(false);
  }

  /** Open a room under a code that nobody has, as its teacher. Rejects with Refused. */
  async open() {
    for (let left = TRIES; ; left--) {
      const code = newCode();
      try {
        const { token, ear } = await this.ask("open", {}, code);
        return this.#steer(code, token, ear);
      } catch (error) {
        if (!(error instanceof Refused && error.key === "room.taken" && left)) throw error;
      }
    }
  }

  /**
   * Steer a room with a pass that another device of the teacher's has given. Rejects with Refused.
   * @param {string} code
   * @param {string} pass
   */
  async take(code, pass) {
    const { token, ear } = await this.ask("take", { pass }, code);
    this.#steer(code, token, ear);
  }

  /**
   * Come into a room: as its teacher where this browser has opened it, else as a member. Rejects with Refused.
   * @param {string} code
   */
  async join(code) {
    const known = remembered(code);
    if (known.teacher) return this.#steer(code, known.teacher, known.ear);
    /** @type {Seat} */
    const seat = await this.ask("join", { token: known.seat ?? "" }, code);
    remember(code, { seat: seat.token });
    this.#enter(code, { seat }, seat.ear);
  }

  /**
   * Do what a member may. Where the seat was given on, since its page was away and the room full, take a new one first.
   * @template T
   * @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  async asMember(act) {
    const { code } = this;
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Refused && error.key === "room.forbidden") || code !== this.code) throw error;
      await this.join(code);
      return act();
    }
  }

  /** @param {boolean} follows */
  async follow(follows) {
    if (!this.seat) return;
    this.seat = { ...this.seat, follows };
    this.tell();
    await this.asMember(() => this.ask("follow", { token: this.seat?.token, follows }));
    if (this.seat.follows === follows) return;
    this.seat = { ...this.seat, follows }; // it is a new one
    this.tell();
  }

  /** Go out of the room; the seat is kept for who comes back. */
  leave() {
    this.#hangUp();
    Object.assign(this, {
      code: "",
      seat: null,
      teacher: "",
      news: null,
      ended: false,
      problem: null,
      choosing: false,
      aside: false,
    });
    name("");
    this.tell();
  }

  /** End the room for all. Rejects with Refused. */
  async end() {
    const { code, teacher } = this;
    await this.ask("end", { token: teacher });
    forget(code);
    this.leave();
  }

  /**
   * Ask the server for something in a room. Rejects with Refused, or with a TypeError where it cannot be reached.
   * @param {string} act
   * @param {Record<string, unknown>} what
   */
  async ask(act, what, code = this.code) {
    const body = JSON.stringify(what);
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(`${this.root}/room/${code}/${act}`, { method: "POST", headers, body, signal });
    return this.#read(answer);
  }

  /**
   * Send a file. Rejects as `ask` does.
   * @param {string} path below the room's own
   * @param {BlobPart} content
   */
  async send(path, content, token = this.seat?.token ?? "") {
    const headers = { "x-room-token": token };
    const body = new Blob([content]);
    const signal = AbortSignal.timeout(CARRIED);
    return this.#read(await fetch(`${this.root}/room/${this.code}/${path}`, { method: "POST", headers, body, signal }));
  }

  /** @param {Response} answer */
  async #read(answer) {
    const said = await answer.json();
    if (!answer.ok) throw new Refused(said.key ?? "", said.detail);
    return said;
  }

  /** @param {string} code @param {string} teacher @param {string} ear */
  #steer(code, teacher, ear) {
    remember(code, { teacher, ear });
    this.#enter(code, { teacher }, ear);
  }

  /** @param {string} code @param {Partial<Pick<Room, "seat" | "teacher">>} who @param {string} ear */
  #enter(code, who, ear) {
    this.#hangUp();
    Object.assign(this, { seat: null, teacher: "", news: null, ended: false }, who, { code, problem: null });
    name(code);
    this.#hangUp = listen({
      name: `gan-room-${code}`,
      address: `${this.root}/room/${code}`,
      ear,
      hear: (/** @type {News} */ news) => {
        const [before, now] = [this.news?.round, news.round];
        if (before?.number !== now?.number || before?.revealed !== now?.revealed) {
          Object.assign(this, { choosing: false, aside: false }); // another device leads
        }
        this.news = news;
        this.tell();
      },
      end: (seen) => {
        if (seen) forget(code);
        this.ended = true;
        this.tell();
      },
    });
    this.tell();
  }

  /** Let all draw anew who watch. */
  tell() {
    for (const draw of this.#watchers) draw();
  }
}

const newCode = () =>
  Array.from({ length: LENGTH }, () => LETTERS[Math.floor(Math.random() * LETTERS.length)]).join("");

/**
 * What somebody has typed, as a code; "" if it is none.
 * @param {string} text
 */
export function codeOf(text) {
  const code = text.trim().toUpperCase();
  return code.length === LENGTH && [...code].every((letter) => LETTERS.includes(letter)) ? code : "";
}

/** Name the room in the page's address, so that a page that is loaded anew finds it. @param {string} code */
function name(code) {
  const address = new URL(location.href);
  if ((address.searchParams.get("room") ?? "") === code) return;
  if (code) address.searchParams.set("room", code);
  else address.searchParams.delete("room");
  history.replaceState(null, "", address);
}

// ---- what this browser keeps of a room, for who comes back ----

/** @param {string} code @returns {{ teacher?: string, ear: string, seat?: string }} */
const remembered = (code) => kept.get(`gan-seat-${code}`);

/** @param {string} code @param {object} what */
const remember = (code, what) => kept.set(`gan-seat-${code}`, { ...remembered(code), ...what });

/** @param {string} code */
function forget(code) {
  for (const what of ["seat", "votes", "wall"]) kept.remove(`gan-${what}-${code}`);
}

export const room = new Room();
addEventListener("popstate", () => room.code && name(room.code)); // going back goes back on the page, in the room
