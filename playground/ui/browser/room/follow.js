// Follow me: what the teacher's page shows goes to all who follow, by its address. Knows the page's state, no element.

import { page } from "../page/page.js";
import { DEFAULT, read, write } from "../page/state.js";
import { room } from "./room.js";

/** @import { State } from "../types.d.ts" */

const APART = 100; // ms between two messages of a gesture; the last one always goes
/** @type {(keyof State)[]} */
const OWN = ["lang", "view", "hide"]; // each page's own, whatever the teacher's is

const SELF = Math.random().toString(36).slice(2, 10); // this page, among several that steer a room
let sent = ""; // or heard: what all know already

/** Send what this page shows, as long as it is the teacher's; show what the teacher's shows, as long as it follows. */
export function follow() {
  const tell = teller();
  const tellIfTeacher = () => room.teacher && room.news && tell(); // who comes to steer first hears what is shown
  page.show(tellIfTeacher);
  let shown = "";
  room.watch(() => {
    const { news, code } = room;
    const begun = news && (news.by || news.showing); // whether anything was shown yet
    const heard = begun && (room.follows || room.teacher) ? `${code} ${news.showing}` : "";
    if (news && heard && heard !== shown && news.by !== SELF) {
      sent = heard;
      show(news.showing);
    }
    shown = heard;
    tellIfTeacher();
  });
}

/** What sends the teacher's address if it has changed: at once, or as soon as the last message is long enough ago. */
function teller() {
  let last = -Infinity,
    due = false;
  const send = () => {
    due = false;
    const showing = write({ ...page.state, ...own(DEFAULT) });
    const now = `${room.code} ${showing}`;
    if (!room.teacher || now === sent) return;
    [sent, last] = [now, performance.now()];
    room.ask("show", { token: room.teacher, showing, by: SELF }).catch(() => {
      sent = ""; // the next gesture tries again
    });
  };
  return () => {
    const wait = last + APART - performance.now();
    if (due) return;
    if (wait <= 0) return send(); // before anybody draws what has changed
    due = true;
    setTimeout(send, wait);
  };
}

/** @param {string} showing */
function show(showing) {
  let state;
  try {
    state = read(showing);
  } catch (error) {
    if (error instanceof RangeError) return; // from a page of another version
    throw error;
  }
  page.follow({ ...state, ...own(page.state) });
}

/** @param {Readonly<State>} state */
const own = (state) => Object.fromEntries(OWN.map((name) => [name, state[name]]));
