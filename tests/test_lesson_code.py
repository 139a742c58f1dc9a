"""Page 6 of the lesson: the lecture's program runs as it is shown, and leaves the page as a notebook and a script."""

import ast
import json
import math
import os
import re
import subprocess
import sys

import pytest
from PIL import Image
from playwright.sync_api import expect
from visits import Visit

from models.gan import Discriminator, Generator
from playground.config import TrainConfig
from playground.data import PROJECT, load_mnist
from playground.lessons.code import PROGRAM, describe_code, read_cells, read_settings
from playground.ui.texts import LANGUAGES, say, texts

CELLS = read_cells()
FACTS = describe_code(texts())
IMPORTED = "imageio tqdm torch nn optim Dataset DataLoader plt make_grid save_image datasets transforms"  # code 13-22


def same_code(one: str, other: str) -> bool:
    return ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))


def code_of(notebook) -> str:
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")


def test_the_cells_are_the_lectures_codes_in_order():
    assert [cell.number for cell in CELLS] == [f"13-{n}" for n in range(22, 35)]
    whole = PROGRAM.read_text(encoding="utf-8").split('"""', 2)[2]
    assert same_code(whole, "\n".join(cell.code for cell in CELLS))


def test_settings_and_networks_are_the_lectures():
    found, lecture = read_settings(CELLS), TrainConfig()
    assert found["images"] == len(load_mnist()[0])
    names = {"batch_size": "batch_size", "epochs": "epochs", "latent_dim": "latent_dim", "k": "k"}
    assert {name: found[name] for name in names} == {name: getattr(lecture, name) for name in names}
    assert FACTS["batches"] == math.ceil(found["images"] / found["batch_size"]) == FACTS["last"] + 1
    scope = {}
    exec("from torch import nn\n" + "\n".join(c.code for c in CELLS if c.name in ("generator", "discriminator")), scope)
    for made, ours in ((scope["Generator"](128), Generator()), (scope["Discriminator"](), Discriminator())):
        assert str(made.main) == str(ours.main)
        made.load_state_dict(ours.state_dict())  # the playground's weights fit


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_is_valid_and_holds_the_program(language):
    """nbformat 4.5: its schema demands exactly these keys."""
    notebook = json.loads(json.dumps(FACTS["notebooks"][language]))
    assert set(notebook) == {"nbformat", "nbformat_minor", "metadata", "cells"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert set(notebook["metadata"]["kernelspec"]) >= {"name", "display_name"}
    keys = {"markdown": {"cell_type", "id", "metadata", "source"}}
    keys["code"] = keys["markdown"] | {"execution_count", "outputs"}
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids) == 1 + 2 * len(CELLS) and all(re.fullmatch(r"[\w-]{1,64}", one) for one in ids)
    for cell in notebook["cells"]:
        assert set(cell) == keys[cell["cell_type"]] and isinstance(cell["source"], str)
    for number, name, code in CELLS:
        about, shown = (next(c for c in notebook["cells"] if c["id"] == one) for one in (f"about-{name}", name))
        assert f"{number} {say(language, f'learn.code_{name}_title')}" in about["source"] and shown["source"] == code


@pytest.mark.slow
def test_the_notebooks_code_runs_for_an_epoch_on_the_processor(tmp_path):
    code = code_of(FACTS["notebooks"]["en"])
    folder = f"Path({tmp_path.as_posix()!r})"
    for line, small in (("epochs = 200", "1"), ("images = 60_000", "520"), ('folder = Path("lecture-gan")', folder)):
        assert code.count(f"\n{line}\n") == 1
        code = code.replace(line, f"{line.split()[0]} = {small}")
    code += "\nassert len(loader) == 2 and len(losses_g) == len(losses_d) == 1\n"
    quiet = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=quiet, capture_output=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    assert "Generator(" in ran.stdout and "Epoch 0 of 1" in ran.stdout
    losses = re.search(r"Generator loss: ([\d.]{10}), Discriminator loss: ([\d.]{10})$", ran.stdout, re.MULTILINE)
    assert 0.3 < float(losses[1]) < 3 and 0.3 < float(losses[2]) < 3
    assert Image.open(tmp_path / "epoch-000.png").size[0] == 8 * 30 + 2  # eight drawings a row
    assert len(list(tmp_path.glob("drawing-*.png"))) == 10 and (tmp_path / "losses.html").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_page_shows_copies_and_saves(browser, server, language):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=6", language, permissions=["clipboard-read", "clipboard-write"])
    cells = visit.page.locator(".page-code .cell")
    expect(cells).to_have_count(len(CELLS))
    assert cells.locator("pre:not(.lines)").all_inner_texts() == [cell.code for cell in CELLS]
    cells.nth(4).locator(".links").get_by_role("button").click()
    expect(cells.nth(4).get_by_role("status")).to_have_text(say(language, "learn.code_copied"))
    assert visit.page.evaluate("() => navigator.clipboard.readText()") == CELLS[4].code + "\n"
    with visit.page.expect_download() as caught:
        visit.page.locator("#save-notebook").click()
    saved = json.loads(caught.value.path().read_text(encoding="utf-8"))
    assert saved == FACTS["notebooks"][language] and caught.value.suggested_filename == "lecture-gan.ipynb"
    with visit.page.expect_download() as caught:
        visit.page.locator("#save-script").click()
    script = caught.value.path().read_text(encoding="utf-8")
    assert same_code(script, code_of(saved)) and say(language, "learn.code_data_text") in script
    assert caught.value.suggested_filename == "lecture-gan.py"
    assert visit.said == []
    visit.close()


SEEN = {"imports": "train", "settings": "train", "data": 3, "generator": 2, "discriminator": 2, "networks": 2,
        "optimizers": 5, "saving": "epochs", "discriminator_turn": 5, "generator_turn": 5, "training": "train",
        "losses": 7, "drawings": "explore"}  # fmt: skip


def test_every_cell_leads_to_where_it_is_seen(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=6")
    for name, place in SEEN.items():
        visit.page.locator(f".page-code .{name} > .links a.jump").click()
        assert visit.state("tab" if isinstance(place, str) else "lesson") == place
        visit.page.evaluate("() => window.ganPage.set({ tab: 'learn', lesson: 6 })")
    visit.page.locator(".page-code > .do a.jump").click()
    assert (visit.state("tab"), visit.state("moment")) == ("epochs", 2)
    visit.close()


def test_the_misprints_are_what_the_page_says(browser, server):
    visit = Visit(browser, f"{server}/?tab=learn&lesson=6")
    lines = {}
    expect(visit.page.locator(".page-code .slip").last).to_be_attached()
    names = [slip.get_attribute("id").removeprefix("slip-") for slip in visit.page.locator(".page-code .slip").all()]
    prefix = "learn.code_slip_"
    assert {prefix + name for name in names} == {key for key in texts()["en"] if key.startswith(prefix)}
    for name in names:
        slip = visit.page.locator(f"#slip-{name}")
        expect(slip.locator("p")).to_be_hidden()
        slip.locator("summary").click()
        expect(slip.locator("p")).to_be_visible()
        lines[name] = slip.locator("code").inner_text()
    names = [node.id for node in ast.walk(ast.parse(lines["imports"])) if isinstance(node, ast.Name)]
    assert {"matplotlib", "np"} == set(names) - set(IMPORTED.split()) - {"fake_images_img", "fake_images", "i"}
    assert lines["idxh"].endswith("idxH") and lines["average"] == "epoch_loss_g = loss_g / idx"
    with pytest.raises(SyntaxError):
        ast.parse(lines["bracket"])
    ast.parse(lines["bracket"][:-1])
    told = {"images": "60,000", "batch_size": 512, "batches": 118, "last": 117, "percent": round(100 / 117, 1)}
    expect(visit.page.locator("#slip-average p")).to_have_text(say("en", "learn.code_slip_average", **told))
    visit.close()
