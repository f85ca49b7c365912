"""Attention: masks, weights, what torch leaves undefined."""

from typing import Any

import numpy as np
import pytest

from nnlab.nn import MultiheadAttention, TransformerEncoderLayer
from nnlab.nn.attention import additive


def attention(**kwargs: Any) -> MultiheadAttention:
    return MultiheadAttention(4, 2, batch_first=True, rng=np.random.default_rng(41), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(42).standard_normal(shape)


def test_weights_are_the_mean_over_the_heads_and_sum_to_one() -> None:
    _, weights = attention()(draw(2, 3, 4), draw(2, 5, 4), draw(2, 5, 4))
    assert weights is not None
    assert weights.shape == (2, 3, 5)
    np.testing.assert_allclose(weights.sum(-1), 1)


def test_weights_are_left_out_on_request() -> None:
    x = draw(2, 3, 4)
    y, weights = attention()(x, x, x, need_weights=False)
    assert weights is None
    np.testing.assert_array_equal(y, attention()(x, x, x)[0])


def test_a_boolean_mask_is_minus_infinity_where_true() -> None:
    x, mask = draw(2, 3, 4), np.array([[False, True, False], [False, False, True], [True, False, False]])
    boolean = attention()(x, x, x, attn_mask=mask)
    additive = attention()(x, x, x, attn_mask=np.where(mask, -np.inf, 0.0))
    np.testing.assert_array_equal(boolean[0], additive[0])
    assert boolean[1] is not None
    assert not boolean[1][:, mask].any()


def test_a_boolean_mask_becomes_minus_infinity_or_zero_and_a_floating_one_stays() -> None:
    mask = np.array([[True, False]])
    assert additive(attention(), mask, "attn_mask", [(1, 2)]).tolist() == [[-np.inf, 0.0]]
    assert additive(attention(), mask / 2, "attn_mask", [(1, 2)]).tolist() == [[0.5, 0.0]]


def test_a_mask_per_head_differs_between_heads_and_samples() -> None:
    x, shared = draw(2, 3, 4), draw(3, 3)
    together = attention()(x, x, x, attn_mask=shared)[0]
    np.testing.assert_allclose(attention()(x, x, x, attn_mask=np.stack([shared] * 4))[0], together)
    own = np.stack([shared, shared, shared, -shared])
    apart = attention()(x, x, x, attn_mask=own)[0]
    np.testing.assert_allclose(apart[0], together[0])
    assert not np.allclose(apart[1], together[1])


def test_a_padded_key_is_as_if_it_were_not_there() -> None:
    q, kv, padded = draw(2, 3, 4), draw(2, 5, 4), np.array([[False] * 3 + [True] * 2] * 2)
    masked = attention()(q, kv, kv, padded)[0]
    np.testing.assert_allclose(masked, attention()(q, kv[:, :3], kv[:, :3])[0], atol=1e-14)


def test_a_floating_padding_mask_is_added_and_combines_with_the_other() -> None:
    x, padded, bias = draw(2, 3, 4), draw(2, 3), draw(3, 3)
    both = attention()(x, x, x, padded, True, bias)[0]
    as_one = np.repeat(padded[:, None] + bias, 2, axis=0)
    np.testing.assert_allclose(both, attention()(x, x, x, attn_mask=as_one)[0], atol=1e-14)


def test_a_query_that_may_attend_to_nothing_gets_weights_of_zero() -> None:
    x = draw(1, 2, 4)
    layer = attention(bias=False)
    y, weights = layer(x, x, x, attn_mask=np.array([[True, True], [False, True]]))
    assert weights is not None
    assert weights[0].tolist() == [[0.0, 0.0], [1.0, 0.0]]
    assert not y[0, 0].any()
    assert all(np.isfinite(dx).all() for dx in layer.backward(np.ones_like(y)))


def test_dropout_applies_to_the_weights_in_training_only() -> None:
    x = draw(2, 6, 4)
    layer = attention(dropout=0.5)
    weights = layer(x, x, x)[1]
    assert weights is not None
    assert (weights == 0).any()
    layer.eval()
    np.testing.assert_array_equal(layer(x, x, x)[0], attention()(x, x, x)[0])


def test_a_mask_is_kept_by_nobody() -> None:
    x, mask = draw(1, 2, 4), np.zeros((2, 2), bool)
    layer = attention()
    y, _ = layer(x, x, x, attn_mask=mask)
    mask[...] = True
    np.testing.assert_array_equal(layer.backward(np.ones_like(y))[0], fresh_gradient(x))


def fresh_gradient(x: Any) -> Any:
    layer = attention()
    y, _ = layer(x, x, x, attn_mask=np.zeros((2, 2), bool))
    return layer.backward(np.ones_like(y))[0]


def test_float32_attention_stays_float32_with_a_float64_mask() -> None:
    layer = MultiheadAttention(4, 2, rng=np.random.default_rng(0), dtype=np.float32)
    x = draw(3, 2, 4).astype(np.float32)
    y, weights = layer(x, x, x, attn_mask=np.zeros((3, 3)))
    assert weights is not None
    assert y.dtype == weights.dtype == np.float32


def test_defaults_are_torchs() -> None:
    layer = MultiheadAttention(4, 2, rng=np.random.default_rng(0))
    assert (layer.embed_dim, layer.num_heads, layer.batch_first, layer.dropout.p) == (4, 2, False, 0.0)
    assert layer.in_proj_bias is not None
    encoder = TransformerEncoderLayer(4, 2, rng=np.random.default_rng(0))
    assert encoder.linear1.out_features == 2048
    assert [d.p for d in (encoder.dropout, encoder.dropout1, encoder.dropout2, encoder.self_attn.dropout)] == [0.1] * 4
    assert encoder.norm1.eps == encoder.norm2.eps == 1e-5
    assert type(encoder.activation).__name__ == "ReLU"
    assert encoder.norm_first is encoder.self_attn.batch_first is False
    assert encoder.linear1.bias is not None


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_passes_both_masks_on(norm_first: bool) -> None:
    layer = TransformerEncoderLayer(
        4, 2, 5, dropout=0.0, batch_first=True, norm_first=norm_first, rng=np.random.default_rng(0)
    )
    x, mask, padded = draw(2, 3, 4), np.triu(np.ones((3, 3), bool), 1), np.array([[False, False, True]] * 2)
    plain, causal, both = layer(x), layer(x, mask), layer(x, src_key_padding_mask=padded)
    np.testing.assert_allclose(causal[:, 2], plain[:, 2])
    assert not np.allclose(causal[:, 0], plain[:, 0])
    np.testing.assert_allclose(both[:, :2], layer(x[:, :2]))


def test_encoder_asks_its_attention_for_no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = TransformerEncoderLayer(4, 2, 5, rng=np.random.default_rng(0))
    asked: list[Any] = []

    def attend(*inputs: Any, need_weights: bool = True, **masks: Any) -> Any:
        asked.append(need_weights)
        return MultiheadAttention.forward(layer.self_attn, *inputs, need_weights=need_weights, **masks)

    monkeypatch.setattr(layer.self_attn, "forward", attend)
    layer(draw(3, 2, 4))
    assert asked == [False]
