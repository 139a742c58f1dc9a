// What a live run shows comes with one widget, which hands it on here by name: every output of a Gradio event costs the
// server and the browser more than all that these widgets do with it.

const news = new EventTarget();
const parts = {}; // name to what was last handed on

/** Hand on what is new: {name: value, ...}. */
export function handOn(changed) {
  Object.assign(parts, changed);
  for (const name of Object.keys(changed)) news.dispatchEvent(new Event(name));
}

/** What was last handed on under a name; null before. */
export const partOf = (name) => parts[name] ?? null;

/** Call `draw(value)` now, whenever a part is news, and when the language changes. */
export function follow(name, view, draw) {
  const drawPart = () => draw(partOf(name));
  drawPart();
  news.addEventListener(name, drawPart);
  view.onLanguage(drawPart);
}
