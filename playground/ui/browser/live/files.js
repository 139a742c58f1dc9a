// What a visitor can save of a run on this device: the same files as the server's. Mirrors ui/tabs/train/files.py.

import { SLOPE } from "../engine/facts.js";
import { writeTensors } from "../engine/safetensors.js";
import { Refused } from "./workshop.js";

/** @import { TrainState } from "../engine/state.js" */
/** @typedef {import("./record.js").Record} Record */
/** @typedef {{ content: BlobPart, name: string, metadata?: { [name: string]: string } }} File */

const READING = ["step", "loss_g", "loss_d", "d_real", "d_fake"];
const MARK = "\ufeff"; // of the byte order, which Korean spreadsheets want

/**
 * A state's generator or discriminator, as PyTorch and our validator take it. The generator is saved as it draws.
 * @param {TrainState} state
 * @param {"generator" | "discriminator"} role
 * @returns {File}
 */
export function networkFile(state, role) {
  const tensors = role === "generator" ? state.forger() : state.discriminator.tensors();
  const hidden = role === "generator" ? state.config.widths_g : state.config.widths_d;
  const activations = [...hidden.map(() => `LeakyReLU(${SLOPE})`), role === "generator" ? "Tanh" : "Sigmoid"];
  const metadata = {
    architecture: state.config.architecture,
    role,
    dataset: "mnist",
    epoch: String(Math.max(state.epoch - 1, 0)), // the last one finished
    latent_dim: String(state.config.latent_dim),
    config: JSON.stringify(state.config),
    activations: JSON.stringify(activations),
  };
  return { content: writeTensors(tensors, metadata), name: `${role}-step-${state.step}.safetensors`, metadata };
}

/**
 * Every reading of a run as CSV.
 * @param {Record} record
 * @returns {File}
 */
export function lossesFile({ curve, step }) {
  const rows = curve.all.map(([at, ...numbers]) => [Math.trunc(at), ...numbers.map((number) => number.toFixed(6))]);
  const lines = [READING, ...rows].map((row) => row.join(","));
  return { content: `${MARK}${lines.join("\n")}\n`, name: `losses-step-${step}.csv` };
}

/**
 * A run's settings as they stand, as JSON that the page and `pretrain --settings` take.
 * @param {Record} record
 * @returns {File}
 */
export const settingsFile = ({ config, name }) => ({
  content: JSON.stringify(config, null, 2),
  name: `settings-run-${name}.json`,
});

/**
 * The sheets of all looks at a run as a GIF, made by a worker. Throws Refused where there was none.
 * @param {Record} record
 * @param {(path: string) => string} script the address of a worker's module
 * @returns {Promise<File>}
 */
export async function filmFile({ name, step, film }, script) {
  if (!film.length) throw new Refused("gone_here");
  const worker = new Worker(script("live/film-worker.js"), { type: "module" });
  worker.postMessage({ sheets: film.map(([, sheet]) => sheet) });
  const made = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data.film);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  const content = await made.finally(() => worker.terminate());
  return { content, name: `run-${name}-step-${step}.gif` };
}
