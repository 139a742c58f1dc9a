// The networks that draw: each downloaded when it is first shown, and kept.

import { loadKernel, Network, readTensors } from "../engine/network.js";
import { page } from "./page.js";
import { LATENT, SEEDS } from "./state.js";

const ROLES = ["generator", "discriminator"];

/** An epoch's pair. `done` counts its generator's download from 0 to 1, `failed` has the roles that did not come. */
class Forger {
  static #count = 0;
  generator = null;
  discriminator = null;
  file = null; // the generator's bytes and the kernel, for a worker that needs a network of its own
  kernel = null;
  failed = new Set();
  shown = null; // the newest state and what was drawn of it: scene.js keeps it here
  #shares = {};
  #coming = {}; // role to the promise of its download

  constructor(key, addresses, about = {}) {
    Object.assign(this, { key, addresses, about, name: `${key}-${Forger.#count++}` });
  }

  get done() {
    return this.#shares.generator || 0;
  }

  /** Download one of both networks, unless it is there, or on its way, or does not exist. */
  load(role, kernel) {
    if (this.addresses[role] && !this[role]) this.#coming[role] ??= this.#fetch(role, kernel);
    return this.#coming[role];
  }

  async #fetch(role, kernel) {
    try {
      this.failed.delete(role);
      const buffer = await download(this.addresses[role], (share) => {
        this.#shares[role] = share;
        page.touch();
      });
      this.kernel = await kernel;
      this[role] = new Network(buffer, this.kernel);
      if (role === "generator") this.file = buffer;
    } catch {
      this.failed.add(role);
      delete this.#coming[role];
    }
    page.touch();
  }
}

class Forgers {
  all = new Map(); // key (an epoch, or "own") to Forger, in the order they are shown
  noises = null; // the latents of seeds 0 to 999
  directions = null; // the eight principal directions
  failed = null; // why noises or directions could not be had
  #asset;

  /** Begin to download what the page shows first; `asset(folder, path)` gives addresses. Further calls do nothing. */
  begin(asset, epochs) {
    if (this.#asset) return;
    this.#asset = asset;
    this.kernel = loadKernel(asset("browser", "engine/kernel.wasm"));
    page.has = (epoch) => this.all.has(epoch);
    for (const epoch of epochs) {
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

  /** Let a visitor's own pair join: `addresses` {generator, discriminator or null}, `about` says what it is. */
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

  /** The latent of a seed, 0 to 999. */
  noise(seed) {
    return this.noises.subarray(seed * LATENT, (seed + 1) * LATENT);
  }

  async #readLatents() {
    if (this.ready) return;
    try {
      this.failed = null;
      const [noises, directions] = await Promise.all(
        ["noises", "directions"].map(
          async (name) => readTensors(await download(this.#asset("checkpoints", `${name}.safetensors`))).tensors[name],
        ),
      );
      if (noises.shape.join() !== `${SEEDS},${LATENT}`) throw new Error("the noises do not fit");
      this.directions = Array.from({ length: directions.shape[0] }, (_, i) =>
        directions.data.subarray(i * LATENT, (i + 1) * LATENT),
      );
      this.noises = noises.data;
    } catch (error) {
      this.failed = error;
    }
    page.touch();
  }
}

/** The bytes at an address; `report` hears the share that has come, 0 to 1. Throws an Error when they cannot be had. */
async function download(address, report = () => {}) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  const total = Number(answer.headers.get("content-length"));
  if (!total || !answer.body || answer.headers.get("content-encoding")) {
    // a proxy that compresses hides the length
    const buffer = await answer.arrayBuffer();
    report(1);
    return buffer;
  }
  const bytes = new Uint8Array(total);
  let come = 0;
  for (const reader = answer.body.getReader(); ; ) {
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
