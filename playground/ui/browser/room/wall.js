// The wall of forgers, as far as this device trains for it: how many steps its settings may take, and the network
// that is ready to be sent. Knows neither elements nor how one trains.

import { workOf } from "../engine/config.js";
import { kept } from "./kept.js";
import { Refused, room } from "./room.js";

/** @import { Config } from "../types.d.ts" */
/** @typedef {{ run: string, steps: number, seconds: number, file: () => Promise<BlobPart> }} Ready */

/** @type {{ ready: Ready, round: string } | null} */
let offered = null;
/** The round that is open, among those of all rooms. */
const here = () => `${room.code} ${room.round?.number ?? 0}`;
const nameOf = () => `gan-wall-${room.code}`;

/** What this browser knows of the wall that is open. @returns {{ round: number, run?: string, sent?: boolean }} */
function read() {
  const found = kept.get(nameOf());
  const number = room.round?.number ?? 0;
  return found.round === number ? found : { round: number };
}

/** @param {{ run?: string, sent?: boolean }} news */
const note = (news) => kept.set(nameOf(), { ...read(), ...news });

export const wall = {
  /** The network that may be sent to the wall that is open. @returns {Ready | null} */
  get ready() {
    return offered?.round === here() ? offered.ready : null;
  },
  /** Whether this device may train for a wall. */
  get open() {
    const { round, seat } = room;
    return Boolean(seat && round?.kind === "wall" && !round.revealed && !read().sent);
  },
  /** Whether its network hangs there. */
  get sent() {
    return Boolean(read().sent);
  },
  /** How many steps these settings may take, at least one. @param {Config} config */
  stepsFor: (config) => Math.max(1, Math.floor((room.round?.work ?? 0) / workOf(config))),
  /** A run has begun that trains for it. @param {string} run */
  begin(run) {
    note({ run });
    offered = null;
    room.tell();
  },
  /** Whether a run trains for it. @param {string} run */
  trains: (run) => wall.open && read().run === run,
  /** A run has done all that it may. @param {Ready} ready */
  offer(ready) {
    if (wall.ready?.run === ready.run) return;
    offered = { ready, round: here() };
    room.tell();
  },
  /** Send the network. Rejects as `room.send` does. */
  async send() {
    const { ready } = wall;
    if (!ready) return;
    const query = new URLSearchParams({
      round: String(read().round),
      steps: String(ready.steps),
      seconds: String(Math.round(ready.seconds)),
    });
    const file = await ready.file();
    await room
      .asMember(() => room.send(`wall?${query}`, file))
      .catch((error) => {
        const arrived = error instanceof Refused && error.key === "room.twice"; // its answer was lost
        if (!arrived) throw error;
      });
    note({ sent: true });
    offered = null;
  },
};
