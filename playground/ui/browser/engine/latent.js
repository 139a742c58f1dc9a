// Latent vectors in the browser, as playground/latent.py makes them in Python. Knows neither network nor page.

/** @import { Numbers } from "../types.d.ts" */

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
