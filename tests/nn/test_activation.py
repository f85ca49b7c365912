"""Activations at the points where a careless formula breaks."""

import math
from typing import Any

import numpy as np
import pytest

from nnlab.nn import GELU, ReLU, Sigmoid, Softmax, Tanh
from nnlab.nn.activation import softmax, softmax_backward


def test_relu_is_zero_with_derivative_zero_at_zero() -> None:
    layer = ReLU()
    assert layer(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 2]
    assert layer.backward(np.array([3.0, 4.0, 5.0])).tolist() == [0, 0, 5]


def test_relu_gives_positive_zeros() -> None:
    assert not np.signbit(ReLU()(np.array([-1.0, -0.0]))).any()


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_is_x_times_the_normal_distribution_function(approximate: Any) -> None:
    x = np.linspace(-4, 4, 33)
    wanted = [a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in x]
    np.testing.assert_allclose(GELU(approximate)(x), wanted, atol=1e-12 if approximate == "none" else 1e-3)


def test_gelu_is_exact_by_default() -> None:
    assert GELU().approximate == "none"


@pytest.mark.parametrize("layer", [Sigmoid(), Tanh(), GELU(), GELU("tanh"), Softmax(0)], ids=lambda a: type(a).__name__)
def test_activation_neither_overflows_nor_leaves_the_finite_numbers(layer: Any) -> None:
    x = np.array([-1e3, -1.0, 0.0, 1.0, 1e3])
    assert np.isfinite(layer(x)).all()
    assert np.isfinite(layer.backward(np.ones(5))).all()


def test_sigmoid_is_the_logistic_function() -> None:
    x = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(Sigmoid()(x), 1 / (1 + np.exp(-x)), rtol=1e-14)


def test_softmax_sums_to_one_along_its_axis() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    for dim in (0, 1, -1):
        np.testing.assert_allclose(Softmax(dim)(x).sum(dim), 1, rtol=1e-14)


def test_softmax_is_the_same_for_shifted_and_for_huge_inputs() -> None:
    x = np.array([[1.0, 3.0, 2.0]])
    np.testing.assert_allclose(Softmax(1)(x + 1e6), Softmax(1)(x), rtol=1e-9)
    assert Softmax(1)(np.array([[1e300, -1e300]])).tolist() == [[1.0, 0.0]]


def test_softmax_of_a_row_far_below_the_others_is_no_different() -> None:
    y = Softmax(1)(np.array([[1e4, 1e4], [-1e4, -1e4]]))
    assert y.tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_softmax_of_masked_entries_is_zero_and_of_nothing_but_masked_entries_too() -> None:
    y = softmax(np.array([[0.0, -np.inf, 0.0], [-np.inf, -np.inf, -np.inf]]), -1)
    assert y.tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]


def test_softmax_along_the_first_axis_with_masked_columns() -> None:
    assert softmax(np.array([[0.0, -np.inf], [0.0, -np.inf]]), 0).tolist() == [[0.5, 0.0], [0.5, 0.0]]


def test_softmax_backward_gives_no_gradient_for_equal_cotangents() -> None:
    y = softmax(np.random.default_rng(0).standard_normal((3, 4)), 1)
    np.testing.assert_allclose(softmax_backward(np.full((3, 4), 2.0), y, 1), 0, atol=1e-15)
