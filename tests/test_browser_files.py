"""What a visitor saves of a run on the own device is what the server would have saved."""

import base64
import json
from dataclasses import replace

import pytest
import torch

from models.gan import Discriminator, Generator
from playground.checkpoints import load_network
from playground.config import TrainConfig
from playground.live.record import Curve, Reading, Record
from playground.ui.tabs.train.files import losses_file, settings_file

SMALL = TrainConfig(batch_size=32, latent_dim=16, widths_g=(40, 60), widths_d=(60, 40), steps=6, device="cpu")
SAVE = """async ({ config, readings }) => {
  const load = (name) => import(at("browser", `${name}.js`));
  const [{ TrainState }, { train }] = await Promise.all(["engine/state", "engine/training"].map(load));
  const [files, { Record }, { Forger }] = await Promise.all(["live/files", "live/record", "live/views"].map(load));
  const module = await WebAssembly.compile(await (await fetch(at("browser", "engine/tensor.wasm"))).arrayBuffer());
  const state = new TrainState(config, module);
  const images = { count: 100, pixels: Uint8Array.from({ length: 100 * 784 }, (_, i) => (i * 7919) % 256) };
  for await (const _ of train(state, images));
  const record = Object.assign(new Record("A", config), { step: 6 });
  for (const reading of readings) record.curve.add(reading);
  const latents = new Float32Array(4 * 16).map((_, i) => Math.sin(i));
  const made = [files.networkFile(state, "generator"), files.networkFile(state, "discriminator"),
    files.lossesFile(record), files.settingsFile(record)];
  const text = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(""));
  const said = await Promise.all(made.map(async ({ content, name }) =>
    ({ name, content: text(await new Blob([content]).arrayBuffer()) })));
  return { files: said, latents: Array.from(latents), drawn: Array.from(await new Forger(state).draw(state, latents)) };
}"""


@pytest.mark.parametrize("changes", [{}, {"norm": "batch", "average": 0.9}], ids=["lecture's", "modern"])
def test_saved_files_are_the_servers(js, tmp_path, changes):
    config = replace(SMALL, **changes)
    readings = [[step, 0.1 * step, 0.2, 0.5, 0.4] for step in range(1, 7)]
    answer = js(SAVE, {"config": json.loads(config.to_json()), "readings": readings})
    saved = {one["name"]: base64.b64decode(one["content"]) for one in answer["files"]}
    record = Record("A", config, step=6, curve=Curve())
    for reading in readings:
        record.curve.add(Reading(*reading))
    for content, name in (losses_file(record), settings_file(record)):
        assert (json.loads(saved[name]) == json.loads(content)) if name.endswith("json") else saved[name] == content
    assert TrainConfig.from_json(saved["settings-run-A.json"]) == config
    own = {"generator": Generator(16, (40, 60)), "discriminator": Discriminator((60, 40))}
    for role, network in own.items():
        path = tmp_path / f"{role}-step-6.safetensors"
        path.write_bytes(saved[path.name])
        found = load_network(path, role)  # our validator
        network.load_state_dict(found.network.state_dict())  # the lecture's own classes
        assert found.config == config
    with torch.inference_mode():
        drawn = own["generator"](torch.tensor(answer["latents"]).view(4, 16)).flatten()
    assert torch.allclose(drawn, torch.tensor(answer["drawn"]), atol=1e-5)
