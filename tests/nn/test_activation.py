"""Smooth activations at the points where a careless formula breaks."""

import math
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn.activation import sigmoid
from tests.nn.points import Points, both_dtypes, needs_torch

TINY = math.exp(-40)  # σ(-40), up to its own square

POINTS = [
    Points("GELU", (), (-1e3, 0.0, 1e3), (0, 0, 1e3), (0, 0.5, 1)),
    Points("GELU", ("tanh",), (-1e3, 0.0, 1e3), (0, 0, 1e3), (0, 0.5, 1)),
    Points("Tanh", (), (-1e3, 0.0, 1e3), (-1, 0, 1), (0, 1, 0)),
    Points("Sigmoid", (), (-1e3, -40.0, 0.0, 1e3), (0, TINY, 0.5, 1), (0, TINY, 0.25, 0)),
    Points("LogSigmoid", (), (-1e3, 0.0, 40.0, 1e3), (-1e3, -math.log(2), -TINY, 0), (1, 0.5, TINY, 0)),
    Points("SiLU", (), (-1e3, -40.0, 0.0, 1e3), (0, -40 * TINY, 0, 1e3), (0, -39 * TINY, 0.5, 1)),
    Points("Softplus", (), (-1e3, -40.0, 0.0, 1e3), (0, TINY, math.log(2), 1e3), (0, TINY, 0.5, 1)),
    Points("Softplus", (), (20.5,), (20.5,), (1,)),
    Points("Softplus", (2.0, 3.0), (-1e3, 1.5, 1.75), (0, math.log1p(math.exp(3)) / 2, 1.75), (0, sigmoid(3.0), 1)),
    Points("Softplus", (-2.0, 3.0), (-1e3, 0.0, 1e3), (-1e3, -math.log(2) / 2, 0), (1, 0.5, 0)),
    Points("Mish", (), (-1e3, -40.0, 0.0, 1e3), (0, -40 * TINY, 0, 1e3), (0, -39 * TINY, 0.6, 1)),
    Points("Softsign", (), (-1e3, 0.0, 1e3), (-1e3 / 1001, 0, 1e3 / 1001), (1001.0**-2, 1, 1001.0**-2)),
    Points("Tanhshrink", (), (-1e3, 0.0, 1e3), (-999, 0, 999), (1, 0, 1)),
]


@both_dtypes
@pytest.mark.parametrize("points", POINTS, ids=str)
def test_value_and_slope_are_torchs_also_where_they_vanish_and_nothing_overflows(points: Points, dtype: Any) -> None:
    points.check(dtype)


@needs_torch
@pytest.mark.parametrize("points", POINTS, ids=str)
def test_the_values_and_slopes_written_here_are_those_of_torch(points: Points) -> None:
    points.check_torch()


@pytest.mark.parametrize("points", POINTS, ids=str)
def test_an_activation_passes_on_that_its_input_is_not_a_number(points: Points) -> None:
    layer = getattr(nn, points.name)(*points.args)
    assert np.isnan(layer(np.array([1.0, np.nan]))).tolist() == [False, True]


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_is_x_times_the_normal_distribution_function(approximate: Any) -> None:
    x = np.linspace(-4, 4, 33)
    wanted = [a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in x]
    np.testing.assert_allclose(nn.GELU(approximate)(x), wanted, atol=1e-12 if approximate == "none" else 1e-3)


def test_gelu_is_exact_by_default() -> None:
    assert nn.GELU().approximate == "none"


def test_sigmoid_is_the_logistic_function() -> None:
    x = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(nn.Sigmoid()(x), 1 / (1 + np.exp(-x)), rtol=1e-14)


def test_softplus_refuses_a_beta_of_zero() -> None:
    message = "Softplus: beta is 0 but the result is divided by it; choose another value"
    with pytest.raises(InputError, match=f"^{message}$"):
        nn.Softplus(beta=0)
