"""An hour of visits at one server: `python -m playground.benchmark soak --minutes 60`.

Visits, trainings, uploads, films and kept runs, one after another and some at once; each minute what the server takes.
A server that keeps something of each visit grows, and that is what this looks for.
"""

import asyncio
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx

from playground.benchmark.calls import Events, ask
from playground.benchmark.hostile import Pupil, make_film, serve_safely
from playground.benchmark.load import Seen, call, print_seen
from playground.benchmark.servers import MIB, files_of, memory, size_of, threads_of
from playground.live.store import FOLDER
from playground.shipped import CHECKPOINTS

UPLOADED = CHECKPOINTS / "epoch-100" / "generator.safetensors"
GROWTH = 1.05  # of the memory, from the first level to the last
RUN_SECONDS = 5
SPARE = 8  # connections, threads and files that may be open by chance when it is looked


Act = Callable[[httpx.AsyncClient, Events, Seen], Awaitable[None]]


class Level(NamedTuple):
    """What a server takes at a moment: bytes of memory, open files and connections, threads, bytes on the disk."""

    memory: int
    files: int
    threads: int
    disk: int


def measure_soak(minutes: float) -> None:
    """Let visitors come and go for so many minutes; prints the levels, and exits with 1 where one has risen."""
    seen, levels = visit(60 * minutes)
    print_seen(seen, 60 * minutes)
    risen = compare(levels)
    print("level" if not risen else "RISEN: " + "; ".join(risen))
    sys.exit(bool(risen or seen.failed))


def visit(seconds: float) -> tuple[Seen, list[Level]]:
    """Let visitors come and go for some seconds: what they saw, and what the server took meanwhile."""
    seen, levels = Seen(), list[Level]()
    with tempfile.TemporaryDirectory() as folder, serve_safely(Path(folder)) as (address, pid):
        asyncio.run(_play(address, pid, Path(folder), seconds, seen, levels))
    return seen, levels


def compare(levels: list[Level]) -> list[str]:
    """What has risen between the second sixth of the time, when all caches are warm, and the last; in words."""
    sixth = max(1, len(levels) // 6)
    before, after = (Level(*map(statistics.median, zip(*part, strict=True))) for part in _ends(levels, sixth))
    bounds = {
        "memory": GROWTH * before.memory,
        "files": before.files + SPARE,
        "threads": before.threads + SPARE,
        "disk": GROWTH * before.disk + MIB,
    }
    print(f"level before {before}, after {after}")
    return [f"{name}: {getattr(after, name)}" for name, most in bounds.items() if getattr(after, name) > most]


def _ends(levels: list[Level], sixth: int) -> tuple[list[Level], list[Level]]:
    return levels[sixth : 2 * sixth] or levels[:1], levels[-sixth:]


async def _play(address: str, pid: int, folder: Path, seconds: float, seen: Seen, levels: list[Level]) -> None:
    end = time.perf_counter() + seconds
    async with httpx.AsyncClient(base_url=address, timeout=120, trust_env=False) as client:
        events = await Events.of(client)
        acts = (_repeat(name, act, client, events, seen, end) for name, act in ACTS.items())
        await asyncio.gather(_watch(pid, folder, end, levels), *acts)


async def _watch(pid: int, folder: Path, end: float, levels: list[Level]) -> None:
    """Note the level every minute, or sixty times in a shorter time."""
    pause = max(1.0, min(60.0, (end - time.perf_counter()) / 60))
    while time.perf_counter() < end:
        disk = await asyncio.to_thread(lambda: size_of(folder) + size_of(FOLDER))
        levels.append(Level(memory(pid), files_of(pid), threads_of(pid), disk))
        now = levels[-1]
        open_now = f"{now.files:4d} files {now.threads:4d} threads"
        print(f"{now.memory / MIB:6.0f} MiB {open_now} {now.disk / 1e6:6.1f} MB", flush=True)
        await asyncio.sleep(pause)


async def _repeat(name: str, act: Act, client: httpx.AsyncClient, events: Events, seen: Seen, end: float) -> None:
    """Let visitors of one kind come one after another."""
    while time.perf_counter() < end:
        await seen.time(name, partial(act, client, events, seen))
        await asyncio.sleep(1)


async def _visit(client: httpx.AsyncClient, events: Events, seen: Seen) -> None:
    """Open the page and the live tab."""
    (await client.get("/")).raise_for_status()
    await Pupil(client, events, seen).come()


async def _draw(client: httpx.AsyncClient, events: Events, seen: Seen) -> None:
    await call(client, "generate", [199, secrets.randbelow(1000), 8, 1.0, [0] * 8])
    await call(client, "interpolate", [199, secrets.randbelow(1000), 3, 8, "slerp"])


async def _upload(client: httpx.AsyncClient, events: Events, seen: Seen) -> None:
    """Send a generator as one's own, and let Explore read it."""
    sent = await client.post("/gradio_api/upload", files={"files": (UPLOADED.name, UPLOADED.read_bytes())})
    file = {"path": sent.raise_for_status().json()[0], "meta": {"_type": "gradio.FileData"}, "orig_name": UPLOADED.name}
    (event,) = events.chain("own", "upload")
    await ask(client, events.body(event, secrets.token_hex(5), given={"own": [file]}))


async def _film(client: httpx.AsyncClient, events: Events, seen: Seen) -> None:
    await make_film(client, events, [secrets.randbelow(1000), secrets.randbelow(1000)], frames=97)


async def _train(client: httpx.AsyncClient, events: Events, seen: Seen) -> None:
    """A new visitor trains for some seconds, comes back, finds the run, deletes it, and comes once more."""
    pupil = Pupil(client, events, seen)
    await pupil.come()
    await pupil.train(RUN_SECONDS)
    await pupil.come()
    if not pupil.runs:
        raise RuntimeError("the run is lost")
    (event,) = events.chain("train-reset")
    await ask(client, events.body(event, pupil.session, pupil.key))
    await pupil.come()  # until then it could be undone


ACTS: dict[str, Act] = {"a visit": _visit, "drawings": _draw, "an upload": _upload, "a film": _film, "a run": _train}
