"""Who a visitor is: the key to its runs, the folder of its files, its address, and the language to answer in."""

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from playground.live.shelf import KEY
from playground.ui.downloads import clear
from playground.ui.texts import politely
from playground.ui.turns import Turns

# The key lies in the browser, encrypted with a secret that is none: it must be the same after a restart.
STORAGE, SECRET = "gan-playground-visitor", "the forger and the detective"
GRACE = 30.0  # seconds after which every event of a page must bring the key along that the page was given
MOST_LENT = 4096  # pages whose key is remembered meanwhile


class Page(NamedTuple):
    """An open page: the visitor's address, and Gradio's name for the session."""

    address: str
    session: str

    @classmethod
    def of(cls, request: gr.Request) -> "Page":
        """The page that sent an event."""
        return cls(address_of(request), str(request.session_hash))


class Keys:
    """Random keys for pages whose browser keeps none yet.

    A page may send events before it has been given its key: until then, and GRACE seconds longer, the page's name finds
    it. A key is given once. So who reads a session's name later, in an access log, learns nobody's key.
    """

    def __init__(self) -> None:
        self._lent: OrderedDict[Page, tuple[str, float | None]] = OrderedDict()  # the key, and when it was given
        self._lock = threading.Lock()

    def lend(self, page: Page) -> str:
        """The key of a page's events until the page has one."""
        with self._lock:
            key, given = self._lent.get(page, ("", None))
            if not key or (given is not None and time.monotonic() - given > GRACE):
                key = self._remember(page, given=None)
            return key

    def give(self, page: Page) -> str:
        """The key that a page shall keep: that of its events so far, the first time."""
        with self._lock:
            key, given = self._lent.get(page, ("", None))
            return self._remember(page, time.monotonic(), key if given is None else "")

    def _remember(self, page: Page, given: float | None, key: str = "") -> str:
        key = key or secrets.token_hex(16)
        self._lent[page] = key, given
        self._lent.move_to_end(page)
        if len(self._lent) > MOST_LENT:
            self._lent.popitem(last=False)
        return key


KEYS = Keys()


@dataclass(frozen=True)
class Caller:
    """Who sent an event: the `language` to answer in, the `key` of the visitor's runs, the `owner` of its files.

    The key outlives the page, the folder of files does not. By `address` the line takes turns.
    """

    language: str
    key: str
    owner: str
    address: str

    @classmethod
    def of(cls, request: gr.Request, language: str, visitor: Any) -> "Caller":
        """The caller by what comes with every event; `visitor` is the key that the browser keeps, if it has one."""
        key = visitor if is_key(visitor) else KEYS.lend(Page.of(request))
        return cls(language, key, owner_of(request), address_of(request))


def handler(act: Callable[..., Any], otherwise: Any = None, turns: Turns | None = None) -> Callable[..., Any]:
    """Make `act(caller, ...)` a handler of an event whose first inputs are the language and the visitor's key.

    What `act` refuses is said in a toast; the handler then returns `otherwise`, which should change nothing. With
    `turns` it waits for its turn.
    """

    def handle(request: gr.Request, language: str, visitor: Any, *values: Any) -> Any:
        with politely(language):
            return act(Caller.of(request, language, visitor), *values)
        return otherwise

    if turns is None:
        return handle

    async def handle_in_turn(request: gr.Request, language: str, visitor: Any, *values: Any) -> Any:
        with politely(language):
            caller = Caller.of(request, language, visitor)
            return await turns.do(request, act, caller, *values)
        return otherwise

    return handle_in_turn


def visitor_key() -> gr.BrowserState:
    """Where a visitor's browser keeps the key to its runs: outside of all tabs, since a closed one is not there yet."""
    return gr.BrowserState("", storage_key=STORAGE, secret=SECRET)


def is_key(visitor: Any) -> bool:
    """Whether this is a key, as a browser sends it."""
    return isinstance(visitor, str) and bool(KEY.fullmatch(visitor))


def address_of(request: gr.Request) -> str:
    """The address that a request comes from; behind trusted proxies the visitor's own."""
    return request.client.host if request.client else ""


def owner_of(request: gr.Request) -> str:
    """The name of the folder for a page's files."""
    return f"visitor-{_hidden(f'files of {request.session_hash}')}"


def owner_at(request: gr.Request) -> str:
    """The name of the folder for the files of an endpoint's callers at this address."""
    return f"address-{_hidden(address_of(request))}"


def _hidden(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def leave(request: gr.Request) -> None:
    """Delete the files of a page that has been closed."""
    clear(owner_of(request))
