"""The packages that are installed: requirements.lock fits the ranges, and none has a fault that the docs know of."""

import os
import re
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from playground.data import PROJECT

DEPLOY = [PROJECT / "docs" / name for name in ("deploy.md", "deploy.ko.md")]
# A row of the docs' table: | package | advisory | what | fixed in 1.2.3 |
ROW = re.compile(r"^\| ([a-z0-9-]+) \| (CVE-[^|]+|GHSA-[^|]+) \| [^|]+ \| ([\d.]+) \|$", re.M)


def ranges() -> dict[str, Requirement]:
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(one.name): one for one in asked}


def locked() -> list[tuple[Requirement, list[str]]]:
    """Each package of the lock and its hashes. One may stand there twice, for different Pythons."""
    text = re.sub(r"^#.*\n", "", (PROJECT / "requirements.lock").read_text(encoding="utf-8"), flags=re.M)
    parts = (entry.split(" --hash=") for entry in text.replace(" \\\n    ", " ").strip().splitlines())
    return [(Requirement(name), hashes) for name, *hashes in parts]


def pin(entry: Requirement) -> str:
    (only,) = entry.specifier
    assert only.operator == "==", str(entry)
    return only.version


def test_the_lock_fits_the_ranges():
    found = {}
    for entry, _ in locked():
        found.setdefault(canonicalize_name(entry.name), []).append(pin(entry))
    for name, asked in ranges().items():
        assert found.get(name), f"{name} is not locked"
        assert all(asked.specifier.contains(one) for one in found[name]), (str(asked), found[name])


def test_every_package_of_the_lock_has_hashes_and_none_an_address():
    for entry, hashes in locked():
        assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), str(entry)
    assert not re.search(r"://|^ *-(?!-hash)", (PROJECT / "requirements.lock").read_text(encoding="utf-8"), re.M)


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="elsewhere other versions of the ranges are as good")
def test_what_ci_tests_is_what_is_locked():
    here = [entry for entry, _ in locked() if entry.marker is None or entry.marker.evaluate()]
    differ = {entry.name: version(entry.name) for entry in here if version(entry.name) != pin(entry)}
    assert not differ, differ


@pytest.mark.parametrize("page", DEPLOY, ids=["en", "ko"])
def test_no_known_fault_is_locked(page):
    known = ROW.findall(page.read_text(encoding="utf-8"))
    assert len(known) > 20 and known == ROW.findall(DEPLOY[0].read_text(encoding="utf-8"))
    for entry, _ in locked():
        for name, advisory, fixed in known:
            assert entry.name != name or Version(pin(entry)) >= Version(fixed), (str(entry), advisory)


@pytest.mark.parametrize("name", ["gradio", "starlette", "python-multipart", "orjson", "pillow", "jinja2", "h11"])
def test_the_ranges_begin_where_the_last_known_fault_ends(name):
    """These read what a visitor sends."""
    for package, advisory, fixed in ROW.findall(DEPLOY[0].read_text(encoding="utf-8")):
        if package == name:
            (floor,) = [one for one in ranges()[name].specifier if one.operator in (">=", "==")]
            assert Version(floor.version) >= Version(fixed), (str(ranges()[name]), advisory)
