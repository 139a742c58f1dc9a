// A canvas that is a grid of things to point at, with the mouse, a finger, or the arrow keys. Knows no page.

import { h } from "./dom.js";

/**
 * Let a canvas of `columns()` x `rows()` cells be pointed at. `point(index)` hears the cell under the mouse or reached
 * by a key, `take(index)` a click or the Enter key. Returns {cursor, show(index)}: a frame to be put into the canvas's
 * parent, and what moves it.
 * @param {{
 *   canvas: HTMLCanvasElement, columns: () => number, rows: () => number,
 *   point: (index: number, event: Event) => void, take: (index: number) => void,
 * }} grid
 */
export function grid({ canvas, columns, rows, point, take }) {
  const cursor = h("span", { class: "cursor", hidden: true });
  let index = 0;
  const inside = (/** @type {number} */ value) => Math.min(columns() * rows() - 1, Math.max(0, value));
  const under = (/** @type {MouseEvent} */ event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const column = Math.min(columns() - 1, Math.floor(((event.clientX - left) / width) * columns()));
    return inside(Math.floor(((event.clientY - top) / height) * rows()) * columns() + Math.max(0, column));
  };
  const press = (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() };
    if (event.key in steps) point(inside(index + steps[event.key]), event);
    else if (event.key === "Enter" || event.key === " ") take(index);
    else return;
    event.preventDefault();
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  canvas.addEventListener("pointermove", (event) => point(under(event), event));
  canvas.addEventListener("click", (event) => take(under(event)));
  canvas.addEventListener("keydown", press);
  const show = (/** @type {number} */ now) => {
    index = now;
    frame(cursor, canvas, now, columns(), rows());
  };
  return { cursor, show };
}

/**
 * Put the cursor round a cell.
 * @param {HTMLElement} cursor
 * @param {HTMLCanvasElement} canvas
 * @param {number} index
 * @param {number} columns
 * @param {number} rows
 */
function frame(cursor, canvas, index, columns, rows) {
  const wide = canvas.offsetWidth / columns;
  const high = canvas.offsetHeight / rows;
  cursor.hidden = false;
  cursor.style.left = `${canvas.offsetLeft + (index % columns) * wide}px`;
  cursor.style.top = `${canvas.offsetTop + Math.floor(index / columns) * high}px`;
  cursor.style.width = `${wide}px`;
  cursor.style.height = `${high}px`;
}
