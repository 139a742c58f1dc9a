// Another worker of a run than the first: it computes its share of every batch, and tells nobody but its team.

import { Workers } from "./distributed.js";
import { makeState } from "./state.js";
import { Diverged, follow, PLAYERS } from "./training.js";

addEventListener("message", async ({ data }) => {
  const { origin, players, rank, ports, memory } = data;
  try {
    await follow(makeState(origin), players ?? PLAYERS, new Workers(rank, ports, memory));
  } catch (error) {
    if (!(error instanceof Diverged)) throw error; // the first worker has seen it too, and says so
  }
});
