// What the judge found in the course of four runs, as pictures to choose from. Knows no question.

import { h } from "../kit/dom.js";
import { linePlot } from "../kit/plot.js";

/** @typedef {"sound" | "threes" | "blind" | "collapse"} Course */
/**
 * Of each measure: the steps made, the readable share of the drawings (percent), and how many of the ten digits were
 * drawn. `python -m playground.benchmark recipes --courses` makes them anew.
 * @type {Record<Course, Record<"steps" | "readable" | "digits", number[]>>}
 */
export const COURSES = {
  sound: {
    steps: [106, 173, 279, 388, 499, 616, 724, 827, 924, 1015, 1112, 1198, 1266, 1348, 1427, 1500],
    readable: [23, 45, 58, 72, 76, 83, 88, 88, 92, 94, 96, 96, 98, 98, 98, 97],
    digits: [9, 9, 9, 10, 9, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10],
  },
  threes: {
    steps: [205, 406, 618, 843, 1085, 1311, 1500],
    readable: [95, 98, 98, 98, 100, 100, 100],
    digits: [1, 1, 1, 1, 1, 1, 1],
  },
  blind: {
    steps: [181, 347, 515, 666, 802, 936, 1060, 1190, 1338, 1500],
    readable: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    digits: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  collapse: {
    steps: [
      1, 36, 77, 118, 155, 192, 233, 261, 296, 327, 369, 409, 450, 489, 533, 573, 620, 667, 716, 757, 802, 847, 882,
      906, 942, 984, 1024, 1068, 1115, 1159, 1202, 1236, 1284, 1331, 1379, 1423, 1464, 1509, 1559, 1612, 1662, 1702,
      1733, 1778, 1825, 1872, 1923, 1970, 1997, 2024, 2057, 2091, 2118, 2157, 2200, 2233, 2265, 2294, 2323, 2369, 2411,
      2449, 2482, 2506, 2549, 2584, 2622, 2649, 2695, 2738, 2776, 2810, 2837, 2873, 2906, 2942, 2976, 3000,
    ],
    readable: [
      81, 60, 50, 30, 30, 14, 5, 9, 13, 7, 7, 8, 12, 14, 11, 14, 15, 16, 19, 18, 18, 25, 29, 30, 29, 34, 36, 35, 36, 37,
      37, 41, 41, 39, 38, 38, 38, 39, 39, 45, 45, 49, 50, 55, 50, 50, 50, 51, 54, 54, 50, 53, 49, 47, 46, 47, 46, 47,
      45, 44, 41, 42, 42, 44, 47, 50, 55, 53, 56, 58, 58, 57, 54, 49, 47, 48, 50, 50,
    ],
    digits: [
      10, 10, 10, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 8, 8, 8, 8, 7, 7, 7, 8, 5, 6, 6, 6, 6, 6,
      5, 5, 6, 4, 4, 6, 5, 4, 3, 4, 4, 4, 4, 3, 3, 5, 3, 3, 3, 4, 5, 5, 3, 3, 4, 4, 4, 4, 5, 5, 4, 5, 4, 4, 5, 4, 5, 3,
      4, 3, 3,
    ],
  },
};

/** How the two lines of each picture are told apart. */
export const courseLegend = () =>
  h(
    "p",
    { class: "course-lines" },
    h("span", { class: "digits", say: "play_course_digits" }),
    " ",
    h("span", { class: "readable", say: "play_course_readable" }),
  );

/** @param {Course} name */
export function coursePicture(name) {
  const { steps, readable, digits } = COURSES[name];
  const along = (/** @type {number[]} */ values) => values.map((value, i) => /** @type {const} */ ([steps[i], value]));
  const { element } = linePlot({
    x: [steps[0], steps[steps.length - 1]],
    y: [0, 100],
    lines: [
      ["readable", along(readable)],
      ["digits", along(digits.map((count) => 10 * count))],
    ],
    down: [
      [0, "0"],
      [100, "10"],
    ],
  });
  element.classList.add("course");
  element.setAttribute("aria-hidden", "true"); // the option's words say what it shows
  return element;
}
