// The questions of the quiz, by name: which of the four options is right, where on the page it was shown, and, of a
// question about pictures, the run that each option shows. The first two are the lecture's own. Their words stand in
// the texts. Knows nothing of how they are asked.

/** @import { State } from "../types.d.ts" */
/** @import { Course } from "./courses.js" */

/** @type {Record<string, { right: number, shown: Partial<State>, courses?: Course[] }>} */
export const QUESTIONS = {
  game: { right: 1, shown: { lesson: 1 } },
  forger: { right: 3, shown: { lesson: 1 } },
  lessons: { right: 2, shown: { lesson: 1 } },
  tanh: { right: 4, shown: { lesson: 2 } },
  dying: { right: 2, shown: { lesson: 2 } },
  black: { right: 1, shown: { lesson: 3 } },
  balance: { right: 4, shown: { lesson: 4 } },
  saturating: { right: 3, shown: { lesson: 4 } },
  detach: { right: 2, shown: { lesson: 5 } },
  labels: { right: 1, shown: { lesson: 5 } },
  clear: { right: 3, shown: { lesson: 6 } },
  falling: { right: 4, shown: { lesson: 7 } },
  collapse: { right: 3, shown: { lesson: 7 } },
  curve: { right: 4, shown: { lesson: 7 }, courses: ["sound", "threes", "blind", "collapse"] },
  line: { right: 2, shown: { tab: "interpolate" } },
  scan: { right: 1, shown: { lesson: 8 } },
};
