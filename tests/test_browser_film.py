"""The film of a run on the own device is the one that the server would have made."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from playground.config import TrainConfig
from playground.images import png, sheet, timelapse
from playground.live.record import Record
from playground.live.views import Look

MAKE = """async ({ films }) => {
  const { makeFilm, packSheet } = await import(at("browser", "live/film.js"));
  const sheets = [];
  for (const film of films) sheets.push(await packSheet(Float32Array.from(film)));
  const text = Array.from(await makeFilm(sheets), (byte) => String.fromCharCode(byte)).join("");
  return { gif: btoa(text), packed: sheets.map(({ length }) => length) };
}"""


def frames(gif: bytes) -> tuple[list[np.ndarray], list[int], int]:
    """Its pictures as greys, how long each stands in milliseconds, and how often all are shown (0: for ever)."""
    film, pictures, durations = Image.open(io.BytesIO(gif)), [], []
    for place in range(film.n_frames):
        film.seek(place)
        pictures.append(np.asarray(film.convert("L")))
        durations.append(film.info["duration"])
    return pictures, durations, film.info["loop"]


@pytest.mark.parametrize("noisy", [False, True], ids=["digits", "noise, which fills the dictionary again and again"])
def test_a_film_is_the_servers(js, noisy):
    generator = np.random.default_rng(0)
    greys = generator.integers(0, 256, (3, 64, 28, 28), dtype=np.uint8)
    if not noisy:
        greys[:, :, :20] = 0
    films = [(one.reshape(-1) / 127.5 - 1).tolist() for one in greys]
    answer = js(MAKE, {"films": films})
    ours = frames(base64.b64decode(answer["gif"]))
    theirs = frames(timelapse([png(sheet(torch.tensor(one), columns=8)) for one in greys]))
    for mine, other in zip(ours[0], theirs[0], strict=True):
        assert (mine == other).all()
    assert ours[1:] == theirs[1:]


SEE = """async ({ looks }) => {
  const { Record } = await import(at("browser", "live/record.js"));
  const record = new Record("A", {});
  for (let step = 0; step < looks; step++) record.see({ step }, new Uint8Array([step % 256]));
  return { steps: record.film.map(([step]) => step), last: record.look.step };
}"""


@pytest.mark.parametrize("looks", [1, 119, 120, 1000])
def test_a_film_stays_as_short_as_the_servers(js, looks):
    record = Record("A", TrainConfig())
    for step in range(looks):
        record.see(Look(step, b"", (0.5,) * 64, (1,) * 20, (2,) * 20, b"", 0.25))
    assert js(SEE, {"looks": looks}) == {"steps": [step for step, _ in record.film], "last": looks - 1}
