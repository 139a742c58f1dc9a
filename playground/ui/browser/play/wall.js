// The wall of forgers: what a student is told who trains for it, and on the teacher's page, later on all, what hangs
// there, the best first. Knows the room and what may be trained for it, not how.

import { SLOPE } from "../engine/facts.js";
import { button } from "../kit/button.js";
import { h, key, setHidden, setText, speak } from "../kit/dom.js";
import { language, sayIn } from "../kit/view.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";
import { room } from "../room/room.js";
import { wall } from "../room/wall.js";
import { buildComparison } from "./comparison.js";

/** @import { Round } from "../room/room.js" */
/** @import { View } from "../types.d.ts" */
/**
 * @typedef {{ member: number, colour: string, animal: string, frechet: number, recognisable: number, digits: number,
 *   steps: number, seconds: number, settings: Record<string, any>, sheet: string }} Forger
 */

/** @param {View} view */
export function buildWall(view) {
  const mine = buildMine(view),
    hung = buildHung(view);
  const element = h("div", { class: "of-forgers", id: "wall" }, h("h3", { say: "wall" }), mine.element, hung.element);
  page.show(({ tab }) => mine.turn(tab));
  return {
    element,
    show(/** @type {Round | null} */ round) {
      setHidden(element, !round);
      mine.show(round);
      hung.show(round && (room.steers || round.revealed) ? round : null);
    },
  };
}

/** What a student has to do. @param {View} view */
function buildMine(view) {
  const said = h("p", { class: "wait", role: "status" });
  const go = button("wall_train", train, { id: "wall-train" });
  const problem = h("p", { class: "problem", role: "alert" });
  const send = button(
    "wall_send",
    async () => {
      setText(problem, view.say("wall_sending"));
      await wall.send().then(
        () => setText(problem, ""),
        (error) => setText(problem, room.wordsOf(error, view.say)),
      );
      room.tell();
    },
    { id: "wall-send", class: "primary" },
  );
  const element = h("div", { class: "mine" }, said, h("div", { class: "acts" }, go, send), problem);
  /** @param {string} tab */
  const turn = (tab) => setHidden(go, wall.sent || wall.ready !== null || tab === "train");
  return {
    element,
    turn,
    show(/** @type {Round | null} */ round) {
      const here = round && room.seat && !round.revealed;
      setHidden(element, !here);
      if (!here) return setText(problem, "");
      const state = wall.sent ? "wall_sent" : wall.ready ? "wall_ready" : "wall_do";
      setText(said, view.say(state, { steps: round.steps }));
      turn(page.state.tab);
      setHidden(send, wall.ready === null);
    },
  };
}

/** Open the tab where this device trains. */
function train() {
  page.set({ tab: "train" });
  page.commit();
  const look = () => {
    const device = document.querySelector("#train-where input[value=device]");
    if (!(device instanceof HTMLInputElement)) return setTimeout(look, 200); // the tab is being opened
    // Where the server is not chosen, this device trains already, maybe on its GPU.
    if (document.querySelector("#train-where input[value=server]:checked")) device.click();
    return undefined;
  };
  look();
}

/** What hangs there. @param {View} view */
function buildHung(view) {
  const empty = h("p", { class: "wait", say: "wall_empty" });
  const cards = h("div", { class: "forgers" });
  const comparison = buildComparison(view);
  const element = h("div", {}, empty, cards, comparison.element);
  const buttons = () => [...cards.querySelectorAll("button")];
  let fetched = "",
    spoken = "";
  /** @type {Forger[]} */
  let found = [];
  /** @type {Forger[] | null} */
  let shown = null;
  const draw = () => {
    if (shown === found && spoken === language()) return;
    [shown, spoken] = [found, language()];
    setHidden(empty, found.length > 0);
    const held = buttons().indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    cards.replaceChildren(...found.map((forger, place) => cardOf(view, forger, place)));
    comparison.show(found);
    speak(element, view.say);
    if (held >= 0) buttons()[Math.min(held, buttons().length - 1)]?.focus({ preventScroll: true });
  };
  return {
    element,
    async show(/** @type {Round | null} */ round) {
      setHidden(element, !round);
      if (!round) return;
      const wanted = `${room.code} ${round.number} ${round.done} ${round.down}`;
      if (wanted === fetched) return draw();
      const place = `${room.code} ${round.number} `;
      if (!fetched.startsWith(place)) found = []; // what hung on another wall
      fetched = wanted;
      const answer = await fetch(`${room.root}/room/${room.code}/wall`).catch(() => null);
      if (fetched !== wanted) return;
      if (answer?.ok) found = await answer.json();
      else fetched = ""; // with the next news
      draw();
    },
  };
}

/** @param {View} view @param {Forger} forger @param {number} place */
function cardOf(view, forger, place) {
  const { colour, animal, sheet, settings, steps, seconds } = forger;
  const said = (/** @type {string} */ name, /** @type {object} */ values = {}) =>
    sayIn(language(), `room.${name}`, { ...values });
  const who = said("member", { colour: said(`colour_${colour}`), animal: said(`animal_${animal}`) });
  const at = `${room.root}/room/${room.code}/walls/${sheet}`;
  const name = key("wall_sheet", { who });
  const picture = h("img", { class: "pixels", src: `${at}.png`, width: 112, height: 112, alt: "", loading: "lazy" });
  const look = button(
    undefined,
    () => openInExplore(view, `${at}.safetensors`, who, settings),
    { class: "look", name },
    picture,
  );
  const figures = { frechet: forger.frechet, percent: Math.round(100 * forger.recognisable), digits: forger.digits };
  const marked = h("span", { class: "who" }, who);
  marked.style.setProperty("--who", `var(--who-${colour})`);
  return h(
    "article",
    { class: "forger" },
    h("h4", {}, `${place + 1}. `, marked),
    look,
    h("p", { say: key("wall_figures", figures) }),
    h("div", {}, h("p", { class: "help", say: key("wall_did", { steps, seconds }) }), downOf(view, forger.member, who)),
  );
}

/**
 * What takes a network off the wall, whose member hangs no other one there. It is pressed twice, since nothing brings
 * the network back.
 * @param {View} view
 * @param {number} member
 * @param {string} who
 */
function downOf(view, member, who) {
  const takeDown = async () => {
    await room.ask("unhang", { token: room.teacher, round: room.round?.number, member });
  };
  const press = () => {
    if (down.dataset.say === "wall_down_sure") return room.try(takeDown);
    Object.assign(down.dataset, { say: "wall_down_sure", name: key("wall_down_sure_name", { who }) });
    speak(element, view.say);
    return undefined;
  };
  const down = button("wall_down", press, { class: "down", name: key("wall_down_name", { who }) });
  const element = h("div", { hidden: !room.steers }, down);
  return element;
}

/**
 * @param {View} view
 * @param {string} generator
 * @param {string} name
 * @param {Record<string, unknown>} settings
 */
function openInExplore({ asset }, generator, name, settings) {
  const hidden = [settings.widths_g].flat().map(() => `LeakyReLU(${SLOPE})`);
  const told = Object.fromEntries(Object.entries(settings).map(([field, value]) => [field, String(value)]));
  const metadata = { ...told, activations: JSON.stringify([...hidden, "Tanh"]) };
  const token = `${generator}:${performance.now()}`;
  forgers.join({ generator, discriminator: null }, { token, name, metadata });
  room.layAside();
  forgers.begin(asset); // Explore may not have been opened yet
  page.receive(token);
  page.lookInto("own");
}
