"""A run takes nothing in a page that nobody sees, and half of the time on a battery."""

import pytest

MANNERS = """async ({ battery }) => {
  const { watchManners } = await import(at("browser", "live/manners.js"));
  const told = [], known = Object.assign(new EventTarget(), { charging: false });
  const forbidden = () => Promise.reject(new Error("no"));
  const given = { none: undefined, forbidden, there: async () => known }[battery];
  Object.defineProperty(navigator, "getBattery", { value: given, configurable: true });
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  await watchManners(({ rest, why }) => told.push([rest === Infinity ? "pause" : rest, why]));
  const say = (now) => { hidden = now; document.dispatchEvent(new Event("visibilitychange")); };
  say(true);
  say(false);
  known.charging = true;
  known.dispatchEvent(new Event("chargingchange"));
  delete document.hidden;
  delete navigator.getBattery;
  return told;
}"""


@pytest.mark.parametrize("battery", ["none", "forbidden", "there"])
def test_what_a_run_may_take(js, battery):
    told = js(MANNERS, {"battery": battery})
    awake = [1, "battery"] if battery == "there" else [0, None]
    assert told[:4] == [[0, None], awake, ["pause", "hidden"], awake]
    assert told[4:] == ([[0, None]] if battery == "there" else [])
