"""Servers behind nginx, as docs/deploy.md has it: a class behind one address comes through to one of them.

With two of them visitors stay at one, and one server's end is not the other's.
"""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
from contextlib import AsyncExitStack, contextmanager

import httpx
import pytest
from runs import PATIENCE, play

from playground.benchmark.calls import Events, Trainer, ask
from playground.benchmark.servers import free_port, serve, wait_for
from playground.data import PROJECT
from playground.live.store import FOLDER
from playground.room.names import LENGTH, LETTERS

NAME = "play.school.example"
DRAW = {"data": [199, 7, 1, 1.0, [0] * 8]}
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/errors; {user}
events {{}}
http {{
access_log off;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{site}
}}
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx found: install it to try the docs' configuration"),
]


def of_the_docs(begins) -> str:
    """The configuration in the docs that begins so."""
    page = (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (site,) = re.findall(rf"```nginx\n({begins}.*?)```", page, re.S)
    return site


def site_of_two(proxy, one, two) -> str:
    """That of two servers, at these addresses (host:port) of the proxy and of both servers."""
    site = of_the_docs("# /etc/nginx")
    for said, place in (("listen 80", f"listen {proxy}"), ("127.0.0.1:7861", one), ("127.0.0.1:7862", two)):
        assert said in site
        site = site.replace(said, place)
    return site


@contextmanager
def nginx(folder, site, address):
    """A proxy of our own in the foreground."""
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, site=site, user=user))
    with subprocess.Popen(["nginx", "-e", str(folder / "errors"), "-c", str(folder / "nginx.conf")]) as process:
        try:
            wait_for(address, process)
            yield
        finally:
            process.terminate()


@pytest.fixture
def school(tmp_path):
    """The proxy's address, the process ids of both servers by the name that the cookie has for them, and their own."""
    settings = {"PLAYGROUND_HOSTS": NAME, "PLAYGROUND_CALLS": "100000"}
    with serve(settings) as (one, first), serve(settings) as (two, second):
        proxy = f"127.0.0.1:{free_port()}"
        site = site_of_two(proxy, *(address.removeprefix("http://") for address in (one, two)))
        with nginx(tmp_path, site, f"http://{proxy}"):
            yield f"http://{proxy}", {"one": first, "two": second}, {"one": one, "two": two}


class Visitor:
    """A browser: it has cookies, and a key to its runs."""

    def __init__(self, address):
        self.client = httpx.AsyncClient(base_url=address, headers={"Host": NAME}, timeout=PATIENCE, trust_env=False)
        self.events = self.trainer = None

    @property
    def server(self) -> str:
        return self.client.cookies["gan_server"]

    async def open(self):
        """Open the page; returns this visitor."""
        (await self.client.get("/")).raise_for_status()
        self.events = await Events.of(self.client)
        self.trainer = self.trainer or Trainer(self.client, self.events)
        return self

    async def draw(self, forgetful=False):
        """Draw by the endpoint: two requests. Programs are often `forgetful` of cookies."""
        call = "/gradio_api/call/generate"
        event = (await self.client.post(call, json=DRAW)).raise_for_status().json()["event_id"]
        if forgetful:
            self.client.cookies.clear()
        assert "event: complete" in (await self.client.get(f"{call}/{event}")).text

    async def train(self, seconds):
        """Train to the end; returns the last status."""
        assert await self.trainer.start({"amount": seconds}), self.trainer.said
        status = None
        async for status in self.trainer.watch():
            pass
        return status

    async def finds_its_run(self) -> bool:
        """Whether the page, opened anew, shows a run that was kept."""
        (number, *_) = self.events.chain("train-status", "select")
        shown = await ask(self.client, self.events.body(number, os.urandom(5).hex(), self.trainer.key))
        return '"kept"' in json.dumps(shown)


async def one_at_each(address) -> dict[str, Visitor]:
    """A visitor at each of both servers."""
    found = {}
    for _ in range(60):  # all at one: once in 2^59
        visitor = await Visitor(address).open()
        found.setdefault(visitor.server, visitor)
        if len(found) == 2:
            return found
    raise AssertionError(f"all visitors are at {list(found)}")


async def explore(visitor):
    """Look around without a pause, until cancelled; any event that fails raises."""
    while True:
        await visitor.draw()
        await visitor.open()


async def visits(address, servers):
    """Draw, train, come back; and then one server is killed while both train."""
    visitors = await one_at_each(address)
    for _ in range(10):
        await Visitor(address).draw(forgetful=True)
    for name, visitor in visitors.items():
        for _ in range(5):
            await visitor.draw()
        assert (await visitor.train(2))["error"] == ""
        await visitor.open()
        assert visitor.server == name and await visitor.finds_its_run()
    here, there = visitors["one"], visitors["two"]
    around, training = asyncio.create_task(explore(there)), asyncio.create_task(there.train(6))
    assert await here.trainer.start({"amount": 60})
    await anext(here.trainer.watch())
    os.kill(servers["one"], signal.SIGKILL)
    await here.open()  # at once at the other server, where its runs are found too
    assert here.server == "one" and await here.finds_its_run()
    await here.draw()
    assert (await training)["error"] == ""
    assert not around.done(), around
    around.cancel()
    assert await there.finds_its_run()
    for visitor in visitors.values():
        shutil.rmtree(FOLDER / visitor.trainer.key, ignore_errors=True)


def test_visitors_stay_at_one_server_and_survive_the_end_of_the_other(school):
    play(visits(*school[:2]))


def test_all_who_are_in_a_room_meet_at_one_server_and_wait_for_it(school):
    proxy, processes, servers = school
    homes = {}
    for own in servers.values():
        httpx.get(f"{own}/room/BBBB")  # what stands in their file they have read then
    for _ in range(16):
        code = "".join(random.choices(LETTERS, k=LENGTH))  # servers of one checkout share their file
        token = (
            httpx.post(f"{proxy}/room/{code}/open", headers={"Host": NAME}, json={}).raise_for_status().json()["token"]
        )
        for cookie in ("one", "two", "one", "two"):  # whichever server their pages came from
            headers = {"Host": NAME, "Cookie": f"gan_server={cookie}"}
            httpx.post(f"{proxy}/room/{code}/join", headers=headers, json={}).raise_for_status()
        there = [name for name, own in servers.items() if httpx.get(f"{own}/room/{code}").status_code == 200]
        assert len(there) == 1 and httpx.get(f"{servers[there[0]]}/room/{code}").json()["members"] == 4
        homes[code] = there[0]
        httpx.post(f"{proxy}/room/{code}/end", headers={"Host": NAME}, json={"token": token}).raise_for_status()
    assert set(homes.values()) == set(servers), "each server has rooms"
    os.kill(processes["one"], signal.SIGKILL)
    for code, home in homes.items():  # these have ended, which only their own server can say
        asked = httpx.get(f"{proxy}/room/{code}", headers={"Host": NAME})
        assert asked.status_code == (502 if home == "one" else 404)


async def listen_all(proxy, class_of=40):
    """Whether all pages of a class that stands behind one address get both their streams at the same time."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=proxy, headers={"Host": NAME}, timeout=PATIENCE, limits=limits) as client:
        await client.post("/room/KDFG/open", json={})
        ears = [(await client.post("/room/KDFG/join", json={})).json()["ear"] for _ in range(class_of)]
        async with AsyncExitStack() as held:
            addresses = [f"/room/KDFG/news?ear={ear}" for ear in ears for _ in range(2)]
            streams = [await held.enter_async_context(client.stream("GET", address)) for address in addresses]
            page = await client.get("/")
            return {stream.status_code for stream in streams} | {page.status_code}


def test_a_class_behind_one_address_comes_through_the_proxy(tmp_path):
    with serve({"PLAYGROUND_HOSTS": NAME}) as (own, _):
        proxy = f"127.0.0.1:{free_port()}"
        block = of_the_docs("location").replace("127.0.0.1:7860", own.removeprefix("http://"))
        (zone,) = re.findall(r"needs: (limit_conn_zone .*?;)", block)
        with nginx(tmp_path, f"{zone} server {{ listen {proxy}; {block} }}", f"http://{proxy}"):
            assert play(listen_all(f"http://{proxy}")) == {200}
