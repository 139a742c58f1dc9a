"""Somebody who wants to break the page: what is refused at the door, and that the server goes on."""

import json
import re
import socket
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import gradio.http_server
import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import expect
from runs import PATIENCE
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from visits import Visit

from app import PROXIES
from playground.limits import Limits
from playground.ui.assets import addresses
from playground.ui.guard import door
from playground.ui.guard.budgets import network_of
from playground.ui.guard.calls import MOST_BYTES, MOST_DEPTH, depth_of
from playground.ui.guard.door import Guard
from playground.ui.page import build_page, launch_options
from playground.ui.texts import say

CALL = "/gradio_api/queue/join"


async def echo(request):
    return PlainTextResponse(await request.body())


def behind(**limits) -> TestClient:
    """An application that says what comes through the door, at any address."""
    door = Middleware(Guard, limits=Limits(**limits))
    return TestClient(Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])], middleware=[door]))


@pytest.fixture
def client():
    return behind()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    """Who asks too often need not wait for that answer here, and who asks need not read."""
    monkeypatch.setattr(door, "PAUSE", 0.0)
    monkeypatch.setattr(door, "MOST_UNREAD", 1_000_000)


def nested(depth: int) -> bytes:
    return b'{"data": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


# ---- the door alone ----


def test_a_call_comes_through_as_it_was(client):
    body = json.dumps({"data": [1, "가", None], "fn_index": 3}).encode()
    assert client.post(CALL, content=body).content == body
    assert client.post(CALL, content=nested(MOST_DEPTH)).status_code == 200
    assert client.post(CALL, content=iter([body[:9], body[9:]])).content == body


@pytest.mark.parametrize(("status", "key", "values", "body"), [
    (400, "no_json", {}, b"{"), (400, "no_json", {}, b"[1]"), (400, "no_json", {}, b"\xff\xfe"),
    (400, "deep", {"most": MOST_DEPTH}, nested(MOST_DEPTH + 1)), (400, "deep", {"most": MOST_DEPTH}, b"[" * 500_000),
    (413, "large", {"most": MOST_BYTES}, json.dumps({"data": ["x" * MOST_BYTES]}).encode()),
    (403, "fetched", {}, b'{"data": [{"path": "http://127.0.0.1/x", "meta": {"_type": "gradio.FileData"}}]}'),
    (403, "fetched", {}, b'{"data": [[{"a": {"path": " FILE:///etc/passwd"}}]]}'),
])  # fmt: skip
def test_a_call_that_is_none_is_refused_with_a_sentence(client, status, key, values, body):
    for how in (body, iter([body])):  # the second announces no length
        answer = client.post(CALL, content=how, headers={"accept-language": "ko-KR"})
        assert (answer.status_code, answer.json()["detail"]) == (status, say("ko", f"guard.{key}", **values))


def test_a_lie_about_the_length_does_not_help(client):
    for length in ("-1", "1e9", "9" * 40, str(MOST_BYTES + 1)):
        assert client.post(CALL, content=b"{}", headers={"content-length": length}).status_code == 413


def test_depth_is_the_deepest_bracket():
    assert [depth_of(text) for text in (b"", b"{}", b"[[],[[]]]", b'{"a":[{}]}')] == [0, 1, 3, 3]


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/monitoring"), ("GET", "/monitoring/summary"), ("GET", "/gradio_api/proxy=https://a.hf.space/x"),
    ("GET", "/gradio_api/deep_link"), ("GET", "/gradio_api/vibe-code"), ("POST", "/gradio_api/vibe-edit"),
    ("POST", "/gradio_api/component_server"), ("POST", "/gradio_api/process_recording"), ("POST", "/login"),
    ("POST", "/gradio_api/stream/x"), ("POST", "/"), ("DELETE", "/config"), ("PUT", CALL), ("GET", "/gradio_api/runs"),
    ("GET", "/gradio_api/custom_component/1/client/component/../../x"), ("GET", "/gradio_api/dev/reload"),
])  # fmt: skip
def test_what_no_page_asks_is_not_there(client, method, path):
    answer = client.request(method, path)
    assert answer.status_code == 404 and answer.json()["detail"] == say("en", "guard.unknown")


def test_so_many_calls_a_minute_from_an_address():
    client = behind(calls=3)
    assert [client.post(CALL, content=b"{}").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert client.get("/").status_code == 200  # to look is no call
    refused = client.post(CALL, content=b"{}", headers={"referer": "http://a/?lang=ko", "accept-language": "en"})
    assert refused.json()["detail"] == say("ko", "guard.too_often", calls=3)


def test_a_burst_of_calls_waits_for_the_next_seconds(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("playground.ui.guard.budgets.time", SimpleNamespace(monotonic=lambda: now[0]))
    client = behind(calls=6 * door.MOST_AT_ONCE)
    for _ in range(2):
        answers = [client.post(CALL, content=b"{}") for _ in range(door.MOST_AT_ONCE + 1)]
        assert [answer.status_code for answer in answers] == [200] * door.MOST_AT_ONCE + [429]
        assert answers[-1].json()["detail"] == say("en", "guard.at_once")
        now[0] += door.BURST + 1


def test_a_long_call_counts_as_several(client):
    client = behind(calls=17)
    assert client.post(CALL, content=json.dumps({"data": ["x" * (MOST_BYTES - 100)]})).status_code == 200
    assert [client.post(CALL, content=b"{}").status_code for _ in range(2)] == [200, 429]


def test_what_is_looked_at_is_counted_and_what_costs_much_counts_more():
    client = behind(reads=30)
    assert [client.get("/assets/a.js").status_code for _ in range(30)] == [200] * 30
    refused = client.get("/assets/a.js", headers={"accept-language": "ko"})
    assert (refused.status_code, refused.json()["detail"]) == (429, say("ko", "guard.too_often", calls=30))
    assert [behind(reads=99).get("/kept/qr/code.svg").status_code] == [429]  # a code is 100
    client = behind(reads=30)
    assert [client.get("/config").status_code for _ in range(12)] == [200] * 11 + [429]  # 20, then 1 each


def test_a_house_with_many_addresses_is_one_caller():
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("testclient") == "testclient" and network_of("fe80::1%eth0") == network_of("fe80::2")


def test_a_referer_that_is_no_address_changes_nothing(client):
    answer = client.post(CALL, content=b"{", headers={"referer": "http://[", "accept-language": "ko"})
    assert (answer.status_code, answer.json()["detail"]) == (400, say("ko", "guard.no_json"))


def test_behind_a_spaces_proxies_everybody_is_counted_alone():
    """Who says to be somebody else does not get further: only what our own proxies have added is believed."""
    door = Starlette(
        routes=[Route(CALL, echo, methods=["POST"])], middleware=[Middleware(Guard, limits=Limits(calls=2))]
    )
    client = TestClient(ProxyHeadersMiddleware(door, trusted_hosts=PROXIES), client=("10.20.1.2", 50_000))

    def call(forwarded):
        return client.post(CALL, json={}, headers={"x-forwarded-for": forwarded}).status_code

    assert [call("192.0.2.1, 10.1.1.1") for _ in range(3)] == [200, 200, 429]
    assert call("192.0.2.2, 10.1.1.1") == 200
    assert [call(f"198.51.100.{n}, 192.0.2.2, 10.1.1.1") for n in range(2)] == [200, 429]


# ---- the whole server ----


@pytest.fixture(scope="module")
def stranger(server):
    with httpx.Client(base_url=server, timeout=PATIENCE, trust_env=False) as client:
        yield client


def still_serves(client):
    answer = client.post("/gradio_api/call/generate", json={"data": [199, 7, 1, 1.0, [0] * 8]})
    event = answer.json()["event_id"]
    assert "event: complete" in client.get(f"/gradio_api/call/generate/{event}").text


PATHS = ["/etc/passwd", "%2fetc%2fpasswd", "../../../../etc/passwd", "..%2f..%2f..%2fetc/passwd", "app.py",
         "....//....//etc/passwd", "./app.py", "playground/live/run.py", "README.md", ".git/config",
         "/proc/self/environ", "%00/etc/passwd", "C:\\\\Windows\\\\win.ini", "~/.bashrc"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_file_of_the_machine_is_read(stranger, path):
    for entry in ("/gradio_api/file=", "/gradio_api/file/", "/assets/", "/static/", "/svelte/", "/kept/", "/"):
        answer = stranger.get(entry + path)
        assert answer.status_code in (400, 403, 404), f"{entry}{path}: {answer.status_code}"
        assert "root:x:" not in answer.text and "import " not in answer.text


def test_nothing_is_fetched_for_a_stranger(stranger):
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    other = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{other.server_port}/x.safetensors"
    file = {"path": address, "url": address, "meta": {"_type": "gradio.FileData"}}
    try:
        assert stranger.get(f"/gradio_api/file={address}").status_code == 403
        assert stranger.get(f"/gradio_api/proxy={address}").status_code == 404
        for function in stranger.get("/config").json()["dependencies"]:
            data = {
                "data": [file] * max(1, len(function["inputs"])),
                "fn_index": function["id"],
                "session_hash": "fetch",
            }
            assert stranger.post(CALL, json=data).status_code == 403
    finally:
        other.shutdown()
        other.server_close()
    assert asked == []


def nest(depth: int) -> list:
    return [] if depth == 0 else [nest(depth - 1)]


STRANGE = [None, 10**400, float("nan"), "<b>${1} {{2}}</b>" * 500, {"path": "/etc/passwd", "a": 1}, [1, "2"], True,
           nest(20), -1, {"__type__": "update", "value": 3}]  # fmt: skip


def outcome(client, function: int, data: list) -> dict:
    """Call a function of the page by its index, as no page does, and wait for its answer."""
    session = uuid.uuid4().hex
    body = json.dumps({"data": data, "fn_index": function, "session_hash": session, "event_data": data[:1]})
    joined = client.post(CALL, content=body, headers={"content-type": "application/json"})
    assert joined.status_code in (200, 404, 422), joined.text
    if joined.status_code != 200:
        return {}
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {"msg": ""}
            if message["msg"] in ("process_completed", "unexpected_error", "close_stream"):
                return message
    return {}


def test_every_function_survives_what_no_page_sends(stranger):
    functions = stranger.get("/config").json()["dependencies"]
    assert len(functions) > 30
    for n, function in enumerate(functions):
        wanted = len(function["inputs"])
        mixed = [STRANGE[(n + i) % len(STRANGE)] for i in range(wanted)]
        for data in (mixed, mixed[::-1], [STRANGE[n % len(STRANGE)]] * wanted, [], [None] * (wanted + 2)):
            answer = json.dumps(outcome(stranger, function["id"], data))
            assert "Traceback" not in answer and "/playground/" not in answer and "site-packages" not in answer
    still_serves(stranger)


RANGES = ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "items=0-5", "bytes", "x" * 5000, "bytes=0-1,3-4",
          "bytes=0-1," * 400, "bytes=0-" + "9" * 5000, "bytes=1-2-3", "bytes=--5", "bytes=²-³"]  # fmt: skip


def test_a_range_that_is_none_gives_the_whole_file(stranger):
    """And no kind of file fails, whoever serves it."""
    asset = re.search(r"assets/[\w.-]+\.js", stranger.get("/").text)[0]
    sent = stranger.post("/gradio_api/upload", files={"files": ("a.bin", b"0123456789")}).json()[0]
    kept = f"{addresses()['checkpoints']}/history.csv"
    for path in (f"/gradio_api/file={sent}", kept, f"/{asset}", f"{addresses()['film']}/epochs.gif"):
        whole = stranger.get(path).content
        for asked in RANGES:
            answer = stranger.get(path, headers={"range": asked.encode()})
            assert (answer.status_code, answer.content == whole) == (200, True), (path, asked[:40])
    for path in (f"/gradio_api/file={sent}", kept):
        whole = stranger.get(path).content
        for asked, piece in (("bytes=0-4", whole[:5]), ("bytes=7-", whole[7:]), ("bytes=-3", whole[-3:])):
            answer = stranger.get(path, headers={"range": asked})
            assert (answer.status_code, answer.content) == (206, piece), (path, asked)
        assert stranger.get(path, headers={"range": "bytes=99999999-"}).status_code == 416


def test_functions_that_do_not_exist_are_refused(stranger):
    for function in (-1, 10_000, 2**70, "x", None):
        body = {"data": [], "fn_index": function, "session_hash": "nobody"}
        answer = stranger.post(CALL, json=body)
        assert answer.status_code >= 400 and "Traceback" not in answer.text and "detail" in answer.json()
    still_serves(stranger)


def test_on_the_page_a_refusal_is_a_sentence_of_the_visitors_language(browser):
    limits = Limits(calls=1)
    page = build_page(limits=limits)
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(limits))
    try:
        visit = Visit(browser, f"{address}?tab=interpolate&lang=ko", "ko")
        visit.again(visit.page.locator("#save-gif").click, visit.toast().count)
        expect(visit.toast()).to_contain_text(say("ko", "guard.too_often", calls=1))
        visit.close()
    finally:
        page.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the server that found no port
def test_a_port_that_is_taken_at_the_last_moment_leaves_one_guard(monkeypatch):
    """Gradio begins the page once more, on the next port: doubled headers kept every worker from its page."""
    taken = socket.create_server(("127.0.0.2", 0))
    monkeypatch.setattr(gradio.http_server, "INITIAL_PORT_VALUE", taken.getsockname()[1])
    page = build_page()
    _, address, _ = page.launch(server_name="127.0.0.2", prevent_thread_lock=True, quiet=True, **launch_options())
    try:
        assert not address.rstrip("/").endswith(f":{taken.getsockname()[1]}"), "the port was free after all"
        script = f"{address.rstrip('/')}{addresses()['browser']}/live/run-worker.js"
        headers = httpx.get(script, headers={"host": "127.0.0.1"}).headers
        for name, text in door.ISOLATED:
            assert headers.get_list(name.decode()) == [text.decode()]
    finally:
        page.close()
        taken.close()


def test_where_nobody_may_send_files_or_train_the_page_offers_neither_and_says_why(browser):
    limits = Limits(uploads=False, training=False)
    page = build_page(limits=limits)
    _, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(limits))
    try:
        visit = Visit(browser, address, "ko")
        expect(visit.page.locator("#own")).to_be_hidden()
        visit.tab("train.tab")
        expect(visit.page.locator("#no-training")).to_have_text(say("ko", "error.no_training"))
        expect(visit.page.locator("#train-where label")).to_have_text([say("ko", "train.where_device")])
        expect(visit.page.locator("#train-status .sentence")).to_have_text(say("ko", "status.idle_here"))
        visit.page.locator("#settings").get_by_role("button").first.click()
        expect(visit.page.locator("#set-seed input")).to_be_visible()
        expect(visit.page.locator("#train-open-settings")).to_be_hidden()
        answer = httpx.post(f"{address}gradio_api/upload", files={"files": b"x"}, headers={"accept-language": "ko"})
        assert answer.status_code == 403 and answer.json()["detail"] == say("ko", "guard.no_uploads")
        with pytest.raises(AppError, match="Training is off"):
            Client(address, verbose=False).predict({"steps": 1}, api_name="/train")
        visit.close()
    finally:
        page.close()


@pytest.mark.parametrize(("host", "proto", "shares"), [
    ("127.0.0.1:7860", "", True), ("localhost", "", True), ("a.localhost:1", "", True), ("[::1]:7860", "", True),
    ("192.168.0.7:7860", "", False), ("school.test", "https", True), ("school.test", "http", False),
])  # fmt: skip
def test_workers_of_a_page_that_browsers_trust_may_share_memory(host, proto, shares):
    answer = behind().get("/", headers={"host": host, "x-forwarded-proto": proto})
    found = [answer.headers.get(f"cross-origin-{name}-policy") for name in ("opener", "embedder")]
    assert found == (["same-origin", "credentialless"] if shares else [None, None])
