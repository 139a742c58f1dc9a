"""The page itself, rendered once: the same bytes as Gradio's, for every address that the server is known by."""

import asyncio
import gzip
import json
import re

import httpx
import pytest
from runs import PATIENCE, play
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from playground.ui.guard.front import MOST_PAGES, Front


class Rendering:
    """An application that counts how often it renders, and what it was asked with."""

    def __init__(self, status: int = 200):
        self.asked, self.at_once, self.most_at_once, self.status = [], 0, 0, status
        self.app = Starlette(routes=[Route("/", self.render), Route("/config", self.render)])

    async def render(self, request):
        self.asked.append((request.url.path, request.headers.get("host"), str(request.query_params)))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return PlainTextResponse(f"{request.url.path} at {request.headers['host']}", self.status)


def ask(front, *requests: tuple[str, dict]) -> list[httpx.Response]:
    """Send requests at the same time."""

    async def visits():
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url="http://a.example") as client:
            return await asyncio.gather(*(client.get(path, headers=headers) for path, headers in requests))

    return play(visits())


def test_a_class_that_comes_at_once_is_rendered_for_once():
    whole = Rendering()
    front = Front(whole.app)
    answers = ask(front, *[(f"/?tab=learn&page=x&deep_link=y&n={n}", {"cookie": f"a={n}"}) for n in range(40)])
    assert {answer.text for answer in answers} == {"/ at a.example"}
    assert whole.asked == [("/", "a.example", "")]
    assert ask(front, ("/config", {}))[0].text == "/config at a.example"


def test_another_address_is_another_page_and_few_are_kept():
    whole = Rendering()
    front = Front(whole.app)
    names = [f"{n}.example" for n in range(MOST_PAGES + 1)]
    assert [answer.text for answer in ask(front, *[("/", {"host": name}) for name in names])] == [
        f"/ at {name}" for name in names
    ]
    assert whole.most_at_once == 1 and len(front._pages) == MOST_PAGES
    for headers in ({"x-forwarded-proto": "https"}, {"x-forwarded-host": "b.example"}, {}):
        ask(front, ("/", headers))
    assert len(whole.asked) == len(names) + 3


def test_what_went_wrong_is_not_kept():
    whole = Rendering(status=500)
    front = Front(whole.app)
    assert [answer.status_code for _ in range(2) for answer in ask(front, ("/", {}))] == [500, 500]
    assert len(whole.asked) == 2


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server, timeout=PATIENCE, trust_env=False) as client:
        yield client


def test_the_real_page_knows_its_address_and_is_sent_compressed(client):
    plain = client.get("/", headers={"accept-encoding": "identity"})
    with client.stream("GET", "/?tab=learn", headers={"accept-encoding": "gzip, br"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip" and answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed) == plain.content and len(packed) < len(plain.content) / 4
    assert plain.headers["content-type"] == "text/html; charset=utf-8" and "content-encoding" not in plain.headers
    roots = {}
    for forwarded in ("", "play.example"):
        headers = {"x-forwarded-host": forwarded, "x-forwarded-proto": "https"} if forwarded else {}
        text = client.get("/", headers=headers).text
        roots[forwarded] = json.loads(re.search(r"window\.gradio_config = (.*?);\s*</script>", text)[1])["root"]
        assert client.get("/config", headers=headers).json()["root"] == roots[forwarded]
    assert roots == {"": str(client.base_url).rstrip("/"), "play.example": "https://play.example"}


def test_the_head_alone_can_be_asked_for(client):
    answer = client.head("/")
    assert answer.status_code == 200 and answer.content == b"" and int(answer.headers["content-length"]) > 1000


def test_who_has_the_page_already_is_sent_nothing(client):
    first = client.get("/")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/?tab=learn", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == first.headers["etag"]
    assert client.get("/", headers={"if-none-match": 'W/"another"'}).content == first.content
