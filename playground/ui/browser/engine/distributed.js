// One run in several workers: each computes its own rows of every batch, and all end up with the same networks. Mirrors
// playground/distributed.py. Every worker draws the random numbers of its rows alone: they depend on nobody else.

import { TAIL } from "./gan.js";

/** @import { Config } from "../types.d.ts" */

const OTHERS = 3; // weights of a unit beside those of its inputs: its bias, and BatchNorm's two

/**
 * What a worker is told of the next step: the size of the whole batch, and the pixels of its own rows.
 * @typedef {{ config: Config, whole: number, pixels: Uint8Array }} Order
 */

/** The workers of a run, of which this is number `rank`, from 0. This class is for one that is alone. */
export class Team {
  rank = 0;
  size = 1;

  /**
   * What every worker has, in the order of their ranks.
   * @param {Float32Array} own
   * @returns {Promise<Float32Array[]> | Float32Array[]}
   */
  gather(own) {
    return [own];
  }

  /**
   * As the first worker: give everybody the order for its share of a batch of so many rows. Returns our own.
   * @param {number} whole
   * @param {(share: Share) => Order} make
   */
  deal(whole, make) {
    return make(this.share(whole));
  }

  /** As the first worker: there is no further step. */
  end() {}

  /**
   * The part of a batch of so many rows that a worker computes: ours, where no `rank` is given.
   * @param {number} whole
   * @param {number} [rank]
   */
  share(whole, rank = this.rank) {
    return new Share(this, whole, rank);
  }
}

/**
 * Several workers, each joined to each by a port. They go in step, so messages come in the order of the questions.
 * Numbers travel through shared memory where there is some, else in messages.
 */
export class Workers extends Team {
  /**
   * @param {number} rank
   * @param {(MessagePort | null)[]} ports to each worker, in the order of their ranks; null to ourselves
   * @param {SharedArrayBuffer | null} [memory] from `sharedBy`
   */
  constructor(rank, ports, memory = null) {
    super();
    this.rank = rank;
    this.size = ports.length;
    this.board = memory && new Board(memory, rank, ports.length);
    this.boxes = ports.map((port) => port && new Mailbox(port));
  }

  /** @param {Float32Array} own */
  async gather(own) {
    if (this.board) return this.board.exchange(own);
    for (const box of this.boxes) box?.send(own.slice());
    return Promise.all(this.boxes.map((box) => box?.next() ?? own));
  }

  /**
   * @param {number} whole
   * @param {(share: Share) => Order} make
   */
  deal(whole, make) {
    this.boxes.forEach((box, rank) => box?.port.postMessage(make(this.share(whole, rank))));
    return make(this.share(whole));
  }

  end() {
    for (const box of this.boxes) box?.port.postMessage(null);
  }

  /**
   * Wait until all are there. Who shares memory must: a worker that blocks sends nothing on a port that the other side
   * has not yet opened (Firefox).
   */
  async meet() {
    if (!this.board) return;
    if (this.rank) this.boxes[0]?.port.postMessage("here");
    else await Promise.all(this.boxes.map((box) => box?.next()));
  }

  /** What the first worker has told us; null: there is no further step. @returns {Promise<Order | null>} */
  ordered() {
    return /** @type {Mailbox} */ (this.boxes[0]).next();
  }
}

const ROUNDS = 64; // bytes for the workers' counters, so that numbers begin at a multiple of it
const TURNS = 2;

/**
 * Numbers that workers hand each other in shared memory. Each has a counter of its rounds and two places, used in turn:
 * nobody comes to the round after the next before all others have read what stood there.
 */
export class Board {
  /**
   * @param {SharedArrayBuffer} memory
   * @param {number} rank
   * @param {number} size of the team
   */
  constructor(memory, rank, size) {
    this.rank = rank;
    this.rounds = new Int32Array(memory, 0, size);
    const length = (memory.byteLength - ROUNDS) / (4 * TURNS * size);
    const place = (/** @type {number} */ i) => new Float32Array(memory, ROUNDS + 4 * length * i, length);
    this.places = Array.from({ length: TURNS }, (_, turn) =>
      Array.from({ length: size }, (_, other) => place(turn * size + other)),
    );
  }

  /**
   * What every worker has, valid until the next call. Blocks this worker until all have come.
   * @param {Float32Array} own
   */
  exchange(own) {
    const { rounds, rank } = this;
    const round = (rounds[rank] + 1) | 0;
    const places = this.places[round & 1];
    places[rank].set(own);
    Atomics.store(rounds, rank, round);
    Atomics.notify(rounds, rank);
    places.forEach((_, other) => {
      for (let at = Atomics.load(rounds, other); at - round < 0; at = Atomics.load(rounds, other)) {
        Atomics.wait(rounds, other, at);
      }
    });
    return places.map((place) => place.subarray(0, own.length));
  }
}

/**
 * Memory for the Board of a run's workers; null where browsers share none: the page is not cross-origin isolated.
 * @param {number} size of the team
 * @param {Pick<Config, "latent_dim" | "widths_g" | "widths_d">} config
 */
export function sharedBy(size, { latent_dim, widths_g, widths_d }) {
  if (size === 1 || !globalThis.crossOriginIsolated) return null;
  const networks = [
    [latent_dim, ...widths_g, 784],
    [784, ...widths_d, 1],
  ];
  const counts = networks.map((layers) =>
    layers.slice(1).reduce((sum, outputs, i) => sum + (layers[i] + OTHERS) * outputs, TAIL),
  );
  return new SharedArrayBuffer(ROUNDS + 4 * TURNS * size * Math.max(...counts));
}

/** What has come from another worker and was not asked for yet, or was asked for and has not come. */
class Mailbox {
  /** @type {any[]} */
  come = [];
  /** @type {((message: any) => void) | null} */
  wanted = null;

  /** @param {MessagePort} port */
  constructor(port) {
    this.port = port;
    port.onmessage = ({ data }) => {
      if (this.wanted) this.wanted(data);
      else this.come.push(data);
      this.wanted = null;
    };
  }

  /** @param {Float32Array} numbers they are gone afterwards */
  send(numbers) {
    this.port.postMessage(numbers, [/** @type {ArrayBuffer} */ (numbers.buffer)]);
  }

  /** @returns {Promise<any>} */
  async next() {
    if (this.come.length) return this.come.shift();
    return new Promise((resolve) => {
      this.wanted = resolve;
    });
  }
}

/** The rows `first` to `end` of a batch of `whole`, which one worker computes. The parts differ by one row at most. */
export class Share {
  /**
   * @param {Team} team
   * @param {number} whole
   * @param {number} rank of the worker
   */
  constructor(team, whole, rank) {
    this.team = team;
    this.whole = whole;
    this.first = Math.floor((whole * rank) / team.size);
    this.rows = Math.floor((whole * (rank + 1)) / team.size) - this.first;
  }

  /** The share of the batch that worker `rank` computes, 0 to 1. @param {number} rank */
  weight(rank) {
    return this.team.share(this.whole, rank).rows / this.whole;
  }

  /** What every worker has. @param {Float32Array} own */
  gather(own) {
    return this.team.gather(own);
  }

  /**
   * Replace our sums by those over all workers, added in the order of the ranks: the same to the bit in each of them.
   * @param {Float32Array} sums
   */
  async addUp(sums) {
    if (this.team.size === 1) return;
    const all = await this.team.gather(sums); // ours among them: each number is read before it is written
    for (let i = 0; i < sums.length; i++) {
      let sum = all[0][i];
      for (let other = 1; other < all.length; other++) sum = Math.fround(sum + all[other][i]);
      sums[i] = sum;
    }
  }
}

/** Let an error in what was not waited for reach the page, as `onerror` of the worker. @param {unknown} error */
export function rethrow(error) {
  setTimeout(() => {
    throw error;
  });
}

/**
 * The ports of so many workers: one row for each, with its ports to all, null to itself.
 * @param {number} size
 * @returns {(MessagePort | null)[][]}
 */
export function connect(size) {
  /** @type {(MessagePort | null)[][]} */
  const ports = Array.from({ length: size }, () => Array(size).fill(null));
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const { port1, port2 } = new MessageChannel();
      [ports[a][b], ports[b][a]] = [port1, port2];
    }
  }
  return ports;
}
