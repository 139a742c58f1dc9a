"""What hostile visitors do to a server: each attack comes from an address of its own (127.0.0.2 and up), over and over.

They ask as hard as they can, in a process that gives way to others: real attackers would bring processors of their own.
"""

import asyncio
import json
import os
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Coroutine, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import aclosing, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from playground.benchmark.calls import JOIN, Events, Trainer, ask
from playground.benchmark.servers import MIB
from playground.config import TrainConfig
from playground.state import TrainState

UPLOAD, CALL = "/gradio_api/upload", "/gradio_api/call"
EVIL = "https://evil.example"
NICENESS = 10
PAUSE = 0.05  # seconds between two requests of one hand
GIVEN_UP = 30.0  # seconds an attacker waits for an answer
BOUNDARY = "a-boundary"
Told = dict[str, Counter[str]]  # by the attack's name: how often it was answered what


class Attacker:
    """Somebody at the address `home`, who attacks the server at `address` until `end` (seconds of time.time()).

    `told` counts the answers by their status, or by the name of the error.
    """

    def __init__(self, address: str, home: str, end: float) -> None:
        self.address, self.home, self.end = address, home, end
        self.told: Counter[str] = Counter()
        transport = httpx.AsyncHTTPTransport(local_address=home, limits=httpx.Limits(max_connections=None))
        self.client = httpx.AsyncClient(base_url=address, transport=transport, timeout=GIVEN_UP, trust_env=False)

    async def again(self, act: Callable[[], Awaitable[Any]], hands: int = 1, pause: float = PAUSE) -> None:
        """Do something again and again until the end, with several hands; each once where the end was sooner."""

        async def one_hand() -> None:
            first = True  # a busy machine may need all the time to begin
            while first or time.time() < self.end:
                first = False
                try:
                    await asyncio.wait_for(act(), max(0.0, self.end - time.time()) + GIVEN_UP)
                except (httpx.HTTPError, OSError, TimeoutError) as error:
                    status = getattr(getattr(error, "response", None), "status_code", None)
                    self.told[str(status or type(error).__name__)] += 1
                await asyncio.sleep(pause)

        await asyncio.gather(*(one_hand() for _ in range(hands)))

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One request; its answer is counted."""
        answer = await self.client.request(method, path, **how)
        self.told[str(answer.status_code)] += 1
        return answer

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection by hand."""
        server = urlsplit(self.address)
        return await asyncio.open_connection(server.hostname, server.port, local_addr=(self.home, 0))


async def ask_wide(one: Attacker) -> None:
    """Networks of 16 million weights a layer: by the endpoint, and a single step on the page."""
    wide = [4096] * 8
    settings = {"widths_g": wide, "widths_d": wide, "batch_size": 1, "seconds": 5}
    events, four = await Events.of(one.client), ", ".join(["4096"] * 4)

    async def both() -> None:
        await one.ask("POST", f"{CALL}/train", json={"data": [settings]})
        step = Trainer(one.client, events, "train-step-both")
        begun = await step.start({"set-widths_g": four, "set-widths_d": four, "set-batch_size": 1})
        one.told["begun" if begun else "refused in words"] += 1

    await one.again(both)


async def upload_many(one: Attacker) -> None:
    """Thirty files of 9 MiB in one request."""
    await one.again(lambda: _upload(one, [("files", f"{n}.bin", 9 * MIB) for n in range(30)]))


async def upload_field(one: Attacker) -> None:
    """A field of 300 MiB that is no file."""
    await one.again(lambda: _upload(one, [("note", "", 300 * MIB)]))


async def _upload(one: Attacker, parts: Iterable[tuple[str, str, int]]) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    async with aclosing(form(parts)) as body:
        await one.ask("POST", UPLOAD, content=body, headers=kind)


async def form(parts: Iterable[tuple[str, str, int]]) -> AsyncGenerator[bytes, None]:
    """A form of fields (name, file name or nothing, size in bytes) full of zeros, made as it is sent."""
    for name, file, size in parts:
        named = f'; filename="{file}"' if file else ""
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode()
        for _ in range(size // 2**16):
            yield bytes(2**16)
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


async def abort_uploads(one: Attacker) -> None:
    """Uploads that break off half way."""

    async def abort() -> None:
        _, writer = await one.connect()
        head = f"POST {UPLOAD} HTTP/1.1\r\nHost: {urlsplit(one.address).netloc}\r\nContent-Length: {9 * MIB}\r\n"
        writer.write(f"{head}Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n".encode())
        async with aclosing(form([("files", "half.bin", 5 * MIB)])) as body:
            async for piece in body:
                writer.write(piece)
        await writer.drain()
        writer.transport.abort()
        one.told["broken off"] += 1

    await one.again(abort, pause=0.5)


async def fill_line(one: Attacker) -> None:
    """Sixty trainings at a time whose streams nobody reads."""
    train = {"json": {"data": [{"seconds": 60}]}}
    await one.again(lambda: one.ask("POST", f"{CALL}/train", **train), hands=60, pause=5)


async def wait_in_line(one: Attacker) -> None:
    """Forty-five visitors with keys of their own, who start runs and watch them."""
    events = await Events.of(one.client)

    async def watch() -> None:
        visitor = Trainer(one.client, events)
        if await visitor.start():
            one.told["in line"] += 1
            async for _ in visitor.watch():
                pass
        else:
            one.told["refused in words"] += 1

    await one.again(watch, hands=45, pause=2)


async def leave_runs(one: Attacker) -> None:
    """Runs of a single step, each of a visitor who was never there before and does not come back."""
    event = (events := await Events.of(one.client)).chain("train-step-both")[0]
    await one.again(lambda: one.ask("POST", JOIN, json=events.body(event, secrets.token_hex(5))), hands=4)


async def send_runs(one: Attacker) -> None:
    """States of the lecture's networks by visitors who never come back, the same cut short, and a try at another's."""
    whole = await asyncio.to_thread(_state)  # the others go on meanwhile

    async def send() -> None:
        key = {"x-visitor": secrets.token_hex(16)}
        await one.ask("POST", "/run", content=whole, headers=key)
        await one.ask("POST", "/run", content=whole[:-1], headers=key)
        await one.ask("GET", "/run/A-0", headers={"x-visitor": secrets.token_hex(16)})

    await one.again(send, hands=12)


def _state() -> bytes:
    """The file of a state that has learnt nothing yet: 12 MB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        TrainState(TrainConfig(device="cpu")).save(path)
        return path.read_bytes()


async def leave_films(one: Attacker) -> None:
    """Films of 97 frames that nobody fetches, each for a session of its own."""
    event = (events := await Events.of(one.client)).chain("save-gif")[0]

    async def order() -> None:
        walk = {"epoch": 199, "seeds": [secrets.randbelow(1000), secrets.randbelow(1000)], "path": "slerp"}
        given = {"textbox": json.dumps(walk), "frames": 97}
        await one.ask("POST", JOIN, json=events.body(event, secrets.token_hex(5), given=given))

    await one.again(order, hands=4)


async def ask_pages(one: Attacker) -> None:
    """The page, thirty connections at a time."""
    await one.again(lambda: one.ask("GET", f"/?{secrets.token_hex(4)}"), hands=30)


async def ask_codes(one: Attacker) -> None:
    """QR codes of 950 letters, thirty connections at a time."""

    async def code() -> None:
        text = f"{one.address}/?{secrets.token_hex(460)}"
        await one.ask("GET", f"/kept/qr/{quote(text, safe='')}")

    await one.again(code, hands=30)


async def open_sessions(one: Attacker) -> None:
    """A new session with every call, and 64 drawings with every other one."""
    event = (events := await Events.of(one.client)).chain("train-status", "select")[0]
    draw = {"data": [199, 7, 64, 1.0, [0] * 8]}

    async def call() -> None:
        await one.ask("POST", JOIN, json=events.body(event, secrets.token_hex(5)))
        await one.ask("POST", f"{CALL}/generate", json=draw)

    await one.again(call, hands=4)


async def stay_half_open(one: Attacker) -> None:
    """Connections that begin a request and never end it, 520 at a time."""

    async def hold() -> None:
        reader, writer = await one.connect()
        try:
            writer.write(b"GET / HTTP/1.1\r\nHost: ")
            one.told["opened"] += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), max(0.1, one.end - time.time()))
                one.told["closed by the server"] += 1
        finally:
            writer.transport.abort()

    await one.again(hold, hands=520, pause=5)


async def steal_keys(one: Attacker, sessions: list[str]) -> None:
    """Ask for the keys of visitors whose sessions' names stand in a log."""
    event = (events := await Events.of(one.client)).chain("train-status", "select")[0]
    left = list(sessions)

    async def steal() -> None:
        left.append(session := left.pop(0))
        key, *_ = await ask(one.client, events.body(event, session))
        one.told[f"key {key}"] += 1

    await one.again(steal, pause=1)


async def come_from_elsewhere(one: Attacker) -> None:
    """What another site's page can make a visitor's browser send, and a name that is not ours."""
    draw: dict[str, Any] = {"json": {"data": [199, 7, 1, 1.0, [0] * 8]}}
    site = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}

    async def call() -> None:
        await one.ask("POST", f"{CALL}/generate", headers=site, **draw)
        await one.ask("POST", f"{CALL}/generate", headers={"Sec-Fetch-Site": "cross-site"}, **draw)
        await one.ask("POST", UPLOAD, headers={"Origin": EVIL}, files={"files": ("a.bin", b"abc")})
        await one.ask("GET", "/config", headers={"Host": "evil.example"})

    await one.again(call, pause=0.5)


Attack = Callable[[Attacker], Coroutine[Any, Any, None]]
ATTACKS: dict[str, Attack] = {
    "wide networks": ask_wide,
    "many uploads": upload_many,
    "a large field": upload_field,
    "aborted uploads": abort_uploads,
    "the line, unread": fill_line,
    "the line, watched": wait_in_line,
    "forgotten runs": leave_runs,
    "runs of devices": send_runs,
    "unread films": leave_films,
    "pages": ask_pages,
    "QR codes": ask_codes,
    "sessions": open_sessions,
    "half-open connections": stay_half_open,
    "other sites": come_from_elsewhere,
}
KEYS = "keys"
NAMES = (*ATTACKS, KEYS)


def begin_attacks(
    address: str, seconds: float, sessions: list[str], names: Collection[str] = NAMES
) -> Callable[[], Told]:
    """Begin some attacks in a process of their own. The result waits for their end, and says what they were told.

    `sessions` are names of visitors' sessions that have ended.
    """
    pool = ProcessPoolExecutor(1, get_context("spawn"), initializer=os.nice, initargs=(NICENESS,))
    found = pool.submit(_attack, address, seconds, sessions, names)

    def conclude() -> Told:
        with pool:
            return found.result()

    return conclude


def _attack(address: str, seconds: float, sessions: list[str], names: Collection[str]) -> Told:
    return asyncio.run(_attack_all(address, time.time() + seconds, sessions, names))


async def _attack_all(address: str, end: float, sessions: list[str], names: Collection[str]) -> Told:
    attackers = {name: Attacker(address, f"127.0.0.{n}", end) for n, name in enumerate(NAMES, 2) if name in names}
    attacks: dict[str, Attack] = {**ATTACKS, KEYS: partial(steal_keys, sessions=sessions)}
    acts = [attacks[name](attacker) for name, attacker in attackers.items()]
    ended = await asyncio.gather(*acts, return_exceptions=True)
    for (name, attacker), error in zip(attackers.items(), ended, strict=True):
        await attacker.client.aclose()
        if isinstance(error, BaseException):  # an attack that fails proves nothing: say so
            attacker.told[f"gave up: {type(error).__name__}: {error}"] += 1
    return {name: attacker.told for name, attacker in attackers.items()}
