"""One visitor's page in real Chromium, as the browser tests use it."""

from typing import ClassVar
from urllib.parse import urlsplit

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from playground.ui.assets import addresses
from playground.ui.texts import say

SLOW = 60_000  # ms: a condition that a busy machine reaches late is still reached
expect.set_options(timeout=SLOW)
LOCALES = {"ko": "ko-KR", "en": "en-US"}
FIELDS = ("epoch", "seeds", "at", "moves", "temperature", "painted", "units", "unit", "folds", "real", "sum",
          "route", "path", "way", "moment", "lesson", "view", "hide")  # fmt: skip
SHOWN = "([name, before]) => document.querySelector(`#drawing-${name} canvas`)?.toDataURL()"
WHOLE = "() => document.querySelectorAll('#explore .verdict:not(.unknown)').length >= 3"


def query(**fields) -> str:
    """An address's query as the page writes it, its check value (FNV-1a) included."""
    whole = "&".join(f"{name}={fields[name]}" for name in FIELDS if name in fields)
    value = 0x811C9DC5
    for letter in whole.encode():
        value = (value ^ letter) * 0x01000193 % 2**32
    return f"check={np.base_repr(value, 36).lower()}&{'&'.join(f'{name}={text}' for name, text in fields.items())}"


def exported(browser, server: str, module: str, name: str):
    """What a module of playground/ui/browser exports under a name, as plain data."""
    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    address = f"{addresses()['browser']}/{module}"
    found = page.evaluate("async ([address, name]) => (await import(address))[name]", [address, name])
    page.close()
    return found


def serious_faults(page) -> list[str]:
    """What axe-core finds that is serious or critical: rule and place."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


class Visit:
    """One visitor's page, with all it said and asked for."""

    begun: ClassVar[list["Visit"]] = []

    def __init__(self, browser, address, language="en", **context):
        self.begun.append(self)
        self.language = language
        self.context = browser.new_context(locale=LOCALES[language], **context)
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW)
        self.said, self.asked = [], []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda r: self.asked.append(r.url) if r.url.startswith("http") else None)
        self.open(address)

    def open(self, address):
        """Go to an address and wait until every network draws and judges."""
        self.page.goto(address)
        expect(self.page.locator("[role=tab]").first).to_be_attached()  # a link may hide them
        if "tab=" not in address:
            self.page.wait_for_function(WHOLE)

    def _hear(self, message):
        ours = "willReadFrequently" not in message.text  # that is these tests, which read what was drawn
        if message.type in ("error", "warning") and ours:
            self.said.append(message.text)

    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.asked}

    def pixels(self, name) -> str:
        """What a drawing shows just now, as a data URL; `name` is what follows `drawing-` in its id."""
        return self.page.evaluate(f"() => document.querySelector('#drawing-{name} canvas').toDataURL()")

    def changed(self, name, before):
        """Wait until a drawing shows something else."""
        self.page.wait_for_function(f"{SHOWN} !== before", arg=[name, before])

    def same(self, name, wanted):
        """Wait until a drawing shows exactly that."""
        self.page.wait_for_function(f"{SHOWN} === before", arg=[name, wanted])

    def state(self, field):
        return self.page.evaluate(f"() => window.ganPage.state.{field}")

    def tab(self, key):
        self.page.get_by_role("tab", name=say(self.language, key), exact=True).click()

    def fold(self, name):
        """Open one of the folded parts."""
        self.page.locator(f"#{name} > summary").click()

    def type(self, selector, value):
        """Fill one of Gradio's fields: one that was only just mounted takes its first value once more."""
        field = self.page.locator(selector)
        while field.input_value() != value:
            field.fill(value)
            field.press("Tab")
            self.page.evaluate("() => new Promise((go) => setTimeout(() => requestAnimationFrame(go), 100))")

    def toast(self):
        return self.page.locator(".toast-body").first

    def train_for_an_hour(self, preset=0):
        """Open the tab, choose a preset, and set a budget that no machine spends before the test is through."""
        self.tab("train.tab")
        expect(self.page.locator("#loss-chart")).to_contain_text(say(self.language, "chart.empty"))
        self.page.locator("#settings").get_by_role("button").first.click()
        expect(self.page.locator("#set-seed input")).to_have_value("0")
        self.page.locator("#preset input").nth(preset).check()
        expect(self.page.locator("#amount input")).to_have_value(["200", "60", "20", "120"][preset])
        self.page.locator("#budget input").nth(1).check()
        self.type("#amount input", "3600")

    def close(self):
        """Leave the page; its run, if it has one, ends with it."""
        self.begun.remove(self)
        self.context.close()
