"""Who a visitor is: the key to its runs, the folder of its files, and the language to answer in."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from playground.live.store import KEY
from playground.ui.downloads import clear
from playground.ui.texts import politely

# The key lies in the browser, encrypted with a secret that is none: it must be the same after a restart.
STORAGE, SECRET = "gan-playground-visitor", "the forger and the detective"
SALT = secrets.token_bytes(16)  # without it, a session that an access log names would give its visitor's key away


@dataclass(frozen=True)
class Caller:
    """Who sent an event: the `language` to answer in, the `key` of the visitor's runs, the `owner` of its files.

    The key outlives the page, the folder of files does not.
    """

    language: str
    key: str
    owner: str

    @classmethod
    def of(cls, request: gr.Request, language: str, visitor: Any) -> "Caller":
        """The caller by what comes with every event; `visitor` is the key that the browser keeps, if it has one."""
        return cls(language, key_of(visitor, request), owner_of(request))


def handler(act: Callable[..., Any], otherwise: Any = None) -> Callable[..., Any]:
    """Make `act(caller, ...)` a handler of an event whose first inputs are the language and the visitor's key.

    What `act` refuses is said in a toast; the handler then returns `otherwise`, which should change nothing.
    """

    def handle(request: gr.Request, language: str, visitor: Any, *values: Any) -> Any:
        with politely(language):
            return act(Caller.of(request, language, visitor), *values)
        return otherwise

    return handle


def visitor_key() -> gr.BrowserState:
    """Where a visitor's browser keeps the key to its runs: outside of all tabs, since a closed one is not there yet."""
    return gr.BrowserState("", storage_key=STORAGE, secret=SECRET)


def key_of(visitor: Any, request: gr.Request) -> str:
    """The visitor's key; where a browser keeps none (yet), one that lasts as long as the page is open."""
    if isinstance(visitor, str) and KEY.fullmatch(visitor):
        return visitor
    return hashlib.blake2b(str(request.session_hash).encode(), key=SALT, digest_size=16).hexdigest()


def owner_of(request: gr.Request) -> str:
    """The name of the folder for a page's files."""
    return "visitor-" + hashlib.sha256(f"files of {request.session_hash}".encode()).hexdigest()[:32]


def leave(request: gr.Request) -> None:
    """Delete the files of a page that has been closed."""
    clear(owner_of(request))
