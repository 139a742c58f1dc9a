// What a live run shows comes with one widget, which hands it on here by name: every output of a Gradio event costs the
// server and the browser more than all that these widgets do with it.

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {{names: string[], runs: Record<string, any>}} OfRuns what a part shows of each run, by the run's name
 */

const news = new EventTarget();
/** @type {Record<string, any>} */
const parts = {}; // name to what is known of that part

/**
 * Hand on what is new: {name: value, ...}.
 * @param {Record<string, any>} changed
 */
export function handOn(changed) {
  merge(parts, changed);
  for (const name of Object.keys(changed)) news.dispatchEvent(new Event(name));
}

/**
 * Put what is new among what is known.
 * @param {Record<string, any>} known
 * @param {Record<string, any>} changed
 */
export function merge(known, changed) {
  for (const [name, value] of Object.entries(changed)) known[name] = value?.names ? merged(value, known[name]) : value;
}

/**
 * A part that came with only those runs that have changed, and the others as they were known; in the order of `names`.
 * @param {OfRuns} value
 * @param {OfRuns} [known]
 * @returns {OfRuns}
 */
function merged(value, known) {
  const all = { ...known?.runs, ...value.runs };
  const names = value.names.filter((name) => name in all);
  return { ...value, runs: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

/**
 * What is known of a part; null before anything is.
 * @param {string} name
 */
export const partOf = (name) => parts[name] ?? null;

/**
 * Call `draw(value)` now, whenever a part is news, and when the language changes. While another tab is open it waits,
 * so that a run does not disturb a hand that drags there.
 * @param {string} name
 * @param {View} view
 * @param {(value: any) => void} draw
 */
export function follow(name, view, draw) {
  const panel = /** @type {HTMLElement | null} */ (view.element.closest("[role=tabpanel]"));
  let stale = false;
  const drawPart = () => {
    stale = panel?.offsetParent === null;
    if (!stale) draw(partOf(name));
  };
  drawPart();
  news.addEventListener(name, drawPart);
  view.onLanguage(drawPart);
  if (panel) new IntersectionObserver(() => stale && drawPart()).observe(panel);
}
