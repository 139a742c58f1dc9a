"""A class at one server: `python -m playground.benchmark load`.

Two pages in Chromium explore, play and open tabs; 38 HTTP clients ask for drawings and walks; three more train. Their
waiting times are measured, and the server's processor time and memory are read from the system (Linux).
"""

import asyncio
import json
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from playground.benchmark.servers import FLAGS, MIB, cpu_seconds, memory, serve

VISITORS = 38  # beside the two in Chromium
CALLS = 15.0  # a second, of all visitors together
TRAINERS = 3
RUN = {"seconds": 20, "precision": "auto"}  # what each of them asks for, again and again
TABS = ("explore", "interpolate", "epochs", "learn", "explore")
WARM_UP = 30  # seconds


@dataclass
class Seen:
    """What all visitors saw: seconds waited by kind of event, failures, and the places in line that they were told."""

    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)

    async def time(self, kind: str, act: Callable[[], Awaitable[Any]]) -> None:
        """Time something that a visitor waits for."""
        begun = time.perf_counter()
        try:
            await act()
            self.waited[kind].append(time.perf_counter() - begun)
        except Exception as error:
            self.failed.append(f"{kind}: {type(error).__name__}: {str(error).splitlines()[0][:120]}")


def measure_class(minutes: float, after: float) -> None:
    """A warm-up, then a class for `minutes`; prints the server's memory before, and `after` minutes after they left."""
    with serve() as (address, pid):
        print("warm-up")
        asyncio.run(measure_load(address, pid, WARM_UP))
        level = memory(pid)
        print(f"a class for {minutes:g} minutes")
        asyncio.run(measure_load(address, pid, 60 * minutes))
        time.sleep(60 * after)
        now = memory(pid)
        print(f"memory: {level / MIB:.0f} MiB after the warm-up, {now / MIB:.0f} MiB {after:g} min after they left")


async def measure_load(address: str, pid: int, seconds: float) -> Seen:
    """Let a class work for `seconds`; prints their waiting times, and the server's processor time and memory."""
    seen, end = Seen(), time.perf_counter() + seconds
    before, begun = cpu_seconds(pid), time.perf_counter()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as client:
        visitors = [_draw(client, seen, n, end) for n in range(VISITORS)]
        trainers = [_train(client, seen, end) for _ in range(TRAINERS)]
        watching = asyncio.create_task(watch_memory(pid, end))
        await asyncio.gather(*visitors, *trainers, _browse(address, seen, end))
        largest = await watching
    lasted = time.perf_counter() - begun
    print_seen(seen, lasted)
    print(f"server: {(cpu_seconds(pid) - before) / lasted:.2f} cores, at most {largest / MIB:.0f} MiB")
    return seen


async def _draw(client: httpx.AsyncClient, seen: Seen, number: int, end: float) -> None:
    """A visitor who draws and walks, each time with other seeds."""
    period = VISITORS / CALLS
    await asyncio.sleep(period * number / VISITORS)
    while time.perf_counter() < end:
        begun = time.perf_counter()
        seed = int(begun * 1000) % 1000
        walk = {"interpolate": [199, seed, (seed + 1) % 1000, 8, "slerp"]}
        name, data = (*walk.items(), ("generate", [199, seed, 4, 1.0, [0] * 8]))[int(begun * 7) % 2]
        await seen.time(name, partial(call, client, name, data))
        await asyncio.sleep(max(0.0, period - (time.perf_counter() - begun)))


async def call(client: httpx.AsyncClient, name: str, data: list[Any]) -> None:
    """One call of an endpoint, read to its end. Raises RuntimeError for an error."""
    answer = (await client.post(f"/gradio_api/call/{name}", json={"data": data})).raise_for_status()
    text = (await client.get(f"/gradio_api/call/{name}/{answer.json()['event_id']}")).text
    if "event: complete" not in text:
        raise RuntimeError(text[:100])


async def _train(client: httpx.AsyncClient, seen: Seen, end: float) -> None:
    """A visitor who trains as often as the line allows, and reads each update."""
    while time.perf_counter() < end:
        await seen.time("a run, in line and trained", partial(_run, client, seen))


async def _run(client: httpx.AsyncClient, seen: Seen) -> None:
    answer = (await client.post("/gradio_api/call/train", json={"data": [RUN]})).raise_for_status()
    places: list[Any] = []
    phase, last = "", time.perf_counter()
    async with client.stream("GET", f"/gradio_api/call/train/{answer.json()['event_id']}") as lines:
        async for line in lines.aiter_lines():
            if line.startswith("data: ["):
                update = json.loads(line[6:])[0]
                seen.waited["an update of a run"].append(time.perf_counter() - last)
                places, phase, last = [*places, update["place"]], update["phase"], time.perf_counter()
    seen.places.append([place for n, place in enumerate(places) if not n or place != places[n - 1]])
    if phase != "finished":
        raise RuntimeError(f"the run ended {phase or 'without a word'}")


async def _browse(address: str, seen: Seen, end: float) -> None:
    """Two visitors in one Chromium."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        await asyncio.gather(*(_visit(browser, address, seen, end) for _ in range(2)))
        await browser.close()


async def _visit(browser: Any, address: str, seen: Seen, end: float) -> None:
    """Opens the page, then goes through its tabs and uses each."""
    page = await (await browser.new_context(locale="en-US")).new_page()
    page.set_default_timeout(120_000)
    page.on("pageerror", lambda error: seen.failed.append(f"page: {error}"))
    whole = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"

    async def open_page() -> None:
        await page.goto(address)
        await page.wait_for_function(whole, timeout=120_000, polling=250)

    await seen.time("the page, to three verdicts", open_page)
    while time.perf_counter() < end:
        for tab in TABS:
            await seen.time("a tab", partial(_open, page, tab))
            await seen.time(f"doing something in {tab}", partial(_act, page, tab))
    await page.context.close()


async def _open(page: Any, tab: str) -> None:
    await page.locator(f"#tab-{tab}-button").click()
    await page.locator(f"#tab-{tab}-button[aria-selected=true]").wait_for()


async def _act(page: Any, tab: str) -> None:
    """What a visitor does in a tab for a few seconds."""
    if tab == "explore":
        handle = page.locator("#direction-1 input[type=range]")
        for key in ("ArrowRight", "ArrowLeft"):
            for _ in range(15):
                await handle.press(key)
    elif tab in ("interpolate", "epochs"):
        play = page.locator("#play" if tab == "interpolate" else "#story-play")
        await play.click()
        await page.wait_for_timeout(2500)
        await play.click()
    else:
        await page.wait_for_timeout(1000)


async def watch_memory(pid: int, end: float) -> int:
    """The most memory of a process until then, in bytes."""
    largest = 0
    while time.perf_counter() < end:
        largest = max(largest, memory(pid))
        await asyncio.sleep(1)
    return largest


def print_seen(seen: Seen, lasted: float) -> None:
    print(f"{'':28s} {'events/s':>9s} {'median':>9s} {'95 %':>9s}")
    for kind, times in sorted(seen.waited.items()):
        most = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        median = statistics.median(times)
        print(f"{kind:28s} {len(times) / lasted:9.2f} {1000 * median:6.0f} ms {1000 * most:6.0f} ms")
    print(f"{len(seen.failed)} failed {seen.failed[:5]}")
    print(f"places that the trainers saw: {seen.places}")
