"""Rectifiers at their kinks, where torch chooses one slope, and far away from them."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn.elementwise import Elementwise
from tests.nn.points import Points, both_dtypes, needs_torch

SCALE, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717

KINKS = [
    Points("ReLU", (), (-0.0, 0.0), (0, 0), (0, 0)),
    Points("ReLU6", (), (0.0, 3.0, 6.0), (0, 3, 6), (0, 1, 0)),
    Points("LeakyReLU", (0.25,), (-0.0, 0.0), (0, 0), (0.25, 0.25)),
    Points("ELU", (2.0,), (-0.0, 0.0), (0, 0), (2, 2)),
    Points("CELU", (2.0,), (-0.0, 0.0), (0, 0), (1, 1)),
    Points("SELU", (), (-0.0, 0.0), (0, 0), (SCALE * ALPHA, SCALE * ALPHA)),
    Points("Hardtanh", (), (-1.0, 1.0), (-1, 1), (0, 0)),
    Points("Hardtanh", (-2.0, 3.0), (-2.0, 0.0, 3.0), (-2, 0, 3), (0, 1, 0)),
    Points("Hardswish", (), (-3.0, 0.0, 3.0), (0, 0, 3), (0, 0.5, 1)),
    Points("Hardsigmoid", (), (-3.0, 0.0, 3.0), (0, 0.5, 1), (0, 1 / 6, 0)),
    Points("Softshrink", (), (-0.5, 0.0, 0.5), (0, 0, 0), (0, 0, 0)),
    Points("Softshrink", (0.0,), (-2.0, 0.0, 2.0), (-2, 0, 2), (1, 0, 1)),
    Points("Hardshrink", (), (-0.5, 0.0, 0.5), (0, 0, 0), (0, 0, 0)),
    Points("Hardshrink", (0.0,), (-2.0, 0.0, 2.0), (-2, 0, 2), (1, 0, 1)),
    Points("Hardshrink", (-0.5,), (-0.25, 0.0, 0.25), (-0.25, 0, 0.25), (1, 1, 1)),
    Points("Threshold", (1.0, 7.0), (0.5, 1.0, 1.5), (7, 7, 1.5), (0, 0, 1)),
]
LIMITS = [
    Points("ReLU", (), (-1e3, 1e3), (0, 1e3), (0, 1)),
    Points("ReLU6", (), (-1e3, 1e3), (0, 6), (0, 0)),
    Points("LeakyReLU", (), (-1e3, 1e3), (-10, 1e3), (0.01, 1)),
    Points("ELU", (2.0,), (-1e3, 1e3), (-2, 1e3), (0, 1)),
    Points("CELU", (), (-1e3, 1e3), (-1, 1e3), (0, 1)),
    Points("SELU", (), (-1e3, 1e3), (-SCALE * ALPHA, SCALE * 1e3), (0, SCALE)),
    Points("Hardtanh", (), (-1e3, 1e3), (-1, 1), (0, 0)),
    Points("Hardswish", (), (-1e3, 1e3), (0, 1e3), (0, 1)),
    Points("Hardsigmoid", (), (-1e3, 1e3), (0, 1), (0, 0)),
    Points("Softshrink", (), (-1e3, 1e3), (-999.5, 999.5), (1, 1)),
    Points("Hardshrink", (), (-1e3, 1e3), (-1e3, 1e3), (1, 1)),
    Points("Threshold", (0.0, 7.0), (-1e3, 1e3), (7, 1e3), (0, 1)),
]


@both_dtypes
@pytest.mark.parametrize("points", KINKS, ids=str)
def test_value_and_slope_at_a_kink_are_torchs(points: Points, dtype: Any) -> None:
    points.check(dtype)


@both_dtypes
@pytest.mark.parametrize("points", LIMITS, ids=str)
def test_value_and_slope_far_away_are_torchs_and_nothing_overflows(points: Points, dtype: Any) -> None:
    points.check(dtype)


@needs_torch
@pytest.mark.parametrize("points", KINKS + LIMITS, ids=str)
def test_the_values_and_slopes_written_here_are_those_of_torch(points: Points) -> None:
    points.check_torch()


@pytest.mark.parametrize("points", LIMITS, ids=lambda points: points.name)
def test_a_rectifier_passes_on_that_its_input_is_not_a_number(points: Points) -> None:
    layer = getattr(nn, points.name)(*points.args)
    assert np.isnan(layer(np.array([1.0, np.nan]))).tolist() == [False, True]


def test_relu_is_zero_with_derivative_zero_at_zero() -> None:
    layer = nn.ReLU()
    assert layer(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]
    assert layer.backward(np.array([3.0, 4.0, 5.0])).tolist() == [0, 0, 5]


def test_relu_gives_positive_zeros() -> None:
    assert not np.signbit(nn.ReLU()(np.array([-1.0, -0.0]))).any()


@pytest.mark.parametrize("points", LIMITS, ids=lambda points: points.name)
def test_a_rectifier_of_one_number_gives_an_array_of_one_number(points: Points) -> None:
    layer = getattr(nn, points.name)(*points.args)
    for array in (layer(np.array(2.0)), layer.backward(np.array(1.0))):
        assert isinstance(array, np.ndarray)
        assert array.shape == ()


def test_selu_keeps_mean_zero_and_variance_one() -> None:
    # The expectation over N(0, 1) by Gauss-Hermite quadrature on each side of the kink would need care; midpoints do.
    x = (np.arange(-80000, 80000) + 0.5) / 1e4
    weight = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) / 1e4
    y = nn.SELU()(x)
    assert weight @ y == pytest.approx(0, abs=1e-8)
    assert weight @ y**2 == pytest.approx(1, abs=1e-8)


def test_prelu_starts_with_torchs_weight_for_each_channel() -> None:
    assert nn.PReLU().weight.data.tolist() == [0.25]
    assert nn.PReLU(3, 0.5).weight.data.tolist() == [0.5, 0.5, 0.5]


def test_prelu_at_its_kink_has_the_slope_of_the_negative_side_and_the_weight_no_gradient() -> None:
    layer = nn.PReLU()
    assert layer(np.array([0.0, -2.0])).tolist() == [0, -0.5]
    assert layer.backward(np.array([3.0, 1.0])).tolist() == [0.75, 0.25]
    assert layer.weight.grad.tolist() == [-2]


def test_prelu_takes_one_number() -> None:
    layer = nn.PReLU()
    assert layer(np.array(-1e3)) == -250
    assert layer.backward(np.array(2.0)).shape == ()
    assert layer.weight.grad.tolist() == [-2000]


def test_prelu_with_one_weight_takes_any_number_of_channels() -> None:
    assert nn.PReLU()(np.full((2, 5, 3), -4.0)).tolist() == np.full((2, 5, 3), -1.0).tolist()


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: nn.Hardtanh(2.0, 1.0),
        "Hardtanh: min_val is 2.0 and max_val 1.0, which leaves nothing in between; make max_val the larger",
    ),
    (
        lambda: nn.Hardtanh(1.0, 1.0),
        "Hardtanh: min_val is 1.0 and max_val 1.0, which leaves nothing in between; make max_val the larger",
    ),
    (lambda: nn.CELU(0.0), "CELU: alpha is 0.0 but x is divided by it; choose another value"),
    (lambda: nn.Softshrink(-0.5), "Softshrink: lambd is -0.5 but must be at least 0; choose another value"),
    (
        lambda: nn.PReLU(3)(np.zeros((2, 4, 3))),
        "PReLU: x has shape (2, 4, 3) but must have (*, 3, *); reshape it or build the layer for its size",
    ),
    (
        lambda: nn.PReLU(3)(np.zeros(3)),
        "PReLU: x has shape (3,) but must have (*, 3); reshape it or build the layer for its size",
    ),
    (
        lambda: nn.PReLU()(np.zeros(3, np.float32)),
        "PReLU: x has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
    (
        lambda: (layer := nn.PReLU(), layer(np.zeros(3)), layer.backward(np.zeros(2))),
        "PReLU: dy has shape (2,) but must have (3,); reshape it or build the layer for its size",
    ),
    (
        lambda: (layer := nn.PReLU(), layer(np.zeros(3)), layer.backward(np.zeros(3, np.float32))),
        "PReLU: dy has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
    (
        lambda: (layer := nn.ELU(), layer(np.zeros(3)), layer.backward(np.zeros(3, np.float32))),
        "ELU: dy has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()


def test_an_elementwise_layer_must_define_its_function_and_derivative() -> None:
    class Half(Elementwise):
        pass

    for method, name in ((Half().function, "function"), (Half().derivative, "derivative")):
        with pytest.raises(NotImplementedError, match=f"^Half defines no {name}$"):
            method(np.ones(2))
