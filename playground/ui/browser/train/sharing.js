// The teacher's live run on the pages of all who follow: curves, sheet, census, who is ahead. The teacher's page
// shares what it shows itself, wherever the run trains; a follower's shows it in place of its own runs, unless one
// of these trains.

import { page } from "../page/page.js";
import { room } from "../room/room.js";
import { shared, sharing } from "../room/share.js";
import { onOwn, ownPart, watch } from "./live.js";

const MOST_POINTS = 200; // of a curve
const MOST_MARKS = 40;
const NAME = "A"; // of the run on the pages of others
const PICTURE = "data:image/png;base64,";
const AT_REST = new Set(["idle", "idle_here", "kept", "kept_here", "opening", "finished", "early", "stopped", "left"]);

/** Share what this page shows, as long as it is the teacher's; show what the teacher's shows, as long as it follows. */
export function shareRuns() {
  const [tellRun, tellSheet] = [sharing("run"), sharing("sheet")];
  const tell = () => {
    if (!room.steers || page.state.tab !== "train") return;
    tellRun(runOf());
    tellSheet(sheetOf());
  };
  onOwn(tell);
  room.watch(tell);
  page.show(tell);
  /** @type {Record<string, any>} */
  const heard = {};
  const show = () => watch(heard.run?.status && isFree() ? partsOf(heard.run, heard.sheet) : null);
  for (const part of ["run", "sheet"]) {
    shared(part, (what) => {
      heard[part] = what;
      show();
    });
  }
  onOwn(show);
}

/** Whether no run of this page's own trains. */
const isFree = () => AT_REST.has(ownPart("status")?.phase ?? "idle") || ownPart("status")?.phase?.startsWith("paused");

// ---- what the teacher's page shares ----

/** The run in front, as far as others see it; null where there is none. */
function runOf() {
  const [chart, status] = [ownPart("chart"), ownPart("status")];
  const curve = chart?.runs?.[chart.current];
  if (!curve || !status) return null;
  const { step, epoch, speed, d_real, d_fake, fraction } = status;
  return {
    status: { step: step ?? curve.points.at(-1)?.[0] ?? 0, epoch: epoch ?? 0, speed, d_real, d_fake, fraction },
    curve: {
      points: thinned(curve.points, MOST_POINTS).map((point) => point.map(short)),
      frechet: thinned(curve.frechet, MOST_POINTS).map((point) => point.map(short)),
      marks: thinned(curve.marks, MOST_MARKS),
      slopes: thinned(curve.slopes, MOST_MARKS),
      balance: curve.balance,
    },
    standing: ownPart("standing") && { ...ownPart("standing"), move: null },
  };
}

/** Its drawings; null where there are none. */
function sheetOf() {
  const chart = ownPart("chart");
  const sheet = ownPart("sheets")?.runs?.[chart?.current];
  return sheet ? { step: sheet.step, src: sheet.src, verdicts: sheet.verdicts.map(short) } : null;
}

/**
 * So many of a list, the last one among them.
 * @template T
 * @param {readonly T[]} list
 * @param {number} most
 * @returns {T[]}
 */
function thinned(list, most) {
  const each = Math.ceil(list.length / most) || 1;
  return list.filter((_, i) => (list.length - 1 - i) % each === 0);
}

/** @param {number} value */
const short = (value) => (Number.isFinite(value) ? Number(value.toPrecision(4)) : value);

// ---- what a follower's page makes of it ----

/** The parts of the tab. @param {any} run @param {any} sheet */
function partsOf({ status, curve, standing }, sheet) {
  const drawn = sheet?.src?.startsWith(PICTURE) ? { ...sheet, name: NAME, differs: {}, origin: "scratch" } : null;
  return {
    status: { ...status, phase: "watched", own: { workers: 0 } },
    chart: { names: [NAME], runs: { [NAME]: { ...curve, name: NAME, differs: {} } }, current: NAME, token: "watched" },
    sheets: drawn ? { names: [NAME], runs: { [NAME]: drawn } } : null,
    standing,
    advice: null,
    failure: null,
  };
}
