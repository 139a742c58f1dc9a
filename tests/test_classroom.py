"""In front of a class: the projector view, links that hide things, the school's network, codes for the phones."""

import io
import os
import re
import socket
import subprocess
import sys
from types import SimpleNamespace
from urllib.request import ProxyHandler, build_opener

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.testclient import TestClient
from visits import Visit, fits, serious_faults

import app
from playground.checked import ConfigError
from playground.data import PROJECT
from playground.limits import SAFE
from playground.ui import assets
from playground.ui.assets import routes
from playground.ui.classroom import MOST_LETTERS, code_as_svg, code_as_text, lan_address
from playground.ui.page import TABS, build_page
from playground.ui.texts import LANGUAGES, say

ADDRESS = "http://192.0.2.7:7860/?tab=learn&lesson=4"
# What is shown in less than 24 px, and where; text in a picture is as large as the picture makes it.
SMALL = """() => {
  const small = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const tell = (element, size, what) => {
    if (size < 23.9) small.push(`${element.tagName}#${element.id}.${element.getAttribute("class")} ${size}: ${what}`);
  };
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement, range = document.createRange();
    range.selectNodeContents(text);
    const { width, height } = range.getBoundingClientRect();
    if (!text.nodeValue.trim() || width < 2 || height < 2 || !seen(element)) continue;
    const matrix = element.closest("svg") && element.getScreenCTM?.();
    const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
    tell(element, parseFloat(getComputedStyle(element).fontSize) * scale, text.nodeValue.trim().slice(0, 40));
  }
  for (const field of document.querySelectorAll("input[type=number], input[type=text], select, textarea")) {
    if (seen(field)) tell(field, parseFloat(getComputedStyle(field).fontSize), "field");
  }
  return small;
}"""


UNFOLD = "() => document.querySelectorAll('[role=tabpanel] details').forEach((part) => { part.open = true; })"


def decoded(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


# ---- the address as a code, and the network ----


def test_a_terminal_shows_the_address_as_a_code():
    lines = code_as_text(ADDRESS).splitlines()
    upper_lower = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
    halves = [[upper_lower[letter] for letter in line] for line in lines if line]
    light = np.array([row for line in halves for row in zip(*line, strict=True)], dtype=np.uint8)
    assert decoded(Image.fromarray(255 * np.kron(light, np.ones((6, 6), dtype=np.uint8)))) == [ADDRESS]


def test_only_this_servers_addresses_become_codes(monkeypatch):
    monkeypatch.setattr(assets, "lan_address", lambda: "192.0.2.9")
    client = TestClient(Starlette(routes=routes(["play.example"])))

    def code(to, **headers):
        headers = {"host": "192.0.2.7:7860", "accept-language": "ko", **headers}
        return client.get("/kept/qr/code.svg", params={"to": to}, headers=headers)

    own = (ADDRESS, "http://192.0.2.9:7860/?tab=learn", "https://play.example/gan/")
    for to in own:
        assert code(to).headers["content-type"] == "image/svg+xml"
    assert code("https://outer.example/", **{"x-forwarded-host": "outer.example"}).status_code == 200
    foreign = ("http://evil.example/", "http://192.0.2.7.evil.example/", "http://192.0.2.7@evil.example/")
    for to in (*foreign, "", "javascript:alert(1)", "http://[", "http://192.0.2.7/" + "a" * MOST_LETTERS):
        answer = code(to)
        assert (answer.status_code, answer.json()["detail"]) == (400, say("ko", "guard.code", most=MOST_LETTERS))
    for to in ("", "javascript:alert(1)", "http://" + "a" * MOST_LETTERS):
        with pytest.raises(ConfigError, match="address"):
            code_as_svg(to)


def test_the_machines_address_is_one_that_others_reach(monkeypatch):
    found = lan_address()
    assert found is None or (re.fullmatch(r"\d+(\.\d+){3}", found) and not found.startswith("127."))

    def unreachable(self, address):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert lan_address() is None


def test_without_a_network_lan_says_so(monkeypatch, capsys):
    monkeypatch.setattr(app, "lan_address", lambda: None)
    assert app.main(["--lan"]) == 1
    assert "in no network" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        app.main(["--lan", "--host", "127.0.0.1"])


@pytest.mark.parametrize("encoding", ["cp949", "ascii", "utf-8"])
def test_a_console_without_the_letters_of_a_code_is_told_the_address(encoding, monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", console)
    app.invite(ADDRESS, SAFE)
    text = console.buffer.getvalue().decode(encoding)
    assert ADDRESS in text and "Ctrl-C ends." in text
    assert ("▀" in text) == (encoding == "utf-8")


def test_it_reaches_itself_where_the_environment_names_a_proxy(monkeypatch):
    """The proxy is for what is elsewhere; nobody answers at this one."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "intranet.example")
    pages = []
    monkeypatch.setattr(app, "build_page", lambda **how: pages.append(build_page(**how)) or pages[0])
    monkeypatch.setattr(app, "Stop", lambda: SimpleNamespace(wait=lambda: None))  # ends when it is served
    assert app.main(["--host", "127.0.0.2"]) == 0
    assert pages[0].local_url.startswith("http://127.0.0.2:")
    assert pages[0].workshop.store._writer.is_alive(), "who deletes what is old, where nobody comes?"
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intranet.example,localhost,127.0.0.1,::1,127.0.0.2"


@pytest.mark.slow
@pytest.mark.skipif(lan_address() is None, reason="this machine is in no network")
def test_lan_serves_the_network_and_prints_where(browser):
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--lan", "--port", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        line = next(line for line in process.stdout if line.startswith("The class opens"))
        address = line.split()[-1]
        assert address == f"http://{lan_address()}:{port}/"
        page = build_opener(ProxyHandler({})).open(address).read().decode()
        assert "GAN playground" in page and f'"lan":"{lan_address()}"' in page.replace(" ", "")
        assert re.search(f'"minutes":{SAFE.run_seconds / 60:g}[,}}]', page.replace(" ", ""))
        visit = Visit(browser, f"http://127.0.0.1:{port}/?tab=epochs")  # the teacher, on the machine itself
        visit.page.locator("#for-class summary").click()
        visit.page.locator("#show-qr").click()
        expect(visit.page.locator("#qr .address")).to_have_text(f"{address}?tab=epochs")
        visit.close()
    finally:
        process.terminate()
        process.wait()


def test_at_home_it_listens_on_this_machine_alone(server):
    port = int(server.rpartition(":")[2])
    address = lan_address()
    if address is None:
        pytest.skip("this machine is in no network")
    with socket.socket() as stranger:
        assert stranger.connect_ex((address, port)) != 0


# ---- the projector view ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_type_on_a_projector_is_large_in_every_tab(browser, server, language):
    visit = Visit(browser, f"{server}/?view=projector", language, viewport={"width": 1920, "height": 1080})
    page = visit.page
    for name, key in TABS.items():
        if name == "learn":
            continue  # its pages are shown step by step: see the next test
        visit.tab(key)
        expect(page.get_by_role("tab", selected=True)).to_have_text(say(language, key))
        expect(page.get_by_role("tabpanel").filter(visible=True)).not_to_be_empty()
        expect(page.locator("footer")).to_be_hidden()
        expect(page.locator("#copy-link")).to_be_visible()
        page.wait_for_function("() => document.fonts.status === 'loaded'")
        page.evaluate(UNFOLD)
        assert page.evaluate(SMALL) == [], key
    visit.close()


@pytest.mark.slow
def test_type_on_a_projector_is_large_on_every_page_of_the_lesson(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&view=projector", "ko", viewport={"width": 1920, "height": 1080})
    page = visit.page
    step_on = page.locator("#step-on")
    expect(step_on).to_be_visible()
    while True:
        lesson, step = visit.state("lesson"), visit.state("step")
        expect(page.locator(f"#lesson-{lesson}")).to_have_attribute("data-at", str(step))
        page.evaluate(UNFOLD)
        assert page.evaluate(SMALL) == [], (lesson, step)
        assert fits(page), (lesson, step)
        if step_on.get_attribute("aria-disabled") == "true":
            break
        before = page.url
        step_on.click()
        page.wait_for_function("(url) => location.href !== url", arg=before)
    assert lesson == 9
    assert visit.said == []
    visit.close()


def test_the_key_p_turns_it_on_and_off_but_not_while_somebody_writes(browser, server):
    visit = Visit(browser, f"{server}/?tab=interpolate")
    page, root = visit.page, visit.page.locator("html")
    expect(page.locator("#projector")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("p")
    expect(root).to_have_attribute("data-view", "projector")
    expect(page.locator("#projector")).to_have_attribute("aria-pressed", "true")
    assert "view=projector" in page.url
    field = page.locator("#route input[type=number]").first
    field.press("p")
    expect(root).to_have_attribute("data-view", "projector")
    field.blur()
    page.keyboard.press("Control+p")
    expect(root).to_have_attribute("data-view", "projector")
    page.keyboard.press("p")
    expect(root).to_have_attribute("data-view", "")
    page.go_back()
    expect(root).to_have_attribute("data-view", "projector")
    visit.close()


# ---- links that a teacher prepares ----


def test_a_link_hides_what_it_names_and_opens_a_page_of_the_lesson(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=4&hide=tabs.pages.help&view=projector")
    page = visit.page
    expect(page.locator("#lesson-4")).to_be_visible()
    for gone in (".tab-wrapper", "#learn .contents", "#learn .turn-over"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.evaluate("() => window.ganPage.link").endswith(
        "?tab=learn&lesson=4&view=projector&hide=tabs.pages.help"
    )
    visit.close()


def test_what_a_teacher_hides_stands_in_the_link(browser, server):
    visit = Visit(browser, server)
    page = visit.page
    verdict = page.locator("#drawing-199 .verdict")
    page.locator("#for-class summary").click()
    for name in ("verdicts", "own"):
        page.locator(f"#hide input[value={name}]").check()
    expect(verdict).to_be_hidden()
    expect(page.locator("#own")).to_be_hidden()
    assert page.url.endswith("?hide=verdicts.own")
    page.keyboard.press("Escape")
    expect(page.locator("#hide")).to_be_hidden()
    expect(page.locator("#for-class summary")).to_be_focused()
    visit.open(f"{server}/?hide=own.verdicts.own")  # by hand: any order will do
    assert visit.state("hide") == ["verdicts", "own"]
    page.locator("#for-class summary").click()
    page.locator("#hide input[value=verdicts]").uncheck()
    expect(verdict).to_be_visible()
    visit.open(f"{server}/?check=ds62at&temperature=50&hide=everything")
    expect(page.locator("#banner [role=alert]")).to_have_text(re.compile(say("en", "banner.damaged")))
    assert visit.state("hide") == []
    visit.close()


def test_phones_find_the_present_page_by_its_code(browser, server):
    port = server.rpartition(":")[2]
    visit = Visit(browser, f"http://school.test:{port}/?tab=epochs&moment=23&view=projector", "ko")
    page = visit.page
    page.locator("#for-class summary").click()
    page.locator("#show-qr").click()
    image = page.locator("#qr img")
    page.wait_for_function("() => document.querySelector('#qr img').naturalWidth > 0")
    wanted = f"http://school.test:{port}/?tab=epochs&moment=23"  # their own view, not the projector's
    assert decoded(Image.open(io.BytesIO(image.screenshot()))) == [wanted]
    expect(page.locator("#qr .address")).to_have_text(wanted)
    assert not serious_faults(page)
    page.keyboard.press("Escape")
    expect(page.locator("#qr")).to_be_hidden()
    visit.close()


def test_where_phones_cannot_come_the_page_says_what_to_do(browser, server):
    visit = Visit(browser, f"{server}/?tab=epochs", "ko")
    page = visit.page
    page.locator("#for-class summary").click()
    page.locator("#show-qr").click()
    expect(page.locator("#qr .address")).to_have_text(say("ko", "banner.qr_local"))
    expect(page.locator("#qr img")).to_be_hidden()
    visit.close()
