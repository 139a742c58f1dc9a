// Another worker of a run than the first: it computes its share of every batch, and tells nobody but its team.

import { Workers } from "./distributed.js";
import { TrainState } from "./state.js";
import { follow } from "./training.js";

addEventListener("message", ({ data }) => {
  const { file, module, images, players, rank, ports } = data;
  follow(TrainState.load(file, module), images, players, new Workers(rank, ports));
});
