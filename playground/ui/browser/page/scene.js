// From the state of the hand to drawings and verdicts: what Explore shows, computed once a state. Knows no element.

import { LAST, LATENT } from "../engine/facts.js";
import { noise, onPlane } from "../engine/latent.js";
import { forgers } from "./forgers.js";
import { PAINT, PER_UNIT, PLACES } from "./state.js";

/** @import { Network } from "../engine/network.js" */
/** @import { Entry, Forger, Numbers, State } from "../types.d.ts" */

/** @type {WeakMap<State, Float64Array>} */
const latents = new WeakMap(); // state to its latent

/**
 * The noise values (128) that the hand has set, before temperature: the place on the plane, moved along the principal
 * directions, painted values last.
 * @param {State} state
 */
export function valuesOf({ seeds, at, moves, painted }) {
  const corners = seeds.map((seed) => noise(seed));
  const values = onPlane(corners, at[0] / PLACES, at[1] / PLACES);
  for (let i = 0; i < moves.length; i++) {
    const direction = moves[i] && forgers.directions?.[i];
    if (!direction) continue;
    for (let j = 0; j < LATENT; j++) values[j] += (moves[i] / PER_UNIT) * direction[j];
  }
  for (const [index, value] of painted) values[index] = value / PAINT;
  return values;
}

/**
 * The latent t z of a state: what the generators draw.
 * @param {State} state
 */
export function latentOf(state) {
  const known = latents.get(state);
  if (known) return known;
  const latent = valuesOf(state).map((value) => (value * state.temperature) / 100);
  latents.set(state, latent);
  return latent;
}

/**
 * A forger's drawing of the state's latent, with the muted and boosted units where it is the one that is looked into.
 * Afterwards the generator's hidden layers hold what they said on the way. Throws an Error while it has not come.
 * @param {State} state
 * @param {Forger} forger
 */
export function draw(state, forger) {
  if (forger.shown?.state === state) return forger.shown.drawing;
  const network = forger.use("generator");
  if (!network) throw new Error("this forger has not come yet");
  forger.shown = { state, drawing: drawWith(network, state, forger) };
  return forger.shown.drawing;
}

/**
 * The same in full precision, for what is saved: the page draws with half floats, half a grey level away at most. Null
 * when the network cannot be had, which its card then says.
 * @param {State} state
 * @param {Forger} forger
 */
export async function drawExactly(state, forger) {
  const network = await forger.exact();
  return network && drawWith(network, state, forger);
}

/**
 * @param {Network} network
 * @param {State} state
 * @param {Forger} forger whose network it is
 */
function drawWith(network, state, forger) {
  const drawing = network.run(latentOf(state));
  const changed = state.units.length && forger.key === state.epoch;
  return (changed ? drawWithUnits(network, state.units) : drawing).slice();
}

/**
 * The forger whose small drawings show what lies where: the visitor's own where it is chosen, else the last epoch's.
 * @param {State} state
 */
export const guide = (state) => forgers.all.get(state.epoch === "own" ? "own" : LAST);

/**
 * What a file of the state's drawing is called after: the seed, and whether the hand has moved anything.
 * @param {State} state
 */
export function nameOf({ seeds, at, moves, temperature, painted, units }) {
  const moved = [...at, ...moves, painted.length, units.length].some(Boolean) || temperature !== 100;
  return `seed-${seeds[0]}${moved ? "-moved" : ""}`;
}

/**
 * @param {Network} network
 * @param {readonly Entry[]} units
 */
function drawWithUnits(network, units) {
  const last = network.layers.length - 1;
  const hidden = network.layers[last - 1].output;
  for (const [unit, factor] of units) if (unit < hidden.length) hidden[unit] *= factor;
  return network.run(hidden, last);
}

/**
 * The verdict, 0 forged to 1 real, of a forger's own detective, or of the last epoch's where it brought none; null
 * until that one has come.
 * @param {Forger} forger
 * @param {Numbers} drawing
 */
export function verdictOf(forger, drawing) {
  const theirs = forger.addresses.discriminator ? forger : forgers.all.get(LAST);
  const detective = theirs?.use("discriminator");
  return detective ? detective.run(drawing)[0] : null;
}
