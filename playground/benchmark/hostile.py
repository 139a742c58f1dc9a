"""A class of forty at one server, and every attack of `attacks.py` beside it: `python -m playground.benchmark hostile`.

The class stands behind one address, as a school does. What it waits for, the server's memory, and what the attackers
leave on the disk are held against goals.
"""

import asyncio
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path

import httpx

from playground.benchmark.attacks import KEYS, NAMES, Told, begin_attacks
from playground.benchmark.calls import Events, Trainer, ask
from playground.benchmark.load import Seen, call, print_seen, watch_memory
from playground.benchmark.servers import MIB, memory, serve, size_of
from playground.limits import PREFIX, SAFE
from playground.live.store import FOLDER

DRAWERS, WALKERS, TRAINERS = 24, 12, 4
RUN_SECONDS = 15
SETTLE = 5.0  # seconds that the class has the server for itself
MOST_WAIT = 1.0  # seconds in which 99 % of the drawings come
MOST_MEMORY = 1500 * MIB
MOST_LEFT = 500 * 10**6  # bytes on the disk


@dataclass
class Outcome:
    """What a class and its attackers saw. Bytes: the server's most `memory`, the files `left` at once and `later`.

    `kept` says whether the class found its runs again; None where nobody had time to look.
    """

    seen: Seen = field(default_factory=Seen)
    told: Told = field(default_factory=dict)
    memory: int = 0
    left: int = 0
    later: int = 0
    keys: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def drawn(self) -> float:
        """Seconds within which 99 % of the drawings came."""
        return statistics.quantiles(self.seen.waited["a drawing"], n=100)[-1]

    def missed(self, after: float) -> list[str]:
        """The goals that were missed, in words; the last ones need `after` minutes of peace."""
        stolen = [said for said in self.told.get(KEYS, {}) if said.removeprefix("key ") in self.keys]
        foreign = [said for said in self.told.get("other sites", {}) if said.startswith("2")]
        gave_up = [f"{name} {said}" for name, told in self.told.items() for said in told if said.startswith("gave up")]
        goals = {
            f"{len(self.seen.failed)} events of the class failed": not self.seen.failed,
            f"99 % of the drawings came within {self.drawn:.2f} s": self.drawn <= MOST_WAIT,
            f"the server took {self.memory / MIB:.0f} MiB": self.memory <= MOST_MEMORY,
            f"{self.left / 1e6:.0f} MB were left on the disk": self.left <= MOST_LEFT,
            f"{self.later / 1e6:.0f} MB are still there": after < 10 or self.later <= MIB,
            f"runs of the class are lost: {self.lost}": not self.lost,
            f"keys were stolen: {stolen}": not stolen,
            f"another site was let in: {foreign}": not foreign,
            f"an attack ended early: {gave_up}": not gave_up,
        }
        return [words for words, held in goals.items() if not held]


def measure_hostile(minutes: float, after: float, names: Collection[str] = NAMES) -> None:
    """Print what the class and its attackers saw in some minutes, and `after` more; exits with 1 for a missed goal."""
    outcome = attack_class(60 * minutes, 60 * after, names)
    print_seen(outcome.seen, 60 * minutes)
    print(f"99 % of the drawings within {outcome.drawn:.2f} s")
    print(f"memory at most {outcome.memory / MIB:.0f} MiB")
    left = f"{outcome.left / 1e6:.1f} MB, {outcome.later / 1e6:.1f} MB after {after:g} min"
    print(f"left on the disk by the attackers: {left}")
    for name, told in outcome.told.items():
        answers = {("a key" if said.startswith("key ") else said): count for said, count in told.items()}
        print(f"  {name:24s} {answers}")
    missed = outcome.missed(after)
    print("every goal was held" if not missed else "MISSED: " + "; ".join(missed))
    sys.exit(bool(missed))


def attack_class(seconds: float, after: float, names: Collection[str] = NAMES) -> Outcome:
    """Let a class work for some seconds beside the attacks of those names, and the server rest for `after` more."""
    outcome, known = Outcome(), {folder.name for folder in FOLDER.glob("*")}
    with tempfile.TemporaryDirectory() as folder, serve_safely(Path(folder)) as (address, pid):
        asyncio.run(_play(address, pid, seconds, outcome, names))
        outcome.left = _left(Path(folder), known | set(outcome.keys))
        time.sleep(after)
        outcome.later = _left(Path(folder), known | set(outcome.keys))
        asyncio.run(_come_back(address, outcome))
        print(f"memory after {after:.0f} s of peace: {memory(pid) / MIB:.0f} MiB")
    return outcome


@contextmanager
def serve_safely(folder: Path) -> Iterator[tuple[str, int]]:
    """A server with the limits of a public one, whose files and log are in a folder: its address and process."""
    limits = {PREFIX + one.name.upper(): str(getattr(SAFE, one.name)) for one in fields(SAFE)}
    with serve({**limits, "TMPDIR": str(folder), "GRADIO_TEMP_DIR": str(folder / "gradio")}, folder / "log") as found:
        yield found


def _left(folder: Path, others: Collection[str]) -> int:
    """Bytes of the server's files, without the runs of the class and those of before: the folders of `others`."""
    return size_of(folder) + sum(size_of(shelf) for shelf in FOLDER.glob("*") if shelf.name not in others)


async def _play(address: str, pid: int, seconds: float, outcome: Outcome, names: Collection[str]) -> None:
    """The class comes, works alone for a moment, and then beside the attackers."""
    bounds = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=bounds, trust_env=False) as client:
        events = await Events.of(client)
        pupils = [Pupil(client, events, outcome.seen) for _ in range(TRAINERS)]
        outcome.keys = [await pupil.come() for pupil in pupils]
        end = time.perf_counter() + SETTLE + seconds
        others = [_draw(client, outcome.seen, n, end) for n in range(DRAWERS)]
        others += [_walk(client, events, outcome.seen, n, end) for n in range(WALKERS)]
        work = asyncio.gather(*others, *(pupil.learn(end) for pupil in pupils))
        watching = asyncio.create_task(watch_memory(pid, end))
        await asyncio.sleep(SETTLE)
        conclude = begin_attacks(address, seconds, [pupil.session for pupil in pupils], names)
        await work
        outcome.memory = await watching
        outcome.told = await asyncio.to_thread(conclude)


async def _come_back(address: str, outcome: Outcome) -> None:
    """The class looks for its runs."""
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        events = await Events.of(client)
        for key in outcome.keys:
            pupil = Pupil(client, events, outcome.seen, key)
            await outcome.seen.time("coming back", pupil.come)
            if not pupil.runs:
                outcome.lost.append(key)


async def _draw(client: httpx.AsyncClient, seen: Seen, number: int, end: float) -> None:
    """Opens the page, draws every three seconds, and opens the page again every minute."""
    await asyncio.sleep(SETTLE * number / DRAWERS)
    turn = 0
    while time.perf_counter() < end:
        if turn % 20 == 0:
            await seen.time("the page", partial(_open, client))
        draw = [199, (37 * number + turn) % 1000, 4, 1.0, [0] * 8]
        await seen.time("a drawing", partial(call, client, "generate", draw))
        turn += 1
        await asyncio.sleep(3)


async def _open(client: httpx.AsyncClient) -> None:
    (await client.get("/")).raise_for_status()


async def _walk(client: httpx.AsyncClient, events: Events, seen: Seen, number: int, end: float) -> None:
    """Walks between two noises, or makes a film on the page and fetches it, every five seconds."""
    await asyncio.sleep(SETTLE * number / WALKERS)
    turn = 0
    while time.perf_counter() < end:
        seeds = [(41 * number + turn) % 1000, (7 * number + turn) % 1000]
        if turn % 2:
            await seen.time("a walk", partial(call, client, "interpolate", [199, *seeds, 8, "slerp"]))
        else:
            await seen.time("a film", partial(make_film, client, events, seeds))
        turn += 1
        await asyncio.sleep(5)


async def make_film(client: httpx.AsyncClient, events: Events, seeds: list[int], frames: int = 25) -> None:
    """Order a film on the page, as its button does, and fetch it. Raises RuntimeError where none comes."""
    given = {"textbox": json.dumps({"epoch": 199, "seeds": seeds, "path": "slerp"}), "frames": frames}
    (event,) = events.chain("save-gif")[:1]
    (made,) = await ask(client, events.body(event, secrets.token_hex(5), given=given))
    if made is None or (await client.get(f"/gradio_api/file={made['path']}")).status_code != 200:
        raise RuntimeError(f"no film: {made}")


class Pupil:
    """Trains, and comes back. `session` is the session in which the key was given; `runs` are those found there."""

    def __init__(self, client: httpx.AsyncClient, events: Events, seen: Seen, key: str = "") -> None:
        self.client, self.events, self.seen, self.key = client, events, seen, key
        self.session, self.runs = secrets.token_hex(5), 0

    async def come(self) -> str:
        """Open the live tab: a new visitor gets a key, another one finds runs. Returns the key."""
        (event,) = self.events.chain("train-status", "select")
        key, *shown = await ask(self.client, self.events.body(event, self.session, self.key))
        self.key = self.key or str(key)
        self.runs = sum(len(one.get("choices", ())) for one in shown if isinstance(one, dict))
        return self.key

    async def learn(self, end: float) -> None:
        """Train again and again."""
        while time.perf_counter() < end - RUN_SECONDS:
            await self.seen.time("a run, in line and trained", partial(self.train, RUN_SECONDS))
            await asyncio.sleep(2)

    async def train(self, seconds: float) -> None:
        """Train once, for some seconds. Raises RuntimeError where it comes to no end."""
        visit, last = Trainer(self.client, self.events), {"phase": "unseen", "error": ""}
        visit.key = self.key
        if not await visit.start({"amount": seconds}):
            raise RuntimeError(" ".join(visit.said) or "refused")
        async for last in visit.watch():
            pass
        if last["phase"] not in ("finished", "early"):
            raise RuntimeError(f"the run ended {last['phase']} {last['error']}")
