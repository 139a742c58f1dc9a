"""The three endpoints of the Contract, as gradio_client and bare HTTP see them."""

import json
import struct

import numpy as np
import pytest
import torch
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from playground.checkpoints import load_network
from playground.shipped import CHECKPOINTS
from playground.ui.tabs.train.controls import read_config


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def pixels(path) -> np.ndarray:
    image = Image.open(path)
    assert (image.format, image.mode) == ("PNG", "L")
    return np.asarray(image).astype(int)


def numpy_drawing(epoch: int, seed: int, temperature: float, sliders: list[float]) -> np.ndarray:
    """G in NumPy, from the bytes of the file alone."""
    content = (CHECKPOINTS / f"epoch-{epoch:03d}" / "generator.safetensors").read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])

    def tensor(name):
        start, end = header[name]["data_offsets"]
        return np.frombuffer(content[8 + length + start : 8 + length + end], "<f4").reshape(header[name]["shape"])

    z = torch.randn(128, generator=torch.Generator().manual_seed(seed)).numpy().astype(float)
    last = load_network(CHECKPOINTS / "epoch-199" / "generator.safetensors").network.main[0].weight.double().numpy()
    directions = np.linalg.svd(last)[2][:8]
    directions *= np.sign(directions[range(8), np.abs(directions).argmax(1)])[:, None]
    x = temperature * (z + np.array(sliders) @ directions)
    for layer in (0, 2, 4, 6):
        x = tensor(f"main.{layer}.weight").astype(float) @ x + tensor(f"main.{layer}.bias")
        x = np.where(x > 0, x, 0.2 * x) if layer < 6 else np.tanh(x)
    return np.round((x.reshape(28, 28) + 1) * 127.5)


@pytest.mark.parametrize(("epoch", "seed", "temperature", "sliders"), [
    (0, 7, 1.0, [0] * 8), (100, 2**31 - 1, 0.5, [0] * 8), (199, 42, 1.3, [1, -2, 0.5, 0, 0, 3, -10, 10]),
])  # fmt: skip
def test_generate_is_the_file_drawn_in_numpy(client, epoch, seed, temperature, sliders):
    files = client.predict(epoch, seed, 1, temperature, sliders, api_name="/generate")
    assert len(files) == 1
    assert np.abs(pixels(files[0]) - numpy_drawing(epoch, seed, temperature, sliders)).max() <= 1


def test_generate_counts_seeds_up(client):
    files = client.predict(epoch=199, seed=10, count=3, api_name="/generate")
    singles = [client.predict(epoch=199, seed=10 + i, api_name="/generate")[0] for i in range(3)]
    for several, single in zip(files, singles, strict=True):
        assert np.abs(pixels(several) - pixels(single)).max() <= 1


@pytest.mark.parametrize("path", ["slerp", "lerp"])
def test_interpolate_begins_and_ends_at_the_seeds_own_drawings(client, path):
    frames, gif = client.predict(100, 3, 5, 6, path, api_name="/interpolate")
    assert len(frames) == 6
    for frame, seed in ((frames[0], 3), (frames[-1], 5)):
        single = client.predict(epoch=100, seed=seed, api_name="/generate")[0]
        assert np.abs(pixels(frame) - pixels(single)).max() <= 1
    film = Image.open(gif)
    assert film.format == "GIF" and film.n_frames == 10 and film.size == (224, 224)


@pytest.mark.parametrize(("endpoint", "asked", "field"), [
    ("/generate", {"seed": -1}, "seed"), ("/generate", {"seed": 10**12}, "seed"), ("/generate", {"epoch": 7}, "epoch"),
    ("/generate", {"temperature": "NaN"}, "temperature"), ("/generate", {"temperature": 9}, "temperature"),
    ("/generate", {"count": 0}, "count"), ("/generate", {"sliders": [1]}, "sliders"),
    ("/generate", {"seed": None}, "seed"),
    ("/interpolate", {"frames": 33}, "frames"), ("/interpolate", {"path": "zigzag"}, "path"),
    ("/train", {"settings": {"batch_size": 0}}, "batch_size"), ("/train", {"settings": {"k": 1000}}, "k"),
    ("/train", {"settings": {"lr_g": 0}}, "lr_g"), ("/train", {"settings": {"seconds": 1e6}}, "seconds"),
    ("/train", {"settings": {"colour": "red"}}, "colour"),
    ("/train", {"settings": {"a\nb": 1}}, "a"),
    ("/train", {"settings": [1]}, "settings"),
])  # fmt: skip
def test_bad_input_is_one_sentence_and_no_traceback(client, capfd, endpoint, asked, field):
    with pytest.raises(AppError, match=rf"^{field}.*: got .*allowed is") as caught:
        client.predict(**asked, api_name=endpoint)
    assert "\n" not in str(caught.value)
    captured = capfd.readouterr()
    assert "Traceback" not in captured.out + captured.err
    assert client.predict(api_name="/generate")  # nothing broke


def test_train_streams_its_run_and_gives_the_generator(client):
    updates = list(client.submit({"steps": 6, "batch_size": 64, "seed": 5}, api_name="/train"))
    last = updates[-1]
    assert (last["phase"], last["step"], last["epoch"]) == ("finished", 6, 0)
    assert {"loss_g", "loss_d", "d_real", "d_fake", "images_per_second", "place"} <= last.keys()
    assert all("generator" not in update for update in updates[:-1])
    found = load_network(last["generator"], "generator")
    assert (found.config.seed, found.config.batch_size, found.epoch) == (5, 64, 0)


def test_only_the_contracts_endpoints_are_public(client):
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/generate", "/interpolate", "/train",
    }  # fmt: skip


def test_the_pages_settings_become_a_config():
    chosen = {"budget": "seconds", "amount": 30, "lr_g": 0.001, "k": 2}
    config = read_config(chosen)
    assert (config.seconds, config.lr_g, config.k) == (30, 0.001, 2)
    assert read_config({"budget": "epochs", "amount": 3}).epochs == 3
    for budget in ("epochs", "seconds"):
        with pytest.raises(ValueError, match=budget):
            read_config({"budget": budget, "amount": None})
