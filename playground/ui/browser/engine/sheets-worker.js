// Draws many latents away from the page's own thread, so that a hand that moves something is never kept waiting.

import { Network } from "./network.js";

const networks = new Map();

onmessage = ({ data }) => {
  if (data.gone) networks.delete(data.name);
  else if (data.file) networks.set(data.name, new Network(data.file, data.kernel));
  else draw(data);
};

function draw({ name, latents }) {
  const network = networks.get(name),
    size = network.widths[0],
    pixels = network.widths.at(-1);
  const count = latents.length / size,
    drawings = new Float32Array(count * pixels);
  for (let i = 0; i < count; i++) {
    drawings.set(network.run(latents.subarray(i * size, (i + 1) * size)), i * pixels);
  }
  postMessage(drawings, [drawings.buffer]);
}
