"""Splines at their knots and outside, their start, and refusals."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import KANLayer
from nnlab.nn.init import normal, xavier_uniform

RNG = np.random.default_rng(0)


def curve(coef: list[float], k: int, **settings: Any) -> KANLayer:
    """One spline with these coefficients, and no base."""
    layer = KANLayer(1, 1, len(coef) - k, k, **settings, rng=RNG)
    layer.load_state_dict({"base_weight": [[0]], "spline_weight": [[1]], "coef": [[coef]]})
    return layer


def test_a_spline_of_degree_one_joins_its_coefficients_by_lines_and_ends_one_step_outside() -> None:
    layer = curve([5.0, 7.0, 3.0], 1, grid_range=(0.0, 2.0))
    x = np.array([-1e3, -1.5, -1.0, -0.5, 0.0, 0.25, 1.0, 1.5, 2.0, 2.5, 3.0, 1e3])[:, None]
    assert layer(x).ravel().tolist() == [0, 0, 0, 2.5, 5, 5.5, 7, 5, 3, 1.5, 0, 0]


def test_the_derivative_at_a_knot_is_that_on_the_right_as_torch_has_it_of_the_recursion() -> None:
    layer = curve([5.0, 7.0, 3.0], 1, grid_range=(0.0, 2.0))
    x = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])[:, None]
    layer(x)
    assert layer.backward(np.ones_like(x)).ravel().tolist() == [5, 2, -4, -3, 0]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_splines_add_up_to_one_all_over_the_grid(k: int) -> None:
    layer = curve([1.0] * (k + 4), k, grid_range=(-3.0, 2.0))
    x = np.linspace(-3, 1.9, 21)[:, None]
    np.testing.assert_allclose(layer(x), 1, rtol=1e-14)
    np.testing.assert_allclose(layer.backward(np.ones_like(x)), 0, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_far_outside_of_the_grid_only_the_base_is_left(dtype: Any) -> None:
    layer = KANLayer(2, 1, rng=RNG, dtype=dtype)
    layer.base_weight.data[...] = [[2, 3]]
    assert layer(np.array([[1e3, -1e3]], dtype)).tolist() == [[2e3]]
    assert layer.backward(np.ones((1, 1), dtype)).tolist() == [[2, 0]]


def test_a_layer_starts_as_in_the_paper() -> None:
    layer, rng = KANLayer(3, 4, 2, 2, rng=np.random.default_rng(61)), np.random.default_rng(61)
    np.testing.assert_array_equal(layer.base_weight.data, xavier_uniform(rng, (4, 3), np.float64))
    np.testing.assert_array_equal(layer.spline_weight.data, np.ones((4, 3)))
    np.testing.assert_array_equal(layer.coef.data, 0.1 * normal(rng, (4, 3, 4), np.float64))


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"grid_size": 0}, "KANLayer: grid_size is 0 but must be at least 1; the paper uses 5 steps and k = 3"),
    ({"k": 0}, "KANLayer: k is 0 but must be at least 1; the paper uses 5 steps and k = 3"),
    (
        {"grid_range": (2.0, 2.0)},
        "KANLayer: grid_range is (2.0, 2.0) but must rise; give (lowest, highest) input",
    ),
]


@pytest.mark.parametrize(("settings", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_of_a_setting_says_rule_value_and_next_step(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        KANLayer(2, 3, **settings, rng=RNG)


def test_arrays_that_misfit_are_refused_by_name() -> None:
    layer = KANLayer(2, 3, rng=RNG)
    with pytest.raises(InputError, match=r"^KANLayer: x has shape \(4, 3\) but must have \(\.\.\., 2\);"):
        layer(np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"^KANLayer: x has dtype float32 but the layer computes in float64;"):
        layer(np.zeros((4, 2), np.float32))
    layer(np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"^KANLayer: dy has shape \(4, 2\) but must have \(4, 3\);"):
        layer.backward(np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"^KANLayer: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(np.zeros((4, 3), np.float32))
