"""Derivatives of activations where a gradient check cannot look, or does not: at kinks, far out, at odd settings.

At a kink the derivative is the one that torch takes. The detector `reference` compares them.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.detectors.subjects import require


@dataclass(frozen=True)
class Slopes:
    """What the derivative of `layer(*args)` is at each x."""

    layer: type[nn.Module]
    args: tuple[Any, ...]
    at: dict[float, float]

    @property
    def name(self) -> str:
        return f"{self.layer.__name__}{self.args} slopes"

    def check(self, seed: int) -> None:
        """Raise Detected where backward gives another slope, or none; nothing is drawn."""
        layer, x = self.layer(*self.args), np.array(list(self.at))
        got = layer.backward(np.ones_like(layer(x)))
        for i, (point, expected) in enumerate(self.at.items()):
            require(
                bool(abs(got[i] - expected) <= 1e-12), f"slope at {point}: expected {expected:.15g}, got {got[i]:.15g}"
            )


_SELU = 1.0507009873554805 * 1.6732632423543772

SLOPES = (
    Slopes(nn.CELU, (2.0,), {-2e3: 0.0, 0.0: 1.0, 2e3: 1.0}),
    Slopes(nn.ELU, (2.0,), {-1e3: 0.0, 0.0: 2.0, 1e3: 1.0}),
    Slopes(nn.ELU, (-2.0,), {-1e3: 0.0, -math.log(4): -0.5, 0.0: -2.0, 1.0: 1.0}),
    Slopes(nn.GELU, (), {-1e3: 0.0, 0.0: 0.5, 1e3: 1.0}),
    Slopes(nn.GELU, ("tanh",), {-1e3: 0.0, 0.0: 0.5, 1e3: 1.0}),
    Slopes(nn.Hardshrink, (0.5,), {-1e3: 1.0, -0.5: 0.0, 0.0: 0.0, 0.5: 0.0, 1e3: 1.0}),
    Slopes(nn.Hardsigmoid, (), {-1e3: 0.0, -3.0: 0.0, 0.0: 1 / 6, 3.0: 0.0, 1e3: 0.0}),
    Slopes(nn.Hardswish, (), {-1e3: 0.0, -3.0: 0.0, 0.0: 0.5, 3.0: 1.0, 1e3: 1.0}),
    Slopes(nn.Hardtanh, (-2.0, 3.0), {-1e3: 0.0, -2.0: 0.0, 0.0: 1.0, 3.0: 0.0, 1e3: 0.0}),
    Slopes(nn.LeakyReLU, (0.25,), {-1e3: 0.25, 0.0: 0.25, 1e3: 1.0}),
    Slopes(nn.LeakyReLU, (0.0,), {-1.0: 0.0, 0.0: 0.0, 1.0: 1.0}),
    Slopes(nn.LeakyReLU, (-2.0,), {-1.0: -2.0, 0.0: -2.0, 1.0: 1.0}),
    Slopes(nn.LogSigmoid, (), {-1e3: 1.0, 0.0: 0.5, 1e3: 0.0}),
    Slopes(nn.Mish, (), {-1e3: 0.0, 0.0: 0.6, 1e3: 1.0}),
    Slopes(nn.ReLU, (), {-1e3: 0.0, 0.0: 0.0, 1e3: 1.0}),
    Slopes(nn.ReLU6, (), {-1e3: 0.0, 0.0: 0.0, 3.0: 1.0, 6.0: 0.0, 1e3: 0.0}),
    Slopes(nn.SELU, (), {-1e3: 0.0, 0.0: _SELU, 1e3: 1.0507009873554805}),
    Slopes(nn.SiLU, (), {-1e3: 0.0, 0.0: 0.5, 1e3: 1.0}),
    Slopes(nn.Sigmoid, (), {-1e3: 0.0, 0.0: 0.25, 1e3: 0.0}),
    Slopes(nn.Softplus, (2.0, 30.0), {-1e3: 0.0, 0.0: 0.5, 1e3: 1.0}),
    Slopes(nn.Softplus, (2.0, 3.0), {1.5: 0.9525741268224334, 1.6: 1.0}),  # at the threshold it is no line yet
    Slopes(nn.Softshrink, (1.5,), {-1e3: 1.0, -1.5: 0.0, -1.0: 0.0, 0.0: 0.0, 1.5: 0.0, 1e3: 1.0}),
    Slopes(nn.Softsign, (), {0.0: 1.0, -999.0: 1e-6}),
    Slopes(nn.Tanh, (), {-1e3: 0.0, 0.0: 1.0, 1e3: 0.0}),
    Slopes(nn.Tanhshrink, (), {-1e3: 1.0, 0.0: 0.0, 1e3: 1.0}),
    Slopes(nn.Threshold, (1.0, 7.0), {-1e3: 0.0, 1.0: 0.0, 1e3: 1.0}),
)
