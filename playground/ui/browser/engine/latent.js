// Latent vectors in the browser, as playground/latent.py makes them in Python. Knows neither network nor page.

import { LATENT } from "./facts.js";

/** @import { Numbers } from "../types.d.ts" */

// ---- torch.randn of a seeded torch.Generator on the CPU ----

const STATE = 624; // 32-bit words of the Mersenne Twister, of which a noise takes the first 128
const AHEAD = 397;
const GROUP = 16; // numbers that torch makes together: 8 for the radius, 8 for the angle
/** @type {Map<number, Float32Array>} */
const known = new Map();

/**
 * The noise of a seed (0 to 2^31 - 1): 128 numbers, those of
 * `torch.randn(128, generator=torch.Generator().manual_seed(seed))` up to 2e-6, as far as torch itself differs from
 * processor to processor. Normal numbers out of pairs of uniform ones by Box and Muller (1958), in torch's order.
 * @param {number} seed
 */
export function noise(seed) {
  const made = known.get(seed) ?? makeNoise(seed);
  known.set(seed, made);
  return made;
}

/** @param {number} seed */
function makeNoise(seed) {
  const uniform = twister(seed, LATENT).map((word) => (word & 0xff_ffff) / 2 ** 24);
  const z = new Float32Array(LATENT);
  for (let i = 0; i < LATENT; i++) {
    if (i % GROUP >= GROUP / 2) continue;
    const radius = Math.sqrt(-2 * Math.log(1 - uniform[i]));
    const angle = 2 * Math.PI * uniform[i + GROUP / 2];
    z[i] = radius * Math.cos(angle);
    z[i + GROUP / 2] = radius * Math.sin(angle);
  }
  return z;
}

/**
 * The first `count` words (at most 227) of MT19937: Matsumoto and Nishimura, "Mersenne Twister" (1998), with the
 * seeding of 2002.
 * @param {number} seed
 * @param {number} count
 */
function twister(seed, count) {
  const state = new Uint32Array(STATE);
  state[0] = seed;
  for (let i = 1; i < STATE; i++) {
    const before = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1_812_433_253, before) + i;
  }
  return Array.from({ length: count }, (_, i) => {
    const joined = (state[i] & 0x8000_0000) | (state[i + 1] & 0x7fff_ffff);
    let word = state[i + AHEAD] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908_b0df : 0);
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c_5680;
    word ^= (word << 15) & 0xefc6_0000;
    return (word ^ (word >>> 18)) >>> 0;
  });
}

/** @param {Numbers} z */
export const length = (z) => Math.sqrt(dot(z, z));

/**
 * @param {Numbers} a
 * @param {Numbers} b
 */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The straight line from `start` to `end` at `way` (0 to 1).
 * @param {Numbers} start
 * @param {Numbers} end
 * @param {number} way
 */
export const lerp = (start, end, way) => mix(start, 1 - way, end, way);

/**
 * @param {Numbers} start
 * @param {number} a
 * @param {Numbers} end
 * @param {number} b
 */
function mix(start, a, end, b) {
  const mixed = new Float64Array(start.length);
  for (let i = 0; i < mixed.length; i++) mixed[i] = a * start[i] + b * end[i];
  return mixed;
}

/**
 * The arc between two directions, its length going linearly from one to the other (Shoemake 1985, White 2016).
 * @param {Numbers} start
 * @param {Numbers} end
 * @param {number} way
 */
export function slerp(start, end, way) {
  if (way === 0 || way === 1) return Float64Array.from(way ? end : start); // exactly the two ends
  const from = length(start);
  const to = length(end);
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(start, end) / (from * to))));
  const sine = Math.sin(angle);
  if (!(sine > 1e-4)) return lerp(start, end, way); // parallel, opposite, or of length 0
  const reach = (from * (1 - way) + to * way) / sine;
  return mix(start, (Math.sin((1 - way) * angle) / from) * reach, end, (Math.sin(way * angle) / to) * reach);
}

/** @type {Record<string, typeof slerp>} */
export const PATHS = { slerp, lerp };

/**
 * The latent at (x, y), both 0 to 1, of the plane between four corners: top left, top right, bottom left, bottom right.
 * @param {readonly Numbers[]} corners
 * @param {number} x
 * @param {number} y
 */
export const onPlane = ([a, b, c, d], x, y) => slerp(slerp(a, b, x), slerp(c, d, x), y);

/**
 * The latent at `way` (0 to 1) along a route through two or more latents, each leg taking the same share.
 * @param {readonly Numbers[]} stops
 * @param {number} way
 * @param {string} path
 */
export function onRoute(stops, way, path) {
  const legs = stops.length - 1;
  const leg = Math.min(legs - 1, Math.floor(way * legs));
  return PATHS[path](stops[leg], stops[leg + 1], way * legs - leg);
}
