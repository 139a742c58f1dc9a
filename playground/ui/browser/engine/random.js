// The random numbers of a run. Each is made from the seed and from where it is used (step, draw, row), by Philox (see
// tensor.c): so there is no state to save, and workers that share a batch draw what one alone would.

/** @import { Arithmetic, Block } from "./arithmetic.js" */

const WORDS = 2 ** 32;
const INITIAL = 0x8000_0000; // draws that belong to no step: the initial weights, and
const SHUFFLE = 0xffff_ffff; // the order of an epoch

/** Random numbers for a run's steps, one draw after another. */
export class Random {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} seed
   */
  constructor(arithmetic, seed) {
    this.arithmetic = arithmetic;
    this.seed = seed;
    this.step = 0;
    this.draws = 0;
    this.words = arithmetic.take(4096);
  }

  /** The draws of this step begin. @param {number} step */
  begin(step) {
    this.step = step;
    this.draws = 0;
  }

  /**
   * Fill rows of a block with normal numbers: Box and Muller 1958, two of each pair of uniform ones.
   * @param {Block} block rows x columns
   * @param {number} rows
   * @param {number} columns
   * @param {number} first the number of the first row in the whole batch
   */
  normal(block, rows, columns, first) {
    const draw = this.draws++;
    const { values } = block;
    for (let row = 0; row < rows; row++) {
      const words = this.fill(columns + (columns % 2), first + row, this.step, draw);
      for (let column = 0; column < columns; column += 2) {
        const length = Math.sqrt(-2 * Math.log((words[column] + 1) / WORDS));
        const angle = (2 * Math.PI * words[column + 1]) / WORDS;
        values[row * columns + column] = length * Math.cos(angle);
        if (column + 1 < columns) values[row * columns + column + 1] = length * Math.sin(angle);
      }
    }
  }

  /**
   * Fill a block with a dropout mask: 0 with probability `p`, else 1 / (1 - p). `parts` are runs of rows: the number of
   * the first one in the whole batch, and how many.
   * @param {Block} block
   * @param {number[][]} parts
   * @param {number} columns
   * @param {number} p
   */
  mask(block, parts, columns, p) {
    const draw = this.draws++;
    let { place } = block;
    for (const [first, rows] of parts) {
      const dropped = Math.round(p * 65_536);
      this.arithmetic.run.dropout_mask(place, rows, columns, first, dropped, 1 / (1 - p), this.seed, this.step, draw);
      place += 4 * rows * columns;
    }
  }

  /**
   * Fill a block with uniform numbers from -bound to bound: the initial weights of tensor number `index`.
   * @param {Block} block
   * @param {number} index
   * @param {number} bound
   */
  initial(block, index, bound) {
    for (let from = 0; from < block.length; from += this.words.length) {
      const count = Math.min(this.words.length, block.length - from);
      const words = this.fill(count, from / this.words.length, 0, INITIAL + index);
      const { values } = block;
      for (let i = 0; i < count; i++) values[from + i] = bound * ((2 * words[i] + 1) / WORDS - 1);
    }
  }

  /**
   * The order in which an epoch goes through so many images: Fisher and Yates 1938, in Durstenfeld's form.
   * @param {number} count
   * @param {number} epoch
   */
  order(count, epoch) {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    /** @type {Uint32Array} */
    let words = new Uint32Array();
    for (let i = count - 1, drawn = 0; i > 0; i--, drawn++) {
      const at = drawn % this.words.length;
      if (!at) words = this.fill(this.words.length, drawn / this.words.length, epoch, SHUFFLE);
      const j = Math.floor((words[at] / WORDS) * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /**
   * Random words of one row, valid until the next call.
   * @param {number} count
   * @param {number} row
   * @param {number} step
   * @param {number} draw
   */
  fill(count, row, step, draw) {
    const { memory, place } = this.words;
    this.arithmetic.run.random_words(place, 1, Math.ceil(count / 4) * 4, row, this.seed, step, draw);
    return new Uint32Array(memory.buffer, place, count);
  }
}
