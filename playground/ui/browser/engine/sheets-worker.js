// Draws many latents away from the page's own thread, so that a hand that moves something is never kept waiting. Knows
// networks by the names that it was sent them under, and nothing of the page.

import { Network } from "./network.js";

/** @type {Map<string, Network>} */
const networks = new Map();

addEventListener("message", ({ data }) => {
  if (data.gone) networks.delete(data.name);
  else if (data.file) networks.set(data.name, new Network(data.file, data.kernel, data.hidden));
  else draw(data);
});

/** @param {{ name: string, latents: Float32Array }} wish */
function draw({ name, latents }) {
  const network = networks.get(name);
  if (!network) throw new Error(`there is no network ${name}`);
  const size = network.layers[0].columns;
  const pixels = network.last.rows;
  const count = latents.length / size;
  const drawings = new Float32Array(count * pixels);
  for (let i = 0; i < count; i++) {
    drawings.set(network.run(latents.subarray(i * size, (i + 1) * size)), i * pixels);
  }
  postMessage(drawings, { transfer: [drawings.buffer] });
}
