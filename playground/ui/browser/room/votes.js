// What this member answers in a round: sent until it has arrived, and kept, so that a page that is loaded anew goes
// on where it was. Knows no element.

import { kept } from "./kept.js";
import { Refused, room } from "./room.js";

/**
 * `at` is the first thing that was not seen yet, `given` what was answered, `open` what has not arrived.
 * @typedef {{ round: number, at: number, given: Record<string, number | null>, open: number[] }} Votes
 */

const RETRY = 1000; // ms after which an answer is sent again that did not arrive
const LOST = new Set(["room.over", "room.none", "error.whole"]); // what the server will never take

const nameOf = () => `gan-votes-${room.code}`;

/** This browser's answers in the round. @returns {Votes} */
function read() {
  const found = kept.get(nameOf());
  const number = room.round?.number ?? 0;
  return found.round === number ? found : { round: number, at: 0, given: {}, open: [] };
}

/** @param {(votes: Votes) => void} act */
function change(act) {
  const votes = read();
  act(votes);
  kept.set(nameOf(), votes);
}

let sending = false;

export const votes = {
  /** Which thing comes next. */
  get at() {
    return read().at;
  },
  /** How many answers have not arrived yet. */
  get open() {
    return read().open.length;
  },
  /** What was answered, by item. @returns {Map<number, number>} */
  get given() {
    const all = Object.entries(read().given).flatMap(([item, answer]) => (answer === null ? [] : [[item, answer]]));
    return new Map(all.map(([item, answer]) => [Number(item), Number(answer)]));
  },
  /** @param {number} next */
  pass(next) {
    change((votes) => {
      votes.at = Math.max(votes.at, next); // another tab may be further
    });
  },
  /** Answer, unless that was done; null: not in time. @param {number} item @param {number | null} answer */
  give(item, answer) {
    if (item in read().given) return;
    change((votes) => {
      votes.given[item] = answer;
      votes.open.push(item);
    });
    send();
  },
  /** Send what has not arrived. */
  send,
};

async function send() {
  if (sending) return;
  sending = true;
  for (let now = read(); now.open.length && room.seat; now = read()) {
    const { code } = room;
    const [item] = now.open;
    const what = { token: room.seat.token, round: now.round, item, answer: now.given[item] };
    const gone = await room.ask("vote", what).then(() => true, failed);
    if (!gone) await new Promise((go) => setTimeout(go, RETRY));
    else if (code === room.code) arrived(now.round, item);
  }
  sending = false;
}

/** An answer needs no more to be sent. @param {number} round @param {number} item */
function arrived(round, item) {
  change((votes) => {
    if (votes.round === round) votes.open = votes.open.filter((each) => each !== item); // else there is a newer round
  });
  room.tell();
}

/** Whether an answer that was refused never will arrive. @param {unknown} error */
async function failed(error) {
  if (!(error instanceof Refused)) return false;
  if (error.key === "room.forbidden") await room.join(room.code).catch(() => {}); // the seat was given on
  return LOST.has(error.key);
}
