// How this device's run stands, as the status widget shows it. Knows neither elements nor Gradio.

import { ENDLESS } from "./fields.js";
import { recipeOf } from "./shown.js";
import { explain, say } from "./words.js";

/** @typedef {import("../live/record.js").Record} Record */
/** @typedef {import("../live/workshop.js").Run} Run */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */

/**
 * @param {Workshop} shop
 * @param {Record | null} record the run in front
 * @param {{ sentence: string, why: string | null, fraction: number | null } & Pick<import("./device.js").Desk,
 *   "machine" | "facts">} told why something could not be done, why runs rest, and how far a run is on its way
 */
export function statusOf(shop, record, { sentence, why, fraction, machine, facts }) {
  const { run } = shop;
  const last = run?.record === record ? run : null; // if this page has trained it
  const busy = last && !last.over ? last : null;
  const workers = busy?.hired.length ?? record?.workers ?? machine.workers;
  const card = (busy ? busy.gpu && !busy.fell : shop.given.gpu) && (busy?.card ?? machine.card);
  const own = { workers, card, fell: last?.fell, lasting: shop.given.kept.lasting, full: shop.full, why };
  if (fraction !== null) return { ...movingOf(fraction), own };
  if (sentence) return { phase: "failed", error: sentence, own };
  if (!record || !run || run.record !== record) return { ...atRest(record), own };
  const latest = record.curve.all.at(-1);
  return {
    own,
    phase: phaseOf(run, facts),
    step: record.step,
    epoch: record.epoch,
    epochs: record.config.epochs * record.grants + record.begun_epoch,
    fraction: run.phase === "fetching" ? run.data.come / (run.data.of || 1) : run.fraction,
    percent: Math.round((100 * run.data.come) / (run.data.of || 1)),
    left: run.left,
    speed: run.speed,
    d_real: latest?.[3] ?? 0,
    d_fake: latest?.[4] ?? 0,
    error: run.error ? explain(run.error) : say("error.diverged", { step: record.step }),
  };
}

/** Of a run on its way between this device and the server. @param {number} fraction */
export const movingOf = (fraction) => ({ phase: "moving", fraction, percent: Math.round(100 * fraction) });

/** @param {Record | null} record */
function atRest(record) {
  if (!record) return { phase: "idle_here" };
  const came = record.origin.startsWith("server-") && !record.curve.all.length;
  return came ? { phase: "came_server", step: record.step } : { phase: "kept_here" };
}

/** @param {Run} run @param {import("./shown.js").Facts} facts */
export function phaseOf({ phase, record }, facts) {
  if (phase === "finished" && record.unread && !recipeOf(record, facts)) return "early";
  if (phase === "paused") return "paused_here";
  if (phase !== "running") return phase;
  if (!record.curve.all.length) return "loading";
  const { seconds, steps, epochs } = record.config;
  if (seconds !== null || steps !== null) return "timed";
  return epochs < ENDLESS ? "running" : "endless";
}
