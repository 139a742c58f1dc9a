// Names on one of Plotly's charts: of its lines, where these end, and of its marks, above the plots. No name lies on
// another one. Knows where Plotly puts its axes, not what is plotted.

import { h } from "./dom.js";

/**
 * Whose a line is, a run's for instance: its name, one letter for where several share a name, its hue as CSS has it.
 * @typedef {{ name: string, letter: string, hue: string }} Owner
 *
 * @typedef {object} Line
 * @property {string} axis its vertical one: "y", "y2", ...
 * @property {number[]} x
 * @property {number[]} y
 * @property {string} text what it shows; "" where its owner says it all
 * @property {string} hue
 * @property {Owner[]} [owners]
 *
 * @typedef {{ x: number, text: string, hue: string }} Mark
 *
 * @typedef {{ text: string, hue: string, owners: Owner[], left: number, top: number }} Name where it should stand, in
 *   pixels: its left end, and the middle of its height
 */

const LEADING = 1.25; // of a name's height over the size of its type
const APART = 8; // pixels between a line and its name, and between two names beside each other
const SLACK = 6; // pixels that names may leave their plot by: below each there is more room than twice that
const NARROW = 500; // pixels: in a narrower chart a shared name takes two lines
const MOST_ROWS = 4; // of words above the plots
const PADDED = 1.06; // Plotly's range over the one of the points

/**
 * What writes names on a chart. `beside` says how many pixels those of lines take on the right, where each axis has so
 * many pixels, and `above` how many those of marks take above plots that show what lies from `first` to `last` between
 * two margins. `show` writes them where Plotly has drawn; when a hand zooms they follow. Marks come the newest first.
 * @param {any} plot an element that Plotly draws into
 * @param {() => number} typeSize in pixels
 */
export function namesOn(plot, typeSize) {
  const box = h("div", { class: "names" });
  plot.append(box);
  /** @type {{ lines: Line[], marks: Mark[] }} */
  let shown = { lines: [], marks: [] };
  const place = () => {
    const layout = plot._fullLayout;
    if (!layout?.xaxis) return;
    const measure = measured(box, typeSize());
    const clear = /, ?0\)$/.test(layout.paper_bgcolor); // then the page is seen
    box.style.color = layout.font.color;
    box.style.setProperty("--paper", clear ? null : layout.paper_bgcolor);
    write(box, [...endsOf(shown.lines, layout, measure), ...wordsOf(shown.marks, layout, measure)], measure);
  };
  return {
    /** @param {Line[]} lines @param {{ [axis: string]: number }} heights */
    beside(lines, heights) {
      const measure = measured(box, typeSize());
      const names = Object.keys(heights).flatMap((axis) => {
        const there = lines
          .filter((line) => line.axis === axis)
          .map((line) => ({ owners: [], ...line, left: 0, top: 0 }));
        return fitted(there, heights[axis] + 2 * SLACK, measure);
      });
      return Math.ceil(Math.max(0, ...names.map(measure.width))) + 2 * APART;
    },
    /** @param {Mark[]} marks @param {number} first @param {number} last @param {{ l: number, r: number }} margin */
    above(marks, first, last, { l, r }) {
      const { width, leading } = measured(box, typeSize());
      const scale = (plot.clientWidth - l - r) / (PADDED * (last - first) || 1);
      const spots = marks.map((mark) => ({ x: l + scale * (mark.x - first), width: width(mark) }));
      const rows = inRows(spots, 0, plot.clientWidth, MOST_ROWS).map((spot) => (spot ? spot.row + 1 : 0));
      return Math.ceil(leading * Math.max(0, ...rows)) + SLACK; // Plotly's margins are whole pixels
    },
    /** @param {Line[]} lines @param {Mark[]} [marks] */
    show(lines, marks = []) {
      if (!shown.lines.length) for (const event of ["plotly_afterplot", "plotly_relayout"]) plot.on(event, place);
      shown = { lines, marks };
      place();
    },
  };
}

// ---- where lines end ----

/** @typedef {ReturnType<typeof measured>} Measure */

/** @param {Line[]} lines @param {any} layout Plotly's, complete @param {Measure} measure */
function endsOf(lines, layout, measure) {
  return [...new Set(lines.map(({ axis }) => axis))].flatMap((axis) => {
    const up = layout[axis.replace("y", "yaxis")];
    const names = lines.filter((line) => line.axis === axis).flatMap((line) => nameOf(line, layout.xaxis, up) ?? []);
    const [low, high] = [up._offset - SLACK, up._offset + up._length + SLACK];
    return groupsOf(names, measure).flatMap((group) => {
      const few = fitted(group, high - low, measure);
      const wanted = few.map(({ top }) => top);
      const tops = pushApart(wanted, few.map(measure.height), low, high);
      return few.map((name, i) => ({ ...name, top: tops[i] }));
    });
  });
}

/**
 * A line's name where the line ends, or leaves what is seen of its plot; null where nothing of it is seen there.
 * @param {Line} line
 * @param {any} across Plotly's axes
 * @param {any} up
 * @returns {Name | null}
 */
function nameOf({ x, y, text, hue, owners = [] }, across, up) {
  const [first, last] = across.range;
  const n = x.findLastIndex((at) => at <= last);
  if (n < 0 || x[x.length - 1] < first) return null;
  const leaves = n + 1 < x.length; // somewhere on the way to its next point
  const value = leaves ? y[n] + ((y[n + 1] - y[n]) * (last - x[n])) / (x[n + 1] - x[n]) : y[n];
  const top = up.d2p(value);
  if (!(top >= -1 && top <= up._length + 1)) return null; // also where a logarithm has none
  const left = across._offset + across.d2p(leaves ? last : x[n]) + APART;
  return { text, hue, owners, left, top: up._offset + top };
}

/** Names in groups that have others beside them, from the left. @param {Name[]} names @param {Measure} measure */
function groupsOf(names, measure) {
  /** @type {Name[][]} */
  const groups = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const name of [...names].sort((a, b) => a.left - b.left)) {
    if (name.left < right) groups[groups.length - 1].push(name);
    else groups.push([name]);
    right = Math.max(right, name.left + measure.width(name) + APART);
  }
  return groups;
}

/**
 * Of names that are too high for their `room` together, those of the same text are made one that names all owners, the
 * last text first.
 * @param {Name[]} names
 * @param {number} room
 * @param {Pick<Measure, "height">} measure
 */
export function fitted(names, room, { height }) {
  const texts = [...new Set(names.map(({ text }) => text))];
  let left = names;
  while (texts.length && left.reduce((sum, name) => sum + height(name), 0) > room) {
    const text = texts.pop();
    const same = left.filter((name) => name.text === text && name.owners.length);
    if (same.length > 1) left = [...left.filter((name) => !same.includes(name)), shared(same)];
  }
  return left;
}

/** One name for several lines, its owners as the lines lie. @param {Name[]} names @returns {Name} */
function shared(names) {
  const owners = names.toSorted((a, b) => a.top - b.top).flatMap((name) => name.owners);
  const top = names.reduce((sum, name) => sum + name.top, 0) / names.length;
  const left = Math.max(...names.map((name) => name.left));
  return {
    ...{ text: names[0].text, hue: "currentColor", left, top },
    owners: owners.map((owner) => ({ ...owner, name: owner.letter })),
  };
}

/**
 * Where names stand that would like to stand at `wanted`, so that none lies on another: all as near as they can. In the
 * order of `wanted`; all are the middles of names, which fill what lies between `low` and `high` at most.
 * @param {number[]} wanted
 * @param {number[]} heights
 * @param {number} low
 * @param {number} high
 */
export function pushApart(wanted, heights, low, high) {
  /** Names that touch, from where the first begins to where the last ends. @param {number[]} members */
  const block = (members) => {
    const middles = members.map((at, n) =>
      members.slice(0, n).reduce((sum, one) => sum + heights[one], heights[at] / 2),
    );
    const height = members.reduce((sum, at) => sum + heights[at], 0);
    const mean = members.reduce((sum, at, n) => sum + wanted[at] - middles[n], 0) / members.length;
    const from = Math.max(low, Math.min(mean, high - height));
    return { from, to: from + height, members, middles };
  };
  /** @type {ReturnType<typeof block>[]} */
  const blocks = [];
  for (const at of [...wanted.keys()].sort((a, b) => wanted[a] - wanted[b])) {
    let last = block([at]);
    while (blocks.length && blocks[blocks.length - 1].to > last.from) {
      const above = blocks.splice(-1)[0];
      last = block([...above.members, ...last.members]);
    }
    blocks.push(last);
  }
  const places = wanted.slice();
  for (const { from, members, middles } of blocks)
    for (const [n, at] of members.entries()) places[at] = from + middles[n];
  return places;
}

// ---- the words of marks ----

/** @param {Mark[]} marks @param {any} layout @param {Measure} measure @returns {Name[]} */
function wordsOf(marks, { xaxis, yaxis, width: right }, { width, leading }) {
  const seen = marks
    .filter(({ x }) => x >= xaxis.range[0] && x <= xaxis.range[1])
    .map((mark) => ({ ...mark, x: xaxis._offset + xaxis.d2p(mark.x), width: width(mark) }));
  const bottom = yaxis._offset - SLACK;
  const spots = inRows(seen, 0, right, Math.floor(bottom / leading));
  return seen.flatMap(({ text, hue }, i) => {
    const spot = spots[i];
    return spot ? { text, hue, owners: [], left: spot.left, top: bottom - leading * (spot.row + 0.5) } : [];
  });
}

/**
 * Where the words of marks stand between `left` and `right`: beside their marks, towards the middle if there is room,
 * in the first of `most` rows where no word stands yet. The first mark chooses first; null is who finds no room.
 * @param {{ x: number, width: number }[]} marks
 * @param {number} left
 * @param {number} right
 * @param {number} most
 */
export function inRows(marks, left, right, most) {
  const rows = Array.from({ length: most }, () => /** @type {[from: number, to: number][]} */ ([]));
  return marks.map(({ x, width }) => {
    const [before, after] = [x - APART - width, x + APART];
    const sides = x < (left + right) / 2 ? [after, before] : [before, after];
    const fitting = sides.filter((from) => from >= left && from + width <= right);
    for (const [row, taken] of rows.entries()) {
      for (const from of fitting.length ? fitting : [Math.max(left, Math.min(sides[0], right - width))]) {
        if (taken.some(([a, b]) => from < b + APART && a < from + width + APART)) continue;
        taken.push([from, from + width]);
        return { left: from, row };
      }
    }
    return null;
  });
}

// ---- elements ----

/** @param {{ owners?: Owner[], text: string }} name */
const textOf = ({ owners = [], text }) => [owners.map(({ name }) => name).join(" "), text].filter(Boolean).join(": ");

const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));

/** How large names are, in type of so many pixels. @param {HTMLElement} box @param {number} size */
function measured(box, size) {
  box.style.fontSize = `${size}px`;
  const { fontWeight, fontFamily } = getComputedStyle(box);
  pen.font = `${fontWeight} ${size}px ${fontFamily}`;
  const leading = LEADING * size;
  /** @typedef {{ owners?: Owner[], text: string }} Words */
  const lines = (/** @type {Words} */ { owners = [], text }) => {
    const split = owners.length > 1 && box.clientWidth < NARROW;
    return split ? [textOf({ owners, text: "" }), text] : [textOf({ owners, text })];
  };
  return {
    leading,
    height: (/** @type {Words} */ name) => leading * lines(name).length,
    width: (/** @type {Words} */ name) => Math.max(...lines(name).map((line) => pen.measureText(line).width)),
    lines,
  };
}

/**
 * Names into their elements, which are used again.
 * @param {HTMLElement} box
 * @param {Name[]} names
 * @param {Measure} measure
 */
function write(box, names, { width, lines }) {
  while (box.children.length < names.length) box.append(h("div", {}));
  for (const [i, child] of [...box.children].entries()) {
    const element = /** @type {HTMLElement} */ (child);
    const name = names[i];
    element.hidden = !name;
    if (!name) continue;
    const left = Math.min(name.left, box.clientWidth - width(name)); // none is cut off
    element.style.transform = `translate(${Math.round(left)}px, calc(${Math.round(name.top)}px - 50%))`;
    writeOne(element, name, lines(name));
  }
}

/** @param {HTMLElement} element @param {Name} name @param {string[]} lines */
function writeOne(element, { text, hue, owners }, lines) {
  element.style.setProperty("--hue", owners.length === 1 ? owners[0].hue : hue);
  const several = owners.length > 1 ? owners : [];
  const written = JSON.stringify([lines, several.map((owner) => owner.hue)]);
  if (element.dataset.written === written) return;
  element.dataset.written = written;
  const spans = several.flatMap((owner) => [" ", h("span", { style: `--hue: ${owner.hue}` }, owner.name)]).slice(1);
  const between = lines.length > 1 ? h("br") : ": ";
  element.replaceChildren(...(several.length ? [...spans, between, text] : lines));
}
