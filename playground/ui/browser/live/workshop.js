// What a visitor does with runs on this device: start one, continue it, fork it, make a single step, drop it. Mirrors
// playground/live/workshop.py. One run is under way at most; it trains in workers, and what it learns is kept.

import { connect, sharedBy } from "../engine/distributed.js";
import { aboutState, FIXED } from "../engine/state.js";
import { CHANGEABLE, Record, unlike } from "./record.js";

/** @import { Origin } from "../engine/state.js" */
/** @import { Config } from "../types.d.ts" */
/** @import { Kept } from "./kept.js" */
/** @typedef {("generator" | "discriminator")[]} Players */
/** @typedef {{ name: string, step: number }} Point */

const NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"; // of runs
const MOST_RUNS = 4;
const DIED = "WorkerError"; // the name of an error: a worker has ended by itself
const TRIED = 4; // steps, to find out how many workers help
const TRIED_ON_CARD = 12; // which learns with each report how many to make until the next one
const LEAST_IMAGES = 64; // of a batch for each worker: with fewer, a second one gains nothing
const LONGEST_TRIAL = 10_000; // milliseconds
const MOST_PATIENCE = 60_000; // with a card that answers nothing
const LONGEST_ON_CARD = 5000; // a card that takes longer is not worth it, but may be chosen
const WORTH = 0.9; // of the time with fewer: workers that save less are left out
/** How many images of each digit there are to learn from. */
const OF_DIGITS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

/**
 * What a workshop is given: where files lie, the compiled tensor.wasm, how many workers to hire at most, and whom to
 * tell that something has changed.
 * @typedef {object} Given
 * @property {Kept} kept
 * @property {WebAssembly.Module} module
 * @property {(path: string) => string} script the address of a worker's module
 * @property {{ [name: string]: string }} addresses
 * @property {number} workers
 * @property {boolean} [gpu] whether runs begin on the GPU
 * @property {() => void} tell
 */

/** Why something cannot be done: a key of the page's texts below `error`. */
export class Refused extends Error {}

/** The runs of this device. */
export class Workshop {
  /** @type {Map<string, Record>} */
  records = new Map();
  /** @type {Point[]} */
  points = [];
  /** @type {Run | null} the last one, over or not */
  run = null;
  #changing = false; // whether a run is about to begin or to go
  full = false; // whether the browser's store had no room for what was learnt last

  /** @param {Given} given */
  constructor(given) {
    this.given = given;
  }

  /** Find again what was kept. */
  async recall() {
    for (const record of await this.given.kept.records()) this.records.set(record.name, record);
    await this.#reckon();
  }

  /** The run that trains; null where there is none. */
  get underWay() {
    return this.run && !this.run.over ? this.run : null;
  }

  /**
   * A new run: from scratch, or from the `weights` of networks that were trained before.
   * @param {Config} config
   * @param {{ origin?: string, weights?: Origin["weights"], players?: Players | null, cures?: string | null }} [how]
   */
  async start(config, { origin = "scratch", weights, players = null, cures = null } = {}) {
    await this.#alone(() => {
      const record = Object.assign(new Record(this.#freeName(), config), { origin, cures });
      return this.#launch(record, config, { weights }, players);
    });
  }

  /**
   * Continue a run at a point, with those settings of `config` that may change, for its budget or so many `seconds`.
   * From a point that is not the run's last one, this is a fork.
   * @param {Point} point
   * @param {Config} config
   * @param {{ players?: Players | null, seconds?: number | null }} [how]
   */
  async goOn(point, config, { players = null, seconds = null } = {}) {
    await this.#alone(async () => {
      const record = this.recordAt(point);
      const changed = Object.fromEntries(CHANGEABLE.map((name) => [name, config[name]]));
      const now = { ...record.config, ...changed, seconds: seconds ?? record.config.seconds };
      if (this.lastOf(point.name)?.step !== point.step) return this.#branch(point, now, players, null);
      await this.#launch(record, now, { file: await this.fileAt(point) }, players, players ? point.step : null);
    });
  }

  /**
   * A new run from a point of another one; any setting may differ but those of FIXED.
   * @param {Point} point
   * @param {Config} config
   * @param {{ players?: Players | null, cures?: string | null }} [how]
   */
  async fork(point, config, { players = null, cures = null } = {}) {
    await this.#alone(() => this.#branch(point, config, players, cures));
  }

  /**
   * @param {Point} point
   * @param {Config} config
   * @param {Players | null} players
   * @param {string | null} cures
   */
  async #branch(point, config, players, cures) {
    const parent = this.recordAt(point);
    if (FIXED.some((name) => String(config[name]) !== String(parent.config[name]))) throw new Refused("fixed");
    const record = new Record(this.#freeName(), parent.config);
    const departs = unlike(config, parent.config);
    Object.assign(record, { origin: `${point.name}:${point.step}`, step: point.step, cures, departs });
    await this.#launch(record, config, { file: await this.fileAt(point) }, players);
  }

  /**
   * Keep a state that the server has trained, as a new run that may be continued. The budget comes with it: the file
   * counts from the networks' first step.
   * @param {ArrayBuffer} file
   * @param {Partial<Config>} budget
   */
  async takeIn(file, budget) {
    await this.#alone(async () => {
      const { config, step, epoch } = aboutState(file);
      const record = Object.assign(new Record(this.#freeName(), { ...config, ...budget }), {
        origin: `server-${step}`,
      });
      record.beginAt(step, epoch);
      await this.#shelve(record);
      this.run = null; // the new one is in front
      this.full = !(await this.given.kept.keep(record, { step, file }));
      await this.#reckon();
    });
  }

  /** Let the run end: "paused" or "stopped". @param {string} ending */
  halt(ending) {
    this.underWay?.post({ halt: ending });
  }

  /** Let the run rest so many milliseconds for each of work; Infinity: until told otherwise. @param {number} rest */
  rest(rest) {
    this.underWay?.post({ rest });
  }

  /** Change some of the settings that may change while a run trains. @param {Partial<Config>} settings */
  change(settings) {
    const run = this.underWay;
    if (!run) return;
    run.record.change({ ...run.record.config, ...settings });
    run.post({ change: settings });
  }

  /** Forget a run. @param {string} name */
  async drop(name) {
    await this.#alone(async () => {
      this.records.delete(name);
      if (this.run?.record.name === name) this.run = null;
      await this.given.kept.drop(name);
      await this.#reckon();
    });
  }

  /** Forget all runs; `takeBack` undoes it until the next one begins. */
  async clear() {
    await this.#alone(async () => {
      this.records.clear();
      this.run = null;
      await this.given.kept.setAside();
      await this.#reckon();
    });
  }

  /** Find the runs again that were forgotten all at once. */
  async takeBack() {
    await this.#alone(async () => {
      await this.given.kept.takeBack();
      await this.recall();
      if (!this.records.size) throw new Refused("gone_here"); // another tab was opened meanwhile
    });
  }

  /** Whether there are such runs. */
  get forgotten() {
    return this.given.kept.aside !== null;
  }

  /** The latest point of a run. @param {string} name */
  lastOf(name) {
    return this.points.findLast((point) => point.name === name) ?? null;
  }

  /** Keep what a run has learnt; it goes on where the browser's store is full. @param {Run} run @param {any} saved */
  async keep({ record, replaces }, saved) {
    this.full = !(await this.given.kept.keep(record, saved, replaces));
    await this.#reckon();
  }

  /**
   * @param {Record} record
   * @param {Config} config
   * @param {Pick<Origin, "file" | "weights">} from
   * @param {Players | null} players
   * @param {number | null} [replaces] the step of a point that the run's next one stands for
   */
  async #launch(record, config, from, players, replaces = null) {
    record.change(config);
    if (from.file) {
      const { step, epoch } = aboutState(from.file);
      record.beginAt(step, epoch);
    }
    record.grant(stepsAnEpoch(config));
    record.workers ??= Math.max(1, Math.min(this.given.workers, Math.floor(config.batch_size / LEAST_IMAGES)));
    await this.#shelve(record);
    const budget = players ? { ...config, seconds: null } : record.remaining();
    this.run = new Run(this, record, { config: budget, module: this.given.module, ...from }, players, replaces);
    this.given.tell();
  }

  /** Put a run among the others; the oldest one past MOST_RUNS goes. @param {Record} record */
  async #shelve(record) {
    this.records.set(record.name, record);
    for (const name of [...this.records.keys()].slice(0, Math.max(0, this.records.size - MOST_RUNS))) {
      this.records.delete(name);
      await this.given.kept.drop(name);
    }
    await this.given.kept.discard(); // a forgotten run may have had the new one's name
  }

  async #reckon() {
    this.points = (await this.given.kept.points()).filter(({ name }) => this.records.has(name));
    this.given.tell();
  }

  /** Do what nothing else may be done beside: a quick second click is refused. @param {() => Promise<void>} act */
  async #alone(act) {
    if (this.underWay || this.#changing) throw new Refused("busy");
    this.#changing = true;
    try {
      await act();
    } finally {
      this.#changing = false;
    }
  }

  /** The letter after the last one in use. */
  #freeName() {
    const last = Math.max(-1, ...[...this.records.keys()].map((name) => NAMES.indexOf(name)));
    const after = NAMES.slice(last + 1) + NAMES;
    return /** @type {string} */ ([...after].find((name) => !this.records.has(name)));
  }

  /** The run of a point that is kept. Throws Refused for others. @param {Point} point */
  recordAt({ name, step }) {
    const record = this.records.get(name);
    if (!record || !this.points.some((point) => point.name === name && point.step === step))
      throw new Refused("gone_here");
    return record;
  }

  /** The state at a point, as a file. Throws Refused where it is gone. @param {Point} point */
  async fileAt({ name, step }) {
    const file = await this.given.kept.file(name, step);
    if (!file) throw new Refused("gone_here");
    return file;
  }
}

/** How many steps an epoch of all its images takes. @param {Config} config */
function stepsAnEpoch({ digits, images, batch_size, norm }) {
  const there = digits.reduce((sum, digit) => sum + OF_DIGITS[digit], 0);
  const count = Math.min(images ?? there, there);
  return Math.floor(count / batch_size) + Number(count % batch_size >= (norm === "batch" ? 2 : 1));
}

/** One run and its workers, from the click until it pauses or ends. */
export class Run {
  /** "fetching" (`come` of so many bytes), "running", and then "finished", "paused", "stopped" or "failed" */
  phase = "fetching";
  data = { come: 0, of: 0 };
  speed = 0; // images a second
  fraction = 0; // of the budget
  /** @type {object | null} what a single step changed */
  move = null;
  /** @type {{ name: string, message: string } | null} */
  error = null;
  over = false;
  /** @type {string | null} the GPU that trains it */
  card = null;
  /** @type {string | null} why no GPU does, though one was to */
  fell = null;

  /**
   * @param {Workshop} workshop
   * @param {Record} record
   * @param {Origin} origin
   * @param {Players | null} players
   * @param {number | null} replaces
   */
  constructor(workshop, record, origin, players, replaces) {
    this.workshop = workshop;
    this.record = record;
    this.players = players;
    this.replaces = replaces;
    this.steps = stepsAnEpoch(record.config);
    const { script, addresses } = workshop.given;
    this.gpu = Boolean(workshop.given.gpu && !players); // a single step is made where it is looked at
    const begin = { origin, addresses, players, gpu: this.gpu };
    this.hired = hire(script, this.gpu ? 1 : (record.workers ?? 1), { begin }, { origin, players });
    for (const worker of this.hired) {
      worker.onerror = ({ message }) => this.#fail({ name: DIED, message });
      worker.onmessage = ({ data }) => this.#hear(data);
    }
  }

  /** @param {object} wish */
  post(wish) {
    this.hired[0].postMessage(wish);
  }

  /** An estimate from the share done so far, in seconds; null while there is none. */
  get left() {
    const spent = this.record.spent - this.record.paid;
    return this.fraction > 0 ? spent / this.fraction - spent : null;
  }

  /** @param {any} news */
  async #hear({
    data,
    begun,
    progress,
    seconds,
    look,
    sheet,
    slopes,
    measure,
    again,
    move,
    saved,
    card,
    fell,
    ended,
    diverged,
    failed,
  }) {
    if (this.over) return;
    const { record } = this;
    if (data) this.data = data;
    if (begun) this.#begin(begun);
    if (card !== undefined) this.card = card;
    if (fell) this.#fall(fell);
    if (progress) this.#progress(progress, seconds);
    if (look) record.see(look, sheet);
    if (slopes) record.addSlopes(slopes);
    if (again) record.measures.pop();
    if (measure) record.measures.push(measure);
    if (move) this.move = move;
    if (diverged !== undefined) Object.assign(record, { diverged: true, step: saved.step, epoch: saved.epoch });
    if (failed) return this.#fail(failed);
    if (saved) {
      await this.workshop.keep(this, { step: saved.step, file: saved.file });
      this.replaces = saved.step; // the next point of this run takes its place
    }
    if (ended && !this.over) {
      // after its last point is kept: only then can it be gone on from
      this.phase = ended;
      this.#leave();
    }
    this.workshop.given.tell();
  }

  /** @param {{ step: number, epoch: number }} begun */
  #begin({ step, epoch }) {
    this.phase = "running";
    this.record.beginAt(step, epoch);
  }

  /**
   * @param {import("../types.d.ts").Progress} progress
   * @param {number} seconds
   */
  #progress({ step, epoch, loss_g, loss_d, d_real, d_fake, images }, seconds) {
    const { record } = this;
    Object.assign(record, { step, epoch, spent: record.spent + seconds });
    record.curve.add([step, loss_g, loss_d, d_real, d_fake]);
    if (!seconds) return;
    const speed = images / seconds;
    this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
    this.fraction = record.fraction(this.steps);
  }

  /** The GPU is lost, or cannot do it: the run goes on in WebAssembly. @param {{ [name: string]: any }} fell */
  #fall({ name, step, epoch }) {
    [this.card, this.fell] = [null, name];
    this.record.goBack(step, epoch);
  }

  /** @param {{ name: string, message: string }} error */
  #fail(error) {
    if (this.over) return;
    this.error = error;
    this.phase = "failed";
    this.#leave();
    const { records, given, points } = this.workshop;
    if (!this.record.curve.all.length && !points.some(({ name }) => name === this.record.name)) {
      records.delete(this.record.name); // it never began
    }
    given.tell();
  }

  #leave() {
    this.over = true;
    for (const worker of this.hired) worker.terminate();
  }
}

/**
 * Start workers that are joined to each other: the first one with an order, the others with theirs.
 * @param {(path: string) => string} script
 * @param {number} size
 * @param {{ [order: string]: object }} first
 * @param {{ origin: Origin, players: Players | null }} others
 */
function hire(script, size, first, others) {
  const memory = sharedBy(size, others.origin.config);
  return connect(size).map((ports, rank) => {
    const worker = new Worker(script(rank ? "engine/follower-worker.js" : "live/run-worker.js"), { type: "module" });
    const [[name, order]] = Object.entries(first);
    const told = rank ? { ...others, rank, ports, memory } : { [name]: { ...order, ports, memory } };
    worker.postMessage(told, /** @type {MessagePort[]} */ (ports.filter(Boolean)));
    return worker;
  });
}

/**
 * How many workers train fastest on this device, 1 to `most`: each number is tried for a moment, as long as more help.
 * @param {Origin} origin small networks
 * @param {(path: string) => string} script
 * @param {number} most
 */
export async function bestTeam(origin, script, most) {
  let best = { size: 1, took: Number.POSITIVE_INFINITY };
  for (let size = 1; size <= most; size *= 2) {
    const took = await tried(origin, script, size);
    if (took > best.took * WORTH) break;
    best = { size, took };
  }
  return best;
}

/**
 * What the GPU is called and how many milliseconds it takes for a step, Infinity where that was not known in time; null
 * where none may be used. One that answers later still is told to `late`.
 * @param {Origin} origin small networks
 * @param {(path: string) => string} script
 * @param {(card: string) => void} late
 * @returns {Promise<{ card: string, took: number } | null>}
 */
export function tryCard(origin, script, late) {
  if (!navigator.gpu) return Promise.resolve(null);
  const trial = { origin, steps: TRIED_ON_CARD, gpu: true };
  const [worker] = hire(script, 1, { trial }, { origin, players: null });
  let card = "";
  let waited = false;
  return new Promise((resolve) => {
    const end = (/** @type {number} */ took) => {
      worker.terminate();
      resolve(card ? { card, took } : null);
    };
    worker.onerror = () => {
      worker.terminate();
      resolve(null);
    };
    worker.onmessage = ({ data }) => {
      card = data.card ?? card;
      if (data.failed) card = ""; // it was lost already
      if (card && waited) late(card);
      if (waited || "tried" in data) end(data.tried);
    };
    setTimeout(() => {
      waited = true;
      if (card) end(Number.POSITIVE_INFINITY);
      else resolve(null);
      setTimeout(() => worker.terminate(), MOST_PATIENCE);
    }, LONGEST_ON_CARD);
  });
}

/**
 * @param {Origin} origin
 * @param {(path: string) => string} script
 * @param {number} size
 * @returns {Promise<number>} milliseconds a step
 */
async function tried(origin, script, size) {
  const hired = hire(script, size, { trial: { origin, steps: TRIED } }, { origin, players: null });
  try {
    return await new Promise((resolve, reject) => {
      for (const worker of hired) worker.onerror = ({ message }) => reject(new Error(message));
      hired[0].onmessage = ({ data }) => resolve(data.tried);
      setTimeout(() => resolve(Number.POSITIVE_INFINITY), LONGEST_TRIAL); // so many do not work together here
    });
  } finally {
    for (const worker of hired) worker.terminate();
  }
}
