"""What the page does without until somebody trains."""

import subprocess
import sys

import pytest
import torch
from runs import PATIENCE
from torchvision.utils import make_grid

from playground.data import PROJECT
from playground.images import sheet

LATER = ("torchvision", "torchmetrics", "torch._dynamo")  # together two seconds and 200 MB
PROGRAM = f"""
import sys
from playground.live.run import read_libraries
from playground.ui.page import build_page
build_page()
print([name for name in {LATER} if name in sys.modules])
read_libraries()
print([name for name in {LATER} if name in sys.modules])
"""


def test_what_only_training_needs_is_read_after_the_page():
    answer = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == ["[]", str(list(LATER))]


@pytest.mark.parametrize("columns", [1, 4, 8, 10])
@pytest.mark.parametrize("count", [1, 3, 8, 9, 64])
def test_a_sheet_is_torchvisions_grid(count, columns):
    pixels = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8)
    assert torch.equal(sheet(pixels, columns), make_grid(pixels[:, None], nrow=columns, padding=0)[0])


SETTLED = """
import gc, time
import app
from playground.limits import Limits
app.prepare_training(Limits(training=False))
while gc.get_freeze_count() < 100_000: time.sleep(0.01)
gc.collect()
print(len(gc.get_objects(generation=2)))
"""


def test_python_looks_for_garbage_only_among_what_came_after_the_start():
    done = subprocess.run(
        [sys.executable, "-c", SETTLED], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 10_000  # of more than 300,000 objects
