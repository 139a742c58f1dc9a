// From the state of the hand to drawings and verdicts: what Explore shows, computed once a state.

import { onPlane } from "../engine/latent.js";
import { forgers } from "./forgers.js";
import { PAINT, PLACES } from "./state.js";

const latents = new WeakMap(); // state to its latent

/** The noise values (128) that the hand has set, before temperature: the place on the plane, moved along the principal
 *  directions, painted values last. */
export function valuesOf({ seeds, at, moves, painted }) {
  const values = onPlane(
    seeds.map((seed) => forgers.noise(seed)),
    at[0] / PLACES,
    at[1] / PLACES,
  );
  moves.forEach((move, i) => {
    if (move)
      forgers.directions[i].forEach((share, j) => {
        values[j] += (move / 10) * share;
      });
  });
  for (const [index, value] of painted) values[index] = value / PAINT;
  return values;
}

/** The latent t z of a state: what the generators draw. */
export function latentOf(state) {
  if (!latents.has(state))
    latents.set(
      state,
      valuesOf(state).map((value) => (value * state.temperature) / 100),
    );
  return latents.get(state);
}

/** A forger's drawing of the state's latent, with the muted and boosted units where it is the one that is looked into.
 *  Afterwards the generator's hidden layers hold what they said on the way. */
export function draw(state, forger) {
  if (forger.shown?.state === state) return forger.shown.drawing;
  const network = forger.generator,
    drawing = network.run(latentOf(state));
  const changed = state.units.length && forger.key === state.epoch;
  forger.shown = { state, drawing: (changed ? drawWithUnits(network, state.units) : drawing).slice() };
  return forger.shown.drawing;
}

/** The forger whose small drawings show what lies where: the visitor's own where it is chosen, else the last epoch's. */
export const guide = (state) => forgers.all.get(state.epoch === "own" ? "own" : 199);

/** What a file of the state's drawing is called after: the seed, and whether the hand has moved anything. */
export function nameOf(state) {
  const {
    seeds: [seed],
    at,
    moves,
    temperature,
    painted,
    units,
  } = state;
  const moved = [...at, ...moves, painted.length, units.length].some(Boolean) || temperature !== 100;
  return `seed-${seed}${moved ? "-moved" : ""}`;
}

function drawWithUnits(network, units) {
  const last = network.layers.length - 1,
    hidden = network.layers[last - 1].output;
  for (const [unit, factor] of units) if (unit < hidden.length) hidden[unit] *= factor;
  return network.run(hidden, last);
}

/** The verdict, 0 forged to 1 real, of a forger's own detective, or of the last epoch's where it brought none. */
export function verdictOf(forger, drawing) {
  const detective =
    forger.discriminator || (forger.addresses.discriminator ? null : forgers.all.get(199).discriminator);
  return detective ? detective.run(drawing)[0] : null;
}
