// What is measured of drawings: which digits the judge finds, and how far they are from real ones. Mirrors
// playground/metrics.py.

import { PIXELS } from "./gan.js";
import { CLASSES, FEATURES, NOT_A_DIGIT } from "./judge.js";

/** @typedef {Float32Array | Float64Array} Numbers */
/** Of features: 128 and 128 x 128. @typedef {{ mean: Numbers, covariance: Numbers }} Moments */

export const LEAST_SHARE = 0.01; // of the recognisable drawings: a digit with fewer counts as missing
export const LEAST_RECOGNISED = 0.2; // share of the drawings: below it a census says too little

/**
 * How many drawings the judge accepted as each digit, and the share that it accepted as any.
 * @param {Float32Array} answers eleven for each drawing
 */
export function census(answers) {
  const counts = Array(NOT_A_DIGIT).fill(0);
  const drawings = answers.length / CLASSES;
  let accepted = 0;
  for (let i = 0; i < drawings; i++) {
    const answer = answerOf(answers.subarray(i * CLASSES, (i + 1) * CLASSES));
    if (answer === NOT_A_DIGIT) continue;
    counts[answer]++;
    accepted++;
  }
  return { counts, recognisable: accepted / Math.max(drawings, 1) };
}

/** The largest of the eleven; *not a digit* where one is no number. @param {Float32Array} answers */
const answerOf = (answers) => (answers.every(Number.isFinite) ? answers.indexOf(Math.max(...answers)) : NOT_A_DIGIT);

/** How many of `accepted` drawings must show a digit, or else it counts as missing. @param {number} accepted */
export const leastCount = (accepted) => Math.max(1, LEAST_SHARE * accepted);

/**
 * The mean Euclidean distance between two of the drawings (784 numbers each): 0 where all are one.
 * @param {Float32Array} drawings
 */
export function distanceApart(drawings) {
  const count = drawings.length / PIXELS;
  let sum = 0;
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) sum += distance(drawings, i, drawings, j);
  return sum / Math.max((count * (count - 1)) / 2, 1);
}

/** The mean distance from each drawing to the one most like it. @param {Float32Array} drawings */
export function distanceToNext(drawings) {
  const count = drawings.length / PIXELS;
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const between = distance(drawings, i, drawings, j);
      nearest[i] = Math.min(nearest[i], between);
      nearest[j] = Math.min(nearest[j], between);
    }
  }
  return nearest.reduce((sum, one) => sum + one, 0) / count;
}

/**
 * The mean distance from each drawing to the nearest of the known ones.
 * @param {Float32Array} drawings
 * @param {Float32Array} known
 */
export function distanceTo(drawings, known) {
  const count = drawings.length / PIXELS;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let nearest = Number.POSITIVE_INFINITY;
    for (let j = 0; j < known.length / PIXELS; j++) nearest = Math.min(nearest, distance(drawings, i, known, j));
    sum += nearest;
  }
  return sum / count;
}

/**
 * @param {Float32Array} a
 * @param {number} i
 * @param {Float32Array} b
 * @param {number} j
 */
function distance(a, i, b, j) {
  let sum = 0;
  for (let x = i * PIXELS, y = j * PIXELS, end = x + PIXELS; x < end; x++, y++) sum += (a[x] - b[y]) ** 2;
  return Math.sqrt(sum);
}

/**
 * The Frechet distance of drawings from real digits, in the judge's features: Heusel et al. 2017.
 * @param {Float32Array} features of the drawings, 128 each
 * @param {Moments} real
 */
export function frechet(features, real) {
  const own = moments(features);
  let far = 0;
  for (let i = 0; i < FEATURES; i++) {
    const diagonal = i * FEATURES + i;
    far += (own.mean[i] - real.mean[i]) ** 2 + own.covariance[diagonal] + real.covariance[diagonal];
  }
  // With real = R R', the eigenvalues of own x real are those of R' own R, which is symmetric.
  const root = cholesky(real.covariance);
  const between = eigenvalues(product(product(transposed(root), own.covariance), root));
  return far - 2 * between.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
}

/** Mean and covariance of a sample. @param {Float32Array} features 128 each @returns {Moments} */
export function moments(features) {
  const count = features.length / FEATURES;
  const mean = new Float64Array(FEATURES);
  features.forEach((value, i) => {
    mean[i % FEATURES] += value / count;
  });
  const covariance = new Float64Array(FEATURES * FEATURES);
  const row = new Float64Array(FEATURES);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < FEATURES; i++) row[i] = features[n * FEATURES + i] - mean[i];
    for (let i = 0; i < FEATURES; i++) {
      for (let j = 0; j <= i; j++) covariance[i * FEATURES + j] += row[i] * row[j];
    }
  }
  for (let i = 0; i < FEATURES; i++) {
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * FEATURES + j] / (count - 1);
      covariance[i * FEATURES + j] = covariance[j * FEATURES + i] = value;
    }
  }
  return { mean, covariance };
}

/**
 * The lower triangle R with matrix = R R'; a column of zeros where the matrix has no more to give.
 * @param {Numbers} matrix symmetric
 */
function cholesky(matrix) {
  const n = FEATURES;
  const root = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let rest = matrix[i * n + j];
      for (let k = 0; k < j; k++) rest -= root[i * n + k] * root[j * n + k];
      if (i === j) root[j * n + j] = Math.sqrt(Math.max(0, rest));
      else root[i * n + j] = root[j * n + j] > 1e-6 ? rest / root[j * n + j] : 0;
    }
  }
  return root;
}

/** @param {Float64Array} matrix */
const transposed = (matrix) => matrix.map((_, at) => matrix[(at % FEATURES) * FEATURES + Math.floor(at / FEATURES)]);

/**
 * The product of two square matrices.
 * @param {Numbers} a
 * @param {Numbers} b
 */
function product(a, b) {
  const c = new Float64Array(FEATURES * FEATURES);
  for (let i = 0; i < FEATURES; i++) {
    for (let k = 0; k < FEATURES; k++) {
      const x = a[i * FEATURES + k];
      for (let j = 0; j < FEATURES; j++) c[i * FEATURES + j] += x * b[k * FEATURES + j];
    }
  }
  return c;
}

/**
 * The eigenvalues of a symmetric matrix, which is changed: Jacobi 1846, one turn after another until nothing is left
 * beside the diagonal.
 * @param {Float64Array} matrix 128 x 128
 */
function eigenvalues(matrix) {
  const n = FEATURES;
  let scale = 0;
  for (let i = 0; i < n; i++) scale += matrix[i * n + i] ** 2;
  for (let sweep = 0; sweep < 30; sweep++) {
    let beside = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        beside += matrix[p * n + q] ** 2;
        turn(matrix, p, q);
      }
    }
    if (beside <= 1e-18 * scale) break;
  }
  return Array.from({ length: n }, (_, i) => matrix[i * n + i]);
}

/**
 * Turn the matrix so that its entry at (p, q) becomes 0.
 * @param {Float64Array} matrix
 * @param {number} p
 * @param {number} q
 */
function turn(matrix, p, q) {
  const n = FEATURES;
  const entry = matrix[p * n + q];
  if (!entry) return;
  const theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * entry);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let i = 0; i < n; i++) {
    const [x, y] = [matrix[i * n + p], matrix[i * n + q]];
    matrix[i * n + p] = cosine * x - sine * y;
    matrix[i * n + q] = sine * x + cosine * y;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [matrix[p * n + i], matrix[q * n + i]];
    matrix[p * n + i] = cosine * x - sine * y;
    matrix[q * n + i] = sine * x + cosine * y;
  }
}
