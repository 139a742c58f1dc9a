// What a live run shows comes with one widget, which hands it on here by name: every output of a Gradio event costs the
// server and the browser more than all that these widgets do with it.

/**
 * @typedef {import("../types.d.ts").View} View
 * @typedef {{names: string[], runs: Record<string, any>}} OfRuns what a part shows of each run, by the run's name
 */

const OWN = "own"; // the event that tells of any part of them
const news = new EventTarget();
/** @type {Record<string, any>} */
const own = {}; // name to what is known of that part of one's own runs
/** @type {Record<string, any> | null} */
let watched = null; // the same of somebody else's run that is shown instead

/**
 * Hand on what is new of one's own runs: {name: value, ...}.
 * @param {Record<string, any>} changed
 */
export function handOn(changed) {
  merge(own, changed);
  if (!watched) tell(Object.keys(changed));
  news.dispatchEvent(new Event(OWN));
}

/**
 * Show somebody else's run instead, or one's own again.
 * @param {Record<string, any> | null} parts
 */
export function watch(parts) {
  if (!watched && !parts) return;
  const names = new Set([...Object.keys(own), ...Object.keys(watched ?? {}), ...Object.keys(parts ?? {})]);
  watched = parts;
  tell(names);
}

/** @param {Iterable<string>} names */
function tell(names) {
  for (const name of names) news.dispatchEvent(new Event(name));
}

/** Call `act` whenever something is new of one's own runs, whatever is shown. @param {() => void} act */
export const onOwn = (act) => news.addEventListener(OWN, act);

/** What is known of a part of one's own runs; null before anything is. @param {string} name */
export const ownPart = (name) => own[name] ?? null;

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
 * What is shown of a part; null before anything is.
 * @param {string} name
 */
export const partOf = (name) => (watched ?? own)[name] ?? null;

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
