"""What lies in checkpoints/ is one real run, whole, and as the Contract says."""

import csv
import gzip
import shutil
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from playground.checkpoints import ROLES, CheckpointError, load_network
from playground.data import PROJECT, load_mnist
from playground.latent import noise, noises, principal_directions
from playground.pretrain import COLUMNS, draw_sheet, first_losses, write_halves
from playground.shipped import CHECKPOINTS, EPOCHS, DrawRequest, RouteRequest, Shipped, WalkRequest
from playground.training import TrainConfig


@pytest.fixture(scope="module")
def shipped():
    return Shipped()


@pytest.fixture(scope="module")
def history():
    with (CHECKPOINTS / "history.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return [{name: float(value) for name, value in row.items()} for row in reader]


def test_history_is_the_whole_run(history):
    assert [row["epoch"] for row in history] == list(range(200))
    for row in history:
        assert 0 < row["d_fake"] < row["d_real"] < 1 and row["loss_g"] > 0 and row["loss_d"] > 0
        assert 0 <= row["recognisable"] <= 1 and 0 <= row["digits"] <= 10 and 0 <= row["entropy"] <= 1
        assert row["frechet"] > 0 and row["seconds"] > 0.5


def test_the_run_looks_like_the_lectures(history):
    assert history[0]["loss_g"] == pytest.approx(1.29, abs=0.15)
    assert history[0]["loss_d"] == pytest.approx(0.94, abs=0.1)
    assert max(row["loss_g"] for row in history[:10]) > 3
    last = history[-6:]
    assert np.mean([row["loss_g"] for row in last]) == pytest.approx(1.27, abs=0.12)
    assert np.mean([row["loss_d"] for row in last]) == pytest.approx(1.08, abs=0.08)
    assert history[199]["frechet"] < history[100]["frechet"] < history[0]["frechet"]


@pytest.mark.parametrize("epoch", EPOCHS)
@pytest.mark.parametrize("role", ["generator", "discriminator"])
def test_the_networks_say_where_they_come_from(epoch, role):
    found = load_network(CHECKPOINTS / f"epoch-{epoch:03d}" / f"{role}.safetensors", role)
    assert {name: found.metadata[name] for name in ("architecture", "role", "dataset", "epoch", "latent_dim")} == {
        "architecture": "mlp", "role": role, "dataset": "mnist", "epoch": str(epoch), "latent_dim": "128",
    }  # fmt: skip
    assert found.config == TrainConfig(seed=0)


@pytest.mark.parametrize("epoch", EPOCHS)
def test_the_sheets_were_drawn_by_the_networks(shipped, epoch):
    image = Image.open(CHECKPOINTS / "drawings" / f"epoch-{epoch:03d}.png")
    assert image.size == (224, 224) and image.mode == "L"
    drawn = draw_sheet(shipped.network(epoch, "generator")).numpy().astype(int)
    assert np.abs(drawn - np.asarray(image)).max() <= 1  # another machine rounds differently


def test_every_epoch_has_its_sheet():
    names = [path.name for path in sorted((CHECKPOINTS / "drawings").iterdir())]
    assert names == [f"epoch-{epoch:03d}.png" for epoch in range(200)]


def test_directions_are_the_last_generators(shipped):
    weight = shipped.network(199, "generator").main[0].weight
    assert torch.allclose(shipped.directions, principal_directions(weight), atol=1e-4)
    assert torch.allclose(shipped.directions @ shipped.directions.T, torch.eye(8), atol=1e-5)
    strongest = shipped.directions.gather(1, shipped.directions.abs().argmax(1, keepdim=True))
    assert (strongest > 0).all()


def unpacked(folder, role):
    """The tensors of a network in half floats."""
    return safetensors.torch.load(gzip.decompress((folder / f"{role}.half.safetensors.gz").read_bytes()))


@pytest.mark.parametrize("epoch", EPOCHS)
def test_what_a_browser_draws_with_is_the_same_network_in_half_floats(shipped, epoch, record_property):
    folder, drawn = CHECKPOINTS / f"epoch-{epoch:03d}", {}
    for role in ROLES:
        full = load_network(folder / f"{role}.safetensors")
        halves = unpacked(folder, role)
        assert all(torch.equal(halves[name], value.half()) for name, value in full.network.state_dict().items())
        drawn[role] = deepcopy(full.network)
        drawn[role].load_state_dict({name: value.float() for name, value in halves.items()})
    latents = noises(0, 256)
    with torch.inference_mode():
        exact, near = shipped.network(epoch, "generator")(latents), drawn["generator"](latents)
        judged = drawn["discriminator"](near)[:, 0] - shipped.verdicts(epoch, latents)
    record_property(
        "largest difference of a pixel, of a verdict", [x.abs().max().item() for x in (exact - near, judged)]
    )
    assert (exact - near).abs().max() < 1 / 255  # half a grey level, where -1 to 1 are 255 of them
    assert judged.abs().max() < 0.001


def test_halves_are_made_of_the_networks_that_lie_beside_them(tmp_path):
    for role in ROLES:
        shutil.copy(CHECKPOINTS / "epoch-199" / f"{role}.safetensors", tmp_path)
    write_halves(tmp_path)
    for role in ROLES:
        made, shipped_ones = unpacked(tmp_path, role), unpacked(CHECKPOINTS / "epoch-199", role)
        assert made.keys() == shipped_ones.keys() and all(torch.equal(made[name], shipped_ones[name]) for name in made)


def test_latents_of_a_request(shipped):
    assert torch.equal(shipped.latents(DrawRequest(seed=5, count=3)), noises(5, 3))
    assert shipped.latents(DrawRequest(temperature=0)).abs().max() == 0
    moved = shipped.latents(DrawRequest(seed=5, temperature=0.5, sliders=(0, 2, *[0] * 6)))[0]
    assert torch.allclose(moved, 0.5 * (noise(5) + 2 * shipped.directions[1]), atol=1e-6)
    walk = shipped.walk(WalkRequest(seed_a=1, seed_b=2, frames=5))
    assert torch.equal(walk[-1], noise(2)) and len(walk) == 5
    assert torch.equal(shipped.walk(RouteRequest(seeds=(1, 2, 3), frames=5))[2], noise(2))


def test_verdicts_are_the_discriminators_own(shipped):
    latents = noises(0, 4)
    generator, discriminator = (shipped.network(100, role) for role in ("generator", "discriminator"))
    assert not discriminator.training
    assert torch.equal(shipped.verdicts(100, latents), discriminator(generator(latents))[:, 0])


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"epoch-000/generator\.safetensors"):
        Shipped(tmp_path).network(0, "generator")
    with pytest.raises(CheckpointError, match="directions"):
        _ = Shipped(tmp_path).directions


def test_no_file_is_too_large_for_a_space():
    for folder in ("checkpoints", "data"):
        for path in (PROJECT / folder).rglob("*"):
            assert path.name == "state.safetensors" or path.stat().st_size < 10_000_000, path


def test_the_shipped_run_still_begins_as_it_did():
    """Fails where a change draws other random numbers: the run must be made anew then, with all that shows it."""
    config = load_network(CHECKPOINTS / "epoch-199" / "generator.safetensors").config
    with (CHECKPOINTS / "first-steps.csv").open(encoding="utf-8", newline="") as file:
        shipped = [[float(number) for number in row] for row in list(csv.reader(file))[1:]]
    made = [[float(number) for number in row] for row in first_losses(replace(config, device="cpu"), load_mnist()[0])]
    assert len(made) == 20 and made == [pytest.approx(row, abs=1e-3) for row in shipped]
