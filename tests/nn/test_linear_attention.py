"""LinearAttention: what it equals, its masks, its limits."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import LinearAttention


def draw(*shape: int) -> Any:
    return np.random.default_rng(52).standard_normal(shape)


def test_linear_attention_is_a_mean_of_values_by_products_of_features() -> None:
    y = LinearAttention(eps=0.0)([[0.0, 2.0]], [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(y, [[5 / 12, 7 / 12]])  # features 1, 3 and 2, 1 and 1, 2


def test_features_of_negative_numbers_are_exponentials() -> None:
    y = LinearAttention(eps=0.0)([[0.0]], [[np.log(0.25)], [0.0]], [[1.0], [0.0]])
    np.testing.assert_allclose(y, [[0.2]])


def test_the_last_query_of_causal_attention_sees_what_every_query_sees_without_it() -> None:
    x, v = draw(2, 6, 3), draw(2, 6, 4)
    causal, full = LinearAttention(causal=True)(x, x, v), LinearAttention()(x, x, v)
    np.testing.assert_allclose(causal[:, -1], full[:, -1])
    assert not np.allclose(causal[:, 0], full[:, 0])


def test_causal_attention_does_not_look_ahead() -> None:
    x, v, layer = draw(2, 6, 3), draw(2, 6, 4), LinearAttention(causal=True)
    y = layer(x, x, v)
    np.testing.assert_allclose(layer(x[:, :4], x[:, :4], v[:, :4]), y[:, :4])


def test_a_padded_key_is_as_if_it_were_not_there() -> None:
    q, k, v = draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 2)
    padded = np.array([[False, False, False, True, True]] * 2)
    np.testing.assert_allclose(LinearAttention()(q, k, v, padded), LinearAttention()(q, k[:, :3], v[:, :3]))


def test_a_query_that_may_attend_to_nothing_gets_zeros() -> None:
    x, mask = draw(2, 3, 2), np.array([[True, True, True], [True, False, False]])
    layer = LinearAttention(causal=True)
    y = layer(x, x, x, mask)
    assert (np.abs(y).sum(-1) > 0).tolist() == [[False, False, False], [False, True, True]]
    dinputs = layer.backward(np.ones_like(y))
    assert all(np.isfinite(dx).all() for dx in dinputs)
    assert not any(dx[0].any() for dx in dinputs)


def test_inputs_of_a_thousand_do_not_overflow() -> None:
    layer, x = LinearAttention(), np.array([[1000.0, -1000.0], [-1000.0, -1000.0]])
    y = layer(x, x, np.array([[2.0], [3.0]]))
    np.testing.assert_allclose(y, [[2.0], [0.0]])
    assert all(np.isfinite(dx).all() for dx in layer.backward(np.ones((2, 1))))


def test_eps_is_a_millionth_unless_given() -> None:
    ones = np.array([[0.0]])
    np.testing.assert_allclose(LinearAttention()(ones, ones, ones + 1), [[1 / 1.000001]], rtol=1e-12)


def test_outputs_may_be_overwritten_before_backward() -> None:
    layer, x = LinearAttention(), draw(2, 3, 2)
    y = layer(x, x, x)
    wanted = layer.backward(x)
    y[...] = 0.0
    for dx, again in zip(wanted, layer.backward(x), strict=True):
        np.testing.assert_array_equal(dx, again)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            [draw(2, 4, 3), draw(2, 5, 3), draw(2, 5, 3)],
            "LinearAttention: key has shape (2, 5, 3) but must have (2, 4, 3); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 5, 3)],
            "LinearAttention: value has shape (2, 5, 3) but must have (2, 4, *); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(3), draw(3), draw(3)],
            "LinearAttention: query has shape (3,) but must have (..., *, *); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3).astype(np.float32), draw(2, 4, 3), draw(2, 4, 3)],
            "LinearAttention: key has dtype float64 but the layer computes in float32; "
            "convert it with .astype(np.float32), or build the layer with dtype=np.float64",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3).astype(np.float32)],
            "LinearAttention: value has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3), np.zeros((2, 1, 4), bool)],
            "LinearAttention: key_padding_mask has shape (2, 1, 4) but must have (2, 4); "
            "reshape it or build the layer for its size",
        ),
    ],
    ids=["key", "value", "query", "dtype", "dtype of value", "mask"],
)
def test_inputs_that_do_not_fit_are_refused(inputs: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        LinearAttention(causal=True)(*inputs)


def test_keys_may_be_more_than_queries_but_not_of_another_size() -> None:
    assert LinearAttention()(draw(2, 4, 3), draw(2, 5, 3), draw(2, 5, 6)).shape == (2, 4, 6)
    with pytest.raises(InputError, match=r"^LinearAttention: key has shape \(2, 5, 2\) but must have \(2, \*, 3\);"):
        LinearAttention()(draw(2, 4, 3), draw(2, 5, 2), draw(2, 5, 6))


def test_gradients_of_another_shape_or_dtype_are_refused() -> None:
    layer, x = LinearAttention(), draw(2, 4, 3)
    layer(x, x, x)
    with pytest.raises(InputError, match=r"^LinearAttention: dy has shape \(2, 4\) but must have \(2, 4, 3\);"):
        layer.backward(draw(2, 4))
    with pytest.raises(InputError, match=r"^LinearAttention: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(x.astype(np.float32))
