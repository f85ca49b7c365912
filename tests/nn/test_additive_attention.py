"""AdditiveAttention: masks, limits, and what does not fit."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import AdditiveAttention


def attention(dtype: Any = np.float64) -> AdditiveAttention:
    return AdditiveAttention(3, 2, 4, rng=np.random.default_rng(53), dtype=dtype)


def draw(*shape: int) -> Any:
    return np.random.default_rng(54).standard_normal(shape)


def test_a_boolean_mask_is_minus_infinity_where_true() -> None:
    inputs, mask = (draw(2, 2, 3), draw(2, 3, 2), draw(2, 3, 5)), np.array([[False, True, False], [True, False, False]])
    boolean = attention()(*inputs, mask)
    np.testing.assert_array_equal(boolean, attention()(*inputs, np.where(mask, -np.inf, 0.0)))
    assert not np.allclose(boolean, attention()(*inputs))


def test_a_mask_may_be_shared_by_the_batch_or_by_the_queries() -> None:
    inputs, mask = (draw(2, 4, 3), draw(2, 3, 2), draw(2, 3, 5)), np.array([[True, False, False], [False, False, True]])
    rows = attention()(*inputs, mask[:, None])
    np.testing.assert_array_equal(rows, attention()(*inputs, np.repeat(mask[:, None], 4, 1)))
    shared = np.repeat(mask[:1], 4, 0)
    np.testing.assert_array_equal(attention()(*inputs, shared)[0], rows[0])
    assert not np.allclose(attention()(*inputs, shared)[1], rows[1])


def test_a_query_that_may_attend_to_nothing_gets_zeros() -> None:
    layer = attention()
    y = layer(draw(2, 3), draw(3, 2), draw(3, 4), np.array([[True, True, True], [False, True, True]]))
    assert not y[0].any()
    np.testing.assert_array_equal(y[1], draw(3, 4)[0])
    dinputs = layer.backward(np.ones_like(y))
    assert all(np.isfinite(dx).all() for dx in dinputs)
    assert not dinputs[0][0].any()


def test_inputs_of_a_thousand_do_not_overflow() -> None:
    layer = attention()
    y = layer(1000 * draw(2, 3), -1000 * draw(3, 2), draw(3, 4))
    assert np.isfinite(y).all()
    assert all(np.isfinite(dx).all() for dx in layer.backward(np.ones_like(y)))


def test_float32_attention_stays_float32_with_a_float64_mask() -> None:
    q, k, v = (x.astype(np.float32) for x in (draw(2, 3), draw(3, 2), draw(3, 4)))
    assert attention(np.float32)(q, k, v, np.zeros((2, 3))).dtype == np.float32


def test_linear_maps_have_no_bias_unless_asked_for() -> None:
    shapes = {name: p.data.shape for name, p in attention().named_parameters()}
    assert shapes == {"query.weight": (4, 3), "key.weight": (4, 2), "score": (4,)}
    biased = AdditiveAttention(3, 2, 4, True, rng=np.random.default_rng(53))
    assert biased.query.bias is not None
    assert biased.key.bias is not None


def test_scores_start_as_the_weights_of_a_linear_map_do() -> None:
    score = AdditiveAttention(1, 1, 100, rng=np.random.default_rng(53)).score.data
    assert 0.09 < np.abs(score).max() < 0.1


def test_parameters_are_of_the_dtype_that_was_asked_for() -> None:
    assert {p.data.dtype for p in attention(np.float32).parameters()} == {np.dtype(np.float32)}


def test_a_value_that_is_overwritten_changes_no_gradient() -> None:
    layer, value = attention(), draw(3, 4)
    layer(draw(2, 3), draw(3, 2), value)
    wanted = layer.backward(np.ones((2, 4)))[0]
    value[...] = 0
    np.testing.assert_array_equal(layer.backward(np.ones((2, 4)))[0], wanted)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            [draw(3), draw(3, 2), draw(3, 4)],
            "query has shape (3,) but must have (..., *, 3); reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3), draw(3, 3, 2), draw(3, 3, 4)],
            "key has shape (3, 3, 2) but must have (2, *, 2); reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3), draw(2, 3, 2), draw(2, 4, 4)],
            "value has shape (2, 4, 4) but must have (2, 3, *); reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3), draw(2, 3, 2), draw(2, 3, 4), np.zeros((2, 3), bool)],
            "mask has shape (2, 3) but must have (4, 3) or (2, 4, 3) or (2, 1, 3); reshape it, or drop it",
        ),
        (
            [draw(2, 4, 3).astype(np.float32), draw(2, 3, 2), draw(2, 3, 4)],
            "query has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            [draw(2, 4, 3), draw(2, 3, 2).astype(np.float32), draw(2, 3, 4)],
            "key has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            [draw(2, 4, 3), draw(2, 3, 2), draw(2, 3, 4).astype(np.float32)],
            "value has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
    ],
    ids=["query", "key", "value", "mask", "dtype of query", "dtype of key", "dtype of value"],
)
def test_inputs_that_do_not_fit_are_refused(inputs: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^AdditiveAttention: {re.escape(message)}$"):
        attention()(*inputs)


def test_gradients_of_another_shape_or_dtype_are_refused() -> None:
    layer = attention()
    layer(draw(2, 3), draw(3, 2), draw(3, 4))
    with pytest.raises(InputError, match=r"^AdditiveAttention: dy has shape \(3, 4\) but must have \(2, 4\);"):
        layer.backward(draw(3, 4))
    with pytest.raises(
        InputError, match=r"^AdditiveAttention: dy has dtype float32 but the layer computes in float64;"
    ):
        layer.backward(draw(2, 4).astype(np.float32))
