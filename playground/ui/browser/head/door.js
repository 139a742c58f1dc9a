// The way into a room: a teacher opens one, a student without the link types its code. Knows the room, not its bar.

import { button } from "../kit/button.js";
import { h, setHidden, setText } from "../kit/dom.js";
import { codeOf, room } from "../room/room.js";

/** @import { View } from "../types.d.ts" */

/** What stands in the teacher's panel, outside of any room. @param {View} view */
export function buildDoor(view) {
  const problem = h("p", { class: "problem", role: "status" });
  const attempt = async (/** @type {() => Promise<void>} */ act) => {
    setText(problem, "");
    await act().catch((error) => setText(problem, room.wordsOf(error, view.say)));
    if (room.code) section.closest("details")?.removeAttribute("open"); // what follows stands in the bar
  };
  const open = button("room_open", () => attempt(() => room.open()), { id: "room-open", class: "primary" });
  const field = h("input", {
    id: "room-code-field",
    size: 5,
    maxlength: 8,
    autocapitalize: "characters",
    autocomplete: "off",
    spellcheck: "false",
  });
  const join = button(undefined, () => {}, { id: "room-join", type: "submit" }, h("span", { say: "room_join" }));
  const label = h("label", {}, h("span", { say: "room_code" }), " ", field);
  const form = h("form", { class: "join" }, label, join);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = codeOf(field.value);
    if (code) attempt(() => room.join(code));
    else setText(problem, view.say("room_no_code"));
  });
  const help = h("p", { class: "help", say: "room_help" });
  const section = h("section", { class: "door" }, open, help, form, problem);
  room.watch(() => setHidden(section, Boolean(room.code)));
  return [section];
}
