"""A class in one room: how soon a teacher's gesture is on a student's page, how soon all are in, what the server takes.

The teacher and two students are pages in Chromium, the others listen by bare HTTP; meanwhile the server trains.
"""

import asyncio
import json
import random
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from playground.benchmark.calls import Events, Trainer
from playground.benchmark.servers import FLAGS, MIB, memory, serve
from playground.room.names import LENGTH, LETTERS
from playground.room.rooms import ear_of

STUDENTS = 40
GESTURES, BEGUN = 60, 100  # steps of a handle, and where it stands before
APART = 0.25  # s between two gestures
SOON, JOINED, MORE = 0.3, 5.0, 60  # goals: s for 95 % of gestures, s until all are in, MiB that the server takes more
VOTING, BROKEN = 2.0, 10  # s in which all vote; of so many connections one breaks
SETTLED = 5.0  # s after which the server's memory is read again
LEVEL = 2.0  # MiB that the server's memory grows at most in SETTLED seconds, once it has all that a run needs
DRAWS = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"

# When a page has shown each temperature first, in ms since 1970: pages of one machine have one clock.
WATCHED = """() => {
  window.seen = {};
  window.ganPage.show((state) => { window.seen[state.temperature] ??= Date.now(); });
}"""


def measure_room(students: int) -> None:
    """Print the times of a class of so many students, and what the server took."""
    with serve() as (address, pid):
        asyncio.run(_measure(address, pid, students))


async def _measure(address: str, pid: int, students: int) -> None:
    async with classroom(address) as (client, (teacher, *pages), code):
        training = await _train(client)
        before = await _level(pid)
        token = (await client.post(f"/room/{code}/open", json={})).raise_for_status().json()["token"]
        begun = time.perf_counter()
        heard = [Student(client, code) for _ in range(students)]
        await asyncio.gather(*(one.join() for one in heard))
        print(f"{students} students are in after {time.perf_counter() - begun:.2f} s (goal {JOINED:g})", flush=True)
        await enter(teacher, address, code, token)
        for page in pages:
            await enter(page, address, code)
        await _gestures(teacher, pages, heard)
        await _votes(client, code, token, heard)
        print(f"memory: {(memory(pid) - before) / MIB:+.1f} MiB in the room (goal {MORE})", flush=True)
        (await client.post(f"/room/{code}/end", json={"token": token})).raise_for_status()
        await asyncio.gather(*(one.listening for one in heard if one.listening))
        await asyncio.sleep(SETTLED)
        print(f"memory: {(memory(pid) - before) / MIB:+.1f} MiB after it has ended")
        print(f"{sum(one.failed for one in heard)} failures")
        training.cancel()


class Student:
    """Somebody in the room without a browser: joins, listens, and notes when each temperature was heard of."""

    def __init__(self, client: httpx.AsyncClient, code: str) -> None:
        self._client, self._code = client, code
        self.heard: dict[int, float] = {}  # hundredths to ms since 1970
        self.failed = 0
        self.listening: asyncio.Task[None] | None = None
        self.seat: dict[str, Any] = {}

    async def join(self) -> None:
        """Take a seat, and hear the first news."""
        self.seat = (await self._client.post(f"/room/{self._code}/join", json={})).raise_for_status().json()
        first = asyncio.Event()
        self.listening = asyncio.create_task(self._listen(self.seat["ear"], first))
        await first.wait()

    async def vote(self, number: int, answer: int) -> float:
        """Answer the first thing of a round; returns the seconds until that was acknowledged."""
        begun = time.perf_counter()
        body = {"token": self.seat["token"], "round": number, "item": 0, "answer": answer}
        (await self._client.post(f"/room/{self._code}/vote", json=body)).raise_for_status()
        return time.perf_counter() - begun

    async def vote_and_vanish(self, number: int, answer: int) -> None:
        """Send an answer and hang up, as a phone that leaves the network."""
        address = self._client.base_url
        body = json.dumps({"token": self.seat["token"], "round": number, "item": 0, "answer": answer})
        head = f"POST /room/{self._code}/vote HTTP/1.1\r\nHost: {address.host}:{address.port}\r\n"
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    async def _listen(self, ear: str, first: asyncio.Event) -> None:
        try:
            path = f"/room/{self._code}/news?ear={ear}"
            async with self._client.stream("GET", path, timeout=None) as lines:
                async for line in lines.aiter_lines():
                    if line.startswith("data: {"):
                        self.hear(json.loads(line[6:]))
                        first.set()
        except httpx.HTTPError:
            self.failed += 1
        finally:
            first.set()

    def hear(self, news: dict[str, Any]) -> None:
        """Note when a temperature was heard of."""
        for part in news["showing"].split("&"):
            name, _, value = part.partition("=")
            if name == "temperature":
                self.heard.setdefault(int(value), 1000 * time.time())


@asynccontextmanager
async def classroom(address: str) -> AsyncIterator[tuple[httpx.AsyncClient, list[Any], str]]:
    """A client for many students, three pages in Chromium that draw, and the code of a room that nobody has opened."""
    from playwright.async_api import async_playwright

    # No connection is used twice: the server or httpx may close it just then, which browsers mend by themselves.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with (
        httpx.AsyncClient(base_url=address, timeout=300, limits=limits, trust_env=False) as client,
        async_playwright() as play,
    ):
        browser = await play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield client, [await open_page(browser, address) for _ in range(3)], "".join(random.choices(LETTERS, k=LENGTH))
        await browser.close()


async def open_page(browser: Any, address: str) -> Any:
    page = await (await browser.new_context(locale="en-US")).new_page()
    page.set_default_timeout(120_000)
    await page.goto(address)
    await page.wait_for_function(DRAWS)
    return page


async def enter(page: Any, address: str, code: str, token: str = "") -> None:
    """Let a page into the room; with a teacher's token as one that has opened it, and is loaded anew."""
    if token:
        seat = json.dumps({"teacher": token, "ear": ear_of(token)})
        await page.evaluate("([code, seat]) => localStorage.setItem(`gan-seat-${code}`, seat)", [code, seat])
    await page.goto(f"{address}/?room={code}")
    await page.locator("#room-code:not(:empty)" if token else "#room-follow").wait_for()
    await page.wait_for_function(DRAWS)


async def _train(client: httpx.AsyncClient) -> asyncio.Task[None]:
    """Let the server train, and wait until it does."""
    trainer = Trainer(client, await Events.of(client))
    await trainer.start({"amount": 600})
    looks = trainer.watch()
    await anext(looks)

    async def read() -> None:
        async for _ in looks:
            pass

    return asyncio.create_task(read())


async def _level(pid: int) -> int:
    """The server's memory in bytes, once it no longer grows: what training needs is not the room's."""
    before, now = 0, memory(pid)
    while now - before > LEVEL * MIB:
        await asyncio.sleep(SETTLED)
        before, now = now, memory(pid)
    return now


async def _gestures(teacher: Any, pages: Sequence[Any], heard: Sequence[Student]) -> None:
    """The teacher makes the noise larger, step by step; print when pages show that, and when the others hear of it."""
    for page in (teacher, *pages):
        await page.evaluate(WATCHED)
    handle = teacher.locator("#temperature input[type=range]")
    for _ in range(GESTURES):
        await handle.press("ArrowRight")
        await asyncio.sleep(APART)
    await asyncio.sleep(2)
    made = await _seen(teacher)
    _print("on the students' pages", made, [await _seen(page) for page in pages], SOON)
    _print("heard by the others", made, [one.heard for one in heard])


async def _votes(client: httpx.AsyncClient, code: str, token: str, students: Sequence[Student]) -> None:
    """All vote within two seconds, each twice, and a tenth of the connections break: each must count once."""
    begin = {"token": token, "kind": "question", "settings": {"question": "game"}}
    number = (await client.post(f"/room/{code}/begin", json=begin)).raise_for_status().json()["number"]

    async def act(place: int, student: Student) -> list[float]:
        await asyncio.sleep(random.uniform(0, VOTING))
        if place % BROKEN == 0:
            await student.vote_and_vanish(number, place % 4)
        return list(await asyncio.gather(*(student.vote(number, place % 4) for _ in range(2))))

    waits = [wait for waits in await asyncio.gather(*map(act, range(len(students)), students)) for wait in waits]
    counts = (await client.get(f"/room/{code}")).json()["round"]["counts"][0]
    wanted = [len(range(answer, len(students), 4)) for answer in range(4)]
    right = "each counted once" if counts == wanted else f"WRONG: {counts} in place of {wanted}"
    most = 1000 * statistics.quantiles(waits, n=20)[-1]
    print(f"{len(students)} votes, each sent twice, {-(-len(students) // BROKEN)} once more and hung up: {right}; "
          f"acknowledged after {1000 * statistics.median(waits):.0f} ms, 95 % {most:.0f} ms", flush=True)  # fmt: skip
    (await client.post(f"/room/{code}/close", json={"token": token})).raise_for_status()


async def _seen(page: Any) -> dict[int, float]:
    return {int(value): at for value, at in (await page.evaluate("() => window.seen")).items()}


def _print(what: str, made: dict[int, float], arrived: Sequence[dict[int, float]], goal: float | None = None) -> None:
    steps = [step for step in made if step > BEGUN]
    waits = [times[step] - made[step] for times in arrived for step in steps if step in times]
    missed = len(arrived) * len(steps) - len(waits)  # a newer one came instead
    most = statistics.quantiles(waits, n=20)[-1]
    aim = f" (goal {1000 * goal:.0f})" if goal else ""
    median = statistics.median(waits)
    print(
        f"{what}: {len(waits)} gestures, median {median:.0f} ms, 95 % {most:.0f} ms{aim}, {missed} overtaken",
        flush=True,
    )
