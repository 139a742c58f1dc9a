"""Files that visitors send: two of a request and nothing else, so many bytes, and nothing stays of a broken one."""

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from gradio.utils import get_upload_folder
from runs import PATIENCE

from playground.limits import Limits
from playground.ui import downloads
from playground.ui.guard import door, uploads
from playground.ui.guard.uploads import MIB
from playground.ui.page import build_page, launch_options
from playground.ui.texts import say

UPLOAD = "/gradio_api/upload"
MOST = 1  # MiB of a file


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where Gradio writes what it is sent."""
    folder = tmp_path_factory.mktemp("uploads")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("GRADIO_TEMP_DIR", str(folder))
        assert get_upload_folder() == str(folder)
        yield folder


@pytest.fixture(scope="module")
def client(folder):
    limits = Limits(upload_mb=MOST)
    page = build_page(limits=limits)
    page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **launch_options(limits))
    with httpx.Client(base_url=page.local_url, timeout=PATIENCE, trust_env=False) as client:
        yield client
    page.close()


def loose(folder) -> list[str]:
    """Files on their way: finished ones lie in folders."""
    return [path.name for path in folder.iterdir() if path.is_file()]


def send(client, *sizes: int, **fields) -> httpx.Response:
    """Send files of so many bytes, and fields that are no files."""
    files = [("files", (f"{n}.safetensors", b"x" * size)) for n, size in enumerate(sizes)]
    return client.post(UPLOAD, files=files, data=fields, headers={"accept-language": "ko"})


def test_a_pair_is_taken(client):
    paths = send(client, MOST * MIB, MOST * MIB).json()
    assert [Path(path).stat().st_size for path in paths] == [MOST * MIB] * 2


@pytest.mark.parametrize(("sizes", "fields", "status", "key", "values"), [
    ([9] * 3, {}, 413, "files", {"most": 2}), ([9] * 1000, {}, 413, "files", {"most": 2}),
    ([], {"field": "x" * 5000}, 413, "files", {"most": 2}),  # for no file, Gradio keeps it in memory
    ([9], {"field": "x" * 8 * MIB}, 413, "files", {"most": 2}),
    ([MOST * MIB + 1], {}, 413, "file_large", {"most": MOST}),
    ([30 * MIB], {}, 413, "file_large", {"most": MOST}),
])  # fmt: skip
def test_anything_else_is_refused_with_a_sentence_and_leaves_nothing(
    client, folder, sizes, fields, status, key, values
):
    if not sizes:  # a form with fields alone is of another type by itself
        body = f'--b\r\nContent-Disposition: form-data; name="files"\r\n\r\n{fields["field"]}\r\n--b--\r\n'.encode()
        answer = client.post(
            UPLOAD,
            content=body,
            headers={"content-type": "multipart/form-data; boundary=b", "accept-language": "ko"},
        )
    else:
        answer = send(client, *sizes, **fields)
    assert (answer.status_code, answer.json()["detail"]) == (status, say("ko", f"guard.{key}", **values))
    assert loose(folder) == []


def test_what_stands_around_the_files_counts_too(client, folder):
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n%s\r\n'
    long = part % (b"x" * MOST * MIB) * 2 + b"--b--\r\n" + b"x" * MIB
    headers = {"content-type": "multipart/form-data; boundary=b"}
    answer = client.post(UPLOAD, content=long, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (413, say("en", "guard.upload_large", most=2 * MOST))
    assert loose(folder) == []


@pytest.mark.parametrize(("kind", "body"), [
    ("application/json", b"{}"), ("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", b"no form"),
    ("", b""), ("multipart/form-data; boundary=b", b"--b\r\n" + b"a" * 10_000),
])  # fmt: skip
def test_what_is_no_form_is_refused(client, folder, kind, body):
    answer = client.post(UPLOAD, content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["detail"]) == (400, say("en", "guard.no_upload"))
    assert loose(folder) == []


def test_nothing_stays_of_an_upload_that_ends_early(client, folder):
    host, port = urlsplit(str(client.base_url)).netloc.split(":")
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 900000\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + "x" * 300_000
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall((f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n{part}").encode())
        holds(lambda: loose(folder) != [])
    holds(lambda: loose(folder) == [])


def holds(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)


def test_an_address_may_send_so_many_bytes_a_minute(client, folder, monkeypatch):
    monkeypatch.setattr(door, "PAUSE", 0.0)
    monkeypatch.setattr(door, "UPLOADS", 3)
    other = httpx.HTTPTransport(local_address="127.0.0.9")
    with httpx.Client(base_url=client.base_url, timeout=PATIENCE, transport=other) as stranger:
        statuses = [send(stranger, MOST * MIB - 500).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        refused = send(stranger, MOST * MIB - 500)
        assert refused.json()["detail"] == say("ko", "guard.many_bytes", most=3 * MOST)
    assert loose(folder) == []


def test_uploads_go_like_downloads(client, monkeypatch):
    old, new = (send(client, size).json()[0] for size in (1000, 1001))
    assert Path(old).exists()
    with downloads._lock:
        kept = downloads._offered[Path(new)]
        downloads._offered[Path(old)] = kept._replace(since=kept.since - downloads.LONGEST - 1)
        downloads._offered.move_to_end(Path(old), last=False)  # the oldest comes first
    sweep_once(monkeypatch)
    assert not Path(old).exists() and Path(new).exists()


def sweep_once(monkeypatch):
    """Let a sweeper of our own look once."""

    class Enough(Exception):
        """It would sleep now."""

    def stop(seconds):
        raise Enough

    monkeypatch.setattr(downloads.time, "sleep", stop)
    with pytest.raises(Enough):
        downloads._sweep()
    monkeypatch.undo()


def test_where_no_files_are_taken_none_is_read():
    from test_guard import behind

    answer = behind(uploads=False).post(UPLOAD, content=b"x")
    assert (answer.status_code, answer.json()["detail"]) == (403, say("en", "guard.no_uploads"))


def test_what_a_killed_program_left_on_its_way_is_deleted(tmp_path):
    import os

    for name in ("tmpabc", "tmpnew", "mine.txt"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("tmpabc", "mine.txt"):
        os.utime(tmp_path / name, (0, 0))
    downloads._sweep_leftovers(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["mine.txt", "tmpnew"]


def test_a_form_is_read_wherever_it_is_cut(monkeypatch):
    """Bytes arrive in pieces of any size."""
    from starlette.datastructures import Headers

    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nxyz\r\n' * 2 + b"--b--\r\n"
    headers = Headers({"content-type": "multipart/form-data; boundary=b"})
    for size in (1, 2, 3, 7, len(body)):
        paid = []
        upload = uploads.Upload(None, headers, 1, paid.append)
        for start in range(0, len(body), size):
            upload._take(body[start : start + size])
        assert upload._files == 2 and sum(paid) == len(body)
