// The networks that draw: each downloaded when it is first shown, and kept. Knows no element of the page.

import { EPOCHS, LATENT, SEEDS } from "../engine/facts.js";
import { loadKernel, Network } from "../engine/network.js";
import { readTensors } from "../engine/safetensors.js";
import { page } from "./page.js";

/** @import { About, Addresses, Epoch, State } from "../types.d.ts" */
/** @typedef {"generator" | "discriminator"} Role */
/** @typedef {Promise<WebAssembly.Module | null>} Kernel */

/** @type {readonly Role[]} */
const ROLES = ["generator", "discriminator"];

/** An epoch's pair. `done` counts its generator's download from 0 to 1, `failed` has the roles that did not come. */
export class Forger {
  static #count = 0;
  /** @type {Network | null} */
  generator = null;
  /** @type {Network | null} */
  discriminator = null;
  /** @type {ArrayBuffer | null} */
  file = null; // the generator's bytes and the kernel, for a worker that needs a network of its own
  /** @type {WebAssembly.Module | null} */
  kernel = null;
  /** @type {Set<Role>} */
  failed = new Set();
  /** @type {{ state: State, drawing: Float32Array } | null} */
  shown = null; // the newest state and what was drawn of it: scene.js keeps it here
  done = 0;
  /** @type {Partial<Record<Role, Promise<void>>>} */
  #coming = {};

  /**
   * @param {Epoch} key
   * @param {Addresses} addresses
   * @param {About} [about]
   */
  constructor(key, addresses, about = {}) {
    this.key = key;
    this.addresses = addresses;
    this.about = about;
    this.name = `${key}-${Forger.#count++}`;
  }

  /**
   * Download one of both networks, unless it is there, or on its way, or does not exist.
   * @param {Role} role
   * @param {Kernel} kernel
   */
  load(role, kernel) {
    const address = this.addresses[role];
    if (address && !this[role]) this.#coming[role] ??= this.#fetch(role, address, kernel);
    return this.#coming[role];
  }

  /**
   * @param {Role} role
   * @param {string} address
   * @param {Kernel} kernel
   */
  async #fetch(role, address, kernel) {
    try {
      this.failed.delete(role);
      const buffer = await download(address, (share) => {
        if (role === "generator") this.done = share;
        page.touch();
      });
      this.kernel = await kernel;
      this[role] = new Network(buffer, this.kernel, this.about.hidden);
      if (role === "generator") this.file = buffer;
    } catch {
      this.failed.add(role);
      delete this.#coming[role];
    }
    page.touch();
  }
}

class Forgers {
  /** @type {Map<Epoch, Forger>} */
  all = new Map(); // in the order they are shown
  /** @type {Float32Array | null} */
  noises = null; // the latents of seeds 0 to 999
  /** @type {Float32Array[] | null} */
  directions = null; // the eight principal directions
  /** @type {unknown} */
  failed = null; // why noises or directions could not be had
  /** @type {((folder: string, path: string) => string) | null} */
  #asset = null;
  /** @type {Kernel} */
  kernel = Promise.resolve(null);

  /**
   * Begin to download what the page shows first; `asset(folder, path)` gives addresses. Further calls do nothing.
   * @param {(folder: string, path: string) => string} asset
   */
  begin(asset) {
    if (this.#asset) return;
    this.#asset = asset;
    this.kernel = loadKernel(asset("browser", "engine/tensor.wasm"));
    page.has = (epoch) => this.all.has(epoch);
    for (const epoch of EPOCHS) {
      const folder = `epoch-${String(epoch).padStart(3, "0")}`;
      const at = Object.fromEntries(ROLES.map((role) => [role, asset("checkpoints", `${folder}/${role}.safetensors`)]));
      this.all.set(epoch, new Forger(epoch, at));
    }
    this.retry();
  }

  /** Download what is missing: drawings first, verdicts after. */
  async retry() {
    await this.#readLatents();
    for (const role of ROLES) await Promise.all([...this.all.values()].map((forger) => forger.load(role, this.kernel)));
  }

  /**
   * Let a visitor's own pair join. `about` says what it is.
   * @param {Addresses} addresses
   * @param {About} about
   */
  join(addresses, about) {
    const own = new Forger("own", addresses, about);
    this.all.set("own", own);
    for (const role of ROLES) own.load(role, this.kernel);
  }

  leave() {
    this.all.delete("own");
    page.touch();
  }

  /** Whether everything that latents are made of is there. */
  get ready() {
    return Boolean(this.noises && this.directions);
  }

  /**
   * The latent of a seed, 0 to 999. Throws an Error while they have not come.
   * @param {number} seed
   */
  noise(seed) {
    if (!this.noises) throw new Error("the noises have not come yet");
    return this.noises.subarray(seed * LATENT, (seed + 1) * LATENT);
  }

  async #readLatents() {
    if (this.ready) return;
    try {
      this.failed = null;
      const [noises, directions] = await Promise.all([this.#tensor("noises"), this.#tensor("directions")]);
      if (noises.shape.join() !== `${SEEDS},${LATENT}`) throw new Error("the noises do not fit");
      const each = Array.from({ length: directions.shape[0] }, (_, i) => i * LATENT);
      this.directions = each.map((start) => directions.data.subarray(start, start + LATENT));
      this.noises = noises.data;
    } catch (error) {
      this.failed = error;
    }
    page.touch();
  }

  /** @param {string} name */
  async #tensor(name) {
    const address = this.#asset?.("checkpoints", `${name}.safetensors`) ?? "";
    return readTensors(await download(address)).tensors[name];
  }
}

/**
 * The bytes at an address; `report` hears the share that has come, 0 to 1. Throws an Error when they cannot be had.
 * @param {string} address
 * @param {(share: number) => void} [report]
 */
async function download(address, report = () => {}) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const total = Number(answer.headers.get("content-length"));
  if (total && answer.body && !answer.headers.get("content-encoding")) return stream(answer.body, total, report);
  const buffer = await answer.arrayBuffer(); // a proxy that compresses hides the length
  report(1);
  return buffer;
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {number} total
 * @param {(share: number) => void} report
 */
async function stream(body, total, report) {
  const bytes = new Uint8Array(total);
  let come = 0;
  for (const reader = body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes.set(value, come);
    come += value.length;
    report(come / total);
  }
  if (come !== total) throw new Error(`only ${come} of ${total} bytes came`);
  return bytes.buffer;
}

export const forgers = new Forgers();
