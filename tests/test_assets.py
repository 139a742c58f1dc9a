"""What a browser fetches for itself: kept for ever, named by its content, and nothing that lies elsewhere."""

import re

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.shipped import CHECKPOINTS
from playground.ui import assets


@pytest.fixture
def client():
    return TestClient(Starlette(routes=assets.routes()))


def test_files_come_whole_and_may_be_kept(client):
    address = f"{assets.addresses()['checkpoints']}/epoch-199/generator.safetensors"
    answer = client.get(address)
    assert answer.content == (CHECKPOINTS / "epoch-199" / "generator.safetensors").read_bytes()
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-length"] == str(len(answer.content))
    module = client.get(f"{assets.addresses()['browser']}/engine/network.js")
    assert re.match(r"(text|application)/javascript", module.headers["content-type"])


@pytest.mark.parametrize(
    "path", ["../app.py", "%2e%2e/app.py", "..%2f..%2fapp.py", "/etc/passwd", "%2fetc%2fpasswd", ""]
)
def test_nothing_else_is_served(client, path):
    for address in assets.addresses().values():
        assert client.get(f"{address}/{path}").status_code in (404, 405)


def test_an_address_changes_with_the_content(tmp_path):
    (tmp_path / "a.js").write_text("1")
    first = assets._fingerprint(tmp_path)
    (tmp_path / "a.js").write_text("2")
    second = assets._fingerprint(tmp_path)
    (tmp_path / "a.js").rename(tmp_path / "b.js")
    assert len({first, second, assets._fingerprint(tmp_path)}) == 3


def test_a_server_without_mnist_still_has_all_other_folders(monkeypatch, tmp_path):
    monkeypatch.setitem(assets.FOLDERS, "mnist", tmp_path / "none")
    assets.addresses.cache_clear()
    try:
        there = {route.path.split("/")[2].partition("-")[0] for route in assets.routes() if "/kept/" in route.path}
    finally:
        assets.addresses.cache_clear()
    assert there >= {"browser", "checkpoints", "plotly"} and "mnist" not in there
