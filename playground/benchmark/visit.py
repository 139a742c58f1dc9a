"""What a visit costs: bytes of every tab, seconds to the first drawings on a slow line, tasks that block the page, and
how well a slow phone follows a hand."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from playground.benchmark.servers import chromium, serve

TABS = ("explore", "interpolate", "train", "epochs", "learn")
LINE, ROUND_TRIP = 3e6 / 8, 150  # bytes a second and ms: a class that shares a mobile phone's line
WINDOWS = {"laptop": (1366, 768), "phone": (390, 844)}  # pixels
SETTLED = 2500  # ms without a request, after which a tab has all it wants
GOALS = {"explore": 20e6, "interpolate": 20e6, "train": 3e6, "epochs": 6e6, "learn": 1.2e6, "all tabs": 26e6}  # bytes
FIRST, WHOLE = 4, 55  # s on that line: until the first drawings are seen, until all networks draw and judge

SLOWER, SMOOTH = 6, 30  # times; frames a second that a hand's drag shall keep on a processor so much slower
DRAG_SECONDS = 4

# A hand drags the first direction's slider to and fro, a step each frame; gives the frames a second.
DRAG = """async (seconds) => {
  const slider = document.querySelector("#explore .directions input[type=range]");
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const begun = performance.now();
  let frames = 0;
  for (; performance.now() - begun < 1000 * seconds; frames++) {
    slider.value = low + (high - low) * (0.5 + 0.5 * Math.sin(frames / 10));
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return (1000 * frames) / (performance.now() - begun);
}"""

DRAWN = """() => [...document.querySelectorAll("#explore .card img, #explore .card canvas")].filter((one) =>
  one.complete || new Set(one.getContext("2d").getImageData(0, 0, 28, 28).data).size > 2).length >= 3"""
ALL_JUDGE = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"

# How far what stands moves by itself, and the longest task on the page's thread, in ms. Before the page's own scripts.
WATCH = """() => {
  window.moved = window.longest = 0;
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: true });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.moved += entry.value; });
  watch("longtask", ({ duration }) => { window.longest = Math.max(window.longest, duration); });
}"""


class Visit:
    """A page that nobody has visited before; counts the bytes that come, as they are on the line."""

    def __init__(self, browser: Any, window: Sequence[int] = WINDOWS["laptop"], slow: bool = False) -> None:
        width, height = window
        self.page = browser.new_context(viewport={"width": width, "height": height}, locale="en-US").new_page()
        self.page.add_init_script(f"({WATCH})()")
        self.sizes = Counter[str]()
        self.coming = set[str]()
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._ask)
        network.on("Network.loadingFinished", self._count)
        network.on("Network.loadingFailed", lambda end: self.coming.discard(end["requestId"]))
        if slow:
            conditions = {"latency": ROUND_TRIP, "downloadThroughput": LINE, "uploadThroughput": LINE}
            network.send("Network.emulateNetworkConditions", {"offline": False, **conditions})

    def _ask(self, begin: dict[str, Any]) -> None:
        address = begin["request"]["url"]
        unheard = "/gradio_api/" in address or address.endswith("-worker.js")  # a heartbeat; what its worker hears
        if address.startswith("http") and not unheard:
            self.coming.add(begin["requestId"])

    def _count(self, end: dict[str, Any]) -> None:
        self.sizes[end["requestId"]] = end["encodedDataLength"]
        self.coming.discard(end["requestId"])

    def settle(self, rest: float = SETTLED) -> None:
        """Wait until nothing is on its way and nothing more was asked for during `rest` ms."""
        before = -1
        while self.coming or before != len(self.sizes):
            before = len(self.sizes)
            self.page.wait_for_timeout(rest)

    @property
    def bytes(self) -> int:
        """What has come so far."""
        return sum(self.sizes.values())

    def seconds_to(self, condition: str) -> float:
        """Seconds from the page's beginning until a condition holds."""
        self.page.wait_for_function(condition, timeout=300_000)
        return float(self.page.evaluate("() => performance.now()")) / 1000


def measure_visits(turns: int) -> None:
    """Print the bytes of a visit to every tab and to all, and `turns` times how long a slow line takes to draw, and
    how many frames a second a slow phone draws while a hand drags.
    """
    with serve() as (address, _), chromium() as browser:
        for name, bytes_, moved, longest in visit_tabs(browser, address):
            told = f"{bytes_ / 1e6:6.2f} MB (goal {GOALS[name] / 1e6:g})"
            print(f"{name:12} {told}, moved by itself {moved:.3f}, longest task {longest:.0f} ms", flush=True)
        for turn in range(turns):
            first, whole = slow_opening(browser, address)
            print(f"turn {turn}: 3 Mbit/s, 150 ms: drawings after {first:.1f} s (goal {FIRST}), "
                  f"all networks after {whole:.1f} s (goal {WHOLE})", flush=True)  # fmt: skip
        for turn in range(turns):
            frames = slow_drag(browser, address)
            print(f"turn {turn}: a phone's size, a processor {SLOWER} times slower: {frames:.1f} frames a second "
                  f"under a drag (goal {SMOOTH})", flush=True)  # fmt: skip


def visit_tabs(browser: Any, address: str) -> list[tuple[str, int, float, float]]:
    """Of each tab opened by itself, and of all opened in turn: name, bytes, layout shift, the longest task in ms."""
    found = []
    for name in (*TABS, "all tabs"):
        visit = Visit(browser)
        visit.page.goto(f"{address}/?tab={name}" if name in TABS else address)
        visit.settle()
        for tab in () if name in TABS else TABS:
            visit.page.locator(f"#tab-{tab}-button").click()
            visit.settle()
        moved, longest = visit.page.evaluate("() => [window.moved, window.longest]")
        found.append((name, visit.bytes, moved, longest))
        visit.page.context.close()
    return found


def slow_opening(browser: Any, address: str) -> tuple[float, float]:
    """Seconds on a slow line until Explore shows three drawings, and until all its networks draw and judge."""
    visit = Visit(browser, slow=True)
    visit.page.goto(address, wait_until="commit")
    times = visit.seconds_to(DRAWN), visit.seconds_to(ALL_JUDGE)
    visit.page.context.close()
    return times


def slow_drag(browser: Any, address: str) -> float:
    """Frames a second of a drag in Explore with all networks there, on a phone's screen and a slow processor."""
    visit = Visit(browser, WINDOWS["phone"])
    visit.page.goto(address)
    visit.seconds_to(ALL_JUDGE)
    visit.settle()
    visit.page.context.new_cdp_session(visit.page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    visit.page.evaluate(DRAG, 1)  # what is compiled first is no frame of a drag
    frames = float(visit.page.evaluate(DRAG, DRAG_SECONDS))
    visit.page.context.close()
    return frames
