// A state as one file of safetensors, by the names of playground/state.py, so that a run moves between this device and
// the server. Only random numbers differ there: a browser's follow from seed and step, and need not be kept.

import { BatchNorm } from "./layers.js";
import { readTensors, writeTensors } from "./safetensors.js";

/** @import { Stack } from "./gan.js" */
/** @import { Optimizer } from "./optimizers.js" */
/** @import { TrainState } from "./state.js" */
/** @import { Tensor, Whole } from "../types.d.ts" */
/** @typedef {Record<string, Tensor | Whole>} Tensors */

const DEVICE = "auto"; // of the config: each machine has its own

/** @param {TrainState} state */
export function writeState(state) {
  const { step, epoch, position, batches, among, sums } = state;
  const updates = state.players().map(([, , { steps }]) => steps);
  const counters = { step, epoch, position, batches, among, updates, sums: Array.from(sums) }; // of sums all digits
  const metadata = { config: JSON.stringify({ ...state.config, device: DEVICE }), device: "browser" };
  return writeTensors(tensorsOf(state), { ...metadata, counters: JSON.stringify(counters) });
}

/**
 * What such a file, a server's or an older one of a browser, says of a state: its counters, the updates of both
 * players, the sums and the order of its epoch, and `find`, which gives the numbers of one of the state's `tensors()`.
 * @param {ArrayBuffer} file
 * @param {TrainState} state
 */
export function readState(file, state) {
  const { tensors, metadata } = readTensors(file);
  const { updates, sums, among = null, ...counters } = JSON.parse(metadata.counters);
  const order = tensors.order ? orderOf(tensors.order) : null;
  return {
    counters: { ...counters, among: among ?? order?.length ?? null },
    order,
    sums: Float64Array.from(sums ?? tensors.sums.data),
    updates: updates ?? state.players().map(([role]) => updatesOf(role, tensors, counters.step)),
    /** @param {string} name @returns {Float32Array | null} */
    find: (name) => tensors[name]?.data ?? together(name, tensors, state),
  };
}

/** @param {TrainState} state */
function tensorsOf(state) {
  /** @type {Tensors} */
  const tensors = { sums: { shape: [state.sums.length], data: Float32Array.from(state.sums) } };
  if (state.order) tensors.order = { shape: [state.order.length], data: BigInt64Array.from(state.order, BigInt) };
  for (const [role, network, optimizer] of state.players()) {
    Object.assign(tensors, below(role, network.tensors()), below(role, counted(network, state.step)));
    if (optimizer.steps) Object.assign(tensors, below(`optimizer.${role}`, momentsOf(network, optimizer)));
  }
  if (state.average) {
    const { generator, average } = state;
    const weights = Object.fromEntries(partsOf(generator).map(({ name, of }) => [name, of(average.values)]));
    Object.assign(tensors, below("average", { ...generator.tensors(), ...weights }));
    Object.assign(tensors, below("average", counted(generator, state.step)));
  }
  return tensors;
}

/** What an optimiser remembers, by the numbers of the weights. @param {Stack} network @param {Optimizer} how */
function momentsOf(network, { moments, steps }) {
  /** @type {Tensors} */
  const tensors = {};
  for (const [i, { of }] of partsOf(network).entries()) {
    for (const [name, { values }] of Object.entries(moments)) tensors[`${i}.${name}`] = of(values);
    if ("exp_avg" in moments) tensors[`${i}.step`] = { shape: [], data: Float32Array.of(steps) };
  }
  return tensors;
}

/** How many batches each BatchNorm has seen: torch counts them. @param {Stack} network @param {number} step */
function counted({ layers }, step) {
  /** @type {Tensors} */
  const tensors = {};
  layers.forEach((layer, i) => {
    const whole = { shape: [], data: BigInt64Array.of(BigInt(step)) };
    if (layer instanceof BatchNorm) tensors[`main.${i}.num_batches_tracked`] = whole;
  });
  return tensors;
}

/** Each weight's name, and where it lies in a vector of them all. @param {Stack} network */
function partsOf({ parameters, weights }) {
  return parameters.map(({ name, shape, block }) => {
    const from = (block.place - weights.place) / Float32Array.BYTES_PER_ELEMENT;
    const to = from + block.length;
    return { name, from, of: (/** @type {Float32Array} */ all) => ({ shape, data: all.subarray(from, to) }) };
  });
}

/**
 * The vector of that name, "average" or "optimizer.generator.exp_avg", from the tensors of its parts; null where there
 * are none: an optimiser that has made no update remembers nothing.
 * @param {string} name
 * @param {Record<string, Tensor>} tensors
 * @param {TrainState} state
 */
function together(name, tensors, state) {
  const [first, role, moment] = name.split(".");
  const network = role === "discriminator" ? state.discriminator : state.generator;
  const parts = partsOf(network).map((part, i) => ({
    from: part.from,
    tensor: tensors[moment ? `${first}.${role}.${i}.${moment}` : `${first}.${part.name}`],
  }));
  if (!parts.some(({ tensor }) => tensor)) return null;
  const all = new Float32Array(network.weights.length);
  for (const { from, tensor } of parts) {
    if (!tensor || from + tensor.data.length > all.length) throw new Error(`tensor ${name} does not fit the state`);
    all.set(tensor.data, from);
  }
  return all;
}

/** @param {string} role @param {Record<string, Tensor>} tensors @param {number} step */
function updatesOf(role, tensors, step) {
  const counts = tensors[`optimizer.${role}.0.step`];
  return counts ? counts.data[0] : Number(`optimizer.${role}.0.momentum_buffer` in tensors) * Math.max(step, 1);
}

/** The order of an epoch's images. Throws an Error for what is none. @param {Tensor} tensor */
function orderOf({ data }) {
  const seen = new Set(data);
  if (seen.size !== data.length || data.some((place) => place < 0 || place >= data.length)) {
    throw new Error("tensor order is no order of images");
  }
  return Uint32Array.from(data);
}

/** @param {string} prefix @param {Tensors} tensors */
const below = (prefix, tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}.${name}`, tensor]));
