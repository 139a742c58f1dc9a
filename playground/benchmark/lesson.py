"""A whole lesson by script: a teacher in Chromium and a class, every part of what it does together, nothing lost.

Two students are pages in Chromium, the others speak bare HTTP: they listen, look at pictures, vote, watch, and send
networks that were trained before.
"""

import asyncio
import csv
import io
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import httpx

from playground.benchmark.room import Student, classroom, enter
from playground.benchmark.servers import MIB, memory, serve
from playground.presets import PRESETS
from playground.shipped import CHECKPOINTS, EPOCHS

WHOLE = 45.0  # minutes, of which each part takes so many:
SHARES = {"follow": 5.0, "detective": 12.0, "ask": 6.0, "watch": 6.0, "wall": 14.0, "results": 2.0}
QUESTIONS = ("game", "curve", "scan")
PICTURES, WORK = 12, 25
SECONDS = 10  # for a picture
LOOKING = (0.2, 2.0)  # seconds that a student looks at a picture
PATIENCE = 600_000  # ms until two pages have trained beside all others


class Learner(Student):
    """A student without a browser who takes part in all that the teacher begins."""

    def __init__(self, client: httpx.AsyncClient, code: str) -> None:
        super().__init__(client, code)
        self.done = set[int]()  # rounds
        self.watched = 0  # parts of the teacher's run
        self.acknowledged = 0  # answers
        self.shared = dict[str, int]()  # the newest numbers of its parts,
        self.watching = set[str]()  # of which one at a time is fetched, as a page does
        self.doing = set[asyncio.Task[None]]()

    def hear(self, news: dict[str, Any]) -> None:
        """Do what the news asks for."""
        super().hear(news)
        asked = news.get("round")
        if asked and not asked["revealed"] and asked["number"] not in self.done:
            self.done.add(asked["number"])
            self._begin({"detective": self._judge, "question": self._answer, "wall": self._hang}[asked["kind"]](asked))
        self.shared = news.get("shared", {})
        for part in self.shared.keys() - self.watching:
            self.watching.add(part)
            self._begin(self._watch(part))

    def _begin(self, act: Awaitable[None]) -> None:
        async def try_it() -> None:
            try:
                await act
            except httpx.HTTPError as error:
                self.failed += 1
                asked = f"{error.request.method} {error.request.url.path}"
                print(f"  student {self.seat['number']}: {asked}: {error!r}", flush=True)

        task = asyncio.create_task(try_it())
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    async def _judge(self, asked: dict[str, Any]) -> None:
        sheet = await self._client.get(f"/room/{self._code}/sheets/{asked['sheet']}")
        sheet.raise_for_status()
        for item in range(asked["pictures"]):
            await asyncio.sleep(random.uniform(*LOOKING))
            await self._vote(asked["number"], item, random.randrange(2))

    async def _answer(self, asked: dict[str, Any]) -> None:
        await asyncio.sleep(random.uniform(*LOOKING))
        await self._vote(asked["number"], 0, random.randrange(4))

    async def _vote(self, number: int, item: int, answer: int) -> None:
        body = {"token": self.seat["token"], "round": number, "item": item, "answer": answer}
        (await self._client.post(f"/room/{self._code}/vote", json=body)).raise_for_status()
        self.acknowledged += 1

    async def _hang(self, asked: dict[str, Any]) -> None:
        await asyncio.sleep(random.uniform(0, 10))
        epoch = EPOCHS[self.seat["number"] % len(EPOCHS)]
        content = (CHECKPOINTS / f"epoch-{epoch:03d}" / "generator.safetensors").read_bytes()
        query = {"round": asked["number"], "steps": asked["steps"], "seconds": 60}
        headers = {"x-room-token": self.seat["token"]}
        sent = await self._client.post(f"/room/{self._code}/wall", params=query, content=content, headers=headers)
        sent.raise_for_status()

    async def _watch(self, part: str) -> None:
        seen = 0
        try:
            while seen != (seen := self.shared.get(part, seen)):
                answer = await self._client.get(f"/room/{self._code}/shared/{part}_{seen}")
                self.watched += answer.status_code == 200  # else there is a newer one
        finally:
            self.watching.discard(part)


class Lesson:
    """The teacher's script. Each part raises AssertionError where something is missing."""

    def __init__(self, teacher: Any, pages: Sequence[Any], learners: Sequence[Learner]) -> None:
        self.teacher, self.pages, self.learners = teacher, pages, learners
        self.all = len(pages) + len(learners)
        self.answered = set[tuple[int, int, int]]()  # what pages had acknowledged: page, round, item
        for number, page in enumerate(pages):
            page.on("response", partial(self._note, number))

    def _note(self, number: int, response: Any) -> None:
        if response.url.endswith("/vote") and response.ok:
            body = response.request.post_data_json
            if body["answer"] is not None:  # in time
                self.answered.add((number, body["round"], body["item"]))

    async def follow(self) -> str:
        """Through the lesson's pages."""
        for lesson in range(1, 10):
            await self.teacher.evaluate(
                "(lesson) => { ganPage.set({ tab: 'learn', lesson }); ganPage.commit(); }", lesson
            )
            for page in self.pages:
                await page.wait_for_function("(lesson) => ganPage.state.lesson === lesson", arg=lesson)
        return "nine pages were followed"

    async def detective(self) -> str:
        """Pictures of each epoch, and of all."""
        for epoch in (*map(str, EPOCHS), "mixed"):
            await self.teacher.locator("#room-play").click()
            await self.teacher.locator("#round-epoch").select_option(epoch)
            await self.teacher.locator("#round-seconds").select_option(str(SECONDS))
            await self.teacher.locator("#round-start").click()
            await asyncio.gather(*map(self._judge, self.pages))
            await self._all_have_answered()
            await self.teacher.locator("#round-reveal").click()
            await self.teacher.locator(".outcome figure").first.wait_for()
            await self._put_away()
        return f"four rounds of {PICTURES} pictures"

    async def _judge(self, page: Any) -> None:
        """As long as pictures come: one that a busy machine shows too late goes unanswered."""
        from playwright.async_api import TimeoutError as TooLate

        buttons = page.locator("#vote-real:visible, #vote-fake:visible")
        await buttons.or_(page.locator(".play .detective .wait:visible")).first.wait_for()
        while await buttons.count():
            with suppress(TooLate):  # it was the last one
                await buttons.nth(random.randrange(2)).click(timeout=1000 * SECONDS)

    async def ask(self) -> str:
        """Questions to all at once."""
        for question in QUESTIONS:
            await self.teacher.locator("#room-play").click()
            await self.teacher.locator("#round-question").select_option(question)
            await self.teacher.locator("#question-start").click()
            for page in self.pages:
                await page.locator(f".question [data-option='{random.randint(1, 4)}']").click()
            await self._all_have_answered()
            await self.teacher.locator("#round-reveal").click()
            await self._put_away()
        return f"{len(QUESTIONS)} questions"

    async def watch(self) -> str:
        """The teacher's live run."""
        await self.teacher.locator("#tab-train-button, [role=tab]", has_text="Train live").first.click()
        await self.teacher.locator("#train-where input[value=device]").check()
        await self.teacher.locator("#preset input").nth(list(PRESETS).index("pocket")).check()
        await self.teacher.locator("#train-start").click()
        for page in self.pages:
            await page.locator("#train-status .sentence", has_text="You see the teacher's run").wait_for()
        await asyncio.sleep(20)
        await self.teacher.locator("#train-stop").click()
        least = min(one.watched for one in self.learners)
        assert least, "somebody has seen nothing of the run"
        return f"each has fetched at least {least} parts of the run"

    async def wall(self) -> str:
        """All send what they have trained; two pages train it now."""
        await self.teacher.locator("#room-play").click()
        await self.teacher.locator("#wall-steps").select_option(str(WORK))
        await self.teacher.locator("#wall-start").click()
        for page in self.pages:
            await page.locator("#wall .mine").wait_for()
            await page.locator("#train-where input[value=device]").check()
            await page.locator("#preset input").nth(list(PRESETS).index("lecture")).check()
            await page.locator("#train-start").click()
            await page.locator("#wall-send").click(timeout=PATIENCE)
        await self._all_have_answered()
        cards = self.teacher.locator("#wall .forger")
        await cards.nth(self.all - 1).wait_for()
        await self.teacher.locator("#round-reveal").click()
        await self.pages[0].locator("#wall .forger").nth(self.all - 1).wait_for()
        await self._put_away()
        return f"{await cards.count()} networks on the wall"

    async def results(self) -> str:
        """The table that the teacher takes along."""
        await self.teacher.locator("#room-play").click()
        async with self.teacher.expect_download() as download:
            await self.teacher.locator("#round-results").click()
        path = await (await download.value).path()
        lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
        votes = sum(int(line["people"] or 0) for line in lines)
        wanted = len(self.answered) + sum(one.acknowledged for one in self.learners)
        assert votes == wanted, f"{votes} answers in place of {wanted}"
        assert all(one.acknowledged == 4 * PICTURES + len(QUESTIONS) for one in self.learners)
        assert sum(line["game"] == "wall" for line in lines) == self.all
        return f"{votes} answers and {self.all} networks, none lost, none twice"

    async def _all_have_answered(self) -> None:
        said = f"{self.all} of {self.all}"
        await self.teacher.locator(".leads .count", has_text=said).wait_for(timeout=PATIENCE)

    async def _put_away(self) -> None:
        await self.teacher.locator("#round-close").click()
        await self.teacher.locator("[role=tab]").first.wait_for()


def measure_lesson(students: int, minutes: float) -> None:
    """Play a lesson through, in so many minutes, and print how each part went and what the server took."""
    with serve() as (address, pid):
        asyncio.run(_play(address, pid, students, minutes))


async def _play(address: str, pid: int, students: int, minutes: float) -> None:
    async with classroom(address) as (client, (teacher, *pages), code):
        before = memory(pid)
        token = (await client.post(f"/room/{code}/open", json={})).raise_for_status().json()["token"]
        learners = [Learner(client, code) for _ in range(students - len(pages))]
        await asyncio.gather(*(one.join() for one in learners))
        await enter(teacher, address, code, token)
        for page in pages:
            await enter(page, address, code)
        lesson = Lesson(teacher, pages, learners)
        for name, share in SHARES.items():
            await _part(name, getattr(lesson, name), 60 * minutes * share / WHOLE)
            print(f"  memory {(memory(pid) - before) / MIB:+.0f} MiB", flush=True)
        (await client.post(f"/room/{code}/end", json={"token": token})).raise_for_status()
        await asyncio.gather(*(one.listening for one in learners if one.listening))
        print(f"{sum(one.failed for one in learners)} failures in {minutes:g} minutes")


async def _part(name: str, act: Callable[[], Awaitable[str]], seconds: float) -> None:
    """Play a part, and wait until its time is over."""
    begun = time.perf_counter()
    said = await act()
    took = time.perf_counter() - begun
    print(f"{name}: {said}, in {took:.0f} s", flush=True)
    await asyncio.sleep(max(0.0, seconds - took))
