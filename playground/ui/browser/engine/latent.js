// Latent vectors in the browser, as playground/latent.py makes them in Python.

export const length = (z) => Math.sqrt(dot(z, z));
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The straight line from `start` to `end` at `way` (0 to 1). */
export const lerp = (start, end, way) => Float64Array.from(start, (value, i) => value * (1 - way) + end[i] * way);

/** The arc between two directions, its length going linearly from one to the other (Shoemake 1985, White 2016). */
export function slerp(start, end, way) {
  if (way === 0 || way === 1) return Float64Array.from(way ? end : start); // exactly the two ends
  const from = length(start),
    to = length(end);
  const angle = Math.acos(Math.min(1, Math.max(-1, dot(start, end) / (from * to))));
  const sine = Math.sin(angle);
  if (!(sine > 1e-4)) return lerp(start, end, way); // parallel, opposite, or of length 0
  const reach = (from * (1 - way) + to * way) / sine;
  const a = (Math.sin((1 - way) * angle) / from) * reach,
    b = (Math.sin(way * angle) / to) * reach;
  return Float64Array.from(start, (value, i) => a * value + b * end[i]);
}

export const PATHS = { slerp, lerp };

/** The latent at (x, y), both 0 to 1, of the plane between four corners: top left, top right, bottom left, bottom right. */
export const onPlane = ([a, b, c, d], x, y) => slerp(slerp(a, b, x), slerp(c, d, x), y);

/** The latent at `way` (0 to 1) along a route through two or more latents, each leg taking the same share. */
export function onRoute(stops, way, path) {
  const legs = stops.length - 1,
    leg = Math.min(legs - 1, Math.floor(way * legs));
  return PATHS[path](stops[leg], stops[leg + 1], way * legs - leg);
}
