// The visitor's own GPU by WebGPU: its kernels, its buffers, and whether it computes rightly. Knows neither networks
// nor the page.

import { SLOPE } from "./facts.js";

/** @import { Arithmetic } from "./arithmetic.js" */

/** Why a GPU does not train: `name` is "missing", "small", "wrong" or "lost". */
export class CardFailed extends Error {
  /** @param {"missing" | "small" | "wrong" | "lost"} name @param {string} [message] */
  constructor(name, message = "") {
    super(message);
    this.name = name;
  }
}

/** Each file of WGSL, and the kernels in it. */
const KERNELS = /** @type {const} */ ({
  product: ["multiply"],
  columns: ["add_up", "moments", "products"],
  units: ["normal", "brighten", "normalise", "normalise_gradient"],
  losses: ["judge"],
  update: ["check", "adam", "descend", "follow"],
});
const SLOPED = ["multiply", "normalise"]; // kernels that have LeakyReLU in them
const TASK = 256; // bytes from one task's numbers to the next one's: as far apart as WebGPU wants them at most
const SIDE = 32; // of a product's tile
const MOST_ACROSS = 65_535; // workgroups along one side
/** The numbers of a task, in the order in which common.wgsl has them. */
const NUMBERS = /** @type {const} */ ([
  ...["rows", "columns", "depth", "times", "a_at", "a_row", "a_next", "b_at", "b_row", "b_next", "c_at", "other_at"],
  ...["mode", "draw", "drops", "behind", "turn", "loss", "count", "kept_at"],
]);

/** @typedef {GPUBuffer} Store numbers on the card */
/** @typedef {Record<string, number>} Task by the names of common.wgsl; what is not named is 0 */
/** What a kernel is given, by the number of the binding. @typedef {Record<number, Store>} Given */
/**
 * One kernel to run: `size` says how many invocations for a batch of so many rows, or tiles of a product.
 * @typedef {{ kernel: string, task: Task, given: Given, size: (rows: number) => number[] }} Step
 */

/** A GPU that was opened, with all kernels compiled. */
export class Card {
  #failure = "";
  /** @type {GPUBuffer[]} all that were taken */
  #taken = [];

  /** @param {GPUDevice} device @param {Map<string, GPUComputePipeline>} kernels @param {string} name */
  constructor(device, kernels, name) {
    this.device = device;
    this.kernels = kernels;
    this.name = name;
    /** Settles when the card is lost: not every browser then settles what still waits for it. */
    this.lost = device.lost.then(({ message, reason }) => {
      this.#failure ||= message || reason || "lost";
    });
    device.addEventListener("uncapturederror", ({ error }) => {
      this.#failure ||= error.message;
    });
  }

  /** Throws CardFailed where the card was lost, or refused something. */
  check() {
    if (this.#failure) throw new CardFailed("lost", this.#failure);
  }

  /** How many buffers there are. */
  get taken() {
    return this.#taken.length;
  }

  /**
   * Room for so many numbers, all 0. Throws CardFailed where one store cannot be that large.
   * @param {number} count
   * @param {number} [more] further uses
   */
  take(count, more = 0) {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    const size = 4 * Math.max(count, 1);
    if (size > Math.min(maxStorageBufferBindingSize, maxBufferSize)) throw new CardFailed("small", `${size} bytes`);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = this.device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST | more });
    this.#taken.push(buffer);
    return buffer;
  }

  /** Room for so many bytes that `read` copies to. @param {number} size */
  takeReadable(size) {
    const buffer = this.device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    this.#taken.push(buffer);
    return buffer;
  }

  /** Give everything back. */
  close() {
    for (const buffer of this.#taken) buffer.destroy();
    this.#taken = [];
    this.device.destroy();
  }

  /**
   * Run what takes buffers. Throws CardFailed where the card has too little memory for it.
   * @template T
   * @param {() => T} act
   */
  async within(act) {
    this.device.pushErrorScope("out-of-memory");
    const [result] = await Promise.allSettled([(async () => act())()]);
    const error = await this.device.popErrorScope();
    if (error) throw new CardFailed("small", error.message); // whatever else went wrong came of it
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }

  /**
   * Kernels with their stores, ready to be run again and again.
   * @param {Step[]} steps
   * @param {GPUBuffer} now what changes from step to step
   */
  plan(steps, now) {
    const numbers = new Uint32Array((steps.length * TASK) / 4);
    steps.forEach(({ task }, i) => {
      NUMBERS.forEach((name, at) => {
        numbers[(i * TASK) / 4 + at] = task[name] ?? 0;
      });
    });
    const tasks = this.take(numbers.length, GPUBufferUsage.UNIFORM);
    this.device.queue.writeBuffer(tasks, 0, numbers);
    const bound = steps.map(({ kernel, given, size }, i) => {
      const pipeline = /** @type {GPUComputePipeline} */ (this.kernels.get(kernel));
      const own = { buffer: tasks, offset: i * TASK, size: 4 * NUMBERS.length };
      const stores = Object.entries(given).map(([binding, buffer]) => ({ binding: +binding, resource: { buffer } }));
      const entries = [{ binding: 0, resource: { buffer: now } }, { binding: 1, resource: own }, ...stores];
      const group = this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      return { pipeline, group, size };
    });
    return new Plan(this, bound, tasks);
  }

  /** Forget a buffer. @param {GPUBuffer} buffer */
  drop(buffer) {
    buffer.destroy();
    this.#taken = this.#taken.filter((one) => one !== buffer);
  }
}

/** Kernels that run one after another. */
class Plan {
  /**
   * @param {Card} card
   * @param {{ pipeline: GPUComputePipeline, group: GPUBindGroup, size: Step["size"] }[]} steps
   * @param {GPUBuffer} tasks
   */
  constructor(card, steps, tasks) {
    this.card = card;
    this.steps = steps;
    this.tasks = tasks;
  }

  /** Write down all kernels for a batch of so many rows. @param {GPUCommandEncoder} encoder @param {number} rows */
  encode(encoder, rows) {
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, size } of this.steps) {
      const [across, down = 1] = size(rows);
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(across, down);
    }
    pass.end();
  }

  forget() {
    this.card.drop(this.tasks);
  }
}

/** Workgroups for so many numbers, one by one. @param {number} count */
export function singly(count) {
  const groups = Math.ceil(count / 64);
  const down = Math.ceil(groups / MOST_ACROSS);
  return [Math.ceil(groups / down), down];
}

/** Workgroups for a product. @param {number} rows @param {number} columns */
export const tiled = (rows, columns) => [Math.ceil(columns / SIDE), Math.ceil(rows / SIDE)];

/** Workgroups for sums of columns. @param {number} columns */
export const columned = (columns) => [Math.ceil(columns / 8)];

/**
 * The GPU of this device, checked. Throws CardFailed where none may be used, or where it computes wrongly.
 * @param {(path: string) => string} script gives a path's address
 * @param {Arithmetic} arithmetic that is known to compute rightly
 */
export async function openCard(script, arithmetic) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) throw new CardFailed("missing");
  const device = await adapter.requestDevice().catch(refused);
  try {
    const card = new Card(device, await compile(device, script).catch(refused), nameOf(adapter.info));
    await checkProduct(card, arithmetic);
    return card;
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** @param {unknown} error @returns {never} */
const refused = (error) => {
  throw new CardFailed("missing", String(error));
};

/**
 * What its maker calls it, as far as a browser tells: Firefox tells nothing.
 * @param {Partial<GPUAdapterInfo>} [info]
 */
const nameOf = ({ description = "", vendor = "", architecture = "" } = {}) =>
  description || [vendor, architecture].filter(Boolean).join(" ") || "GPU";

/** @param {GPUDevice} device @param {(path: string) => string} script */
async function compile(device, script) {
  const read = async (/** @type {string} */ name) => {
    const answer = await fetch(script(`engine/${name}.wgsl`));
    if (!answer.ok) throw new Error(`${name}.wgsl: ${answer.status}`);
    return answer.text();
  };
  const common = await read("common");
  /** @type {Map<string, GPUComputePipeline>} */
  const kernels = new Map();
  const files = Object.entries(KERNELS).map(async ([file, names]) => {
    const module = device.createShaderModule({ code: common + (await read(file)), label: file });
    for (const name of names) {
      /** @type {Record<string, number>} */
      const constants = SLOPED.includes(name) ? { slope: SLOPE } : {};
      const compute = { module, entryPoint: name, constants };
      kernels.set(name, await device.createComputePipelineAsync({ layout: "auto", compute }));
    }
  });
  await Promise.all(files);
  return kernels;
}

const TRIED = { rows: 70, columns: 45, depth: 97 }; // no side fits into whole tiles
const NEAR = 1e-4;

/**
 * One product, beside WebAssembly's: cards were seen that give wrong numbers (Firefox 141). Throws CardFailed.
 * @param {Card} card
 * @param {Arithmetic} arithmetic
 */
async function checkProduct(card, arithmetic) {
  const { rows, columns, depth } = TRIED;
  const [left, right, ours, panel] = [rows * depth, depth * columns, rows * columns, 8 * depth].map((count) =>
    arithmetic.take(count),
  );
  for (const { values } of [left, right]) for (let i = 0; i < values.length; i++) values[i] = Math.sin(i * i);
  arithmetic.run.multiply(left.place, depth, 1, right.place, ours.place, rows, columns, depth, panel.place);
  const [a, b, c] = [left, right, ours].map(({ length }) => card.take(length));
  const now = card.take(64, GPUBufferUsage.UNIFORM);
  card.device.queue.writeBuffer(a, 0, left.values);
  card.device.queue.writeBuffer(b, 0, right.values);
  const task = { rows, columns, depth, a_row: depth, a_next: 1, b_row: columns, b_next: 1 };
  const size = () => tiled(rows, columns);
  const plan = card.plan([{ kernel: "multiply", task, given: { 2: a, 3: b, 4: c, 5: b }, size }], now);
  const reader = new Reader(card, [c]);
  const theirs = await reader.read((encoder) => plan.encode(encoder, 0));
  const same = theirs[0].every((value, i) => Math.abs(value - ours.values[i]) < NEAR);
  if (!same) throw new CardFailed("wrong", "a product differs from WebAssembly's");
  plan.forget();
  for (const buffer of [a, b, c, now, reader.room]) card.drop(buffer);
}

/** Reads stores back, into a room that is taken once. */
export class Reader {
  /** @param {Card} card @param {Store[]} stores */
  constructor(card, stores) {
    this.card = card;
    this.stores = stores;
    this.room = card.takeReadable(stores.reduce((sum, { size }) => sum + size, 0));
  }

  /**
   * Their numbers, after what `before` writes down. Throws CardFailed where the card is lost.
   * @param {(encoder: GPUCommandEncoder) => void} [before]
   */
  async read(before = () => {}) {
    const { device } = this.card;
    const encoder = device.createCommandEncoder();
    before(encoder);
    let from = 0;
    for (const store of this.stores) {
      encoder.copyBufferToBuffer(store, 0, this.room, from, store.size);
      from += store.size;
    }
    device.queue.submit([encoder.finish()]);
    const mapped = this.room.mapAsync(GPUMapMode.READ).catch(({ message }) => {
      throw new CardFailed("lost", message);
    });
    await Promise.race([mapped, this.card.lost]);
    this.card.check();
    const numbers = new Float32Array(this.room.getMappedRange().slice(0));
    this.room.unmap();
    let at = 0;
    return this.stores.map(({ size }) => {
      at += size / 4;
      return numbers.subarray(at - size / 4, at);
    });
  }
}
