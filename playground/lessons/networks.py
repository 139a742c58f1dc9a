"""The two networks, to be drawn: their layers with widths and parameters, read from the loaded modules."""

from typing import Any

from torch import nn

from models import Network
from playground.shipped import EPOCHS, Shipped


def describe_networks(shipped: Shipped) -> dict[str, Any]:
    """Both networks of the last epoch by role, as `describe` gives them (lecture, codes 13-25 to 13-27).

    Raises CheckpointError.
    """
    return {role: describe(shipped.network(EPOCHS[-1], role)) for role in ("generator", "discriminator")}


def describe(network: Network) -> dict[str, Any]:
    """`layers` in order, the sum of their `parameters`, and the module as `print` shows it (`printed`).

    A layer is {"kind", "inputs", "outputs", "parameters"}, with "setting" (a slope, a share) where it has one.
    """
    layers: list[dict[str, Any]] = []
    width = 0
    for layer in network.main:
        width = getattr(layer, "in_features", width)
        layers.append(_describe_layer(layer, width))
        width = layers[-1]["outputs"]
    return {
        "layers": layers,
        "parameters": sum(layer["parameters"] for layer in layers),
        "printed": str(network),
    }


def _describe_layer(layer: nn.Module, width: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": type(layer).__name__,
        "inputs": width,
        "outputs": getattr(layer, "out_features", width),  # only a Linear changes the width
        "parameters": sum(tensor.numel() for tensor in layer.parameters()),
    }
    setting = getattr(layer, "negative_slope", getattr(layer, "p", None))
    return found if setting is None else {**found, "setting": setting}
