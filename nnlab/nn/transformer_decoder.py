"""A transformer block that also attends to a second sequence."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.nn.arrays import Array, borrow
from nnlab.nn.attention import MultiheadAttention
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.feed_forward import activation_named
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.norm import LayerNorm
from nnlab.nn.transformer import CAUSAL, require_causal

__all__ = ["TransformerDecoderLayer"]

_BIAS = [[0.5, -1.0, 0.0, -np.inf], [-np.inf, 2.0, -0.5, 1.0], [0.0, 0.25, -np.inf, -1.5]]
_MEMORY_MASK = [[False, True, False, False], [True, False, False, False], [False, False, True, False]]
_PADDED = [[False, False, True], [False, False, False]]
_MEMORY_PADDED = [[False, False, False, True], [False, True, False, False]]


class TransformerDecoderLayer(Module):
    """Three residual junctions, around self-attention, attention to a memory, and a feed-forward network.

    Post-norm: h = norm1(tgt + attend(tgt)), c = norm2(h + recall(h, memory)), y = norm3(c + feed(c)); norm_first:
    h = tgt + attend(norm1(tgt)), c = h + recall(norm2(h), memory), y = c + feed(norm3(c)). tgt has shape
    (T, N, d_model) and memory (S, N, d_model), or (N, T, d_model) and (N, S, d_model) with batch_first. tgt_is_causal
    and memory_is_causal state that the mask hides exactly the later positions.
    Source: Vaswani et al., 2017, section 3.1; Xiong et al., 2020, for norm_first.
    """

    cases = (
        Case(4, 2, dim_feedforward=5, dropout=0.0, x=[Normal((3, 2, 4)), Normal((5, 2, 4))]),
        Case(
            4,
            1,
            dim_feedforward=3,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            x=[
                Normal((2, 3, 4)),
                Normal((2, 4, 4)),
                Fixed(CAUSAL),
                Fixed(_MEMORY_MASK),
                Fixed(_PADDED),
                Fixed(_MEMORY_PADDED),
                Fixed(True),
            ],
        ),
        Case(
            6,
            3,
            dim_feedforward=4,
            dropout=0.0,
            norm_first=True,
            layer_norm_eps=0.01,
            x=[Normal((3, 2, 6)), Normal((4, 2, 6)), Fixed(None), Fixed(_BIAS)],
        ),
        Case(
            4,
            2,
            dim_feedforward=5,
            dropout=0.3,
            norm_first=True,
            batch_first=True,
            bias=False,
            x=[
                Normal((2, 3, 4)),
                Normal((2, 3, 4)),
                Fixed(CAUSAL),
                Fixed(CAUSAL),
                Fixed(None),
                Fixed(None),
                Fixed(True),
                Fixed(True),
            ],
        ),
        Case(4, 2, dim_feedforward=5, dropout=0.3, x=[Normal((2, 3, 4)), Normal((1, 3, 4))]),
        Case(4, 2, dim_feedforward=3, dropout=0.3, x=[Normal((2, 3, 4)), Normal((5, 3, 4))], train=False),
    )

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Literal["relu", "gelu"] = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.norm_first = norm_first
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first, rng=rng, dtype=dtype)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first, rng=rng, dtype=dtype)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=rng)
        self.dropout2 = Dropout(dropout, rng=rng)
        self.dropout3 = Dropout(dropout, rng=rng)
        self.activation = activation_named(self, activation)

    def forward(
        self,
        tgt: ArrayLike,
        memory: ArrayLike,
        tgt_mask: NDArray[np.generic] | None = None,
        memory_mask: NDArray[np.generic] | None = None,
        tgt_key_padding_mask: NDArray[np.generic] | None = None,
        memory_key_padding_mask: NDArray[np.generic] | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Array:
        tgt = borrow(self, tgt, (None, None, None), name="tgt")
        require_causal(self, tgt_mask, tgt_is_causal, "tgt_mask")
        require_causal(self, memory_mask, memory_is_causal, "memory_mask")
        masks = tgt_mask, tgt_key_padding_mask
        remembered = memory, memory_mask, memory_key_padding_mask
        if self.norm_first:
            h = tgt + self._attend(self.norm1(tgt), *masks)
            c = h + self._recall(self.norm2(h), *remembered)
            y: Array = c + self._feed(self.norm3(c))
        else:
            h = self.norm1(tgt + self._attend(tgt, *masks))
            c = self.norm2(h + self._recall(h, *remembered))
            y = self.norm3(c + self._feed(c))
        self.cache = y.shape
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, Array]:
        dy = borrow(self, dy, self.cache, name="dy")
        if self.norm_first:
            dc: Array = dy + self.norm3.backward(self._feed_backward(dy))
            drecalled, dmemory = self._recall_backward(dc)
            dh: Array = dc + self.norm2.backward(drecalled)
            dtgt: Array = dh + self.norm1.backward(self._attend_backward(dh))
        else:
            dsum = self.norm3.backward(dy)
            dsum = self.norm2.backward(dsum + self._feed_backward(dsum))
            drecalled, dmemory = self._recall_backward(dsum)
            dsum = self.norm1.backward(dsum + drecalled)
            dtgt = dsum + self._attend_backward(dsum)
        return dtgt, dmemory

    def _attend(self, x: Array, mask: Any, key_padding_mask: Any) -> Array:
        attended, _ = self.self_attn(x, x, x, key_padding_mask, need_weights=False, attn_mask=mask)
        y: Array = self.dropout1(attended)
        return y

    def _attend_backward(self, dy: Array) -> Array:
        dquery, dkey, dvalue = self.self_attn.backward(self.dropout1.backward(dy))
        return dquery + dkey + dvalue

    def _recall(self, x: Array, memory: ArrayLike, mask: Any, key_padding_mask: Any) -> Array:
        recalled, _ = self.multihead_attn(x, memory, memory, key_padding_mask, need_weights=False, attn_mask=mask)
        y: Array = self.dropout2(recalled)
        return y

    def _recall_backward(self, dy: Array) -> tuple[Array, Array]:
        dquery, dkey, dvalue = self.multihead_attn.backward(self.dropout2.backward(dy))
        return dquery, dkey + dvalue

    def _feed(self, x: Array) -> Array:
        hidden = self.dropout(self.activation(self.linear1(x)))
        fed: Array = self.dropout3(self.linear2(hidden))
        return fed

    def _feed_backward(self, dy: Array) -> Array:
        dhidden = self.linear2.backward(self.dropout3.backward(dy))
        dz = self.activation.backward(self.dropout.backward(dhidden))
        return self.linear1.backward(dz)
