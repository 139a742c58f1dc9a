"""Everything that a run must save in order to continue as if it had never stopped."""

import copy
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from numpy.random import SeedSequence
from torch import nn

from models import ARCHITECTURES
from models.gan import Discriminator, Generator, fold
from playground.checkpoints import MAX_STATE, ROLES, CheckpointError, Header, load_exact, read_header, write_tensors
from playground.config import TrainConfig, check_same
from playground.devices import pick_device

FIXED = ("architecture", "latent_dim", "widths_g", "widths_d", "norm", "optimizer")  # settings a run cannot change
COUNTERS = ("step", "epoch", "position", "batches")
MOST_IMAGES, MOST_RANDOM = 10_000_000, 10_000  # the longest shuffle and inner state of a generator in a file
AVERAGED = 4  # loss_g, loss_d, d_real, d_fake


class TrainState:
    """A run between two steps: networks, optimisers, counters, the epoch's shuffle, sums and random generators.

    `step` and `epoch` count what is finished; `position` is the place in `order` (the epoch's shuffle, N indices,
    None between epochs); `sums` adds up the four averaged numbers over the epoch's `batches`. Random numbers come
    from `rng_noise` (on the device) and `rng_shuffle`, both seeded from `config.seed`.
    """

    def __init__(self, config: TrainConfig) -> None:
        self.config = config
        self.device = pick_device(config.device)
        init, shuffle, noise = SeedSequence(config.seed).generate_state(3).tolist()
        self.generator, self.discriminator = _empty_networks(config)
        rng = torch.Generator().manual_seed(init)
        for network in (self.generator, self.discriminator):
            _initialise(network.to_empty(device="cpu"), rng)
            network.to(self.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(False) if config.average else None
        self.optimizer_g = _optimizer(self.generator, config.lr_g, config)
        self.optimizer_d = _optimizer(self.discriminator, config.lr_d, config)
        self._set_dropout()
        self.step = self.epoch = self.position = self.batches = 0
        self.order: torch.Tensor | None = None
        self.sums = torch.zeros(AVERAGED, device=self.device)
        self.rng_shuffle = torch.Generator().manual_seed(shuffle)
        self.rng_noise = torch.Generator(self.device).manual_seed(noise)

    def adopt(self, config: TrainConfig) -> None:
        """Continue under another config: rates and budgets may differ, networks and device may not (ValueError).

        Other digits or another number of images start a new epoch, another seed starts new random numbers.
        """
        check_same(config, self.config, FIXED)
        if pick_device(config.device) != self.device:
            raise ValueError(f"device: got {config.device!r}, the state lies on {self.device.type!r}")
        if config.average and self.average is None:
            self.average = copy.deepcopy(self.generator).requires_grad_(False)
        elif not config.average:
            self.average = None
        if (set(config.digits), config.images) != (set(self.config.digits), self.config.images):
            self._drop_epoch()
        if config.seed != self.config.seed:
            shuffle, noise = SeedSequence([config.seed, self.step]).generate_state(2).tolist()
            self.rng_shuffle.manual_seed(shuffle)
            self.rng_noise.manual_seed(noise)
        self.config = config
        self._set_dropout()
        for optimizer, rate in ((self.optimizer_g, config.lr_g), (self.optimizer_d, config.lr_d)):
            betas = (
                {"betas": (config.beta1, config.beta2)} if config.optimizer == "adam" else {"momentum": config.beta1}
            )
            optimizer.param_groups[0].update(lr=rate, **betas)

    def take_weights(self, generator: nn.Module, discriminator: nn.Module) -> "TrainState":
        """Start from networks of the same architecture that were trained before. Raises ValueError; returns self."""
        try:
            self.generator.load_state_dict(generator.state_dict())
            self.discriminator.load_state_dict(discriminator.state_dict())
            if self.average is not None:
                self.average.load_state_dict(generator.state_dict())
        except RuntimeError:
            raise ValueError("widths: the networks to begin from have others than the settings ask for") from None
        return self

    def _set_dropout(self) -> None:
        for layer in self.discriminator.modules():
            if isinstance(layer, nn.Dropout):
                layer.p = self.config.dropout

    def forger(self) -> Generator:
        """The generator as it draws, a copy on the CPU: the moving average where there is one, BatchNorm folded."""
        return fold(self.average or self.generator)

    @torch.no_grad()
    def move_average(self) -> None:
        """Let the moving average follow G by a step: Karras et al. 2018, "Progressive growing of GANs".

        In a run's first steps it forgets sooner, as TensorFlow's ExponentialMovingAverage does with `num_updates`:
        else it would draw for hundreds of steps what G has long left behind.
        """
        if self.average is None:
            return
        decay = min(self.config.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
        averages, weights = map(list, zip(*pairs, strict=True))
        torch._foreach_lerp_(averages, weights, 1 - decay)
        for mine, theirs in zip(self.average.buffers(), self.generator.buffers(), strict=True):
            mine.copy_(theirs)

    def cap_norms(self) -> None:
        """Make BatchNorm's running averages finite again: a forward pass moves them, also one that overflows."""
        for network in filter(None, (self.generator, self.average)):
            for buffer in network.buffers():
                if buffer.is_floating_point():
                    buffer.nan_to_num_()

    def shuffle(self, count: int) -> torch.Tensor:
        """Draw the `order` in which an epoch goes through `count` images; returns it."""
        self.order = torch.randperm(count, generator=self.rng_shuffle).to(self.device)
        return self.order

    def finish_epoch(self) -> None:
        """Go to the next epoch."""
        self.epoch += 1
        self._drop_epoch()

    def _drop_epoch(self) -> None:
        self.position = self.batches = 0
        self.order = None
        self.sums.zero_()

    def clone(self) -> "TrainState":
        """A copy that further training does not change."""
        other = TrainState(self.config)
        other._restore({name: tensor.clone() for name, tensor in self._tensors().items()}, self._counters())
        return other

    def save(self, path: Path | str) -> None:
        """Write the state to one safetensors file. It appears complete or not at all."""
        tensors = {name: tensor.cpu().contiguous() for name, tensor in self._tensors().items()}
        metadata = {
            "config": self.config.to_json(),
            "counters": json.dumps(self._counters()),
            "device": self.device.type,
        }
        write_tensors(path, tensors, metadata)

    @classmethod
    def load(cls, path: Path | str, device: str | None = None) -> "TrainState":
        """Read what `save` wrote, onto `device` (default: the config's).

        Raises CheckpointError, and ValueError for a device that this machine does not have.
        """
        known = read_state(path)
        state = cls(replace(known.config, device=device or known.config.device))
        if known.device != state.device.type:  # a generator's inner state fits its own kind of device only
            known.tensors.pop("rng.noise", None)
        try:
            state._restore(known.tensors, known.counters)
        except (RuntimeError, TypeError):
            raise CheckpointError(path, "random") from None
        return state

    def _counters(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTERS}

    def _tensors(self) -> dict[str, torch.Tensor]:
        """All tensors by name, not copied."""
        tensors = {
            "sums": self.sums,
            "rng.shuffle": self.rng_shuffle.get_state(),
            "rng.noise": self.rng_noise.get_state(),
        }
        if self.order is not None:
            tensors["order"] = self.order
        if self.average is not None:
            tensors |= {f"average.{key}": value for key, value in self.average.state_dict().items()}
        for role, network, optimizer in self._players():
            tensors |= {f"{role}.{key}": value for key, value in network.state_dict().items()}
            for index, moments in optimizer.state_dict()["state"].items():
                known = {key: value for key, value in moments.items() if value is not None}  # SGD without momentum
                tensors |= {f"optimizer.{role}.{index}.{key}": value for key, value in known.items()}
        return tensors

    def _restore(self, tensors: dict[str, torch.Tensor], counters: dict[str, int]) -> None:
        """The opposite of `_tensors` and `_counters`."""
        for name in COUNTERS:
            setattr(self, name, int(counters[name]))
        self.sums = tensors["sums"].to(self.device)
        self.order = tensors["order"].to(self.device) if "order" in tensors else None
        noise, shuffle = SeedSequence([self.config.seed, self.step]).generate_state(2).tolist()
        for name, rng, seed in (("noise", self.rng_noise, noise), ("shuffle", self.rng_shuffle, shuffle)):
            if f"rng.{name}" in tensors:
                rng.set_state(tensors[f"rng.{name}"])
            else:  # of another device, or of a browser, whose random numbers are others
                rng.manual_seed(seed)
        if self.average is not None:
            self.average.load_state_dict(_below(tensors, "average."))
        for role, network, optimizer in self._players():
            network.load_state_dict(_below(tensors, f"{role}."))
            moments: dict[int, dict[str, torch.Tensor]] = {}
            for key, value in _below(tensors, f"optimizer.{role}.").items():
                index, name = key.split(".")
                moments.setdefault(int(index), {})[name] = value
            optimizer.load_state_dict({**optimizer.state_dict(), "state": moments})

    def _players(self) -> tuple[tuple[str, nn.Module, torch.optim.Optimizer], ...]:
        return (
            ("generator", self.generator, self.optimizer_g),
            ("discriminator", self.discriminator, self.optimizer_d),
        )


class StateFile(NamedTuple):
    """What the file of a state holds, checked: its tensors on the CPU, and the kind of `device` that it lay on."""

    config: TrainConfig
    counters: dict[str, int]
    device: str
    tensors: dict[str, torch.Tensor]


def read_state(path: Path | str, limit: int = MAX_STATE) -> StateFile:
    """Read a file of at most `limit` bytes that `save` wrote, or a browser (engine/state-file.js).

    Raises CheckpointError. Whether the random generators can be set is seen only where they are.
    """
    header = read_header(path, limit)
    try:
        config = TrainConfig.from_mapping(json.loads(header.metadata["config"]))
        counters = _read_counters(header.metadata["counters"])
        device = header.metadata["device"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise CheckpointError(path, "state") from None
    tensors = load_exact(path, _layout(config, header), header)  # before networks of any size are made
    order = tensors.get("order", torch.arange(0))
    if counters["position"] > len(order) or not order.sort().values.equal(torch.arange(len(order))):
        raise CheckpointError(path, "place")
    return StateFile(config, counters, device, tensors)


@lru_cache(maxsize=256)
def file_size(config: TrainConfig) -> int:
    """Bytes that the file of a state takes at most: both networks, two moments of each weight, an average of G."""
    g, d = (sum(t.numel() for t in network.state_dict().values()) for network in _empty_networks(config))
    numbers: int = 4 * g + 3 * d
    return 4 * numbers + 2**20  # the shuffle of 60,000 images, the random generators, the header


def _read_counters(text: str) -> dict[str, int]:
    """The counters of a file's metadata. Raises KeyError, TypeError or ValueError for what are none."""
    known = json.loads(text)
    counters = {name: known[name] for name in COUNTERS}
    if any(type(count) is not int or not 0 <= count < 2**53 for count in counters.values()):
        raise ValueError(text)
    return counters


def _layout(config: TrainConfig, header: Header) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The tensors that a file of such a state must hold. The file gives the lengths of `order` and `rng.noise`.

    A browser's has no `rng`: it makes its random numbers in another way.
    """
    wanted: dict[str, tuple[str, tuple[int, ...]]] = {"sums": ("F32", (AVERAGED,))}
    if "rng.shuffle" in header.tensors:
        wanted["rng.shuffle"] = "U8", tuple(torch.Generator().get_state().shape)
    for name, (kind, longest) in {"order": ("I64", MOST_IMAGES), "rng.noise": ("U8", MOST_RANDOM)}.items():
        if name in header.tensors:
            _, shape = header.tensors[name]
            wanted[name] = kind, shape if len(shape) == 1 and shape[0] <= longest else (longest,)
    for role, network in zip(ROLES, _empty_networks(config), strict=True):
        moved = any(name.startswith(f"optimizer.{role}.") for name in header.tensors)
        wanted |= _layout_of(role, network)
        for index, weight in enumerate(network.parameters()):
            if moved:  # without momentum SGD remembers nothing
                wanted |= _moments(f"optimizer.{role}.{index}", tuple(weight.shape), config)
        if config.average and role == "generator":
            wanted |= _layout_of("average", network)
    return wanted


def _empty_networks(config: TrainConfig) -> tuple[Generator, Discriminator]:
    """G and D without memory for their weights. The meta device draws nothing from the generator of other threads."""
    networks = ARCHITECTURES[config.architecture]
    with torch.device("meta"):
        generator = networks.generator(config.latent_dim, config.widths_g, config.norm == "batch")
        return generator, networks.discriminator(config.widths_d)


def _below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _layout_of(role: str, network: nn.Module) -> dict[str, tuple[str, tuple[int, ...]]]:
    """A network's tensors as a file of the state holds them. BatchNorm counts its batches in int64."""
    kinds = {torch.float32: "F32", torch.int64: "I64"}
    return {f"{role}.{name}": (kinds[value.dtype], tuple(value.shape)) for name, value in network.state_dict().items()}


def _moments(prefix: str, shape: tuple[int, ...], config: TrainConfig) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The tensors that an optimiser keeps for one weight."""
    if config.optimizer == "sgd":
        return {f"{prefix}.momentum_buffer": ("F32", shape)}
    return {f"{prefix}.step": ("F32", ())} | {f"{prefix}.{name}": ("F32", shape) for name in ("exp_avg", "exp_avg_sq")}


def _optimizer(network: nn.Module, rate: float, config: TrainConfig) -> torch.optim.Optimizer:
    """Each network has its own optimiser (code 13-28). Fused: one pass over the weights. SGD's momentum is beta1."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=config.beta1, fused=True)
    return torch.optim.Adam(network.parameters(), lr=rate, betas=(config.beta1, config.beta2), fused=True)


def _initialise(network: nn.Module, rng: torch.Generator) -> None:
    """Initial weights as torch's layers draw them, uniform in +-1/sqrt(inputs), but from the run's own generator."""
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            bound = layer.weight[0].numel() ** -0.5
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound, generator=rng)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.reset_parameters()
        elif any(True for _ in (*layer.parameters(recurse=False), *layer.buffers(recurse=False))):
            raise NotImplementedError(f"{name} is a {type(layer).__name__}: say in state.py how it is initialised")
