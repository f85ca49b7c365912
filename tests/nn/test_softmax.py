"""Softmax, its logarithm and its mirror image: shifts, huge inputs, masks."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import LogSoftmax, Softmax, Softmin
from nnlab.nn.softmax import softmax, softmax_backward


def test_softmax_sums_to_one_along_its_axis() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    for dim in (0, 1, -1):
        np.testing.assert_allclose(Softmax(dim)(x).sum(dim), 1, rtol=1e-14)


def test_softmax_is_the_same_for_shifted_and_for_huge_inputs() -> None:
    x = np.array([[1.0, 3.0, 2.0]])
    np.testing.assert_allclose(Softmax(1)(x + 1e6), Softmax(1)(x), rtol=1e-9)
    assert Softmax(1)(np.array([[1e300, -1e300]])).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("kind", [Softmax, Softmin, LogSoftmax])
def test_every_row_is_shifted_by_its_own_maximum(kind: Any) -> None:
    x = np.array([[1e3, 1e3], [0.0, 0.0], [-1e3, -1e3]])
    for dim, rows in ((1, x), (0, x.T)):
        y = kind(dim)(rows)
        np.testing.assert_allclose(y, -np.log(2) if kind is LogSoftmax else 0.5, rtol=1e-14)


def test_softmax_of_masked_entries_is_zero_and_of_nothing_but_masked_entries_too() -> None:
    y = softmax(np.array([[0.0, -np.inf, 0.0], [-np.inf, -np.inf, -np.inf]]), -1)
    assert y.tolist() == [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]]


def test_softmax_along_the_first_axis_with_masked_columns() -> None:
    assert softmax(np.array([[0.0, -np.inf], [0.0, -np.inf]]), 0).tolist() == [[0.5, 0.0], [0.5, 0.0]]


def test_softmax_backward_gives_no_gradient_for_equal_cotangents() -> None:
    y = softmax(np.random.default_rng(0).standard_normal((3, 4)), 1)
    np.testing.assert_allclose(softmax_backward(np.full((3, 4), 2.0), y, 1), 0, atol=1e-15)


def test_log_softmax_is_the_logarithm_of_softmax_where_that_vanishes_too() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3))
    np.testing.assert_allclose(LogSoftmax(1)(x), np.log(Softmax(1)(x)), rtol=1e-12)
    assert LogSoftmax(0)(np.array([1e3, -1e3])).tolist() == [0, -2e3]


def test_log_softmax_of_a_masked_entry_is_minus_infinity_without_a_gradient() -> None:
    layer = LogSoftmax(-1)
    assert layer(np.array([1.0, -np.inf])).tolist() == [0, -np.inf]
    assert layer.backward(np.array([3.0, 0.0])).tolist() == [0, 0]


def test_softmin_is_the_softmax_of_minus_x() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3))
    np.testing.assert_array_equal(Softmin(0)(x), Softmax(0)(-x))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", [Softmax, Softmin, LogSoftmax])
def test_inputs_of_a_thousand_stay_finite(kind: Any, dtype: Any) -> None:
    layer = kind(0)
    assert np.isfinite(layer(np.array([-1e3, 0.0, 1e3], dtype))).all()
    assert np.isfinite(layer.backward(np.ones(3, dtype))).all()


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: Softmin(0)([1]),
        "Softmin: x must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    ),
    (
        lambda: LogSoftmax(0)([1]),
        "LogSoftmax: x must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    ),
    (
        lambda: (layer := LogSoftmax(0), layer(np.zeros(3)), layer.backward(np.zeros(2))),
        "LogSoftmax: dy has shape (2,) but must have (3,); reshape it or build the layer for its size",
    ),
    (
        lambda: (layer := LogSoftmax(0), layer(np.zeros(3)), layer.backward(np.zeros(3, np.float32))),
        "LogSoftmax: dy has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
