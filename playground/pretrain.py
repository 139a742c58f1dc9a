"""The command line that makes checkpoints/: the lecture's run, the judge that measures it.

    python -m playground.pretrain judge --out checkpoints
    python -m playground.pretrain --out checkpoints
    python -m playground.pretrain halves --out checkpoints

A run saves its state after every epoch. Stopped at any moment, it continues with --resume and gets the same numbers.
Several processes share a run's batches, on one machine or on several, where torchrun starts them:

    torchrun --nproc-per-node 2 -m playground.pretrain --out runs/wide --settings wide.json --epochs 200
"""

import argparse
import csv
import gzip
import io
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from tqdm import tqdm

from models.gan import Generator
from models.judge import NOT_A_DIGIT
from playground.checkpoints import ROLES, CheckpointError, load_network, save_network, tensors_bytes, write_tensors
from playground.data import PROJECT, DataError, choose_digits, load_mnist, normalise
from playground.distributed import Team, TeamLost, join
from playground.files import clear_leftovers, write_bytes
from playground.history import COLUMNS, read_history
from playground.images import png, sheet, to_pixels
from playground.judge_training import NOT_DIGITS, train_judge
from playground.latent import noises, principal_directions
from playground.metrics import Examiner
from playground.training import ALONE, Averages, ConfigError, Diverged, Progress, TrainConfig, TrainState, train

SHOWN = 64  # noises a sheet, seeds 0 to 63
FIRST_STEPS = 20  # whose losses lie beside a run: whoever repeats them repeats the run
JUDGE = PROJECT / "checkpoints" / "judge.safetensors"


class Pretraining:
    """One run in one folder: history.csv, drawings/, epoch-NNN/, directions.safetensors and state.safetensors.

    Also first-steps.csv, the losses of its first steps.
    """

    def __init__(self, out: Path, state: TrainState, rows: list[list[float]]) -> None:
        self.out, self.state, self.config, self.rows = out, state, state.config, rows
        clear_leftovers(out)
        self.examiner = Examiner.open(JUDGE)
        epochs = self.config.epochs
        by_epochs = self.config.seconds is None and self.config.steps is None
        self.kept = {0, epochs // 2, epochs - 1} if by_epochs else {0}  # the lecture shows 0, 100 and 199

    @classmethod
    def fresh(cls, out: Path, config: TrainConfig) -> "Pretraining":
        """A run from scratch. Raises FileExistsError when the folder holds one already."""
        finished = len(_read_rows(out)) > 1  # a single row may come from a run killed before its first state
        if finished or (out / "state.safetensors").exists():
            raise FileExistsError(
                f"{out} holds a run already: --resume goes on from its state, --out names another folder"
            )
        return cls(out, TrainState(config), [])

    @classmethod
    def resumed(cls, out: Path, changes: dict[str, Any]) -> "Pretraining":
        """The run of that folder, from its last finished epoch on. `changes` may set its epochs and its device.

        Raises CheckpointError when there is no run, ValueError for another change.
        """
        state = TrainState.load(out / "state.safetensors", changes.get("device"))
        for name, value in changes.items():
            if name not in ("epochs", "device") and value != getattr(state.config, name):
                raise ValueError(f"{name}: got {value!r}, the run in {out} has {getattr(state.config, name)!r}")
        state.config = replace(state.config, epochs=changes.get("epochs", state.config.epochs))
        return cls(out, state, _read_rows(out)[: state.epoch])

    def run(self, team: Team = ALONE) -> None:
        """Train to the end of the budget, with a progress bar for the epochs and one for the batches of an epoch."""
        images = choose_digits(*load_mnist(), self.config.digits, self.config.images)
        batches = self.config.steps_an_epoch(len(images))
        if not self.state.step:
            write_rows(self.out / "first-steps.csv", ["step", "loss_g", "loss_d"], first_losses(self.config, images))
        with (
            tqdm(total=self.config.epochs, initial=self.state.epoch, unit="epoch") as epochs,
            tqdm(total=batches, initial=self.state.batches, unit="batch", leave=False) as bar,
        ):
            progress: Progress | None = None  # a run that had ended already makes none
            started, steps = time.monotonic(), self.state.step
            for progress in train(self.config, images, self.state, team=team):
                bar.set_postfix_str(f"G {progress.loss_g:.4f}  D {progress.loss_d:.4f}", refresh=False)
                bar.update(progress.step - steps)
                steps = progress.step
                if progress.epoch_means:
                    self._finish_epoch(progress, progress.epoch_means, time.monotonic() - started)
                    epochs.write(log_line(progress.epoch, self.config.epochs, progress.epoch_means))
                    epochs.update()
                    bar.reset()
                    started = time.monotonic()
        if progress and (progress.epoch not in self.kept or not progress.epoch_means):
            self._finish_early(progress)

    def _finish_epoch(self, progress: Progress, means: Averages, seconds: float) -> None:
        """Write the epoch's files. The state comes last, so that a run that is resumed always has its history."""
        epoch, generator = progress.epoch, progress.state.forger().to(progress.state.device)
        metrics = self.examiner.measure(generator)
        self.rows.append([epoch, *means, *asdict(metrics).values(), seconds])
        write_bytes(self.out / "drawings" / f"epoch-{epoch:03d}.png", png(draw_sheet(generator)))
        if epoch in self.kept:
            self._keep(progress, generator)
        if epoch == self.config.epochs - 1:
            self._write_directions(epoch, generator)
        self._write_history()
        self.state.save(self.out / "state.safetensors")

    def _finish_early(self, progress: Progress) -> None:
        """Keep the networks as they stand where a budget of seconds or steps has ended, in an epoch or after it."""
        generator = progress.state.forger().to(progress.state.device)
        self._keep(progress, generator)
        self._write_directions(progress.epoch, generator)
        self.state.save(self.out / "state.safetensors")
        finished = f"history.csv has the {len(self.rows)} finished epochs"
        print(f"the budget ended at step {progress.step}, in epoch {progress.epoch}: its networks are kept, {finished}")

    def _keep(self, progress: Progress, generator: Generator) -> None:
        folder = self.out / f"epoch-{progress.epoch:03d}"
        for role, network in (("generator", generator), ("discriminator", progress.state.discriminator)):
            save_network(folder / f"{role}.safetensors", network, role, progress.epoch, self.config)
        write_halves(folder)

    def _write_directions(self, epoch: int, generator: Generator) -> None:
        directions = principal_directions(generator.state_dict()["main.0.weight"].cpu())
        write_tensors(self.out / "directions.safetensors", {"directions": directions}, {"epoch": str(epoch)})

    def _write_history(self) -> None:
        rows = []
        for epoch, *means, frechet, recognisable, digits, entropy, seconds in self.rows:
            numbers = [f"{number:.6f}" for number in (*means, frechet, recognisable)]
            rows.append([epoch, *numbers, digits, f"{entropy:.6f}", f"{seconds:.2f}"])
        write_rows(self.out / "history.csv", COLUMNS, rows)


def pretrain(out: Path, given: dict[str, Any], resume: bool, team: Team = ALONE) -> None:
    """Train the run of a folder, from scratch or with `resume`, under the `given` settings.

    Number 0 of the team writes. The others have the state from it, so `out` may be a folder of its machine alone.
    """
    if team.rank:
        state = team.hand_out(None)
        images = choose_digits(*load_mnist(), state.config.digits, state.config.images)
        for _ in train(state.config, images, state, team=team):
            pass
        return
    resume = resume or (team.restarted and (out / "state.safetensors").exists())
    run = Pretraining.resumed(out, given) if resume else Pretraining.fresh(out, TrainConfig(**given))
    team.hand_out(run.state)
    run.run(team)


def first_losses(config: TrainConfig, images: torch.Tensor) -> list[list[object]]:
    """The losses of the first FIRST_STEPS steps of a run from scratch, one row [step, G's, D's] each.

    On another processor they differ by rounding alone. Where they differ by more, the numbers that the
    run draws at random are others: then what was trained before cannot be repeated, and must be made anew.
    """
    state, rows = TrainState(config), []
    for step in range(1, FIRST_STEPS + 1):
        for progress in train(replace(config, steps=step, seconds=None), images, state):
            rows.append([step, f"{progress.loss_g:.6f}", f"{progress.loss_d:.6f}"])
    return rows


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as CSV. The file appears complete or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    write_bytes(path, text.getvalue().encode())


def _read_rows(out: Path) -> list[list[float]]:
    """The rows of a folder's history; none where it has no history yet."""
    if not (out / "history.csv").exists():
        return []
    return [[row[name] for name in COLUMNS] for row in read_history(out)]


@torch.inference_mode()
def draw_sheet(generator: Generator) -> torch.Tensor:
    """Seeds 0 to 63 as drawn by `generator` on any device: uint8, 224 x 224, 8 x 8 drawings."""
    weight = next(generator.parameters())
    return sheet(to_pixels(generator(noises(0, SHOWN, generator.latent_dim).to(weight.device))))


def log_line(epoch: int, epochs: int, means: Averages) -> str:
    """What the lecture prints after each epoch, in one line."""
    return f"Epoch {epoch} of {epochs}  G {means.loss_g:.4f}  D {means.loss_d:.4f}"


def make_judge(out: Path, epochs: int, seed: int) -> None:
    """Train the judge, write it to `out`/judge.safetensors, and print how good it is."""
    images, labels = load_mnist()
    with tqdm(total=epochs * (len(images) // 256), unit="batch") as bar:
        for judge, loss in train_judge(images, labels, epochs, seed):
            bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
            bar.update()
    write_tensors(out / "judge.safetensors", judge.state_dict(), {"architecture": "judge", "dataset": "mnist"})
    print("\n".join(examine_judge(Examiner.open(out / "judge.safetensors"))))


def examine_judge(examiner: Examiner) -> list[str]:
    """The judge's figures on MNIST's test images and on 1,000 of every kind of image that is not a digit."""
    images, labels = load_mnist(train=False)
    digits = normalise(images)[:, None]
    _, answers = examiner.examine(digits)
    right = (answers[:, :NOT_A_DIGIT].argmax(1) == labels).float().mean()
    rejected = (answers.argmax(1) == NOT_A_DIGIT).float().mean()
    lines = [f"test digits: {right:.2%} right among the ten, {rejected:.2%} rejected"]
    for kind, make in NOT_DIGITS.items():
        _, answers = examiner.examine(make(digits[torch.randperm(len(digits))], 1000))
        lines.append(f"{kind}: {(answers.argmax(1) != NOT_A_DIGIT).float().mean():.2%} accepted as a digit")
    return lines


def write_reals(out: Path) -> None:
    """Write how the judge sees MNIST's test images to `out`/reals.safetensors, for Frechet distances in the browser.

    `mean` (128) and `covariance` (128 x 128) of its features.
    """
    features, _ = Examiner.open(JUDGE).examine(normalise(load_mnist(train=False)[0])[:, None])
    found = {"mean": features.double().mean(0), "covariance": features.double().T.cov()}
    write_tensors(out / "reals.safetensors", {name: value.float() for name, value in found.items()}, {})


def write_halves(folder: Path) -> None:
    """Write both networks of an epoch's folder once more as half floats, packed: for browsers to draw with.

    They are less than half the bytes, and the drawings differ by less than half a grey level.
    """
    for role in ROLES:
        full = load_network(folder / f"{role}.safetensors", role)
        halves = {name: value.half() for name, value in full.network.state_dict().items()}
        packed = gzip.compress(tensors_bytes(halves, full.metadata), mtime=0)
        write_bytes(folder / f"{role}.half.safetensors.gz", packed)


def read_settings(path: Path) -> dict[str, Any]:
    """The settings of a file that the page saved, with its budget. Raises OSError and ConfigError."""
    return asdict(TrainConfig.from_json(path.read_bytes()))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(prog="python -m playground.pretrain", description=__doc__.splitlines()[0])
    parser.add_argument(
        "what", nargs="?", choices=("gan", "judge", "reals", "halves"), default="gan", help="default gan"
    )
    parser.add_argument("--settings", type=Path, help="settings (.json) that the page has saved, with their budget")
    parser.add_argument("--epochs", type=int, help="default 200; the judge 20")
    parser.add_argument("--seed", type=int, help="default 0")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), help="default auto")
    parser.add_argument("--precision", choices=("fp32", "bf16", "auto"), help="default fp32")
    parser.add_argument("--out", type=Path, default=PROJECT / "runs" / "lecture", help="folder (default runs/lecture)")
    parser.add_argument("--resume", action="store_true", help="go on where the run in that folder was stopped")
    return parser.parse_args(arguments)


def make(options: argparse.Namespace, team: Team) -> None:
    """Make what the command line asks for. Raises ValueError where a team shall make what is one process's work."""
    if options.what != "gan" and team.size > 1:
        raise ValueError(
            f"{options.what}: allowed with {team.size} processes is the run alone; start this without torchrun"
        )
    if options.what == "judge":
        make_judge(options.out, options.epochs or 20, options.seed or 0)
    elif options.what == "reals":
        write_reals(options.out)
    elif options.what == "halves":
        for folder in sorted(options.out.glob("epoch-*")):
            write_halves(folder)
    else:
        names = ("epochs", "seed", "device", "precision")
        given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
        if options.settings:
            budget = {"seconds": None, "steps": None} if options.epochs else {}  # the command line's epochs count
            given = {**read_settings(options.settings), **budget, **given}
        pretrain(options.out, given, options.resume, team)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    options = parse(arguments)
    try:
        with join() as team:
            make(options, team)
    except KeyboardInterrupt:
        print("stopped; --resume goes on from the last finished epoch", file=sys.stderr)
        return 130
    except (ConfigError, CheckpointError, DataError, Diverged, OSError, SafetensorError, TeamLost, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
