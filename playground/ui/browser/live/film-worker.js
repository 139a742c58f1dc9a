// Makes the film of a run in a thread of its own: a long one takes a second or two. It is told `sheets` and tells
// `film`, the bytes of a GIF.

import { makeFilm } from "./film.js";

addEventListener("message", async ({ data }) => {
  const film = await makeFilm(data.sheets);
  postMessage({ film }, { transfer: [film.buffer] });
});
