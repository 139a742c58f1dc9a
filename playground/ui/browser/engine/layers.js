// The layers of both networks, each with its forward pass and the gradients of it. Mirrors what torch's layers do. A
// layer works in blocks of its own, for as many rows as were asked for at most. Knows neither losses nor the page.

/** @import { Arithmetic, Block } from "./arithmetic.js" */
/** @import { Share } from "./distributed.js" */

/**
 * What a pass through a network is told. `share` are our rows of the batch; `parts` are runs of rows, as the number of
 * the first one in the whole batch and how many; `drop` fills a mask; null: nothing is dropped.
 * @typedef {object} Pass
 * @property {Share} share
 * @property {number[][]} parts
 * @property {((mask: Block, parts: number[][], columns: number, p: number) => void) | null} drop
 */

/** Which gradients a backward pass is to find. @typedef {{ weights: boolean, input: boolean }} Wanted */

const EPSILON = 1e-5; // of BatchNorm, as torch has it
const MOMENTUM = 0.1; // of its running averages

/** y = x W' + b, with W (outputs x inputs) as torch keeps it. */
export class Linear {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} inputs
   * @param {number} outputs
   * @param {number} rows
   */
  constructor(arithmetic, inputs, outputs, rows) {
    this.arithmetic = arithmetic;
    this.inputs = inputs;
    this.outputs = outputs;
    this.shapes = { weight: [outputs, inputs], bias: [outputs] };
    this.turned = arithmetic.take(inputs * outputs); // W', for the forward product
    this.output = arithmetic.take(rows * outputs);
    this.slope = arithmetic.take(rows * inputs);
    this.panel = arithmetic.take(8 * Math.max(rows, inputs, outputs));
    /** @type {Record<string, Block>} */
    this.weights = {};
    /** @type {Record<string, Block>} */
    this.gradients = {};
    this.input = this.output;
  }

  /** The weights have changed. */
  refresh() {
    this.arithmetic.run.transpose(this.weights.weight.place, this.turned.place, this.outputs, this.inputs);
  }

  /**
   * @param {Block} input rows x inputs
   * @param {number} rows
   */
  forward(input, rows) {
    this.input = input;
    this.multiply(input, this.inputs, 1, this.turned, this.output, rows, this.outputs, this.inputs);
    this.arithmetic.run.add_bias(this.output.place, this.weights.bias.place, rows, this.outputs);
    return this.output;
  }

  /**
   * @param {Block} slope by each output (rows x outputs)
   * @param {number} rows
   * @param {Wanted} wanted
   */
  backward(slope, rows, wanted) {
    const { inputs, outputs, weights, gradients } = this;
    if (wanted.weights) {
      this.multiply(slope, 1, outputs, this.input, gradients.weight, outputs, inputs, rows);
      this.arithmetic.run.sum_rows(slope.place, gradients.bias.place, rows, outputs);
    }
    if (wanted.input) this.multiply(slope, outputs, 1, weights.weight, this.slope, rows, inputs, outputs);
    return this.slope;
  }

  /**
   * @param {Block} a
   * @param {number} aRow
   * @param {number} aNext
   * @param {Block} b
   * @param {Block} c
   * @param {number} rows
   * @param {number} columns
   * @param {number} depth
   */
  multiply(a, aRow, aNext, b, c, rows, columns, depth) {
    this.arithmetic.run.multiply(a.place, aRow, aNext, b.place, c.place, rows, columns, depth, this.panel.place);
  }
}

/** y = x above 0, else slope x; in place. */
export class LeakyReLU {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} columns
   * @param {number} slope
   */
  constructor(arithmetic, columns, slope) {
    this.arithmetic = arithmetic;
    this.columns = columns;
    this.slope = slope;
  }

  /**
   * @param {Block} units
   * @param {number} rows
   */
  forward(units, rows) {
    this.units = units;
    this.arithmetic.run.leaky_relu(units.place, rows * this.columns, this.slope);
    return units;
  }

  /**
   * @param {Block} slope
   * @param {number} rows
   */
  backward(slope, rows) {
    const units = /** @type {Block} */ (this.units);
    this.arithmetic.run.leaky_relu_gradient(slope.place, units.place, rows * this.columns, this.slope);
    return slope;
  }
}

/** y = tanh(x), in place. */
export class Tanh {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} columns
   */
  constructor(arithmetic, columns) {
    this.arithmetic = arithmetic;
    this.columns = columns;
  }

  /**
   * @param {Block} units
   * @param {number} rows
   */
  forward(units, rows) {
    this.units = units;
    this.arithmetic.run.tanh_in_place(units.place, rows * this.columns);
    return units;
  }

  /**
   * @param {Block} slope
   * @param {number} rows
   */
  backward(slope, rows) {
    const units = /** @type {Block} */ (this.units);
    this.arithmetic.run.tanh_gradient(slope.place, units.place, rows * this.columns);
    return slope;
  }
}

/** Some units become 0, the others larger; in place. `p` may be changed between two passes. */
export class Dropout {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} columns
   * @param {number} rows
   */
  constructor(arithmetic, columns, rows) {
    this.arithmetic = arithmetic;
    this.columns = columns;
    this.mask = arithmetic.take(rows * columns);
    this.p = 0;
    this.dropped = false; // in the pass before
  }

  /**
   * @param {Block} units
   * @param {number} rows
   * @param {Pass} pass
   */
  forward(units, rows, pass) {
    this.dropped = this.p > 0 && pass.drop !== null;
    if (!this.dropped) return units;
    pass.drop?.(this.mask, pass.parts, this.columns, this.p);
    return this.#scale(units, rows);
  }

  /**
   * @param {Block} slope
   * @param {number} rows
   */
  backward(slope, rows) {
    return this.dropped ? this.#scale(slope, rows) : slope;
  }

  /**
   * @param {Block} units
   * @param {number} rows
   */
  #scale(units, rows) {
    this.arithmetic.run.scale_by(units.place, this.mask.place, rows * this.columns);
    return units;
  }
}

/** Each column to mean 0 and variance 1 over the whole batch, then scaled and moved (Ioffe and Szegedy 2015). */
export class BatchNorm {
  /**
   * @param {Arithmetic} arithmetic
   * @param {number} columns
   * @param {number} rows
   */
  constructor(arithmetic, columns, rows) {
    this.arithmetic = arithmetic;
    this.columns = columns;
    this.shapes = { weight: [columns], bias: [columns] };
    this.kept = { running_mean: arithmetic.take(columns), running_var: arithmetic.take(columns) };
    this.kept.running_var.values.fill(1);
    this.plain = arithmetic.take(rows * columns); // of mean 0 and variance 1
    this.output = arithmetic.take(rows * columns);
    this.sums = arithmetic.take(2 * columns);
    this.scale = arithmetic.take(columns); // 1 / the root of the variance
    /** @type {Record<string, Block>} */
    this.weights = {};
    /** @type {Record<string, Block>} */
    this.gradients = {};
  }

  /**
   * @param {Block} input
   * @param {number} rows
   * @param {Pass} pass
   */
  async forward(input, rows, { share }) {
    const { columns, sums, scale, weights, arithmetic } = this;
    arithmetic.run.column_moments(input.place, sums.place, rows, columns);
    const { mean, variance } = join(await share.gather(sums.values), columns, share);
    this.#remember(mean, variance, share.whole);
    sums.values.set(mean);
    for (let i = 0; i < columns; i++) scale.values[i] = 1 / Math.sqrt(variance[i] + EPSILON);
    const places = [input, this.plain, this.output, sums, scale, weights.weight, weights.bias].map(
      ({ place }) => place,
    );
    arithmetic.run.normalise(...places, rows, columns);
    return this.output;
  }

  /**
   * @param {Block} slope by each output; becomes that by each input
   * @param {number} rows
   * @param {Wanted} wanted
   * @param {Pass} pass
   */
  async backward(slope, rows, wanted, { share }) {
    const { columns, sums, scale, weights, gradients, arithmetic } = this;
    const [first, second] = [sums.part(0, columns), sums.part(columns, columns)];
    arithmetic.run.sum_rows(slope.place, first.place, rows, columns);
    arithmetic.run.sum_products(slope.place, this.plain.place, second.place, rows, columns);
    if (wanted.weights) {
      gradients.bias.values.set(first.values);
      gradients.weight.values.set(second.values);
    }
    await share.addUp(sums.values);
    const places = [slope, this.plain, first, second, scale, weights.weight].map(({ place }) => place);
    arithmetic.run.normalise_gradient(...places, rows, columns, 1 / share.whole);
    return slope;
  }

  /**
   * The running averages, which draw when the training is over. Their variance is that of a sample.
   * @param {Float64Array} mean
   * @param {Float64Array} variance
   * @param {number} whole rows of the batch
   */
  #remember(mean, variance, whole) {
    const { running_mean, running_var } = this.kept;
    for (let i = 0; i < this.columns; i++) {
      running_mean.values[i] += MOMENTUM * (mean[i] - running_mean.values[i]);
      running_var.values[i] += MOMENTUM * ((variance[i] * whole) / (whole - 1) - running_var.values[i]);
    }
  }
}

/**
 * Mean and variance of each column over the whole batch, from those of each worker's rows.
 * @param {Float32Array[]} moments each worker's means and then its variances
 * @param {number} columns
 * @param {Share} share
 */
function join(moments, columns, share) {
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  moments.forEach((own, rank) => {
    for (let i = 0; i < columns; i++) mean[i] += share.weight(rank) * own[i];
  });
  moments.forEach((own, rank) => {
    for (let i = 0; i < columns; i++) variance[i] += share.weight(rank) * (own[columns + i] + (own[i] - mean[i]) ** 2);
  });
  return { mean, variance };
}
