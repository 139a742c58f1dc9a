// The networks that draw: each downloaded when it is first used, and kept. Knows no element of the page.

import { EPOCHS, LATENT } from "../engine/facts.js";
import { loadKernel, Network } from "../engine/network.js";
import { readTensors } from "../engine/safetensors.js";
import { page } from "./page.js";

/** @import { About, Addresses, Epoch, State } from "../types.d.ts" */
/** @typedef {"generator" | "discriminator"} Role */
/** @typedef {Promise<WebAssembly.Module | null>} Kernel */

/** @type {readonly Role[]} */
const ROLES = ["generator", "discriminator"];

/**
 * An epoch's pair. A network is fetched when somebody first uses it: a visit that draws nothing costs no line.
 * `done` counts its generator's download from 0 to 1, `failed` has the roles that did not come.
 */
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
  /** @type {Promise<Network | null> | null} */
  #exact = null;

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
   * One of both networks, or null while it comes: whoever draws or judges asks here, and the first one has it fetched.
   * @param {Role} role
   */
  use(role) {
    if (!this[role] && this.addresses[role] && !this.failed.has(role)) forgers.want(this, role);
    return this[role];
  }

  /**
   * Download a network. What fails stays failed until `forgers.retry()`.
   * @param {Role} role
   * @param {Kernel} kernel
   */
  async load(role, kernel) {
    try {
      const buffer = await download(this.addresses[role] ?? "", (share) => {
        if (role === "generator") this.done = share;
        page.touch();
      });
      this.kernel = await kernel;
      this[role] = new Network(buffer, this.kernel, this.about.hidden);
      if (role === "generator") this.file = buffer;
    } catch {
      this.failed.add(role);
    }
    page.touch();
  }

  /**
   * The generator in full precision, for what is saved: a visitor's own is that already, ours is fetched anew. Null
   * when it cannot be had, which then shows as any failed download; the next call tries again.
   */
  exact() {
    if (!this.addresses.exact) return this.generator;
    this.#exact ??= this.#loadExact(this.addresses.exact);
    return this.#exact;
  }

  /** @param {string} address */
  async #loadExact(address) {
    try {
      return new Network(await download(address), this.kernel, this.about.hidden);
    } catch {
      this.#exact = null;
      this.failed.add("generator");
      page.touch();
      return null;
    }
  }
}

class Forgers {
  /** @type {Map<Epoch, Forger>} */
  all = new Map(); // in the order they are shown
  /** @type {Float32Array[] | null} */
  directions = null; // the eight principal directions
  /** @type {unknown} */
  failed = null; // why the directions could not be had
  /** @type {((folder: string, path: string) => string) | null} */
  #asset = null;
  /** @type {Kernel | null} */
  #kernel = null;
  /** @type {{ forger: Forger, role: Role }[]} */
  #wanted = []; // the one that is under way among them
  #working = false;

  /**
   * Say where everything lies: `asset(folder, path)` gives addresses. Nothing is fetched before it is used. Further
   * calls do nothing.
   * @param {(folder: string, path: string) => string} asset
   */
  begin(asset) {
    if (this.#asset) return;
    this.#asset = asset;
    page.has = (epoch) => this.all.has(epoch);
    for (const epoch of EPOCHS) {
      const at = (/** @type {string} */ name) =>
        asset("checkpoints", `epoch-${String(epoch).padStart(3, "0")}/${name}`);
      const [generator, discriminator] = ROLES.map((role) => at(`${role}.half.safetensors.gz`));
      this.all.set(epoch, new Forger(epoch, { generator, discriminator, exact: at("generator.safetensors") }));
    }
    page.touch();
  }

  /** Try what has failed once more. */
  retry() {
    this.failed = null;
    for (const forger of this.all.values()) forger.failed.clear();
    if (!this.ready && !this.#working) this.#work();
    page.touch(); // who draws asks again
  }

  /**
   * Have a network downloaded, unless it is waited for already.
   * @param {Forger} forger
   * @param {Role} role
   */
  want(forger, role) {
    if (this.#wanted.some((one) => one.forger === forger && one.role === role)) return;
    this.#wanted.push({ forger, role });
    if (!this.#working) this.#work();
  }

  /** Download one after the other: side by side, the first would come as late as the last. */
  async #work() {
    this.#working = true;
    await Promise.resolve(); // until all that draw in this frame have asked
    await this.#readDirections();
    this.#kernel ??= loadKernel(this.#asset?.("browser", "engine/tensor.wasm") ?? "");
    for (let next = this.#next(); next; next = this.#next()) {
      await next.forger.load(next.role, this.#kernel);
      this.#wanted = this.#wanted.filter((one) => one !== next);
    }
    this.#working = false;
  }

  /** What should come next: drawings before verdicts, a visitor's own and the last epochs first. */
  #next() {
    const here = new Set(this.all.values());
    this.#wanted = this.#wanted.filter(({ forger }) => here.has(forger));
    const age = (/** @type {Forger} */ { key }) => (key === "own" ? Number.POSITIVE_INFINITY : Number(key));
    const rank = (/** @type {Role} */ role) => ROLES.indexOf(role);
    return [...this.#wanted].sort((a, b) => rank(a.role) - rank(b.role) || age(b.forger) - age(a.forger))[0];
  }

  /**
   * Let a visitor's own pair join. `about` says what it is.
   * @param {Addresses} addresses
   * @param {About} about
   */
  join(addresses, about) {
    this.all.set("own", new Forger("own", addresses, about));
    page.touch();
  }

  leave() {
    this.all.delete("own");
    page.touch();
  }

  /** Whether everything that latents are made of is there. */
  get ready() {
    return this.directions !== null;
  }

  async #readDirections() {
    if (this.ready) return;
    try {
      const address = this.#asset?.("checkpoints", "directions.safetensors") ?? "";
      const { shape, data } = readTensors(await download(address)).tensors.directions;
      const each = Array.from({ length: shape[0] }, (_, i) => i * LATENT);
      this.directions = each.map((start) => data.subarray(start, start + LATENT));
    } catch (error) {
      this.failed = error;
    }
    page.touch();
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
  const packed = answer.headers.get("content-encoding");
  const total = Number(answer.headers.get(packed ? "x-unpacked-length" : "content-length"));
  if (total && answer.body) return stream(answer.body, total, report);
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
