import json
import math

import pytest

from playground.shipped import DrawRequest, RouteRequest, WalkRequest
from playground.training import ConfigError, TrainConfig


def test_the_defaults_are_the_lectures():
    config = TrainConfig()
    assert (config.batch_size, config.epochs, config.latent_dim, config.k) == (512, 200, 128, 1)
    assert (config.lr_g, config.lr_d, config.beta1, config.beta2) == (2e-4, 2e-4, 0.9, 0.999)


@pytest.mark.parametrize(("field", "value"), [
    ("batch_size", 0), ("batch_size", 512.5), ("batch_size", "512"), ("batch_size", True), ("batch_size", None),
    ("epochs", -1), ("epochs", 10**400), ("steps", 0), ("seconds", math.inf), ("latent_dim", 0), ("k", 1000),
    ("lr_g", 0), ("lr_g", math.nan), ("lr_d", -1e-4), ("lr_d", "fast"), ("beta1", 1), ("beta2", 1.5), ("seed", -1),
    ("seed", 2**31), ("architecture", "cnn"), ("loss", "wasserstein"), ("device", "tpu"), ("precision", "fp8"),
    ("widths_g", ()), ("widths_g", [0]), ("widths_d", "abc"), ("widths_d", [2.5]), ("widths_d", [8] * 9),
])  # fmt: skip
def test_a_bad_value_is_one_sentence_that_names_field_value_and_range(field, value):
    with pytest.raises(ValueError, match=f"^{field}: got .*, allowed is ") as caught:
        TrainConfig(**{field: value})
    assert isinstance(caught.value, ConfigError) and caught.value.field == field
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize(("kind", "field", "value"), [
    (DrawRequest, "epoch", 50), (DrawRequest, "seed", 2**31), (DrawRequest, "count", 65),
    (DrawRequest, "temperature", 2.1), (DrawRequest, "temperature", math.nan), (DrawRequest, "sliders", [0] * 7),
    (DrawRequest, "sliders", [math.nan] * 8), (DrawRequest, "epoch", False), (WalkRequest, "frames", 1),
    (WalkRequest, "path", "zigzag"), (RouteRequest, "seeds", [1]),
    (RouteRequest, "seeds", [1, 2, 3, 4, 5]), (RouteRequest, "seeds", [1, 1000]), (RouteRequest, "frames", 98),
])  # fmt: skip
def test_requests_check_themselves_too(kind, field, value):
    with pytest.raises(ConfigError, match=f"^{field}: got"):
        kind(**{field: value})


def test_whole_numbers_may_come_as_floats_from_a_page():
    config = TrainConfig(batch_size=64.0)
    assert config.batch_size == 64 and type(config.batch_size) is int


def test_json_round_trip_and_unknown_names():
    config = TrainConfig(widths_g=(8, 4), lr_g=1e-3)
    assert TrainConfig.from_mapping(json.loads(config.to_json())) == config
    with pytest.raises(ConfigError, match=r"^learning_rate: got 1"):
        TrainConfig.from_mapping({"learning_rate": 1})
    with pytest.raises(ConfigError, match="JSON object"):
        TrainConfig.from_mapping([1])
