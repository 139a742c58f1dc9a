// What the teacher's page shares with all who follow, part by part, each as a numbered file of the room: it is sent
// once, and browsers and proxies may keep it. Knows the room, not what is shared.

import { room } from "./room.js";

const APART = 500; // ms between two messages of one part

/**
 * What sends a part when it has changed: the newest only, twice a second at most.
 * @param {string} part
 */
export function sharing(part) {
  let wanted = "",
    sent = "", // and to which room
    busy = false;
  const now = () => `${room.code} ${wanted}`;
  const send = async () => {
    if (busy) return;
    busy = true;
    while (wanted && now() !== sent && room.steers) {
      const pause = new Promise((go) => setTimeout(go, APART));
      sent = now();
      await room.send(`share/${part}`, wanted, room.teacher).then(
        () => room.arrived(),
        (error) => {
          sent = ""; // again, after the pause
          room.told(error);
        },
      );
      await pause;
    }
    busy = false;
  };
  return (/** @type {object | null} */ what) => {
    wanted = JSON.stringify(what ?? {});
    send();
  };
}

/**
 * Call `hear` with each new file of a part, as long as this page follows; with null when there is none any more.
 * @param {string} part
 * @param {(what: any) => void} hear
 */
export function shared(part, hear) {
  let heard = "",
    busy = false;
  const wanted = () => {
    const number = room.follows ? room.news?.shared?.[part] : undefined;
    return number ? `${room.root}/room/${room.code}/shared/${part}_${number}` : "";
  };
  const look = async () => {
    if (busy) return;
    busy = true;
    for (let now = wanted(); now !== heard; now = wanted()) {
      heard = now;
      const answer = now ? await fetch(now).catch(() => null) : null;
      const what = answer?.ok ? await answer.json().catch(() => null) : null;
      if (what || !now) hear(what); // one that is gone already has a newer one
    }
    busy = false;
  };
  room.watch(look);
}
