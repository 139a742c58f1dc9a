"""Other sites: what their pages make a browser send is refused, and nothing is readable to them."""

import httpx
import pytest
from runs import PATIENCE
from starlette.datastructures import Headers

from playground.checked import ConfigError
from playground.limits import SPACE, read_names
from playground.ui.guard.hosts import check_host, check_origin
from playground.ui.guard.refused import Refused
from playground.ui.texts import say

CALL = "/gradio_api/call/generate"
DRAW = {"data": [199, 7, 1, 1.0, [0] * 8]}


def refused(check, *how) -> str | None:
    """The key of the refusal; None where there is none."""
    try:
        check(*how)
    except Refused as error:
        return error.key
    return None


def from_page(names=(), **headers) -> str | None:
    """Whether a request with these headers is refused."""
    return refused(check_origin, Headers({name.replace("_", "-"): text for name, text in headers.items()}), names)


def to_host(host: str, listening: str = "127.0.0.1", names=()) -> str | None:
    return refused(check_host, {"server": (listening, 7860)}, Headers({"host": host}), names)


# ---- what is decided by which headers ----


@pytest.mark.parametrize("headers", [
    {"host": "127.0.0.1:7860"},  # a program
    {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860"},  # an old browser
    {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:7860", "sec_fetch_site": "same-origin"},
    {"host": "play.example", "origin": "https://play.example"}, {"host": "a.example:443", "origin": "https://A.example"},
    {"host": "10.0.0.1:7860", "x_forwarded_host": "play.example, inner", "origin": "https://play.example"},
    # A Space in its frame on huggingface.co, behind proxies that we know nothing of.
    {"host": "inner:7860", "origin": "https://me-play.hf.space", "sec_fetch_site": "same-origin"},
    {"host": "[::1]:7860", "origin": "http://[::1]:7860"},
])  # fmt: skip
def test_our_own_page_and_programs_are_served(headers):
    assert from_page(**headers) is None


@pytest.mark.parametrize("headers", [
    {"host": "127.0.0.1:7860", "origin": "http://evil.example"},
    {"host": "127.0.0.1:7860", "sec_fetch_site": "cross-site"},  # a form: no origin where the referrer is kept back
    {"host": "127.0.0.1:7860", "origin": "http://127.0.0.1:3000", "sec_fetch_site": "same-site"},  # another program's
    {"host": "127.0.0.1:7860", "origin": "http://localhost:7860"},
    {"host": "127.0.0.1:7860", "origin": "null"}, {"host": "null", "origin": "null"},
    {"host": "play.example", "origin": "http://play.example.evil.example"},
    {"host": "play.example", "origin": "http://["}, {"host": "play.example", "origin": "http://play.example:port"},
    {"host": "", "origin": "http://"}, {"host": "play.example", "origin": "file://play.example"},
])  # fmt: skip
def test_other_sites_pages_are_not(headers):
    assert from_page(**headers) == "guard.foreign"


def test_a_public_name_is_ours_at_any_port():
    headers = {"host": "127.0.0.1:7860", "origin": "https://play.example:8443"}
    assert from_page(**headers) == "guard.foreign" and from_page(["play.example"], **headers) is None


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "a.localhost", "[::1]:7860", "my-laptop:7860",
                                  "192.168.0.7:7860", ""])  # fmt: skip
def test_on_this_machine_its_own_hosts_are_served(host):
    assert to_host(host) is None


def test_a_name_that_somebody_else_owns_is_none_of_ours():
    for host in ("evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example"):
        assert to_host(host) == to_host(host, "::1") == "guard.host"
        assert to_host(host, "192.168.0.7") is None  # there we do not know by which names a class comes
        assert to_host(host, "192.168.0.7", ["play.example"]) == "guard.host"  # unless somebody has listed them
    assert to_host("play.example:443", names=["play.example"]) is None
    assert to_host("any.example", names=["*"]) is None


def test_the_names_are_in_the_environment():
    assert read_names({}) == frozenset()
    assert read_names({"PLAYGROUND_HOSTS": " Play.School.example, gan "}) == {"play.school.example", "gan"}
    assert read_names({SPACE: "me/play"}) == {"*"}
    for text in ("http://a.example", "a.example:80", "a b", "a.example;b"):
        with pytest.raises(ConfigError, match=r"PLAYGROUND_HOSTS: got .*, allowed is names as play"):
            read_names({"PLAYGROUND_HOSTS": text})


# ---- the whole server ----


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server, timeout=PATIENCE, trust_env=False) as client:
        yield client


def test_a_foreign_page_starts_nothing(client):
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        files = {"files": ("a.safetensors", b"x")}
        for answer in (
            client.post(CALL, json=DRAW, headers=headers),
            client.post("/gradio_api/upload", files=files, headers=headers),
            client.post(CALL, content="{}", headers={**headers, "content-type": "text/plain"}),
        ):
            assert (answer.status_code, answer.json()["detail"]) == (403, say("en", "guard.foreign"))
    assert client.post(CALL, json=DRAW).status_code == 200
    own = {"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    assert client.post(CALL, json=DRAW, headers=own).status_code == 200


def test_a_foreign_page_reads_nothing(client):
    for host in (None, "school.test"):  # to Gradio the second is no localhost, where it lets every site read
        headers = {"origin": "http://evil.example", **({"host": host} if host else {})}
        for path in ("/", "/config", "/gradio_api/info", "/theme.css", "/gradio_api/file=x"):
            answer = client.get(path, headers=headers)
            assert [name for name in answer.headers if name.startswith("access-control")] == [], path
        asks = {
            **headers,
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-forwarded-host",
        }
        answer = client.options(CALL, headers=asks)
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers


def test_a_foreign_name_for_this_machine_gets_nothing(client):
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x"):
        answer = client.get(path, headers={"host": "evil.example", "accept-language": "ko"})
        assert (answer.status_code, answer.json()["detail"]) == (403, say("ko", "guard.host", host="evil.example"))
    answer = client.post(CALL, json=DRAW, headers={"host": "evil.example", "origin": "http://evil.example"})
    assert answer.status_code == 403
    assert client.get("/", headers={"host": "school.test"}).status_code == 200
    strange = client.get("/", headers={"host": "<b>.evil.example"})
    assert strange.status_code in (400, 403) and "<b>" not in strange.text
