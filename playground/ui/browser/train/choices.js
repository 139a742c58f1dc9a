// What a chosen preset or recipe changes of the tab on this device. Mirrors playground/ui/tabs/train/handlers.py.

import { configOf, fieldsOf } from "./fields.js";
import { expected, presetOf } from "./shown.js";

/** @import { Fields, Updates } from "./fields.js" */
/** @import { Facts } from "./shown.js" */

/** The settings of a preset. @param {string} name @param {Facts} facts @returns {Updates} */
export function takePreset(name, { presets }) {
  return { ...fieldsOf(presets[name], "scratch"), preset: { value: name }, recipe: { value: null } };
}

/** What the class is asked before a recipe's run. @param {string} name @param {Facts} facts */
export const questionOf = (name, facts) => ({ ...expected(name, facts), phase: "asked" });

/** The settings of a recipe; the class is asked what they will do. @param {string} name @param {Facts} facts */
export function takeRecipe(name, facts) {
  const { config, origin } = facts.recipes[name];
  return { ...fieldsOf(config, origin), preset: { value: null } };
}

/**
 * The preset that runs begin with on this side, where the fields still have the one of the other side.
 * @param {Fields} fields
 * @param {string} where "gpu", "device" or "server"
 * @param {any} props of the status
 * @returns {Updates}
 */
export function beginning(fields, where, props) {
  /** @type {Facts} */
  const { begins, presets } = props.facts;
  const [here, there] = where !== "server" ? [begins.device, begins.server] : [begins.server, begins.device];
  try {
    return presetOf(configOf(fields, props), { presets }) === there ? takePreset(here, props.facts) : {};
  } catch {
    return {}; // somebody has typed something else
  }
}

/** The files of a shipped epoch. @param {unknown} epoch @param {import("../types.d.ts").View["asset"]} asset */
export async function weightsOf(epoch, asset) {
  const read = async (/** @type {string} */ role) => {
    const path = `epoch-${String(epoch).padStart(3, "0")}/${role}.safetensors`;
    const answer = await fetch(asset("checkpoints", path));
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.arrayBuffer();
  };
  return { generator: await read("generator"), discriminator: await read("discriminator") };
}
