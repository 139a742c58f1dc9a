"""Refusals at the door, as one sentence in the visitor's language."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from playground.checked import Refusal
from playground.ui.texts import say


class Refused(Refusal):
    """A request that our page never sends; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, key: str, **values: Any) -> None:
        super().__init__(key, **values)
        self.status = status

    def answer(self, headers: Headers) -> JSONResponse:
        """What the client is told; `headers` are those of its request."""
        return JSONResponse({"detail": say(language_of(headers), self.key, **self.values)}, self.status)


def language_of(headers: Headers) -> str:
    """The language of the page that a request comes from: by its address, else by the browser's settings."""
    try:
        asked = parse_qs(urlsplit(headers.get("referer", "")).query).get("lang", [""])[0]
    except ValueError:  # the referer is no address
        asked = ""
    return asked or headers.get("accept-language", "en")
