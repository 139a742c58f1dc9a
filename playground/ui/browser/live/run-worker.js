// The first worker of a run on this device: trains, looks, measures, and tells the page by messages. Mirrors
// playground/live/run.py.
//
// It is told `begin` once, and then `change`, `halt` and `rest`; it tells `data`, `progress`, `look`, `measure`,
// `saved`, where the GPU was wanted `card` or `fell`, and at its end `ended` or `failed`.

import { Arithmetic } from "../engine/arithmetic.js";
import { CardFailed, openCard } from "../engine/card.js";
import { chooseDigits, Mnist } from "../engine/data.js";
import { rethrow, Workers } from "../engine/distributed.js";
import { PIXELS } from "../engine/gan.js";
import { Trainer } from "../engine/gpu.js";
import { trainOnCard } from "../engine/gpu-training.js";
import { Judge } from "../engine/judge.js";
import { readTensors } from "../engine/safetensors.js";
import { makeState } from "../engine/state.js";
import { Diverged, PLAYERS, train } from "../engine/training.js";
import { Watch } from "./watch.js";

/** @import { Origin, TrainState } from "../engine/state.js" */
/** @import { Config, Images } from "../types.d.ts" */
/** @typedef {import("./watch.js").Instruments} Instruments */

/**
 * @typedef {object} Beginning
 * @property {Origin} origin
 * @property {Record<"images" | "labels" | "judge" | "reals", string>} addresses
 * @property {(MessagePort | null)[]} ports to all workers
 * @property {SharedArrayBuffer | null} memory that they share
 * @property {("generator" | "discriminator")[] | null} players of a single step; null: both, for the whole budget
 * @property {boolean} [gpu] whether the steps are to be made on the GPU
 */

const SOON = 15_000; // images with which a run begins, while the others still come
const ALL = 60_000;
const SAVE_EVERY = 10_000; // milliseconds

/** What the page wants from the next report on. `rest`: milliseconds for each of work; Infinity: a pause. */
const wishes = { /** @type {Partial<Config>} */ change: {}, halt: "", rest: 0 };

addEventListener("message", ({ data }) => {
  if (data.trial)
    tryOut(data.trial).catch((error) =>
      error instanceof CardFailed ? postMessage({ tried: Number.POSITIVE_INFINITY, failed: true }) : rethrow(error),
    );
  if (data.begin) begin(data.begin).catch(({ name, message }) => postMessage({ failed: { name, message } }));
  if (data.change) Object.assign(wishes.change, data.change);
  if (data.halt) wishes.halt = data.halt;
  if ("rest" in data) wishes.rest = data.rest;
});

/**
 * How long one of so many steps takes on average, in milliseconds, on images of nothing: the numbers do not matter.
 * @param {Pick<Beginning, "origin" | "ports" | "memory" | "gpu"> & { steps: number }} trial
 */
async function tryOut({ origin, ports, memory, steps, gpu }) {
  const state = makeState(origin);
  const count = (steps + 2) * origin.config.batch_size;
  const images = { count, pixels: new Uint8Array(count * PIXELS) };
  state.adopt({ ...origin.config, steps: steps + 1, seconds: null });
  const trainer = gpu ? await openTrainer(state, origin.module) : null;
  if (trainer) postMessage({ card: trainer.card.name });
  const team = new Workers(0, ports, memory);
  await team.meet();
  let [begun, first] = [0, 0];
  const run = trainer ? trainOnCard(trainer, images) : train(state, images, PLAYERS, team, 0);
  for await (const { step } of run) {
    if (!first) [begun, first] = [performance.now(), step]; // what comes until then warms up
  }
  postMessage({ tried: (performance.now() - begun) / (steps + 1 - first) });
}

/** The state on the GPU. Throws CardFailed. @param {TrainState} state @param {WebAssembly.Module} module */
async function openTrainer(state, module) {
  const script = (/** @type {string} */ path) => new URL(`../${path}`, import.meta.url).href;
  const card = await openCard(script, new Arithmetic(module));
  return Trainer.make(card, state).catch((error) => {
    card.close(); // WebAssembly goes on, on a machine that has little memory
    throw error;
  });
}

/** @param {Beginning} beginning */
async function begin({ origin, addresses, ports, memory, players, gpu }) {
  const mnist = new Mnist();
  const { config, module } = origin;
  const state = makeState(origin);
  const [instruments] = await Promise.all([fetchInstruments(addresses, module), fetchImages(mnist, addresses, state)]);
  const images = chooseDigits(mnist, config.digits, config.images);
  state.adopt({ ...config, seconds: null }); // they are counted here
  postMessage({ begun: { step: state.step, epoch: state.epoch, images: images.count } });
  const watch = new Watch(state, images, instruments, Boolean(origin.file || origin.weights));
  const team = new Workers(0, ports, memory);
  await team.meet();
  try {
    if (players) await makeStep(state, images, watch, players, team);
    else {
      const run = new Spending(state, config.seconds, images, mnist, watch);
      if (!gpu || !(await onCard(run, module))) await run.spend(train(state, images, PLAYERS, team));
    }
    postMessage({ ended: wishes.halt || "finished", ...(await watch.conclude(state, !players)), ...kept(state) });
  } catch (error) {
    if (!(error instanceof Diverged)) throw error;
    postMessage({ ended: "failed", diverged: state.step, ...(await watch.conclude(state, false)), ...kept(state) });
  }
}

/** Trains until the budget is spent or the page wants an end. */
class Spending {
  #trained = 0; // milliseconds: what was trained, not what was seen
  #saved = performance.now();
  /** @type {ArrayBuffer | null} what is gone back to where a GPU is lost; without one nothing need be held */
  file = null;

  /**
   * @param {TrainState} state
   * @param {number | null} seconds
   * @param {Images} images
   * @param {Mnist} mnist
   * @param {Watch} watch
   */
  constructor(state, seconds, images, mnist, watch) {
    this.state = state;
    this.images = images;
    this.mnist = mnist;
    this.watch = watch;
    this.budget = 1000 * (seconds ?? Number.POSITIVE_INFINITY);
  }

  /**
   * @param {ReturnType<typeof train>} run
   * @param {(all: boolean) => Promise<void>} [bring] brings what was learnt into the state, where it lies elsewhere
   */
  async spend(run, bring = async () => {}) {
    const { state } = this;
    let begun = performance.now();
    for await (const { state: _, ...progress } of run) {
      const took = performance.now() - begun;
      this.#trained += took;
      postMessage({ progress, seconds: took / 1000 });
      await this.#see(bring);
      await rest(took);
      if (wishes.halt || this.#trained >= this.budget) break;
      state.adopt({ ...state.config, ...wishes.change });
      if (!state.order) Object.assign(this.images, chooseDigits(this.mnist, state.config.digits, state.config.images));
      begun = performance.now();
    }
    await bring(true);
  }

  /** Look at what was learnt and keep it, as their time comes. @param {(all: boolean) => Promise<void>} bring */
  async #see(bring) {
    const { state, watch } = this;
    const keeps = performance.now() - this.#saved >= SAVE_EVERY;
    if (keeps || watch.due) await bring(keeps);
    const news = await watch.glance(state);
    if (news.look || news.measure) postMessage(news);
    if (!keeps) return;
    const last = kept(state);
    if (this.file) this.file = last.saved.file;
    postMessage(last);
    this.#saved = performance.now();
  }
}

/**
 * Train on the GPU. Returns whether the run is over: where the GPU cannot do it, or is lost, the state is that which
 * was kept last, and the page is told why.
 * @param {Spending} run
 * @param {WebAssembly.Module} module
 */
async function onCard(run, module) {
  const { state, images } = run;
  run.file = kept(state).saved.file;
  let card = null;
  try {
    const trainer = await openTrainer(state, module);
    card = trainer.card;
    postMessage({ card: card.name });
    await run.spend(trainOnCard(trainer, images), (all) => trainer.pull(all));
    return true;
  } catch (error) {
    if (error instanceof Diverged) throw error;
    const name = error instanceof CardFailed ? error.name : "lost"; // what is no fault of the card comes once more
    state.rewind(/** @type {ArrayBuffer} */ (run.file));
    run.file = null;
    postMessage({ fell: { name, step: state.step, epoch: state.epoch } });
    return false;
  } finally {
    card?.close();
  }
}

/**
 * One step in which only `players` learn, with both losses on its batch before and after.
 * @param {TrainState} state
 * @param {Images} images
 * @param {Watch} watch
 * @param {("generator" | "discriminator")[]} players
 * @param {Workers} team
 */
async function makeStep(state, images, watch, players, team) {
  const batch = state.nextBatch(images.count).slice();
  const before = await watch.losses(state, batch);
  state.adopt({ ...state.config, steps: state.step + 1 });
  for await (const { state: _, ...progress } of train(state, images, players, team))
    postMessage({ progress, seconds: 0 });
  postMessage({ move: { players, before, after: await watch.losses(state, batch) } });
}

/** Everything that is needed to go on. @param {TrainState} state */
const kept = (state) => ({ saved: { file: state.save(), step: state.step, epoch: state.epoch } });

/** Let messages come in; rest as long as the page wants after so many milliseconds of work. @param {number} took */
async function rest(took) {
  do {
    const wait = Math.min(wishes.rest * took, 200);
    await new Promise((resolve) => setTimeout(resolve, wait));
  } while (wishes.rest === Number.POSITIVE_INFINITY && !wishes.halt);
}

/**
 * @param {Beginning["addresses"]} addresses
 * @param {WebAssembly.Module} module
 * @returns {Promise<Instruments>}
 */
async function fetchInstruments(addresses, module) {
  const read = async (/** @type {"judge" | "reals"} */ name) => {
    const answer = await fetch(addresses[name]);
    if (!answer.ok) throw new Error(`${addresses[name]}: ${answer.status}`);
    return answer.arrayBuffer();
  };
  const [judge, reals] = await Promise.all([read("judge"), read("reals")]);
  const { mean, covariance } = readTensors(reals).tensors;
  return {
    judge: new Judge(judge, module),
    reals: { mean: mean.data, covariance: covariance.data },
  };
}

/**
 * Fetch images until a run may begin. Digits that are few, or a wish for many, need all; an epoch that goes on needs
 * those that it began with.
 * @param {Mnist} mnist
 * @param {Beginning["addresses"]} addresses
 * @param {TrainState} state
 */
async function fetchImages(mnist, addresses, { config: { digits, images }, position, among }) {
  await mnist.begin(addresses, (come, of) => postMessage({ data: { come, of } }));
  const begins = among ?? (position ? ALL : SOON);
  await mnist.first(digits.length === 10 && images === null ? begins : ALL);
}
