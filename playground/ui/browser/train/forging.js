// What a run on this device does for a class's wall of forgers: it gets as many steps as the wall allows, and when
// they are done it may be sent there.

import { Refused } from "../live/workshop.js";
import { wall } from "../room/wall.js";
import { ENDLESS } from "./fields.js";
import { generatorAt } from "./leaving.js";

/** @import { Config } from "../types.d.ts" */
/** @typedef {import("../live/record.js").Record} Run */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */

/** Settings for as much work as the wall allows. @param {Config} config @returns {Config} */
export const forTheWall = (config) => ({ ...config, steps: wall.stepsFor(config), seconds: null, epochs: ENDLESS });

/**
 * Refuse to change k in a run for the wall: its steps were counted with the k of Start. Throws Refused.
 * @param {string} name of the setting
 * @param {string} run
 */
export function keepWork(name, run) {
  if (name === "k" && wall.trains(run)) throw new Refused("wall_k");
}

/**
 * Go on with a run: one for the wall with the k of its Start.
 * @param {Workshop} shop
 * @param {import("../live/workshop.js").Point} point
 * @param {Config} config
 * @param {Parameters<Workshop["goOn"]>[2]} [more]
 */
export function goOn(shop, point, config, more) {
  const { name, config: before } = shop.recordAt(point);
  return shop.goOn(point, wall.trains(name) ? { ...config, k: before.k } : config, more);
}

/**
 * Offer a run to the wall, if it has trained for it and done all that it may.
 * @param {Workshop} shop
 * @param {Run | null} record
 */
export function offer(shop, record) {
  const point = record && shop.lastOf(record.name);
  if (!record || !point || shop.underWay || !wall.trains(record.name)) return;
  if (point.step !== record.step || record.step < (record.config.steps ?? Number.POSITIVE_INFINITY)) return;
  const file = () => generatorAt(shop, point);
  wall.offer({ run: record.name, steps: record.step, seconds: record.spent, file });
}
