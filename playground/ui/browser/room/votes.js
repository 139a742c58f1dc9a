// What this member answers in a round: sent until it has arrived, and kept, so that a page that is loaded anew goes on
// where it was. Knows no element.

import { kept } from "./kept.js";
import { Refused, room } from "./room.js";

/**
 * `at` is the first thing that was not seen yet, `given` what was answered, `open` what has not arrived.
 * @typedef {{ round: number, at: number, given: Record<string, number>, open: number[] }} Votes
 */

const RETRY = 1000; // ms after which an answer is sent again that did not arrive
const BUSY = new Set(["room.often", "guard.too_often", "error.disk"]); // what the server may take later

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
    return new Map(Object.entries(read().given).map(([item, answer]) => [Number(item), answer]));
  },
  /** @param {number} next */
  pass(next) {
    change((votes) => {
      votes.at = next;
    });
  },
  /** Answer, unless that was done. @param {number} item @param {number} answer */
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
    const [item] = now.open;
    const what = { token: room.seat.token, round: now.round, item, answer: now.given[item] };
    const gone = await room.ask("vote", what).then(
      () => true,
      (error) => error instanceof Refused && !BUSY.has(error.key), // the round has ended: it never will
    );
    if (gone) {
      change((votes) => {
        votes.open = votes.open.filter((each) => each !== item);
      });
      room.tell();
    } else await new Promise((go) => setTimeout(go, RETRY));
  }
  sending = false;
}
