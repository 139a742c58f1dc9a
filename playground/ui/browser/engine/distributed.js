// One run in several workers: each computes its own rows of every batch, and all end up with the same networks. Mirrors
// playground/distributed.py. Every worker draws the random numbers of its rows alone: they do not depend on the others.

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

  /** Our part of a batch of so many rows. @param {number} whole */
  share(whole) {
    return new Share(this, whole);
  }
}

/** Several workers, each joined to each by a port. */
export class Workers extends Team {
  /**
   * @param {number} rank
   * @param {(MessagePort | null)[]} ports to each worker, in the order of their ranks; null to ourselves
   */
  constructor(rank, ports) {
    super();
    this.rank = rank;
    this.size = ports.length;
    this.ports = ports;
    /** @type {Float32Array[][]} what has come from each, and was not yet asked for */
    this.come = ports.map(() => []);
    /** @type {(() => void) | null} */
    this.wake = null;
    ports.forEach((port, from) => {
      if (!port) return;
      port.onmessage = ({ data }) => {
        this.come[from].push(data);
        this.wake?.();
      };
    });
  }

  /**
   * The workers go in step, so the first message that waits from each is the one that belongs to this call.
   * @param {Float32Array} own
   */
  async gather(own) {
    for (const port of this.ports) {
      const copy = own.slice();
      port?.postMessage(copy, [copy.buffer]);
    }
    while (this.come.some((waiting, from) => from !== this.rank && !waiting.length)) {
      await new Promise((resolve) => (this.wake = () => resolve(undefined)));
    }
    return this.come.map((waiting, from) => (from === this.rank ? own : /** @type {Float32Array} */ (waiting.shift())));
  }
}

/** The rows `first` to `end` of a batch of `whole`, which one worker computes. The parts differ by one row at most. */
export class Share {
  /**
   * @param {Team} team
   * @param {number} whole
   */
  constructor(team, whole) {
    this.team = team;
    this.whole = whole;
    this.first = Math.floor((whole * team.rank) / team.size);
    this.rows = Math.floor((whole * (team.rank + 1)) / team.size) - this.first;
  }

  /** The share of the batch that worker `rank` computes, 0 to 1. @param {number} rank */
  weight(rank) {
    const { size } = this.team;
    return (Math.floor((this.whole * (rank + 1)) / size) - Math.floor((this.whole * rank) / size)) / this.whole;
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
    const [first, ...others] = await this.team.gather(sums);
    const total = first.slice();
    for (const other of others) for (let i = 0; i < total.length; i++) total[i] += other[i];
    sums.set(total);
  }
}
