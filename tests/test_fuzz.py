"""Files that somebody has damaged, by chance or on purpose: refused with the reason, or loaded exactly.

The suite tries 200 cases, `pytest -m slow` 2,000. `python tests/test_fuzz.py 2000` does the same to the shipped
networks, and prints the slowest and the hungriest case.
"""

import json
import struct
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.gan import Discriminator, Generator
from playground.checkpoints import CheckpointError, load_network, network_bytes
from playground.shipped import CHECKPOINTS
from playground.training import TrainConfig

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
