// What a run on this device leaves: files to save, and its pair in Explore.

import { Refusal } from "../engine/config.js";
import { LATENT } from "../engine/facts.js";
import { TrainState } from "../engine/state.js";
import { saveBlob } from "../kit/save.js";
import { filmFile, lossesFile, networkFile, settingsFile } from "../live/files.js";
import { forgers } from "../page/forgers.js";
import { page } from "../page/page.js";

/** @import { View } from "../types.d.ts" */
/** @typedef {import("../live/record.js").Record} Run */
/** @typedef {import("../live/workshop.js").Point} Point */
/** @typedef {import("../live/workshop.js").Workshop} Workshop */

const ROLES = /** @type {const} */ (["generator", "discriminator"]);

/** The buttons that save a file, by their ids. @type {{ [id: string]: (shop: Workshop, point: Point) => unknown }} */
export const SAVES = {
  "train-generator": async (shop, point) => save(networkFile(await stateAt(shop, point), "generator")),
  "train-discriminator": async (shop, point) => save(networkFile(await stateAt(shop, point), "discriminator")),
  "train-losses": (shop, point) => save(lossesFile(shop.recordAt(point))),
  "train-settings-file": (shop, point) => save(settingsFile(shop.recordAt(point))),
  "train-film": async (shop, point) => save(await filmFile(shop.recordAt(point), shop.given.script)),
};

/**
 * Let the pair of a point join Explore as a fourth epoch, and go there. Throws a Refusal for noises of another size
 * than the page's.
 * @param {Workshop} shop
 * @param {Point} point
 * @param {View["asset"]} asset
 */
export async function openInExplore(shop, point, asset) {
  const state = await stateAt(shop, point);
  const { latent_dim: size } = state.config;
  if (size !== LATENT) throw new Refusal("error.choice", { field: "latent_dim", got: size, options: [LATENT] });
  const files = ROLES.map((role) => networkFile(state, role));
  const [generator, discriminator] = files.map(({ content }) => URL.createObjectURL(new Blob([content])));
  forgers.begin(asset); // Explore may not have been opened yet
  const token = `${point.name}:${point.step}:${performance.now()}`; // the same pair may come again
  const { name, metadata } = files[0];
  forgers.join({ generator, discriminator }, { token, name, metadata, run: { name: point.name, step: point.step } });
  page.receive(token);
  page.lookInto("own");
}

/** The generator of a point, as a file. @param {Workshop} shop @param {Point} point */
export const generatorAt = async (shop, point) => networkFile(await stateAt(shop, point), "generator").content;

/** @param {Workshop} shop @param {Point} point */
const stateAt = async (shop, point) => TrainState.load(await shop.fileAt(point), shop.given.module);

/** @param {import("../live/files.js").File} file */
const save = ({ content, name }) => saveBlob(new Blob([content]), name);
