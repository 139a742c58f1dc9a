"""One visitor's page in real Chromium, as the browser tests use it."""

import time
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from playground.ui.assets import addresses
from playground.ui.texts import say

SLOW = 300_000
expect.set_options(timeout=SLOW)
WINDOW, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
LAPTOP, TABLET = {"width": 1366, "height": 768}, {"width": 768, "height": 1024}
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers,file_systems"  # all that a page keeps
# Which rules of axe-core are asked in each scheme: all, and those about colours.
SCHEMES = {"light": (), "dark": ("color-contrast", "link-in-text-block")}
LOCALES = {"ko": "ko-KR", "en": "en-US"}
LIVE = "document.querySelector('#loss-chart .js-plotly-plot:not([data-ghost])')"  # the plot of what a visitor trains
SHOWN = "([name, before]) => document.querySelector(`#drawing-${name} canvas`)?.toDataURL()"
FADED = """() => Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition)
  .map((one) => one.finished)).then(() => null)"""
SEEN = Path(__file__).parent / "seen.js"
# Which names on the page's plots lie on each other, by more than the room between two lines of text.
COVERED = """() => {
  const seen = [...document.querySelectorAll(".names > div")].filter((one) => one.offsetParent);
  const boxes = seen.map((one) => [one.textContent, one.getBoundingClientRect()]);
  const lie = ([, a], [, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1
    && b.top < a.bottom - 1;
  return boxes.flatMap((one, i) => boxes.slice(i + 1).filter((other) => lie(one, other)).map((other) =>
    `${one[0]} on ${other[0]}`));
}"""
WHOLE = "() => document.querySelectorAll('#explore .card[aria-busy=false]').length >= 3"


def exported(browser, server: str, module: str, name: str):
    """What a module of playground/ui/browser exports under a name, as plain data."""
    page = browser.new_page()
    page.route("**/blank", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{server}/blank")
    address = f"{addresses()['browser']}/{module}"
    found = page.evaluate("async ([address, name]) => (await import(address))[name]", [address, name])
    page.close()
    return found


def serious_faults(page, rules=()) -> list[str]:
    """What axe-core finds that is serious or critical: rule and place. Of all rules, or of some only."""
    asked = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=asked).response["violations"]
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def faults_by_scheme(visit) -> list[str]:
    """The serious faults in the light scheme, and in the dark one those of colours: nothing else changes with it."""
    found = []
    for scheme, rules in SCHEMES.items():
        visit.dress(scheme)
        found += [f"{scheme}: {fault}" for fault in serious_faults(visit.page, rules)]
    return found


def small_targets(page) -> list[str]:
    """What can be pressed or typed into, and is less than 44 px high."""
    return page.evaluate("() => window.seen.smallTargets()")


def torn_words(page) -> list[str]:
    """Texts with a line that ends within a word, or within what a button says."""
    return page.evaluate("() => window.seen.tornWords()")


def fits(page) -> bool:
    """Whether nothing stands beside the screen's edge, so that nobody must scroll sideways."""
    return page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class Visit:
    """One visitor's page, with all it said and asked for.

    A visitor who has left lends the browser's context to the next one who speaks that language, without anything that
    was stored or allowed in it: what it has fetched and compiled of the page's scripts need not be done again.
    """

    begun: ClassVar[list["Visit"]] = []
    rested: ClassVar[dict[str, list[BrowserContext]]] = {language: [] for language in LOCALES}

    def __init__(self, browser, address, language="en", *, permissions=(), viewport=None, reduced_motion=None):
        self.begun.append(self)
        self.language = self._spoken = language
        rested = self.rested[language]
        self.context = rested.pop() if rested else browser.new_context(locale=LOCALES[language])
        if permissions:
            self.context.grant_permissions(list(permissions))
        self._size, self._motion = viewport or WINDOW, reduced_motion
        self.said, self.asked = [], []
        self.enter(address)

    def enter(self, address):
        """Open a page of one's own, and an address in it."""
        self.page = self.context.new_page()
        self.page.set_default_timeout(SLOW)
        self.page.set_viewport_size(self._size)
        self.page.emulate_media(color_scheme="light", reduced_motion=self._motion)
        self.page.add_init_script(path=SEEN)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda r: self.asked.append(r.url) if r.url.startswith("http") else None)
        self.open(address)

    def enter_again(self, address):
        """Close the page, and come back to an address in another one: what the browser stores is still there."""
        self.page.close()
        self.enter(address)

    def open(self, address):
        """Go to an address and wait until every network draws and judges."""
        self.page.goto(address)
        expect(self.page.locator("[role=tab]").first).to_be_attached()  # a link may hide them
        if "tab=" not in address:
            self.page.wait_for_function(WHOLE)

    def _hear(self, message):
        # The first comes of these tests, which read what was drawn; the second is Chromium's, where it has no GPU.
        ours = not any(words in message.text for words in ("willReadFrequently", "No available adapters."))
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

    def dress(self, scheme):
        """Let the machine prefer a colour scheme, and wait until the page wears it, all colours faded over."""
        self.page.emulate_media(color_scheme=scheme)
        worn = "(dark) => document.body.classList.contains('dark') === dark"
        self.page.wait_for_function(worn, arg=scheme == "dark")
        self.page.evaluate(FADED)

    def shifted(self) -> tuple[float, list]:
        """By how much the page has moved by itself since it was opened (cumulative layout shift), and what moved."""
        self.page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
        moves = self.page.evaluate("() => window.seen.shifts")
        return sum(value for value, _ in moves), moves

    def state(self, field):
        return self.page.evaluate(f"() => window.ganPage.state.{field}")

    def query(self, **changes) -> str:
        """The query of an address, as the page writes it, that shows its first state with some fields changed."""
        module = f"{addresses()['browser']}/page/state.js"
        script = "async ([module, changes]) => { const { DEFAULT, write } = await import(module);"
        return self.page.evaluate(f"{script} return write({{ ...DEFAULT, ...changes }}); }}", [module, changes])

    def tab(self, key):
        self.page.get_by_role("tab", name=say(self.language, key), exact=True).click()

    def fold(self, name):
        """Open one of the folded parts."""
        self.page.locator(f"#{name} > summary").click()

    def type(self, selector, value):
        """Fill one of Gradio's fields: one that was only just mounted takes its first value once more."""
        field = self.page.locator(selector)

        def write():
            field.fill(value)
            field.press("Tab")
            self.page.evaluate("() => new Promise((go) => setTimeout(() => requestAnimationFrame(go), 100))")

        self.again(write, lambda: field.input_value() == value)

    def again(self, act, holds):
        """Act again and again, two minutes at most, until something holds: a click that came too early asks nothing."""
        end = time.monotonic() + SLOW / 1000
        while not holds():
            assert time.monotonic() < end, "it never held"
            act()

    def toast(self):
        return self.page.locator(".toast-body").first

    def lab(self, recipe):
        """Open the failures on demand, if they are not, and choose one by its place."""
        if not self.page.locator("#recipe input").first.is_visible():
            self.page.locator("#failures > button").click()
        self.page.locator("#recipe input").nth(recipe).check()

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
        rest = self.context.new_page()
        for page in self.context.pages:
            if page != rest:
                page.close()
        self.context.clear_permissions()
        self.context.clear_cookies()
        devtools = self.context.new_cdp_session(rest)
        for host in self.hosts():
            devtools.send("Storage.clearDataForOrigin", {"origin": f"http://{host}", "storageTypes": STORED})
        rest.close()
        self.rested[self._spoken].append(self.context)

    def flee(self):
        """Leave after a failure, which may have spoilt the context: nobody is lent it."""
        self.begun.remove(self)
        self.context.close()
