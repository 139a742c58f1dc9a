"""Uploads, checked while they arrive: so many files, so many bytes, nothing else, and no file of a broken one."""

import json
from collections.abc import Callable
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.types import Message, Receive, Send

from playground.ui.downloads import adopt
from playground.ui.guard.refused import Refused

MOST_FILES = 2  # of one request: a generator and its discriminator
AROUND = 64 * 2**10  # bytes of a request beside its files
MIB = 2**20  # bytes


class Upload:
    """The `receive` of an upload: hands on what arrives, and keeps nothing.

    A file may have `most` MiB. `pay` is told of the bytes as they come, and raises Refused where an address has sent
    too much. To Gradio, what is refused or ends early is a broken form, since it then deletes what it has written.
    """

    def __init__(self, receive: Receive, headers: Headers, most: int, pay: Callable[[int], None]) -> None:
        self._receive, self._most, self._pay = receive, most, pay
        self._arrived = self._files = self._of_file = 0
        self._name = self._value = b""
        self._parser = self._parser_of(headers)
        self._over = False
        self.refused: Refused | None = None

    async def __call__(self) -> Message:
        """The next message of the client, checked."""
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._over:
            raise MultiPartException("It ended early.")
        self._over = not message.get("more_body")
        try:
            self._take(message.get("body", b""))
        except Refused as refused:
            self.refused = refused
            raise MultiPartException(refused.key) from None
        return message

    async def rest(self) -> None:
        """Let the rest arrive, as far as it is not much: a client reads no answer while it is still sending."""
        while not self._over and self._arrived <= 2 * MOST_FILES * self._most * MIB:
            message = await self._receive()
            self._arrived += len(message.get("body", b""))
            self._over = message["type"] == "http.disconnect" or not message.get("more_body")

    def _take(self, body: bytes) -> None:
        self._arrived += len(body)
        if self._arrived > MOST_FILES * self._most * MIB + AROUND:
            raise Refused(413, "guard.upload_large", most=MOST_FILES * self._most)
        self._pay(len(body))
        try:
            self._parser.write(body)
        except FormParserError:
            raise Refused(400, "guard.no_upload") from None

    def _parser_of(self, headers: Headers) -> MultipartParser:
        """Reads the form. Raises Refused for what is none."""
        kind, options = parse_options_header(headers.get("content-type", ""))
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise Refused(400, "guard.no_upload")
        events: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._read_name,
            "on_header_value": self._read_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._check_part,
            "on_part_data": self._read_file,
        }
        return MultipartParser(options[b"boundary"], events)

    def _begin(self) -> None:
        self._name = self._value = b""
        self._of_file = 0
        self._is_file = False

    def _read_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _read_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._is_file = b"filename" in parse_options_header(self._value)[1]
        self._name = self._value = b""

    def _check_part(self) -> None:
        self._files += 1
        if not self._is_file or self._files > MOST_FILES:
            raise Refused(413, "guard.files", most=MOST_FILES)

    def _read_file(self, data: bytes, start: int, end: int) -> None:
        self._of_file += end - start
        if self._of_file > self._most * MIB:
            raise Refused(413, "guard.file_large", most=self._most)


def adopting(send: Send, address: str) -> Send:
    """A `send` that also notes the files which Gradio says that it has written, so that they are deleted in time."""
    said = bytearray()
    good = False

    async def note(message: Message) -> None:
        nonlocal good
        if message["type"] == "http.response.start":
            good = message["status"] == 200
        elif good:
            said.extend(message.get("body", b""))
            if not message.get("more_body"):
                adopt(json.loads(said), f"uploads of {address}")
        await send(message)

    return note
