// Makes the film of a run in a thread of its own: a long one takes a second or two. It is told `sheets` and tells
// `film`, the bytes of a GIF.

import { rethrow } from "../engine/distributed.js";
import { makeFilm } from "./film.js";

addEventListener("message", ({ data }) => {
  makeFilm(data.sheets).then((film) => postMessage({ film }, { transfer: [film.buffer] }), rethrow);
});
