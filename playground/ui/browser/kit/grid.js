// A canvas that is a grid of things to point at, with the mouse, a finger, or the arrow keys.

import { h } from "./dom.js";

/** Let a canvas of `columns()` x `rows()` cells be pointed at. `point(index)` hears the cell under the mouse or reached
 *  by a key, `take(index)` a click or the Enter key. Returns {cursor, show(index)}: a frame to be put into the canvas's
 *  parent, and what moves it. */
export function grid({ canvas, columns, rows, point, take }) {
  const cursor = h("span", { class: "cursor", hidden: true });
  let index = 0;
  const inside = (value) => Math.min(columns() * rows() - 1, Math.max(0, value));
  const under = (event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const column = Math.min(columns() - 1, Math.floor(((event.clientX - left) / width) * columns()));
    return inside(Math.floor(((event.clientY - top) / height) * rows()) * columns() + Math.max(0, column));
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  canvas.addEventListener("pointermove", (event) => point(under(event), event));
  canvas.addEventListener("click", (event) => take(under(event)));
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() };
    if (event.key in steps) point(inside(index + steps[event.key]), event);
    else if (event.key === "Enter" || event.key === " ") take(index);
    else return;
    event.preventDefault();
  });
  return {
    cursor,
    show(now) {
      index = now;
      cursor.hidden = false;
      const wide = canvas.offsetWidth / columns(),
        high = canvas.offsetHeight / rows();
      Object.assign(cursor.style, {
        left: `${canvas.offsetLeft + (now % columns()) * wide}px`,
        top: `${canvas.offsetTop + Math.floor(now / columns()) * high}px`,
        width: `${wide}px`,
        height: `${high}px`,
      });
    },
  };
}
