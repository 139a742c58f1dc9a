// What this device trains with: how many workers help, and whether its GPU is quicker. Knows no buttons.

import { loadTensors } from "../engine/arithmetic.js";
import { makeConfig } from "../engine/config.js";
import { Kept } from "../live/kept.js";
import { bestTeam, Refused, tryCard, Workshop } from "../live/workshop.js";

/** @import { View } from "../types.d.ts" */

const MOST_WORKERS = 8;
const TRIAL = { batch_size: 256, widths_g: [128, 256], widths_d: [256, 128] }; // small networks, to be quick

/**
 * The runs of this device, found again, and what trains them. `card` is null where no GPU may be used; `quick` says
 * whether it is quicker than the workers.
 * @typedef {{ shop: Workshop, workers: number, card: string | null, quick: boolean }} Machine
 */

/**
 * Try what this device has, and open its runs. Throws Refused where it cannot train.
 * @param {View} view
 * @param {() => void} tell
 * @param {(card: string) => void} late is told of a GPU that answered only after a while
 * @returns {Promise<Machine>}
 */
export async function openMachine({ asset, props }, tell, late) {
  const script = (/** @type {string} */ path) => asset("browser", path);
  if (typeof WebAssembly === "undefined") throw new Refused("no_wasm");
  const module = await loadTensors(script);
  const origin = { config: makeConfig(TRIAL, props.rules), module };
  const most = Math.min(navigator.hardwareConcurrency ?? 1, MOST_WORKERS);
  const best = await bestTeam(origin, script, most);
  let came = /** @type {string | null} */ (null);
  const tried = await tryCard(origin, script, (card) => {
    came = card; // perhaps while what follows here still opens
    late(card);
  });
  const addresses = {
    images: asset("mnist", "train-images-idx3-ubyte.gz"),
    labels: asset("mnist", "train-labels-idx1-ubyte.gz"),
    judge: asset("checkpoints", "judge.safetensors"),
    reals: asset("checkpoints", "reals.safetensors"),
  };
  const kept = await Kept.open();
  const shop = new Workshop({ kept, module, script, addresses, workers: best.size, tell });
  await shop.recall();
  return { shop, workers: best.size, card: tried?.card ?? came, quick: Boolean(tried && tried.took < best.took) };
}
