"""Scaled dot-product attention: masks, shared heads, what must not overflow, what is refused."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import ScaledDotProductAttention


def attention(dropout_p: float = 0.0, **kwargs: Any) -> ScaledDotProductAttention:
    return ScaledDotProductAttention(dropout_p, rng=np.random.default_rng(1), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(2).standard_normal(shape)


def weights(layer: ScaledDotProductAttention, query: Any, key: Any, mask: Any = None) -> Any:
    """What the layer mixes the values with: its output for one-hot values."""
    return layer(query, key, np.broadcast_to(np.eye(key.shape[-2]), (*key.shape[:-1], key.shape[-2])), mask)


def test_weights_of_a_query_sum_to_one() -> None:
    np.testing.assert_allclose(weights(attention(), draw(2, 3, 4), draw(2, 5, 4)).sum(-1), 1)


def test_a_boolean_mask_says_which_keys_may_be_attended_to() -> None:
    allowed = np.array([[True, False, True], [False, True, False]])
    found = weights(attention(), draw(2, 4), draw(3, 4), allowed)
    np.testing.assert_array_equal(found != 0, allowed)
    np.testing.assert_array_equal(found, weights(attention(), draw(2, 4), draw(3, 4), np.where(allowed, 0.0, -np.inf)))


def test_a_causal_query_attends_to_the_keys_up_to_its_own_position() -> None:
    causal = weights(attention(is_causal=True), draw(2, 4), draw(3, 4))
    assert (causal != 0).tolist() == [[True, False, False], [True, True, False]]
    np.testing.assert_array_equal(causal, weights(attention(), draw(2, 4), draw(3, 4), np.tri(2, 3, dtype=bool)))


def test_a_query_that_may_attend_to_nothing_gives_zero_and_gets_no_gradient() -> None:
    for nothing in (np.zeros((2, 3), bool), np.full((2, 3), -np.inf)):
        layer = attention()
        nothing[1] = True
        assert not layer(draw(2, 4), draw(3, 4), draw(3, 5), nothing)[0].any()
        dq, dk, dv = layer.backward(draw(2, 5))
        assert not dq[0].any()
        assert dq[1].any()
        assert np.isfinite(dk).all()
        assert np.isfinite(dv).all()


def test_a_mask_is_kept_by_nobody() -> None:
    for mask in (np.ones((2, 3), bool), draw(2, 3)):
        wanted, layer = attention(), attention()
        wanted(draw(2, 4), draw(3, 4), draw(3, 5), mask.copy())
        layer(draw(2, 4), draw(3, 4), draw(3, 5), mask)
        mask[...] = 0
        for found, dx in zip(layer.backward(draw(2, 5)), wanted.backward(draw(2, 5)), strict=True):
            np.testing.assert_array_equal(found, dx)


def test_scores_in_the_thousands_give_the_largest_its_value() -> None:
    layer, q = attention(scale=1.0), np.array([[1000.0], [-1000.0]])
    assert layer(q, np.array([[1000.0], [-1000.0]]), np.array([[3.0], [5.0]])).tolist() == [[3.0], [5.0]]
    assert all(np.isfinite(dx).all() for dx in layer.backward(np.ones((2, 1))))


def test_a_shared_head_serves_neighbouring_heads_of_query() -> None:
    q, k, v = draw(2, 6, 3, 4), draw(2, 2, 5, 4), draw(2, 2, 5, 3)
    alone, shared = attention(), attention(enable_gqa=True)
    each = [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(shared(q, k, v), alone(q, k[:, each], v[:, each]))
    dq, dk, dv = alone.backward(draw(2, 6, 3, 3))
    found = shared.backward(draw(2, 6, 3, 3))
    np.testing.assert_array_equal(found[0], dq)
    np.testing.assert_allclose(found[1], np.stack([dk[:, :3].sum(1), dk[:, 3:].sum(1)], 1), atol=1e-14)
    np.testing.assert_allclose(found[2], np.stack([dv[:, :3].sum(1), dv[:, 3:].sum(1)], 1), atol=1e-14)


def test_dropout_drops_weights_in_training_only() -> None:
    layer, q, k = attention(0.5), draw(2, 6, 4), draw(2, 5, 4)
    kept = weights(layer, q, k)
    whole = weights(layer.eval(), q, k)
    np.testing.assert_array_equal(whole, weights(attention(), q, k))
    assert 0.2 < (kept == 0).mean() < 0.8
    np.testing.assert_allclose(kept[kept != 0], 2 * whole[kept != 0])


def test_a_batch_of_nothing_passes() -> None:
    layer = attention(enable_gqa=True)
    assert layer(np.zeros((0, 4, 3, 2)), np.zeros((0, 2, 5, 2)), np.zeros((0, 2, 5, 6))).shape == (0, 4, 3, 6)
    assert [dx.shape for dx in layer.backward(np.zeros((0, 4, 3, 6)))] == [(0, 4, 3, 2), (0, 2, 5, 2), (0, 2, 5, 6)]


def test_defaults_are_those_of_the_function_in_torch() -> None:
    layer = ScaledDotProductAttention(rng=np.random.default_rng(0))
    assert (layer.dropout.p, layer.is_causal, layer.scale, layer.enable_gqa) == (0.0, False, None, False)


def single(name: str) -> str:
    return (
        f"{name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


def misfit(name: str, got: str, wanted: str) -> str:
    return f"{name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


Q, K, V = np.zeros((2, 3, 4)), np.zeros((2, 5, 4)), np.zeros((2, 5, 6))
MASK = np.zeros((3, 5))


def run(dy: Any) -> None:
    """Forward, then backward."""
    layer = attention()
    layer(Q, K, V)
    layer.backward(dy)


def share(heads: int, shared: int) -> None:
    attention(enable_gqa=True)(np.zeros((heads, 3, 4)), np.zeros((shared, 5, 4)), np.zeros((shared, 5, 6)))


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: attention()(Q[0, 0], K, V), misfit("query", "(4,)", "(..., *, *)")),
    (lambda: attention(enable_gqa=True)(Q[0], K[0], V[0]), misfit("query", "(3, 4)", "(..., *, *, *)")),
    (lambda: attention()(Q, K[:1], V), misfit("key", "(1, 5, 4)", "(2, *, 4)")),
    (lambda: attention()(Q, V, V), misfit("key", "(2, 5, 6)", "(2, *, 4)")),
    (lambda: attention()(Q, K, V[:, :4]), misfit("value", "(2, 4, 6)", "(2, 5, *)")),
    (lambda: attention()(Q, K.astype(np.float32), V), single("key")),
    (lambda: attention()(Q, K, V.astype(np.float32)), single("value")),
    (lambda: run(np.zeros((2, 3, 4))), misfit("dy", "(2, 3, 4)", "(2, 3, 6)")),
    (lambda: run(np.zeros((2, 3, 6), np.float32)), single("dy")),
    (
        lambda: share(4, 3),
        "4 heads of query cannot share 3 of key and value; make the first number a multiple of the second",
    ),
    (
        lambda: share(4, 0),
        "4 heads of query cannot share 0 of key and value; make the first number a multiple of the second",
    ),
    (
        lambda: attention(is_causal=True)(Q, K, V, MASK),
        "attn_mask was given to a layer with is_causal=True; "
        "put the triangle into attn_mask, and build the layer with is_causal=False",
    ),
    (
        lambda: attention()(Q, K, V, MASK.T),
        "attn_mask has shape (5, 3) but must broadcast to (2, 3, 5); reshape it, or drop it",
    ),
    (
        lambda: attention()(Q, K, V, np.zeros((1, 2, 3, 5))),
        "attn_mask has shape (1, 2, 3, 5) but must broadcast to (2, 3, 5); reshape it, or drop it",
    ),
    (lambda: attention()(Q, K, V, MASK.astype(np.float32)), single("attn_mask")),
    (
        lambda: attention()(Q, K, V, MASK.astype(int)),
        "attn_mask must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape('ScaledDotProductAttention: ' + message)}$"):
        call()
