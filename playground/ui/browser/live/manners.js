// How much of the device a run may take: nothing in a page that nobody sees, half of the time on a battery.

/** `rest`: milliseconds for each of work. @typedef {{ rest: number, why: "hidden" | "battery" | null }} Manners */

const HALF = 1;

/** What browsers that tell of it know of the battery. @typedef {EventTarget & { charging: boolean }} Battery */

/**
 * Call `tell` now, and whenever it changes how much a run may take.
 * @param {(manners: Manners) => void} tell
 */
export async function watchManners(tell) {
  /** @type {Battery | null} */
  let battery = null;
  const judge = () => {
    if (document.hidden) return tell({ rest: Number.POSITIVE_INFINITY, why: "hidden" });
    if (battery && !battery.charging) return tell({ rest: HALF, why: "battery" });
    tell({ rest: 0, why: null });
  };
  document.addEventListener("visibilitychange", judge);
  judge();
  battery = await batteryOf();
  battery?.addEventListener("chargingchange", judge);
  judge();
}

/** @returns {Promise<Battery | null>} */
async function batteryOf() {
  try {
    return (await Reflect.get(navigator, "getBattery")?.call(navigator)) ?? null;
  } catch {
    return null; // it is forbidden, or over plain http
  }
}
