import json
import os
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, load_file
from test_networks import lecture_discriminator, lecture_generator

from models.gan import Discriminator, Generator
from playground.checkpoints import (
    ITEM_SIZE,
    MAX_NETWORK,
    MAX_STATE,
    CheckpointError,
    build,
    convert,
    load_network,
    main,
    network_bytes,
    read_header,
    save_network,
    tensors_bytes,
    write_tensors,
)
from playground.files import write_bytes
from playground.shipped import Shipped
from playground.training import TrainConfig, TrainState, train

SMALL = TrainConfig(latent_dim=4, widths_g=(6, 5), widths_d=(7,))


def content(role: str = "generator") -> bytes:
    network = Generator(4, (6, 5)) if role == "generator" else Discriminator((7,))
    return network_bytes(network, role, 12, SMALL)


def rewritten(change: Callable[[dict], object], data: bytes | None = None) -> bytes:
    """A good file with its header changed (and its numbers replaced)."""
    good = content()
    length = struct.unpack("<Q", good[:8])[0]
    header = json.loads(good[8 : 8 + length])
    change(header)
    packed = json.dumps(header).encode()
    return struct.pack("<Q", len(packed)) + packed + (good[8 + length :] if data is None else data)


def metadata(**changes: str | None) -> bytes:
    def change(header):
        header["__metadata__"].update({k: v for k, v in changes.items() if v is not None})
        for name in [k for k, v in changes.items() if v is None]:
            del header["__metadata__"][name]

    return rewritten(change)


def with_number(number: float) -> bytes:
    return content()[:-4] + struct.pack("<f", number)


WEIGHT = "main.0.weight"
CORPUS = {
    "empty": (b"", "no safetensors"),
    "seven bytes": (b"\0" * 7, "no safetensors"),
    "a PNG": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "no safetensors"),
    "cut in the header": (content()[:100], "cut short"),
    "cut in the numbers": (content()[:-10], "bytes of numbers"),
    "something behind": (content() + b"x", "bytes of numbers"),
    "a huge header": (struct.pack("<Q", 2**62) + b"{}", "no safetensors"),
    "no JSON": (struct.pack("<Q", 4) + b"{]]}", "no JSON"),
    "deep JSON": (struct.pack("<Q", 90_000) + b"[" * 90_000, "no JSON"),
    "a list": (struct.pack("<Q", 2) + b"[]", "JSON object"),
    "metadata of numbers": (rewritten(lambda h: h.update(__metadata__={"epoch": 1})), "metadata of strings"),
    "a tensor too few": (rewritten(lambda h: h.pop("main.4.bias")), "overlap or leave holes"),
    "a foreign name": (rewritten(lambda h: h.update({"evil": h.pop("main.0.bias")})), "tensor 'evil'|'main.0.bias'"),
    "a shape turned round": (rewritten(lambda h: h[WEIGHT].update(shape=[4, 6])), r"F32 \[4, 6\], expected"),
    "a huge shape": (rewritten(lambda h: h[WEIGHT].update(shape=[0, 10**15])), "does not fit"),
    "a negative shape": (rewritten(lambda h: h[WEIGHT].update(shape=[-6, -4])), "does not fit"),
    "a shape of words": (rewritten(lambda h: h[WEIGHT].update(shape="ab")), "does not fit"),
    "no entry": (rewritten(lambda h: h.update({WEIGHT: None})), "does not fit"),
    "whole numbers": (rewritten(lambda h: h[WEIGHT].update(dtype="I64", shape=[3, 4])), "I64"),
    "float64": (rewritten(lambda h: h[WEIGHT].update(dtype="F64")), "does not fit"),
    "overlap": (rewritten(lambda h: h["main.0.bias"].update(data_offsets=h["main.2.bias"]["data_offsets"], shape=[5])),
                "overlap|does not fit"),
    "200,000 tensors": (rewritten(lambda h: h.update({f"t{i}": {} for i in range(1000)})), "holds 1,0.. tensors"),
    "NaN": (with_number(float("nan")), "not finite"),
    "infinity": (with_number(float("inf")), "not finite"),
    "no role": (metadata(role=None), "lacks 'role'"),
    "no config": (metadata(config=None), "lacks 'config'"),
    "role of neither": (metadata(role="judge"), "role 'judge'"),
    "architecture unknown": (metadata(architecture="cnn"), "architecture 'cnn'"),
    "latent size of another": (metadata(latent_dim="128"), "latent_dim '128'"),
    "an epoch in words": (metadata(epoch="<b>last</b>"), "allowed is a whole number"),
    "config no JSON": (metadata(config="{"), "no JSON"),
    "a config with a line break": (metadata(config='{"a\\nb": 1}'), "cannot be"),
    "config of nothing": (metadata(config="[]"), "cannot be"),
    "widths of another": (metadata(config=SMALL.to_json().replace("[6, 5]", "[6, 4]")), "expected F32"),
    "widths without bounds": (metadata(config=SMALL.to_json().replace("[6, 5]", "[999999999]")), "cannot be"),
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_a_damaged_file_is_refused_in_one_line_that_names_it(tmp_path, name):
    damaged, reason = CORPUS[name]
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(damaged)
    with pytest.raises(CheckpointError, match=reason) as caught:
        load_network(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)
    assert len(caught.value.reason) < 300


@pytest.mark.parametrize("length", range(0, len(content()), 97))
def test_a_file_cut_anywhere_is_refused(tmp_path, length):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(content()[:length])
    with pytest.raises(CheckpointError):
        load_network(path)


def test_an_oversized_file_is_refused_before_memory_is_taken_for_it(tmp_path):
    path = tmp_path / "huge.safetensors"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)  # sparse: takes no room on the disk
    with pytest.raises(CheckpointError, match="10,737,418,240 bytes long"):
        load_network(path)


def test_a_missing_file_and_a_folder(tmp_path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(CheckpointError):
            load_network(path)


@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_round_trip(tmp_path, role):
    path = tmp_path / "network.safetensors"
    network = Generator(4, (6, 5)) if role == "generator" else Discriminator((7,))
    save_network(path, network, role, 12, SMALL)
    found = load_network(path, role)
    assert (found.role, found.epoch, found.config) == (role, 12, SMALL)
    assert found.metadata["dataset"] == "mnist" and not found.network.training
    shown = torch.randn(3, 4) if role == "generator" else torch.randn(3, 784)
    assert torch.equal(found.network(shown), network.eval()(shown))
    with pytest.raises(CheckpointError, match="expected a"):
        load_network(path, {"generator": "discriminator", "discriminator": "generator"}[role])


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_bytes(path, b"old")

    def fails(*_):
        raise OSError("disk full")

    for call in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fails)
            with pytest.raises(OSError, match="disk full"):
                write_bytes(path, b"new")
        assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("role", "network"), [
    ("generator", lecture_generator()), ("discriminator", lecture_discriminator()), ("generator", Generator(4, (6, 5))),
])  # fmt: skip
def test_a_lecture_notebooks_state_dict_becomes_a_checkpoint(tmp_path, role, network, capsys):
    torch.save(network.state_dict(), tmp_path / "notebook.pth")
    target = tmp_path / "out.safetensors"
    assert main(["convert", str(tmp_path / "notebook.pth"), str(target), "--epoch", "3"]) == 0
    assert role in capsys.readouterr().out
    found = load_network(target, role)
    assert found.epoch == 3
    for name, value in network.state_dict().items():
        assert torch.equal(found.network.state_dict()[name], value)


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU(0.1)", "Tanh"])
def test_a_notebooks_other_activation_is_kept(tmp_path, name):
    """A state dict says nothing of it, so its owner does; without that, the file says nothing either."""
    layer = torch.nn.LeakyReLU(0.1) if "0.1" in name else getattr(torch.nn, name)()
    theirs = lecture_generator()
    for place in (1, 3, 5):
        theirs.main[place] = layer
    torch.save(theirs.state_dict(), tmp_path / "notebook.pth")
    paths = [str(tmp_path / file) for file in ("notebook.pth", "said.safetensors", "unsaid.safetensors")]
    assert main(["convert", *paths[:2], "--activation", name]) == 0
    assert main(["convert", paths[0], paths[2]]) == 0
    said, unsaid = load_network(paths[1]), load_network(paths[2])
    assert json.loads(said.metadata["activations"]) == [name] * 3 + ["Tanh"]
    assert "activations" not in unsaid.metadata
    z = torch.randn(3, 128)
    assert torch.allclose(said.network(z).flatten(1), theirs.main(z), atol=1e-6)


def test_an_activation_that_nobody_can_run_is_refused(tmp_path, capsys):
    path = tmp_path / "x.safetensors"
    for text in ('["GELU", "GELU", "Tanh"]', '["ReLU", 7, "Tanh"]', '"ReLU"x', "7", '["LeakyReLU(-1)"]'):
        path.write_bytes(metadata(activations=text))
        with pytest.raises(CheckpointError, match="allowed are ReLU, LeakyReLU"):
            load_network(path)
    path.write_bytes(metadata(activations='["ReLU", "Tanh"]'))
    with pytest.raises(CheckpointError, match="names 2 activations, its layers have 3"):
        load_network(path)
    torch.save(lecture_generator().state_dict(), tmp_path / "notebook.pth")
    assert main(["convert", str(tmp_path / "notebook.pth"), str(tmp_path / "out"), "--activation", "GELU"]) == 1
    assert "GELU" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_whole_module_is_refused_with_what_to_save_instead(tmp_path):
    torch.save(lecture_generator(), tmp_path / "module.pth")
    with pytest.raises(CheckpointError, match="state_dict"):
        convert(tmp_path / "module.pth", tmp_path / "out")


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/evil-was-here",)


@pytest.mark.parametrize("saved", [
    {"main.0.weight": torch.zeros(3, 4)}, [1, 2], {"a": "b"}, {},
    {name: value * float("nan") for name, value in lecture_generator().state_dict().items()},
], ids=["foreign", "list", "words", "empty", "nan"])  # fmt: skip
def test_what_is_no_network_of_ours_is_not_converted(tmp_path, saved, capsys):
    torch.save(saved, tmp_path / "notebook.pth")
    assert main(["convert", str(tmp_path / "notebook.pth"), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith(str(tmp_path / "notebook.pth"))
    assert not (tmp_path / "out").exists()


def test_a_pickle_that_runs_code_is_not_converted(tmp_path):
    torch.save(Evil(), tmp_path / "evil.pth")
    (tmp_path / "text.pth").write_text("hello")
    for name in ("evil.pth", "text.pth", "none.pth"):
        with pytest.raises(CheckpointError, match=name):
            convert(tmp_path / name, tmp_path / "out")
    assert not os.path.exists("/tmp/evil-was-here")


@pytest.mark.parametrize("content", [b"", b"K", b"\x80", b"\x80\x02.", b"PK\x03\x04"])
def test_bytes_that_are_no_state_dict(tmp_path, content):
    (tmp_path / "x.pth").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"x\.pth") as caught:
        convert(tmp_path / "x.pth", tmp_path / "out")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", [torch.int64, torch.complex64, torch.bool, torch.float8_e4m3fn, torch.float8_e5m2])
def test_numbers_of_another_kind_are_not_converted(tmp_path, kind):
    torch.save({name: value.to(kind) for name, value in lecture_generator().state_dict().items()}, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match="not of plain float16"):
        convert(tmp_path / "x.pth", tmp_path / "out")


@pytest.mark.parametrize(("number", "reason"), [
    (1e300, "too large for float32"), (-1e300, "too large for float32"), (float("nan"), "not finite"),
    (float("-inf"), "not finite"),
])  # fmt: skip
def test_a_number_that_cannot_be_kept_is_one_sentence_at_the_command(tmp_path, capsys, number, reason):
    weights = {name: value.double() for name, value in lecture_generator().state_dict().items()}
    next(iter(weights.values())).view(-1)[0] = number
    torch.save(weights, tmp_path / "x.pth")
    assert main(["convert", str(tmp_path / "x.pth"), str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert reason in said.err and said.err.count("\n") == 1 and said.out == "" and not (tmp_path / "out").exists()


def test_half_precision_is_converted_and_bad_targets_are_refused(tmp_path):
    half = {name: value.half() for name, value in lecture_generator().state_dict().items()}
    torch.save(half, tmp_path / "x.pth")
    assert convert(tmp_path / "x.pth", tmp_path / "out") == "generator"
    assert load_network(tmp_path / "out").network.main[0].weight.dtype == torch.float32
    for epoch in (-3, 10**12):
        with pytest.raises(CheckpointError, match="epoch"):
            convert(tmp_path / "x.pth", tmp_path / "out", epoch)
    with pytest.raises(CheckpointError, match="cannot be written"):
        convert(tmp_path / "x.pth", tmp_path / "x.pth" / "out")


@pytest.mark.parametrize(("changes", "reason"), [
    ({"generator.main.0.weight": torch.zeros(4, 3)}, "expected "), ({"sums": torch.full((4,), float("nan"))}, "finite"),
    ({"order": torch.full((50,), 9)}, "place"), ({"order": torch.arange(3)}, "place"),
    ({"evil": torch.zeros(1)}, "evil"),
    ({"rng.shuffle": torch.zeros(3, dtype=torch.uint8)}, "rng.shuffle"), ({"generator.main.0.bias": None}, "lacks"),
    ({"optimizer.generator.0.step": None}, "lacks"), ({"counters": '{"step": -5}'}, "counters"),
    ({"counters": '{"step": -5, "epoch": 0, "position": 0, "batches": 0}'}, "counters"), ({"config": "{}x"}, "config"),
])  # fmt: skip
def test_a_damaged_state_is_refused(tmp_path, tiny, images, changes, reason):
    state = list(train(replace(tiny, steps=5), images))[-1].state
    path = tmp_path / "state.safetensors"
    state.save(path)
    tensors, metadata = load_file(path), read_header(path, 2**30).metadata
    for name, value in changes.items():
        where = metadata if name in metadata else tensors
        where.pop(name, None)
        if value is not None:
            where[name] = value
    write_tensors(path, tensors, metadata)
    with pytest.raises(CheckpointError, match=reason):
        TrainState.load(path)


@pytest.mark.parametrize("directions", [
    torch.full((8, 128), float("nan")), torch.zeros(8, 3), torch.zeros(()), torch.zeros(8, 128, dtype=torch.int64),
])  # fmt: skip
def test_damaged_directions_are_refused(tmp_path, directions):
    write_tensors(tmp_path / "directions.safetensors", {"directions": directions}, {})
    with pytest.raises(CheckpointError, match="directions"):
        _ = Shipped(tmp_path).directions


def packed(tensors: dict, numbers: int = 0, pad_to: int = 0) -> bytes:
    """A safetensors file of that header, padded with spaces to a length, and so many bytes of zeros."""
    header = json.dumps(tensors).encode().ljust(pad_to)
    return struct.pack("<Q", len(header)) + header + bytes(numbers)


def header_of(path, content: bytes, limit: int = 10**6):
    path.write_bytes(content)
    return read_header(path, limit)


def test_a_file_may_be_exactly_as_long_as_the_limit(tmp_path):
    path, good = tmp_path / "file", content()
    assert header_of(path, good, len(good)).metadata["epoch"] == "12"
    with pytest.raises(CheckpointError, match=f"is {len(good):,} bytes long, allowed are {len(good) - 1:,}$"):
        header_of(path, good, len(good) - 1)
    assert (MAX_NETWORK, MAX_STATE) == (64 * 1024**2, 2 * 1024**3)


def test_a_header_may_have_two_bytes_and_up_to_100_000(tmp_path):
    path = tmp_path / "file"
    assert header_of(path, packed({})).tensors == {}
    assert header_of(path, packed({}, pad_to=100_000)).tensors == {}
    for bad in (packed({}, pad_to=100_001), struct.pack("<Q", 1) + b"1", struct.pack("<Q", 3) + b"{}"):
        with pytest.raises(CheckpointError, match="cut short"):
            header_of(path, bad)


def test_a_file_may_hold_512_tensors(tmp_path):
    entry = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    assert len(header_of(tmp_path / "file", packed({f"t{i}": entry for i in range(512)})).tensors) == 512
    with pytest.raises(CheckpointError, match="holds 513 tensors, allowed are 512"):
        header_of(tmp_path / "file", packed({f"t{i}": entry for i in range(513)}))


@pytest.mark.parametrize(("entry", "fits"), [
    ({"dtype": "F32", "shape": [1] * 8, "data_offsets": [0, 4]}, True),
    ({"dtype": "F32", "shape": [1] * 9, "data_offsets": [0, 4]}, False),
    ({"dtype": "F32", "shape": [], "data_offsets": [0, 4]}, True),
    ({"dtype": "I64", "shape": [3], "data_offsets": [0, 24]}, True),
    ({"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}, True),
    ({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, True),
    ({"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 20]}, False),
    ({"dtype": "F32", "shape": [0, 3], "data_offsets": [0, 0]}, True),
    ({"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}, False),
    ({"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}, False),
    ({"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 4]}, False),
    ({"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}, False),
    ({"dtype": "F32", "shape": [1]}, False), ({"shape": [1], "data_offsets": [0, 4]}, False), ("F32", False),
])  # fmt: skip
def test_an_entry_fits_its_numbers(tmp_path, entry, fits):
    numbers = max(entry["data_offsets"]) if fits else 4
    if fits:
        found = header_of(tmp_path / "file", packed({"t": entry}, numbers))
        assert found.tensors == {"t": (entry["dtype"], tuple(entry["shape"]))} and found.metadata == {}
    else:
        with pytest.raises(CheckpointError, match="describes tensor 't' in a way that does not fit"):
            header_of(tmp_path / "file", packed({"t": entry}, numbers))


def test_numbers_are_counted_to_the_last_byte(tmp_path):
    first = {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}
    for second, bytes_of_numbers, reason in (([2, 4], 4, None), ([3, 5], 5, "leave holes"), ([1, 3], 3, "overlap"),
                                             ([2, 4], 5, "holds 5 bytes of numbers, its header says 4"),
                                             ([2, 4], 3, "holds 3 bytes of numbers, its header says 4")):  # fmt: skip
        made = packed({"b": {**first, "data_offsets": second}, "a": first}, bytes_of_numbers)
        if reason is None:
            assert set(header_of(tmp_path / "file", made).tensors) == {"a", "b"}
        else:
            with pytest.raises(CheckpointError, match=reason):
                header_of(tmp_path / "file", made)


def test_foreign_words_are_cut_in_what_is_said_of_them(tmp_path):
    path, long = tmp_path / "file", "x" * 300
    for damaged, kept in (
        (rewritten(lambda h: h.update({long: h.pop("main.0.bias")})), None),
        (rewritten(lambda h: h.update({long: {}})), 80), (metadata(architecture=long), 40), (metadata(role=long), 40),
        (metadata(epoch=long), 40), (metadata(config=json.dumps({long: 1})), None),
    ):  # fmt: skip
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError) as caught:
            load_network(path)
        assert len(caught.value.reason) < 260
        assert kept is None or caught.value.reason.count("x") in (kept, kept + 1)  # one more in "fits" or the like


@pytest.mark.parametrize(("epoch", "good"), [
    ("0", True), ("999999999", True), ("1000000000", False), ("12345678901", False), ("-1", False),
    ("1.5", False), ("", False),
])  # fmt: skip
def test_an_epoch_has_up_to_nine_digits(tmp_path, epoch, good):
    (tmp_path / "file").write_bytes(metadata(epoch=epoch))
    if good:
        assert load_network(tmp_path / "file").epoch == int(epoch)
    else:
        with pytest.raises(CheckpointError, match="allowed is a whole number"):
            load_network(tmp_path / "file")


def test_a_converted_epoch_has_up_to_nine_digits_and_is_the_last_by_default(tmp_path):
    torch.save(Generator(4, (6, 5)).state_dict(), tmp_path / "x.pth")
    for epoch in (0, 999_999_999):
        convert(tmp_path / "x.pth", tmp_path / "out", epoch)
        assert load_network(tmp_path / "out").epoch == epoch
    for epoch in (-1, 10**9):
        with pytest.raises(CheckpointError, match="cannot be of epoch"):
            convert(tmp_path / "x.pth", tmp_path / "out", epoch)
    convert(tmp_path / "x.pth", tmp_path / "out")
    found = load_network(tmp_path / "out")
    assert (found.epoch, found.config.latent_dim, found.config.widths_g) == (199, 4, (6, 5))


def test_one_number_that_is_not_finite_keeps_a_notebook_out(tmp_path):
    weights = Discriminator((7, 6)).state_dict()
    torch.save(weights, tmp_path / "x.pth")
    assert convert(tmp_path / "x.pth", tmp_path / "out") == "discriminator"
    assert load_network(tmp_path / "out").config.widths_d == (7, 6)
    weights["main.3.bias"][2] = float("inf")
    torch.save(weights, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match="holds a number that is not finite"):
        convert(tmp_path / "x.pth", tmp_path / "out")


@pytest.mark.parametrize("change", [
    lambda value: value.to_sparse(), lambda value: value.to("meta"), lambda value: value.int(),
], ids=["sparse", "meta", "whole"])  # fmt: skip
def test_one_tensor_of_another_kind_keeps_a_notebook_out(tmp_path, change):
    weights = Generator(4, (6, 5)).state_dict()
    weights["main.2.weight"] = change(weights["main.2.weight"])
    torch.save(weights, tmp_path / "x.pth")
    with pytest.raises(CheckpointError, match="not of plain float16"):
        convert(tmp_path / "x.pth", tmp_path / "out")


def test_a_notebook_of_one_key_or_shape_more_is_foreign(tmp_path):
    good = Generator(4, (6, 5)).state_dict()
    for foreign in ({**good, "main.9.bias": torch.zeros(3)}, {**good, "main.0.bias": torch.zeros(7)},
                    {name: value for name, value in good.items() if name != "main.4.bias"},
                    {"main.0.bias": torch.zeros(3)}):  # fmt: skip
        torch.save(foreign, tmp_path / "x.pth")
        with pytest.raises(CheckpointError, match="fits neither"):
            convert(tmp_path / "x.pth", tmp_path / "out")


def test_a_loaded_network_is_only_read_from(tmp_path):
    save_network(tmp_path / "file", Generator(4, (6, 5)).double(), "generator", 0, SMALL)
    network = load_network(tmp_path / "file").network
    assert not network.training and not any(weight.requires_grad for weight in network.parameters())
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}


def test_a_fresh_network_has_the_configs_sizes():
    generator, discriminator = build(SMALL, "generator"), build(SMALL, "discriminator")
    assert [tuple(w.shape) for w in generator.parameters() if w.ndim == 2] == [(6, 4), (5, 6), (784, 5)]
    assert [tuple(w.shape) for w in discriminator.parameters() if w.ndim == 2] == [(7, 784), (1, 7)]


def test_tensors_are_stored_as_they_lie_in_memory_or_not(tmp_path):
    tensors = {"turned": torch.arange(6.0).view(2, 3).T.requires_grad_(), "whole": torch.arange(3),
               "bytes": torch.arange(3, dtype=torch.uint8)}  # fmt: skip
    found = load(tensors_bytes(tensors, {"a": "b"}))
    assert all(torch.equal(found[name], value) for name, value in tensors.items())
    write_tensors(tmp_path / "file", tensors, {"a": "b"})
    header = read_header(tmp_path / "file", 1000)
    assert header.metadata == {"a": "b"} and {kind for kind, _ in header.tensors.values()} == set(ITEM_SIZE)


def test_what_the_system_says_is_passed_on(tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match=r"cannot be read \(No such file or directory\)"):
        read_header(tmp_path / "none", 100)
    save_network(tmp_path / "file", Generator(4, (6, 5)), "generator", 0, SMALL)

    def torn(path, framework):
        raise OSError("gone")

    monkeypatch.setattr("safetensors.safe_open", torn)
    with pytest.raises(CheckpointError, match=r"cannot be read \(gone\)"):
        load_network(tmp_path / "file")
