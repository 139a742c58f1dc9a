// Another worker of a run than the first: it computes its share of every batch, and tells nobody but its team.

import { Workers } from "./distributed.js";
import { TrainState } from "./state.js";
import { Diverged, follow } from "./training.js";

addEventListener("message", async ({ data }) => {
  const { file, module, players, rank, ports } = data;
  try {
    await follow(TrainState.load(file, module), players, new Workers(rank, ports));
  } catch (error) {
    if (!(error instanceof Diverged)) throw error; // the first worker has seen it too, and says so
  }
});
