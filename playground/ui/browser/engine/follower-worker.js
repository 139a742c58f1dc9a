// Another worker of a run than the first: it computes its share of every batch, and tells nobody but its team.

import { rethrow, Workers } from "./distributed.js";
import { makeState } from "./state.js";
import { Diverged, follow, PLAYERS } from "./training.js";

addEventListener("message", async ({ data }) => {
  const { origin, players, rank, ports, memory } = data;
  try {
    const [state, team] = [makeState(origin), new Workers(rank, ports, memory)];
    await team.meet();
    await follow(state, players ?? PLAYERS, team);
  } catch (error) {
    if (!(error instanceof Diverged)) rethrow(error); // the first worker has seen that too, and says so
  }
});
