// What a page of the tests can tell of how it is seen and held; visits.py puts it into every page as `window.seen`.

window.seen = { shifts: [], smallTargets, tornWords, focused };

new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    const moved = sources.map(({ node, previousRect, currentRect }) =>
      `${node?.id || node?.className} ${JSON.stringify([previousRect, currentRect])}`);
    if (!hadRecentInput) window.seen.shifts.push([value, moved]);
  }
}).observe({ type: "layout-shift", buffered: true });

/** What can be pressed or typed into, and is lower than a finger is wide. Words in a sentence are let be, and Plotly. */
function smallTargets() {
  const all = "button:not(.term, .modebar-btn), summary, select, textarea, input:not([type=file])";
  return [...document.querySelectorAll(all)]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((each) => [each, (each.closest("label") ?? each).getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && (height < 43.5 || width < 24))
    .map(([each, { width, height }]) => `${each.outerHTML.slice(0, 120)} ${width.toFixed()} x ${height.toFixed()}`);
}

const UNREAD = "pre, code, math, script, style, .sr-only, svg";
const LABELS = "button:not(.reading, .option button, .term), [role=tab]";
const LONG = 30; // letters: a file's name may be longer than any line

/** Texts with a line that ends within a word, or within what a button says: answers are sentences. */
function tornWords() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { currentNode: node } = walker;
    const element = node.parentElement;
    if (!node.nodeValue.trim() || element.closest(UNREAD) || !element.checkVisibility()) continue;
    for (const at of lineEnds(node)) {
      if (element.closest(LABELS) || inWord(node.nodeValue, at)) {
        found.push(`${node.nodeValue.slice(0, at)}|${node.nodeValue.slice(at)}`);
      }
    }
  }
  return found;
}

/** Where in a text a new line begins. */
function* lineEnds(node) {
  const range = document.createRange();
  let line = null;
  for (let at = 0; at < node.nodeValue.length; at++) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { bottom, height } = range.getBoundingClientRect();
    if (!height) continue;
    if (line !== null && bottom - line > height / 2) yield at;
    line = bottom;
  }
}

function inWord(text, at) {
  const before = text.slice(0, at).match(/\S*$/)[0];
  const after = text.slice(at).match(/^\S*/)[0];
  return /[\p{L}\p{N}]$/u.test(before) && /^[\p{L}\p{N}]/u.test(after) && before.length + after.length < LONG;
}

/** The element with the focus: whether one sees that, and the row that it stands in; null where it is none. */
function focused() {
  const element = document.activeElement;
  if (element === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const row = element.closest("[role=tablist], .languages, .chapters")?.className;
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return { what: element.outerHTML.slice(0, 200), row, seen };
}
