"""Files that somebody has damaged, by chance or on purpose: refused with the reason, or loaded exactly.

The suite tries 200 cases of each kind, `pytest -m slow` 2,000. `python tests/test_fuzz.py 2000` does the same to the
shipped networks, and prints the slowest and the hungriest case.
"""

import json
import os
import struct
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.gan import Discriminator, Generator
from playground.checkpoints import CheckpointError, load_network, network_bytes
from playground.shipped import CHECKPOINTS
from playground.state import COUNTERS, TrainState
from playground.training import Diverged, TrainConfig, train

SMALL = TrainConfig(latent_dim=4, widths_g=(6, 5), widths_d=(7,))
FILES = [network_bytes(Generator(4, (6, 5)), "generator", 12, SMALL),
         network_bytes(Discriminator((7,)), "discriminator", 12, SMALL)]  # fmt: skip

WORDS = ["", "<img src=x onerror=alert(1)>", "${1}", "{{2}}", "../../x", "F64", "BF16", "generator", "discriminator",
         "NaN", "1e999", "0", "-1"]  # fmt: skip
TEXTS = st.sampled_from(WORDS) | st.text(max_size=30)
NUMBERS = st.one_of(st.integers(-3, 20), st.sampled_from([2**31, 2**53, 2**63, 10**30]), st.floats())
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def parts(content: bytes) -> tuple[dict, bytes]:
    """A good file's header and its numbers."""
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def joined(header: object, numbers: bytes) -> bytes:
    packed = json.dumps(header).encode()
    return struct.pack("<Q", len(packed)) + packed + numbers


@st.composite
def bytes_changed(draw, content: bytes) -> bytes:
    """A few bytes anywhere, half of the time in the header, are others."""
    damaged = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        end = draw(st.sampled_from([8, 400, len(damaged)]))
        damaged[draw(st.integers(0, min(end, len(damaged)) - 1))] = draw(st.integers(0, 255))
    return bytes(damaged)


@st.composite
def cut_or_grown(draw, content: bytes) -> bytes:
    place = draw(st.integers(0, len(content)))
    return draw(st.sampled_from([content[:place], content + content[:place], content[place:], content[:place] * 2]))


@st.composite
def header_changed(draw, content: bytes) -> bytes:
    """Some of the header's JSON, at any depth, is something else, missing, or new."""
    header, numbers = parts(content)
    place = header
    while True:
        name = draw(st.sampled_from(sorted(place)))
        if isinstance(place[name], dict) and place[name] and draw(st.booleans()):
            place = place[name]
            continue
        break
    match draw(st.integers(0, 3)):
        case 0:
            del place[name]
        case 1:
            place[draw(TEXTS)] = place.pop(name)
        case 2:
            place[draw(TEXTS)] = draw(JSON)
        case _:
            place[name] = draw(JSON)
    return joined(header, numbers)


@st.composite
def numbers_changed(draw, content: bytes) -> bytes:
    """Four bytes of the numbers are another float, finite or not."""
    header, numbers = parts(content)
    at = 4 * draw(st.integers(0, len(numbers) // 4 - 1))
    return joined(header, numbers[:at] + struct.pack("<f", draw(st.floats(width=32))) + numbers[at + 4 :])


def damaged(files: list[bytes]) -> st.SearchStrategy[bytes]:
    """A file of `files` after one mutation, or bytes that never were one."""
    kinds = (bytes_changed, cut_or_grown, header_changed, numbers_changed)
    mutated = [kind(content) for kind in kinds for content in files]
    strange = st.binary(max_size=300) | st.sampled_from([b"PK\x03\x04", b"\x80\x02}q\x00.", b"{}", b"\xff" * 9])
    headers = JSON.map(lambda value: joined(value, b""))
    return st.one_of(*mutated, strange, headers)


def check(path: Path, content: bytes) -> bool:
    """Whether it was loaded; then it holds exactly the file's numbers."""
    path.write_bytes(content)
    try:
        checkpoint = load_network(path)
    except CheckpointError as error:
        assert str(path) in str(error) and "\n" not in str(error) and len(error.reason) < 1000
        return False
    header, numbers = parts(content)
    for name, value in checkpoint.network.state_dict().items():
        begin, end = header[name]["data_offsets"]
        assert value.isfinite().all() and torch.equal(value, _floats(numbers[begin:end]).view_as(value))
    return True


def _floats(content: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(content), dtype=torch.float32)


@pytest.mark.parametrize("cases", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_damaged_file_is_refused_or_loaded_exactly(tmp_path, cases):
    path, outcomes = tmp_path / "visitor.safetensors", set()

    @given(content=damaged(FILES))
    @settings(max_examples=cases, deadline=None, derandomize=True, database=None,
              suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
    def look(content):
        outcomes.add(check(path, content))

    look()
    assert outcomes == {True, False}


IMAGES = torch.arange(20 * 784).reshape(20, 28, 28).remainder(256).to(torch.uint8)
HUGE = st.sampled_from(["1e400", "-1e400", "NaN", "-1", "9" * 400, "9" * 5000, "1e308", "true", "null", "2.5", "[]"])


@pytest.fixture(scope="module")
def states(tmp_path_factory) -> list[bytes]:
    """Files of a run in the middle of an epoch, with either optimiser."""
    path, contents = tmp_path_factory.mktemp("states") / "state.safetensors", []
    for more in ({"average": 0.9}, {"optimizer": "sgd", "norm": "batch", "beta1": 0.5}):
        config = replace(SMALL, batch_size=8, steps=2, device="cpu", **more)
        list(train(config, IMAGES))[-1].state.save(path)
        contents.append(path.read_bytes())
    return contents


@st.composite
def metadata_changed(draw, content: bytes) -> bytes:
    """A counter or a setting of a state is something else, as JSON that Python's own writer would not write."""
    header, numbers = parts(content)
    known = header["__metadata__"]
    place = draw(st.sampled_from(["counters", "config"]))
    names = COUNTERS if place == "counters" else [one.name for one in fields(TrainConfig)]
    whole = json.loads(known[place]) | {draw(st.sampled_from(names)): "HERE"}
    known[place] = json.dumps(whole).replace('"HERE"', draw(HUGE | JSON.map(json.dumps)))
    return joined(header, numbers)


@st.composite
def shapes_changed(draw, content: bytes) -> bytes:
    """A tensor, and what comes after it, claims to be larger than it is, and the header is in itself right."""
    header, numbers = parts(content)
    name = draw(st.sampled_from([name for name in header if name != "__metadata__"]))
    more = draw(st.sampled_from([1, 1000, 230_000_000, 10**15]))
    size = {"F32": 4, "I64": 8, "U8": 1}[header[name]["dtype"]]
    start, end = header[name]["data_offsets"]
    header[name] |= {"shape": [(end - start) // size + more], "data_offsets": [start, end + more * size]}
    for other, entry in header.items():
        if other not in (name, "__metadata__") and entry["data_offsets"][0] >= end:
            entry["data_offsets"] = [offset + more * size for offset in entry["data_offsets"]]
    return joined(header, numbers + bytes(min(more * size, 100_000)))


def check_state(path: Path, content: bytes) -> bool:
    """Whether it was loaded; then the run goes on from it, or says that its numbers are not finite any more."""
    path.write_bytes(content)
    try:
        state = TrainState.load(path)
    except CheckpointError as error:
        assert str(path) in str(error) and "\n" not in str(error) and len(error.reason) < 1000
        return False
    assert all(type(getattr(state, name)) is int and 0 <= getattr(state, name) < 2**53 for name in COUNTERS)
    if state.order is None or len(state.order) == len(IMAGES):
        with suppress(Diverged):
            next(train(replace(state.config, steps=min(state.step + 1, 10**7)), IMAGES, state))
    return True


@pytest.mark.parametrize("cases", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_damaged_state_is_refused_or_goes_on(tmp_path, states, cases):
    path, outcomes = tmp_path / "state.safetensors", set()
    kinds = [kind(content) for kind in (metadata_changed, shapes_changed) for content in states]

    @given(content=st.one_of(*kinds, damaged(states)))
    @settings(max_examples=cases, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def look(content):
        outcomes.add(check_state(path, content))

    look()
    assert outcomes == {True, False}


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells what a process has held")
def test_a_state_of_920_megabytes_is_refused_before_memory_is_taken(tmp_path, states):
    """The file is as long as its header says; on the disk it takes no room."""
    path, size = tmp_path / "state.safetensors", 920 * 10**6
    header, numbers = parts(states[0])
    header["sums"] = {"dtype": "F32", "shape": [size // 4], "data_offsets": [len(numbers), len(numbers) + size]}
    start, end = parts(states[0])[0]["sums"]["data_offsets"]
    header["unused"] = {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}
    path.write_bytes(joined(header, numbers))
    os.truncate(path, path.stat().st_size + size)
    forget()
    held = memory("VmRSS")
    with pytest.raises(CheckpointError, match="unused"):
        TrainState.load(path)
    assert memory("VmHWM") - held < 50 * 10**6


def memory(field: str) -> int:
    """VmRSS, what this process holds now, or VmHWM, the most it held since `forget`, in bytes (Linux)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def forget() -> None:
    """Let VmHWM begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def main(cases: int) -> None:
    """Damage the shipped networks `cases` times; print how long and how hungry the worst was."""
    files = [path.read_bytes() for path in sorted((CHECKPOINTS / "epoch-199").glob("*.safetensors"))]
    slowest, hungriest, loaded = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "visitor.safetensors"

        @given(content=damaged(files))
        @settings(max_examples=cases, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def attack(content):
            nonlocal slowest, hungriest, loaded
            path.write_bytes(content)
            forget()
            held, begin = memory("VmRSS"), time.process_time()
            try:
                load_network(path)
                loaded += 1
            except CheckpointError:
                pass
            slowest = max(slowest, time.process_time() - begin)
            hungriest = max(hungriest, memory("VmHWM") - held - len(content))

        attack()
    print(f"{cases} cases, {loaded} loaded, the others refused; slowest {1000 * slowest:.1f} ms of CPU, hungriest "
          f"{hungriest / 2**20:.1f} MiB beyond the file")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
