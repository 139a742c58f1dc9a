// How a run stands: a bar and two sentences. What the server sends for the tab's other widgets comes here, too.

import { part } from "../kit/dom.js";
import { language } from "../kit/view.js";
import { Desk } from "./device.js";
import { follow } from "./live.js";
import { shareRuns } from "./sharing.js";

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {import("../types.d.ts").Say} Say
 *
 * @typedef {object} Status
 * @property {string} phase key of the sentence
 * @property {number} [step]
 * @property {number} [fraction] of the budget, 0 to 1
 * @property {number | null} [left] seconds
 * @property {number | null} [wait] seconds until its turn, at most
 * @property {number} [speed] images a second
 * @property {number | null} [memory] bytes, null where nobody knows; of a run that has trained here
 * @property {number} [d_real] 0 to 1
 * @property {number} [d_fake] 0 to 1
 * @property {Own} [own] of a run on this device
 *
 * @typedef {object} Own
 * @property {number} workers
 * @property {string | null} card the GPU that trains
 * @property {"missing" | "small" | "wrong" | "lost" | null} fell why it does so no more
 * @property {boolean} lasting whether runs outlive the page
 * @property {boolean} full whether the browser's store has no room
 * @property {"hidden" | "battery" | null} why a run rests
 */

/** @param {View} view */
export function mount(view) {
  const { props, watch, trigger } = view;
  const desk = new Desk(view);
  Reflect.set(window, "ganDevice", desk); // Gradio calls it by name
  follow("status", view, (known) => draw(view, known ?? { phase: "idle" }));
  const take = () => {
    if (props.value) desk.take(props.value);
  };
  watch("value", take);
  take();
  trigger("select"); // the tab is open for the first time: what does the visitor find here?
  desk.settle();
  shareRuns();
}

/**
 * @param {View} view
 * @param {Status} status
 */
function draw({ element, props, say }, status) {
  part(element, ".device").textContent = machine(props, status, say);
  const percent = Math.round((status.fraction ?? 0) * 100);
  const track = part(element, ".track");
  part(element, ".done").style.width = `${percent}%`;
  track.hidden = status.phase === "endless";
  track.setAttribute("aria-valuenow", String(percent));
  track.setAttribute("aria-label", say("progress"));
  const sentence = part(element, ".sentence");
  sentence.classList.toggle("failed", status.phase === "failed");
  sentence.textContent = say(status.phase, {
    ...status,
    left: say(...duration(status.left)),
    wait: say(...duration(status.wait, "most_")),
    speed: number(status.speed ?? 0),
    d_real: (status.d_real ?? 0).toFixed(2),
    d_fake: (status.d_fake ?? 0).toFixed(2),
  });
}

/**
 * What trains here, for how long at most, and what a run has taken so far.
 * @param {Record<string, any>} props
 * @param {Status} status
 * @param {Say} say
 */
function machine({ device, minutes }, { step, memory, own }, say) {
  if (own) return own.workers ? ownMachine(own, step, say) : "";
  const gibibytes = memory ? `${(memory / 2 ** 30).toFixed(2)} GiB` : say("memory_unknown");
  const figures = step && memory !== undefined ? ` · ${say("figures", { step, memory: gibibytes })}` : "";
  return `${say(device.kind, device)} · ${say("longest", { minutes })}${figures}`;
}

/**
 * This device: what it trains with, and what a visitor should know of it.
 * @param {Own} own
 * @param {number | undefined} step
 * @param {Say} say
 */
function ownMachine({ workers, card, fell, lasting, full, why }, step, say) {
  const machine = card ? say("webgpu", { card }) : say("wasm", { workers });
  const notes = [machine, fell && say(`fell_${fell}`), step && say("step", { step }), why && say(`rests_${why}`)];
  return [...notes, !lasting && say("not_lasting"), full && say("full")].filter(Boolean).join(" · ");
}

/**
 * A time as people say it: 1 min 40 s, not 100.3 s. Returns its key, after `how`, and values.
 * @param {number | null | undefined} seconds
 * @param {string} [how] "" of a time left, "most_" of one that it will be at most
 * @returns {[string, Record<string, number>]}
 */
function duration(seconds, how = "") {
  if (typeof seconds !== "number") return [`${how}unknown`, {}];
  const rounded = seconds < 60 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 10) * 10;
  const minutes = Math.floor(rounded / 60);
  const rest = rounded % 60;
  if (!minutes) return [`${how}seconds`, { seconds: rest }];
  return rest && minutes < 10 ? [`${how}both`, { minutes, seconds: rest }] : [`${how}minutes`, { minutes }];
}

/** @param {number} value */
const number = (value) => new Intl.NumberFormat(language()).format(Math.round(value / 100) * 100);
