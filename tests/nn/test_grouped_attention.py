"""Grouped queries: what they are without groups, positions, order in time, what is refused."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import GroupedQueryAttention, MultiheadAttention, SelfAttention


def attention(num_kv_heads: int = 2, dropout: float = 0.0, **kwargs: Any) -> GroupedQueryAttention:
    return GroupedQueryAttention(8, 2, num_kv_heads, dropout, rng=np.random.default_rng(5), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(6).standard_normal(shape)


def test_as_many_key_value_heads_as_heads_are_multi_head_attention() -> None:
    layer, other = attention(), MultiheadAttention(8, 2, batch_first=True, rng=np.random.default_rng(0))
    state, x = layer.state_dict(), draw(3, 5, 8)
    other.load_state_dict(
        {
            "in_proj_weight": np.concatenate([state[f"{name}_proj.weight"] for name in "qkv"]),
            "in_proj_bias": np.concatenate([state[f"{name}_proj.bias"] for name in "qkv"]),
            "out_proj.weight": state["out_proj.weight"],
            "out_proj.bias": state["out_proj.bias"],
        }
    )
    np.testing.assert_allclose(layer(x), other(x, x, x)[0], atol=1e-14)


def test_one_head_is_self_attention_before_the_last_projection() -> None:
    layer, other = build(6, 1, 1), SelfAttention(6, rng=np.random.default_rng(0))
    long = {"q_proj": "query", "k_proj": "key", "v_proj": "value"}
    projections = [(name.partition("."), array) for name, array in layer.state_dict().items() if name[0] != "o"]
    other.load_state_dict({f"{long[inner]}.{name}": array for (inner, _, name), array in projections})
    x = draw(2, 5, 6)
    np.testing.assert_allclose(layer(x), layer.out_proj(other(x)), atol=1e-14)


def test_fewer_key_value_heads_have_smaller_projections() -> None:
    shapes = {name: array.shape for name, array in attention(1, bias=False).state_dict().items()}
    assert shapes == {
        "q_proj.weight": (8, 8),
        "k_proj.weight": (4, 8),
        "v_proj.weight": (4, 8),
        "out_proj.weight": (8, 8),
    }


def test_without_rotation_the_order_of_the_positions_does_not_matter() -> None:
    x, turned = draw(2, 5, 8), {"rotary": "interleaved"}
    np.testing.assert_allclose(attention()(x)[:, ::-1], attention()(x[:, ::-1]), atol=1e-14)
    assert not np.allclose(attention(**turned)(x)[:, ::-1], attention(**turned)(x[:, ::-1]))


def test_a_causal_layer_sees_nothing_later() -> None:
    x = draw(2, 5, 8)
    layer = attention(1, is_causal=True, rotary="halves")
    np.testing.assert_allclose(layer(x[:, :3]), layer(x)[:, :3], atol=1e-14)


def test_a_key_that_no_query_may_attend_to_gets_no_gradient_from_the_others() -> None:
    x, allowed = draw(1, 3, 8), np.array([[True, True, False]] * 3)
    layer = attention(1)
    y = layer(x, allowed)
    dx = layer.backward(np.where(np.arange(3)[:, None] < 2, 1.0, 0.0) * np.ones_like(y))
    assert not dx[0, 2].any()
    assert dx[0, :2].all()


def test_dropout_acts_in_training_only() -> None:
    x, layer = draw(2, 5, 8), attention(dropout=0.5)
    assert not np.allclose(layer(x), attention()(x))
    np.testing.assert_array_equal(layer.eval()(x), attention()(x))


def test_a_batch_of_nothing_passes() -> None:
    layer = attention(1, rotary="halves")
    assert layer.backward(layer(np.zeros((0, 5, 8)))).shape == (0, 5, 8)


def test_defaults_are_those_of_multi_head_attention_in_torch() -> None:
    layer = GroupedQueryAttention(8, 4, 2, rng=np.random.default_rng(0))
    assert (layer.attention.dropout.p, layer.attention.is_causal, layer.rotary) == (0.0, False, None)
    assert all(p.bias is not None for p in (layer.q_proj, layer.k_proj, layer.v_proj, layer.out_proj))
    turned = attention(rotary="halves").rotary
    assert turned is not None
    assert turned.base == 10000.0


def build(embed_dim: int, num_heads: int, num_kv_heads: int, rotary: Any = None) -> GroupedQueryAttention:
    return GroupedQueryAttention(embed_dim, num_heads, num_kv_heads, rotary=rotary, rng=np.random.default_rng(0))


def run(dy: Any) -> None:
    """Forward, then backward."""
    layer = attention()
    layer(np.zeros((2, 3, 8)))
    layer.backward(dy)


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: build(8, 3, 1), "GroupedQueryAttention: num_heads=3 must divide embed_dim=8; choose a divisor"),
    (lambda: build(8, 0, 1), "GroupedQueryAttention: num_heads=0 must divide embed_dim=8; choose a divisor"),
    (lambda: build(8, 4, 3), "GroupedQueryAttention: num_kv_heads=3 must divide num_heads=4; choose a divisor"),
    (lambda: build(8, 4, 0), "GroupedQueryAttention: num_kv_heads=0 must divide num_heads=4; choose a divisor"),
    (
        lambda: build(8, 4, 2, "half"),
        "GroupedQueryAttention: rotary is 'half' but must be 'interleaved', 'halves' or None; choose one of them",
    ),
    (
        lambda: build(6, 2, 1, "halves"),
        "RotaryEmbedding: dim is 3 but must be even, as pairs are rotated; add or drop one",
    ),
    (
        lambda: attention()(np.zeros((2, 3, 6))),
        "GroupedQueryAttention: x has shape (2, 3, 6) but must have (*, *, 8); "
        "reshape it or build the layer for its size",
    ),
    (
        lambda: attention()(np.zeros((3, 8))),
        "GroupedQueryAttention: x has shape (3, 8) but must have (*, *, 8); reshape it or build the layer for its size",
    ),
    (
        lambda: run(np.zeros((2, 3, 4))),
        "Linear: dy has shape (2, 3, 4) but must have (2, 3, 8); reshape it or build the layer for its size",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
