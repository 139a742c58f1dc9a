// Follow me: what the teacher's page shows goes to all who follow, by its address. Knows the page's state, no element.

import { page } from "../page/page.js";
import { DEFAULT, HIDDEN, read, write } from "../page/state.js";
import { room } from "./room.js";

/** @import { State } from "../types.d.ts" */

const APART = 100; // ms between two messages of a gesture
const RETRY = 1000; // ms after which one is sent again that did not arrive
const GUESSED = "verdicts"; // what the teacher hides from all: the class guesses first

const SELF = Math.random().toString(36).slice(2, 10); // this page, among several that steer a room
let sent = ""; // or heard: what all know already

/** Send what this page shows, as long as it is the teacher's; show what the teacher's shows, as long as it follows. */
export function follow() {
  const tell = teller();
  const tellIfTeacher = () => room.steers && room.news && tell(); // who comes to steer first hears what is shown
  page.show(tellIfTeacher);
  let shown = "";
  room.watch(() => {
    const { news, code } = room;
    const begun = news && (news.by || news.showing); // whether anything was shown yet
    const heard = begun && (room.follows || room.teacher) ? `${code} ${news.showing}` : "";
    if (!room.follows) giveBack();
    if (news && heard && heard !== shown && news.by !== SELF) {
      sent = heard;
      show(news.showing);
    }
    shown = heard;
    tellIfTeacher();
  });
}

/**
 * What sends the teacher's address if it has changed: at once, or when the message before has arrived and is long
 * enough ago. So none overtakes another, and the last one always arrives.
 */
function teller() {
  let busy = false;
  const send = async () => {
    for (let now = showing(); room.steers && now !== sent; now = showing()) {
      const next = pause(APART);
      sent = now;
      const what = { token: room.teacher, showing: now.slice(room.code.length + 1), by: SELF };
      const arrived = await room.ask("show", what).catch((error) => room.told(error));
      if (arrived) room.arrived();
      else if (sent === now) sent = "";
      if (!arrived) await pause(RETRY);
      await next;
    }
  };
  return async () => {
    if (busy) return;
    busy = true;
    await send();
    busy = false;
  };
}

/** The room, and the address of what this page shows. */
const showing = () => `${room.code} ${write({ ...page.state, ...own(DEFAULT, page.state) })}`;

/** @param {number} ms */
const pause = (ms) => new Promise((go) => setTimeout(go, ms));

/** @type {boolean | null} */
let hidden = null; // whether this page hid them itself before it followed

/** Who does not follow any more sees what the teacher has hidden from all, if one did so before. */
function giveBack() {
  if (hidden === null) return;
  const { hide } = page.state;
  if (!hidden && hide.includes(GUESSED)) page.set({ hide: hide.filter((name) => name !== GUESSED) });
  hidden = null;
  page.commit();
}

/** @param {string} address */
function show(address) {
  let state;
  try {
    state = read(address);
  } catch (error) {
    if (error instanceof RangeError) return; // from a page of another version
    throw error;
  }
  if (room.follows) hidden ??= page.state.hide.includes(GUESSED);
  page.follow({ ...state, ...own(page.state, state) });
}

/**
 * What is each page's own, whatever the teacher's is; but for what the teacher hides from all.
 * @param {Readonly<State>} page
 * @param {Readonly<State>} teacher
 * @returns {Pick<State, "lang" | "view" | "hide">}
 */
const own = ({ lang, view, hide }, teacher) => ({
  lang,
  view,
  hide: HIDDEN.filter((name) => (name === GUESSED ? teacher : { hide }).hide.includes(name)),
});
