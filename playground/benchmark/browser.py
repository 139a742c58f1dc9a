"""How quickly the browser follows a drag: from the mouse's own time to the pixels of three epochs, in Chromium."""

import statistics
from typing import Any

from playground.benchmark.here import start_here
from playground.benchmark.servers import chromium, serve

# Each frame's [ms from the mouse's own time to the last pixel, ms from the page's first event to the last pixel, ms
# since the frame before, number of large drawings painted]; and the tasks of over 50 ms on the page's thread. The page
# shows its state to listeners in the order they registered, so this one comes last.
WATCH_FRAMES = """() => {
  const frames = window.measuredFrames = [];
  let stamp = null, heard = null, before = null, painted = new Set();
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...what) {
    const card = this.canvas.closest("[id^=drawing-]");
    if (card) painted.add(card.id);
    return put.apply(this, what);
  };
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration));
  }).observe({ type: "longtask" });
  addEventListener("input", (event) => { stamp ??= event.timeStamp; heard ??= performance.now(); }, true);
  window.ganPage.show(() => {
    const now = performance.now();
    if (stamp !== null && before !== null) frames.push([now - stamp, now - heard, now - before, painted.size]);
    [stamp, heard, before, painted] = [null, null, now, new Set()];
  });
}"""


def measure_drag(moves: int, turns: int, training: bool = False) -> None:
    """Drag a direction's slider in headless Chromium and print what each turn's frames took.

    With `training`, one worker of the page trains the preset Pocket meanwhile: on two cores, one is left for the page.
    """
    with serve() as (address, _), chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(address)
        if training:
            start_here(page, address, "pocket", workers=1)
            page.locator("#tab-explore-button").click()
        page.wait_for_function("() => document.querySelectorAll('#explore .card[aria-busy=false]').length === 3")
        page.evaluate(WATCH_FRAMES)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        print("ms, median and 95 %:   from mouse to pixels   from page to pixels   frame to frame")
        for turn in range(turns):
            line = _summary(_drag(page, moves))
            print(f"turn {turn}: {line}, longest tasks {page.evaluate('() => window.longTasks')}", flush=True)
        asked = [url for url in asked if "/kept/" not in url]  # files that a browser keeps: the run's digits
        print(f"{len(asked)} requests while dragging")
        assert not asked


def _drag(page: Any, moves: int) -> list[list[float]]:
    """Drag the first direction's slider from end to end and back; the frames that this made."""
    page.wait_for_timeout(1500)  # the sheets are drawn as soon as nothing moves
    page.evaluate("() => { window.measuredFrames.length = window.longTasks.length = 0; }")
    box = page.locator("#direction-1 input[type=range]").bounding_box()
    left, middle = box["x"] + 10, box["y"] + box["height"] / 2
    page.mouse.move(left, middle)
    page.mouse.down()
    for move in range(moves):
        page.mouse.move(left + (box["width"] - 20) * abs((move * 3 % 200) / 100 - 1), middle)
    page.mouse.up()
    frames: list[list[float]] = page.evaluate("() => window.measuredFrames")
    return frames


def _summary(frames: list[list[float]]) -> str:
    """A line of the table: median and 95th percentile of each of the three times."""
    assert all(painted >= 3 for *_, painted in frames), "a frame did not draw all three epochs"
    columns = zip(*(frame[:3] for frame in frames), strict=True)
    times = [(statistics.median(column), statistics.quantiles(column, n=20)[-1]) for column in columns]
    return f"{len(frames):4d} frames" + "".join(f"{median:12.1f} {most:9.1f}" for median, most in times)
