// The training loop on the visitor's GPU: the same steps, reports and ends as training.js. Knows neither files nor the
// page.

import { Team } from "./distributed.js";
import { Diverged, deal, endsEpoch, finished, REPORT_EVERY, Recent } from "./training.js";

/** @import { Trainer } from "./gpu.js" */
/** @import { Images, Progress } from "../types.d.ts" */

/**
 * Train the trainer's state on images, as `train` does. What was learnt stays on the card until `pull` is called.
 * Throws Diverged, and CardFailed where the card is lost.
 * @param {Trainer} trainer
 * @param {Images} images
 * @param {number} [every] milliseconds between two reports
 * @returns {AsyncGenerator<Progress>}
 */
export async function* trainOnCard(trainer, images, every = REPORT_EVERY) {
  const { state } = trainer;
  const { seconds } = state.config;
  const end = seconds === null ? Number.POSITIVE_INFINITY : performance.now() + 1000 * seconds;
  let steps = 1; // until the next report: the card is asked for numbers then only
  while (!finished(state, false)) {
    const recent = new Recent();
    const { epochOver, places } = await makeSteps(trainer, images, steps, recent);
    await takeNumbers(trainer, recent, places);
    const took = performance.now() - recent.since;
    steps = Math.max(1, Math.min(2 * recent.steps, Math.floor((recent.steps * every) / took)));
    const over = finished(state, epochOver) || performance.now() > end;
    yield recent.report(state, epochOver);
    if (over) return;
  }
}

/**
 * Hand so many steps over, or as many as the epoch or the budget has left. Returns whether the epoch is over, and where
 * in it each step began.
 * @param {Trainer} trainer
 * @param {Images} images
 * @param {number} most
 * @param {Recent} recent
 */
async function makeSteps(trainer, images, most, recent) {
  const { state } = trainer;
  const team = new Team();
  const places = [];
  while (true) {
    places.push(state.position);
    const { pixels, whole } = deal(state, images, team);
    await trainer.step(pixels);
    recent.add({ size: whole, means: new Float64Array(4) });
    state.step++;
    state.batches++;
    state.position += whole;
    const epochOver = endsEpoch(state);
    if (epochOver || recent.steps >= most || finished(state, false)) return { epochOver, places };
  }
}

/**
 * The sums of these steps. Throws Diverged, where the numbers of one were not finite: the card has left out what came
 * after it.
 * @param {Trainer} trainer
 * @param {Recent} recent
 * @param {number[]} places
 */
async function takeNumbers(trainer, recent, places) {
  const { state } = trainer;
  const { sums, diverged } = await trainer.count();
  recent.sums.set(sums);
  sums.forEach((sum, i) => {
    state.sums[i] += sum;
  });
  if (diverged) {
    const undone = state.step - (diverged - 1);
    state.step -= undone;
    state.batches -= undone;
    state.position = places[places.length - undone];
    trainer.uncount(undone);
    await trainer.pull(true);
    throw new Diverged(state);
  }
}
