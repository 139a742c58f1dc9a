"""Which type `auto` computes in: what the processor has, and what is quicker there."""

import pytest
import torch

from playground import devices


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
