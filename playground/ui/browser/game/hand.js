// Real or fake? One picture at a time, two large buttons, and a bar that says how long it stays. Knows neither rooms
// nor what the pictures were.

import { contextOf, SIDE } from "../engine/pixels.js";
import { button, rest } from "../kit/button.js";
import { h, key, setHidden, setText, speak } from "../kit/dom.js";

/** @import { View } from "../types.d.ts" */

const COLUMNS = 6; // of a sheet of pictures
const BLIND = 250; // ms of a picture in which nobody can have seen it: a second tap, or one that came too late
export const FAKE = 0;
export const REAL = 1;
/** @type {Record<string, number>} */
const KEYS = { ArrowLeft: FAKE, ArrowRight: REAL };

/**
 * Pictures to play with: the sheet they are cut from, and which of it, in order.
 * @typedef {{ sheet: CanvasImageSource, places: number[], seconds: number }} Pack
 */

/**
 * Who is told what happens.
 * @typedef {object} Player
 * @property {(item: number, answer: number | null) => void} answer
 * @property {(next: number) => void} [pass]
 * @property {() => void} done
 */

/**
 * Cut a picture out of a sheet.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} sheet
 * @param {number} place
 */
export function cut(canvas, sheet, place) {
  const [left, top] = [(place % COLUMNS) * SIDE, Math.floor(place / COLUMNS) * SIDE];
  contextOf(canvas).drawImage(sheet, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
}

/**
 * A sheet as a picture that is there. Rejects where it cannot be had.
 * @param {string} address
 */
export async function sheetAt(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  return picture;
}

/**
 * The player's place. `answer(item, given)` hears what is chosen, null where the time runs out; `pass(next)` which
 * picture comes next, `done()` that none does.
 * @param {View} view
 * @param {string} id before what its buttons are called
 * @param {Player} player
 */
export function buildHand(view, id, { answer, pass = () => {}, done }) {
  const canvas = h("canvas", { class: "pixels", width: SIDE, height: SIDE, role: "img" });
  const place = h("p", { class: "place", role: "status" });
  const time = h("div", { class: "time", "aria-hidden": "true" });
  const choose = (/** @type {number} */ given) => {
    if (!pack || blind) return;
    answer(at, given);
    show(at + 1);
  };
  const fake = button("play_fake", () => choose(FAKE), { id: `${id}-fake`, class: "say-fake" });
  const real = button("play_real", () => choose(REAL), { id: `${id}-real`, class: "say-real" });
  const element = h(
    "div",
    { class: "judging", hidden: true },
    place,
    canvas,
    time,
    h("div", { class: "votes" }, fake, real),
  );
  /** @type {Pack | null} */
  let pack = null;
  let at = 0;
  let blind = true; // whether this picture has just come
  const blinded = (/** @type {boolean} */ now) => {
    blind = now;
    for (const each of [fake, real]) rest(each, now);
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let leaving;
  const late = () => {
    answer(at, null);
    show(at + 1);
  };
  const show = (/** @type {number} */ next) => {
    clearTimeout(leaving);
    at = next;
    pass(next);
    if (!pack || next >= pack.places.length) {
      stop();
      return done();
    }
    cut(canvas, pack.sheet, pack.places[next]);
    words();
    blinded(true);
    setTimeout(() => pack && next === at && blinded(false), BLIND);
    leaving = setTimeout(late, 1000 * pack.seconds);
    for (const old of time.getAnimations()) old.cancel();
    time.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], 1000 * pack.seconds);
  };
  const words = () => {
    if (!pack) return;
    const values = { number: at + 1, pictures: pack.places.length };
    setText(place, view.say("play_place", values));
    canvas.dataset.name = key("play_picture", values);
    speak(element, view.say);
  };
  const stop = () => {
    clearTimeout(leaving);
    pack = null;
    setHidden(element, true);
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    const other = event.repeat || event.altKey || event.ctrlKey || event.metaKey;
    if (!pack || other || !(event.key in KEYS) || !element.checkVisibility()) return;
    event.preventDefault();
    choose(KEYS[event.key]);
  };
  document.addEventListener("keydown", press, { capture: true }); // before the arrows turn a lesson's steps
  return {
    element,
    words,
    stop,
    /** Play, from a picture on that was not seen yet. @param {Pack} given @param {number} from */
    play(given, from = 0) {
      pack = given;
      setHidden(element, false);
      show(from);
      element.scrollIntoView({ block: "nearest" });
    },
  };
}
