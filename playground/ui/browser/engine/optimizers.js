// What moves the weights along their gradients, as torch.optim does it. Knows neither networks nor the page.

/** @import { Arithmetic, Block } from "./arithmetic.js" */
/** @typedef {Adam | Descent} Optimizer */

const EPSILON = 1e-8; // of Adam, as torch has it

/** Adam: Kingma and Ba 2015, algorithm 1. */
export class Adam {
  /**
   * @param {Arithmetic} arithmetic
   * @param {Block} weights
   * @param {Block} gradients
   */
  constructor(arithmetic, weights, gradients) {
    this.arithmetic = arithmetic;
    this.weights = weights;
    this.gradients = gradients;
    this.steps = 0;
    /** By their names in a file of torch. @type {Record<string, Block>} */
    this.moments = { exp_avg: arithmetic.take(weights.length), exp_avg_sq: arithmetic.take(weights.length) };
  }

  /**
   * @param {number} rate
   * @param {number} beta1
   * @param {number} beta2
   */
  update(rate, beta1, beta2) {
    this.steps++;
    const { exp_avg, exp_avg_sq } = this.moments;
    const places = [this.weights, this.gradients, exp_avg, exp_avg_sq].map(({ place }) => place);
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    const scaled = rate / (1 - beta1 ** this.steps);
    this.arithmetic.run.adam(...places, this.weights.length, scaled, beta1, beta2, correction, EPSILON);
  }
}

/** Gradient descent with momentum (torch.optim.SGD); the momentum is `beta1`. */
export class Descent {
  /**
   * @param {Arithmetic} arithmetic
   * @param {Block} weights
   * @param {Block} gradients
   */
  constructor(arithmetic, weights, gradients) {
    this.arithmetic = arithmetic;
    this.weights = weights;
    this.gradients = gradients;
    this.steps = 0;
    /** @type {Record<string, Block>} */
    this.moments = { momentum_buffer: arithmetic.take(weights.length) };
  }

  /**
   * @param {number} rate
   * @param {number} beta1
   */
  update(rate, beta1) {
    const places = [this.weights, this.gradients, this.moments.momentum_buffer].map(({ place }) => place);
    this.arithmetic.run.sgd(...places, this.weights.length, rate, beta1, Number(this.steps++ === 0));
  }
}
