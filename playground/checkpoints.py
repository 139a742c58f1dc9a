"""Networks and tensors as safetensors files. The header of each file is checked before anything is loaded.

    python -m playground.checkpoints convert notebook.pth out.safetensors

turns a state dict that a lecture notebook wrote with `torch.save` into a file that the playground opens.
"""

import argparse
import json
import math
import os
import pickle
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn

from models import ARCHITECTURES, Network
from playground.checked import ConfigError, Phrase, Refusal
from playground.config import TrainConfig
from playground.files import write_bytes

ROLES = ("generator", "discriminator")
MAX_HEADER = 100_000  # bytes; our largest has 3,000
MAX_TENSORS = 512  # the state of the deepest networks has 294
MAX_NETWORK = 64 * 2**20  # bytes
MAX_STATE = 2 * 2**30
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)  # what a notebook's weights may be
ITEM_SIZE = {"F32": 4, "I64": 8, "U8": 1}  # bytes of each type that our files hold

# A layer's activation, and how a file's metadata names it; the browser knows the same (engine/network.js).
ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.Sigmoid)
ACTIVATION = re.compile(r"ReLU|Tanh|Sigmoid|LeakyReLU\(\d(\.\d{1,9})?\)")

REASONS = {
    "unreadable": "cannot be read ({what})",
    "unwritable": "cannot be written ({what})",
    "large": "is {size:,} bytes long, allowed are {limit:,}",
    "cut": "is no safetensors file, or cut short",
    "no_json": "has a header that is no JSON",
    "no_header": "has a header that is no JSON object with metadata of strings",
    "many": "holds {count:,} tensors, allowed are {limit}",
    "entry": "describes tensor {name!r} in a way that does not fit",
    "holes": "has tensors that overlap or leave holes",
    "length": "holds {got:,} bytes of numbers, its header says {wanted:,}",
    "lacks": "lacks tensor {name!r}",
    "unknown": "has an unknown tensor {name!r}",
    "shape": "tensor {name} is {got}, expected {wanted}",
    "infinite": "tensor {name} holds a number that is not finite",
    "no_metadata": "lacks {name!r} in its metadata",
    "config": "has a config in its metadata that cannot be: {what}",
    "config_json": "has a config in its metadata that is no JSON",
    "disagrees": "says {name} {got!r}, but {wanted!r} in its config",
    "role": "has role {got!r}, allowed is generator or discriminator",
    "epoch": "has epoch {got!r}, allowed is a whole number",
    "activation": "has activation {got!r}, allowed are ReLU, LeakyReLU(slope), Tanh and Sigmoid",
    "activations": "names {got} activations, its layers have {wanted}",
    "wrong_role": "holds a {role}, expected a {wanted}",
    "role_twice": "is a second {role}, allowed is one",
    "latent": "takes noise of {got} numbers, the page's has {wanted}",
    "state": "is no training state: its metadata lacks a config or counters",
    "place": "is no training state: its place in the epoch cannot be",
    "random": "is no training state: its random generators cannot be",
    "later": "cannot be of epoch {got}, allowed is 0 to 999999999",
    "no_torch": "is no state dict that torch.save wrote ({what})",
    "whole": "holds a whole module; save its weights instead: torch.save(network.state_dict(), ...)",
    "no_dict": "holds no state dict: a mapping of names to tensors",
    "no_floats": "holds a tensor that is not of plain float16, bfloat16, float32 or float64 numbers",
    "foreign": "fits neither a generator nor a discriminator of the playground",
    "not_finite": "holds a number that is not finite",
    "too_large": "holds a number that is too large for float32, in which the playground computes",
}


class CheckpointError(Refusal, ValueError):
    """A file cannot be used; the message is one line that names it and says what is wrong.

    `rule` is the reason's name in REASONS, and `details` fill its gaps; `reason` is the result, in English.
    """

    def __init__(self, path: Path | str, rule: str, **details: Any) -> None:
        self.rule, self.details = rule, details
        self.reason = REASONS[rule].format(**details)
        words = {name: Phrase(f"role.{got}", got) if got in ROLES else got for name, got in details.items()}
        super().__init__(
            "error.file",
            message=f"{path}: {self.reason}",
            name=Path(path).name,
            reason=Phrase(f"file.{rule}", self.reason, words),
        )


@dataclass(frozen=True)
class Header:
    """The header of a safetensors file: each tensor's (dtype, shape), and the metadata."""

    tensors: dict[str, tuple[str, tuple[int, ...]]]
    metadata: dict[str, str]


@dataclass(frozen=True)
class Checkpoint:
    """A network in eval mode, and its origin. `role` is `generator` or `discriminator`."""

    network: Network
    role: str
    epoch: int
    config: TrainConfig
    metadata: dict[str, str]


def network_bytes(
    network: nn.Module, role: str, epoch: int, config: TrainConfig, says_activations: bool = True
) -> bytes:
    """One network (float32) as the content of a safetensors file, with the metadata of the Contract."""
    metadata = {
        "architecture": config.architecture,
        "role": role,
        "dataset": "mnist",
        "epoch": str(epoch),
        "latent_dim": str(config.latent_dim),
        "config": config.to_json(),
        **({"activations": json.dumps(activations_of(network))} if says_activations else {}),
    }
    return tensors_bytes({name: value.float() for name, value in network.state_dict().items()}, metadata)


def activations_of(network: nn.Module) -> list[str]:
    """What follows each layer with weights, as the metadata names it: LeakyReLU(0.2), Tanh."""
    found = [layer for layer in network.modules() if isinstance(layer, ACTIVATIONS)]
    return [
        f"LeakyReLU({layer.negative_slope:g})" if isinstance(layer, nn.LeakyReLU) else type(layer).__name__
        for layer in found
    ]


def save_network(path: Path | str, network: nn.Module, role: str, epoch: int, config: TrainConfig) -> None:
    """Write one network as `network_bytes` gives it. The file appears complete or not at all."""
    write_bytes(path, network_bytes(network, role, epoch, config))


def load_network(path: Path | str, role: str | None = None) -> Checkpoint:
    """Read a generator or discriminator of any registered architecture onto the CPU.

    Raises CheckpointError for a file that is not exactly what its own metadata says, not finite, or not `role`.
    """
    header = read_header(path, MAX_NETWORK)
    config, found, epoch = _origin(path, header.metadata)
    activations = _read_activations(path, header.metadata)
    if role is not None and found != role:
        raise CheckpointError(path, "wrong_role", role=found, wanted=role)
    with torch.device("meta"):
        network = build(config, found)
    if activations:
        _activate(path, network, activations)
    tensors = load_matching(path, network, header)
    network.load_state_dict(tensors, assign=True)
    return Checkpoint(network.eval().requires_grad_(False), found, epoch, config, header.metadata)


def build(config: TrainConfig, role: str) -> Network:
    """A new network of the config's architecture and widths. `role` is `generator` or `discriminator`."""
    architecture = ARCHITECTURES[config.architecture]
    if role == "generator":
        return architecture.generator(config.latent_dim, config.widths_g)
    return architecture.discriminator(config.widths_d)


def load_matching(path: Path | str, network: nn.Module, header: Header | None = None) -> dict[str, torch.Tensor]:
    """The tensors of a file that fits `network` in keys and shapes, float32, all finite. Raises CheckpointError."""
    wanted = {name: ("F32", tuple(value.shape)) for name, value in network.state_dict().items()}
    return load_exact(path, wanted, header or read_header(path, MAX_NETWORK))


def load_exact(
    path: Path | str, wanted: dict[str, tuple[str, tuple[int, ...]]], header: Header
) -> dict[str, torch.Tensor]:
    """The tensors of a file that holds exactly these names, types and shapes, all finite. Raises CheckpointError."""
    for name in sorted(wanted.keys() ^ header.tensors.keys()):
        raise CheckpointError(path, "lacks" if name in wanted else "unknown", name=name[:80])
    for name, (dtype, shape) in header.tensors.items():
        if (dtype, shape) != wanted[name]:
            kind, sizes = wanted[name]
            values = {"got": f"{dtype} {list(shape)}", "wanted": f"{kind} {list(sizes)}"}
            raise CheckpointError(path, "shape", name=name, **values)
    try:
        with safetensors.safe_open(path, "pt") as file:  # copies: Windows deletes no file that is mapped
            tensors = {name: file.get_tensor(name).clone() for name in wanted}
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(path, "unreadable", what=error) from None
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise CheckpointError(path, "infinite", name=name)
    return tensors


def read_header(path: Path | str, limit: int) -> Header:
    """Check that a file is safetensors, at most `limit` bytes, and exactly as long as its header says."""
    try:
        size = os.path.getsize(path)
        if size > limit:
            raise CheckpointError(path, "large", size=size, limit=limit)
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MAX_HEADER, size - 8):
                raise CheckpointError(path, "cut")
            header = json.loads(file.read(length))
    except OSError as error:
        raise CheckpointError(path, "unreadable", what=error.strerror) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(path, "no_json") from None
    return _parse(path, header, size - 8 - length)


def _parse(path: Path | str, header: Any, data_bytes: int) -> Header:
    """The header as we use it. Its tensors must fill the data without a gap; else CheckpointError."""
    metadata = header.pop("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise CheckpointError(path, "no_header")
    if len(header) > MAX_TENSORS:
        raise CheckpointError(path, "many", count=len(header), limit=MAX_TENSORS)
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {}
    spans: list[tuple[int, int]] = []
    for name, entry in header.items():
        try:
            dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
            whole = all(type(number) is int and number >= 0 for number in (*shape, start, end))
            fits = whole and len(shape) <= 8 and math.prod(shape) * ITEM_SIZE[dtype] == end - start
        except (KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            raise CheckpointError(path, "entry", name=name[:80])
        tensors[name] = (dtype, tuple(shape))
        spans.append((start, end))
    reached = 0
    for start, end in sorted(spans):
        if start != reached:
            raise CheckpointError(path, "holes")
        reached = end
    if reached != data_bytes:
        raise CheckpointError(path, "length", got=data_bytes, wanted=reached)
    return Header(tensors, metadata)


def _origin(path: Path | str, metadata: Mapping[str, str]) -> tuple[TrainConfig, str, int]:
    """Config, role and epoch from the metadata. CheckpointError where they contradict each other."""
    for name in ("architecture", "role", "epoch", "latent_dim", "config"):
        if name not in metadata:
            raise CheckpointError(path, "no_metadata", name=name)
    try:
        config = TrainConfig.from_mapping(json.loads(metadata["config"]))
    except ConfigError as error:
        raise CheckpointError(path, "config", what=str(error)[:200]) from None
    except (ValueError, RecursionError):
        raise CheckpointError(path, "config_json") from None
    for name, value in (("architecture", config.architecture), ("latent_dim", str(config.latent_dim))):
        if metadata[name] != value:
            raise CheckpointError(path, "disagrees", name=name, got=metadata[name][:40], wanted=value)
    if metadata["role"] not in ROLES:
        raise CheckpointError(path, "role", got=metadata["role"][:40])
    if not (metadata["epoch"].isdecimal() and len(metadata["epoch"]) < 10):
        raise CheckpointError(path, "epoch", got=metadata["epoch"][:40])
    return config, metadata["role"], int(metadata["epoch"])


def _read_activations(path: Path | str, metadata: Mapping[str, str]) -> list[str]:
    """The activations that the metadata names; none where it says nothing. CheckpointError for an unknown one."""
    text = metadata.get("activations", "[]")
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = [text]
    for name in names if isinstance(names, list) else [names]:
        if not isinstance(name, str) or not ACTIVATION.fullmatch(name):
            raise CheckpointError(path, "activation", got=str(name)[:40])
    return list(names)


def _activate(path: Path | str, network: nn.Module, names: Sequence[str]) -> None:
    """Let a network's layers have those activations. CheckpointError where it has more or fewer."""
    places = [place for place, layer in network.named_modules() if isinstance(layer, ACTIVATIONS)]
    if len(places) != len(names):
        raise CheckpointError(path, "activations", got=len(names), wanted=len(places))
    for place, name in zip(places, names, strict=True):
        kind, _, slope = name.rstrip(")").partition("(")
        network.set_submodule(place, nn.LeakyReLU(float(slope)) if slope else getattr(nn, kind)())


def tensors_bytes(tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> bytes:
    """Tensors (on any device) as the content of a safetensors file."""
    ready = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    return safetensors.torch.save(ready, metadata)


def write_tensors(path: Path | str, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file. It appears complete or not at all."""
    write_bytes(path, tensors_bytes(tensors, metadata))


def convert(source: Path | str, target: Path | str, epoch: int = 199, activation: str | None = None) -> str:
    """Turn a state dict that `torch.save` wrote into our format; returns its role. Raises CheckpointError.

    A state dict does not say what follows its layers: `activation` does for all but the last one. Without it the page
    takes the lecture's LeakyReLU(0.2) and says so.
    """
    if not 0 <= epoch < 10**9:
        raise CheckpointError(target, "later", got=epoch)
    if activation is not None and not ACTIVATION.fullmatch(activation):
        raise CheckpointError(target, "activation", got=activation[:40])
    try:
        weights = torch.load(source, map_location="cpu", weights_only=True)
    except OSError as error:
        raise CheckpointError(source, "unreadable", what=error.strerror) from None
    except pickle.UnpicklingError as error:
        whole = "Unsupported" in str(error) or "GLOBAL" in str(error)  # a class of the notebook's, which we do not run
        raise CheckpointError(source, "whole" if whole else "no_torch", what=type(error).__name__) from None
    except Exception as error:  # torch raises errors of many types for a foreign file
        raise CheckpointError(source, "no_torch", what=type(error).__name__) from None
    role, config, network = _recognise(source, weights)
    if any(not value.isfinite().all() for value in weights.values()):
        raise CheckpointError(source, "not_finite")
    weights = {name: value.float() for name, value in weights.items()}
    if any(not value.isfinite().all() for value in weights.values()):
        raise CheckpointError(source, "too_large")
    network.load_state_dict(weights, assign=True)
    if activation is not None:
        *hidden, last = activations_of(network)
        _activate(target, network, [*(activation for _ in hidden), last])
    try:
        write_bytes(target, network_bytes(network, role, epoch, config, says_activations=activation is not None))
    except OSError as error:
        raise CheckpointError(target, "unwritable", what=error.strerror) from None
    return role


def _recognise(source: Path | str, weights: Any) -> tuple[str, TrainConfig, Network]:
    """The registered network that has exactly these keys and shapes; the widths come from the weights."""
    if not isinstance(weights, Mapping) or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise CheckpointError(source, "no_dict")
    if not all(
        value.dtype in FLOATS and value.layout is torch.strided and not value.is_meta for value in weights.values()
    ):
        raise CheckpointError(source, "no_floats")
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    matrices = [shape for shape in shapes.values() if len(shape) == 2]
    widths = tuple(shape[0] for shape in matrices[:-1])
    for architecture in ARCHITECTURES:
        for role in ROLES:
            try:
                if role == "generator":
                    config = TrainConfig(architecture=architecture, widths_g=widths, latent_dim=matrices[0][1])
                else:
                    config = TrainConfig(architecture=architecture, widths_d=widths)
                with torch.device("meta"):
                    network = build(config, role)
            except (ConfigError, IndexError):
                continue
            if shapes == {name: tuple(value.shape) for name, value in network.state_dict().items()}:
                return role, config, network
    raise CheckpointError(source, "foreign")


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m playground.checkpoints", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("convert", help="a notebook's state dict (.pth) into our safetensors")
    command.add_argument("source", type=Path)
    command.add_argument("target", type=Path)
    command.add_argument("--epoch", type=int, default=199, help="the epoch it was saved after (default 199)")
    command.add_argument("--activation", help="of its hidden layers: ReLU, LeakyReLU(0.1), Tanh or Sigmoid")
    options = parser.parse_args(arguments)
    try:
        role = convert(options.source, options.target, options.epoch, options.activation)
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{options.target}: a {role}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
