"""Which type `auto` computes in: what the processor has, and what is quicker there."""

import os
import platform
import subprocess
import sys

import pytest
import torch

from playground import devices
from playground.data import PROJECT


@pytest.mark.parametrize(("flags", "bf16", "fp32", "wanted"), [
    ("avx512f avx512_bf16", 1.0, 2.0, torch.bfloat16), ("avx512f avx512_bf16", 2.0, 1.0, torch.float32),
    ("avx512f", 1.0, 2.0, torch.float32),
])  # fmt: skip
def test_auto_is_bf16_only_where_it_pays(monkeypatch, tmp_path, flags, bf16, fp32, wanted):
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    monkeypatch.setattr(devices, "CPU_FLAGS", tmp_path / "cpuinfo")
    monkeypatch.setattr(devices, "_quickest_product", {torch.bfloat16: bf16, torch.float32: fp32}.get)
    devices._bf16_pays.cache_clear()
    assert devices.pick_dtype("auto", torch.device("cpu")) is wanted
    devices._bf16_pays.cache_clear()


def test_a_named_precision_is_taken_at_its_word():
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        assert devices.pick_dtype(name, torch.device("cpu")) is dtype


def test_a_product_takes_some_time():
    assert devices._quickest_product(torch.float32) > 0


FREED = """
import threading
import torch
from playground.devices import free_memory, keep_memory, memory_used
from playground.live.line import Line

def work():
    both.wait()
    keep_memory()
    held = [torch.ones(1 << 18) for _ in range(50)]  # 50 MiB, in pieces that keep_memory lets the heap hold
    both.wait()
    del held

Line()
torch.ones(1 << 18)
both = threading.Barrier(2)
before = memory_used()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
left = memory_used()
free_memory()
print(left - before, memory_used() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps, and gives back, like that")
def test_what_runs_have_left_goes_back_to_the_system():
    processor = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    made = subprocess.run(
        [sys.executable, "-c", FREED], cwd=PROJECT, env=processor, capture_output=True, text=True, check=True
    )
    left, still = map(int, made.stdout.split())
    assert left > 80 << 20 > 20 << 20 > still
