"""Squeeze and excitation: open and shut gates, the order of draws, and refusals."""

import re

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Linear, SqueezeExcite

RNG = np.random.default_rng(0)


def test_a_gate_of_a_thousand_passes_its_channel_and_one_of_minus_a_thousand_shuts_it() -> None:
    layer = SqueezeExcite(2, 1, rng=RNG)
    layer.load_state_dict(
        {"fc1.weight": np.eye(2), "fc1.bias": [0, 0], "fc2.weight": np.zeros((2, 2)), "fc2.bias": [1e3, -1e3]}
    )
    x = np.random.default_rng(63).standard_normal((3, 2, 4, 5))
    np.testing.assert_array_equal(layer(x), x * [[[1]], [[0]]])
    np.testing.assert_array_equal(layer.backward(x), x * [[[1]], [[0]]])


def test_the_maps_are_drawn_in_order_and_narrow_by_sixteen_unless_told() -> None:
    layer, rng = SqueezeExcite(32, rng=np.random.default_rng(64)), np.random.default_rng(64)
    for name, (wide, narrow) in (("fc1", (32, 2)), ("fc2", (2, 32))):
        for key, array in Linear(wide, narrow, rng=rng).state_dict().items():
            np.testing.assert_array_equal(layer.state_dict()[f"{name}.{key}"], array)


@pytest.mark.parametrize(("channels", "reduction"), [(6, 4), (6, 0), (6, -2)])
def test_a_reduction_must_divide_the_channels(channels: int, reduction: int) -> None:
    message = f"SqueezeExcite: reduction={reduction} must divide channels={channels}; choose a divisor"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        SqueezeExcite(channels, reduction, rng=RNG)


def test_arrays_that_misfit_are_refused_by_name() -> None:
    layer = SqueezeExcite(2, 1, rng=RNG)
    with pytest.raises(
        InputError, match=r"^SqueezeExcite: x has shape \(4, 3, 1, 1\) but must have \(\*, 2, \*, \*\);"
    ):
        layer(np.zeros((4, 3, 1, 1)))
    with pytest.raises(InputError, match=r"^SqueezeExcite: x has dtype float32 but the layer computes in float64;"):
        layer(np.zeros((4, 2, 1, 3), np.float32))
    layer(np.zeros((4, 2, 1, 3)))
    with pytest.raises(InputError, match=r"^SqueezeExcite: dy has shape \(4, 2, 1, 1\) but must have \(4, 2, 1, 3\);"):
        layer.backward(np.zeros((4, 2, 1, 1)))
    with pytest.raises(InputError, match=r"^SqueezeExcite: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(np.zeros((4, 2, 1, 3), np.float32))
