// The room's bar, which stands in every tab: for the teacher its code, who is here and what ends it; for a student who
// one is and whether one follows. Knows the room, not what is played in it.

import { button, press } from "../kit/button.js";
import { h, keepWorded, part, setHidden, setText } from "../kit/dom.js";
import { follow } from "../room/follow.js";
import { codeOf, Refused, room } from "../room/room.js";
import { addressOf, buildCode } from "./qr.js";

/** @import { View } from "../types.d.ts" */

const AGAIN = 3000; // ms after which a page without a network tries again to come in
const FINAL = new Set(["room.none", "room.forbidden", "room.full", "room.full_devices"]); // tried again in vain
const PASS = "steer"; // what stands before a pass in an address's fragment, which no server hears

/** @param {View} view */
export function mount(view) {
  room.root = view.served("");
  const box = part(view.element, ".room");
  /** @type {{ elements: HTMLElement[], show: () => void }[]} */
  const parts = [buildTeaching(view), buildSitting(view), buildEnd(view)];
  box.append(...parts.flatMap((each) => each.elements));
  const show = () => {
    setHidden(box, !room.code && !room.problem);
    document.documentElement.toggleAttribute("data-room", !box.hidden);
    for (const each of parts) each.show();
  };
  keepWorded(view, show);
  room.watch(show);
  follow();
  arrive();
}

/** Into the room that the page's address names. */
async function arrive() {
  const code = codeOf(new URLSearchParams(location.search).get("room") ?? "");
  const pass = new URLSearchParams(location.hash.slice(1)).get(PASS);
  if (pass) history.replaceState(null, "", location.pathname + location.search); // it is good once
  const come = async () => {
    const named = codeOf(new URLSearchParams(location.search).get("room") ?? "");
    if (room.code || named !== code) return; // somebody has gone elsewhere meanwhile
    await room.try(() => (pass ? room.take(code, pass) : room.join(code)));
    const { problem } = room;
    const final = problem instanceof Refused && FINAL.has(problem.key);
    if (problem && !final) setTimeout(come, AGAIN); // no network yet, a server that starts, too many at once
  };
  if (code) await come();
}

/** The room's code in letters that the last row reads. */
const codeElement = () => h("output", { id: "room-code" });

/** @param {View} view */
function buildTeaching(view) {
  const code = codeElement();
  const count = h("p", { class: "count", role: "status" });
  const qr = buildCode(view, "room-qr-code");
  const addressIn = (/** @type {string} */ fragment) => {
    const address = addressOf(view.props.lan, `room=${room.code}`);
    return address && address + fragment;
  };
  const invite = button("qr", () => qr.show(addressIn("")), { id: "room-qr" });
  const handOn = async () => {
    const given = await room.ask("pass", { token: room.teacher });
    qr.show(addressIn(`#${PASS}=${given.pass}`), view.say("remote_help"));
  };
  const play = button("play", () => room.choose(!room.aside && !room.choosing), { id: "room-play" });
  const remote = button("remote", () => room.try(handOn), { id: "room-remote" });
  const ending = buildEnding();
  const where = h("p", { class: "where" }, h("span", { say: "code" }), code);
  const acts = h("div", { class: "acts" }, play, invite, remote, ...ending.elements);
  return {
    elements: [where, count, acts, qr.dialog],
    show() {
      const shown = Boolean(room.teacher) && !room.ended;
      for (const element of [where, count, acts]) setHidden(element, !shown);
      if (!shown) return ending.close();
      setText(code, room.code);
      press([play], () => room.choosing || (room.round !== null && !room.aside));
      const { here = 0, following = 0 } = room.news ?? {};
      setText(count, view.say("count", { here, following }));
    },
  };
}

/** What ends the room, once it was asked again. */
function buildEnding() {
  const ask = button("end", () => turn(true), { id: "room-end" });
  const sure = h("span", { say: "end_sure" });
  const yes = button("end_yes", () => room.try(() => room.end()), { id: "room-end-yes" });
  const no = button("end_no", () => turn(false));
  const turn = (/** @type {boolean} */ asking) => {
    const back = !asking && no.contains(document.activeElement);
    setHidden(ask, asking);
    for (const element of [sure, yes, no]) setHidden(element, !asking);
    if (asking) no.focus();
    if (back) ask.focus();
  };
  turn(false);
  return { elements: [ask, sure, yes, no], close: () => turn(false) };
}

/** @param {View} view */
function buildSitting(view) {
  const who = h("p", { class: "who" });
  const said = h("p", { class: "said", role: "status" });
  const turn = button(undefined, () => room.try(() => room.follow(!room.follows)), { id: "room-follow" });
  const toWall = () => {
    room.choose(false);
    turn.focus(); // this one is gone
  };
  const back = button("to_wall", toWall, { id: "room-wall" });
  const acts = h(
    "div",
    { class: "acts" },
    back,
    turn,
    button("leave", () => room.leave(), { id: "room-leave" }),
  );
  return {
    elements: [who, said, acts],
    show() {
      const { seat } = room;
      for (const element of [who, said, acts]) setHidden(element, !seat || room.ended);
      if (!seat) return;
      setHidden(back, !(room.aside && room.round)); // a network of the wall is looked at
      const [colour, animal] = [view.say(`colour_${seat.colour}`), view.say(`animal_${seat.animal}`)];
      setText(who, view.say("member", { colour, animal }));
      who.style.setProperty("--who", `var(--who-${seat.colour})`);
      setText(said, view.say(room.follows ? "following" : "alone"));
      setText(turn, view.say(room.follows ? "look_around" : "come_back"));
    },
  };
}

/** What is said when the room has ended, or could not be entered. @param {View} view */
function buildEnd(view) {
  const said = h("p", { role: "alert" });
  const close = button("close", () => room.dismiss(), { id: "room-close" });
  return {
    elements: [said, close],
    show() {
      const shown = room.ended || room.problem !== null;
      for (const element of [said, close]) setHidden(element, !shown);
      if (shown) setText(said, room.problem ? room.wordsOf(room.problem, view.say) : view.say("ended"));
    },
  };
}
