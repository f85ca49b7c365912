"""Transformer blocks."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.attention import MultiheadAttention
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.feed_forward import activation_named
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module
from nnlab.nn.norm import LayerNorm

__all__ = ["TransformerEncoderLayer"]

CAUSAL = [[False, True, True], [False, False, True], [False, False, False]]


class TransformerEncoderLayer(Module):
    """Two residual junctions, around self-attention and around a feed-forward network of two linear maps.

    Post-norm: h = norm1(x + attend(x)), y = norm2(h + feed(h)); norm_first: h = x + attend(norm1(x)),
    y = h + feed(norm2(h)). x has shape (T, N, d_model), or (N, T, d_model) with batch_first. is_causal states that
    src_mask hides exactly the later positions.
    Source: Vaswani et al., 2017, section 3.1; Xiong et al., 2020, for norm_first.
    """

    cases = (
        Case(4, 2, dim_feedforward=5, dropout=0.0, x=Normal((3, 2, 4))),
        Case(4, 1, dim_feedforward=3, dropout=0.0, activation="gelu", batch_first=True, x=Normal((2, 5, 4))),
        Case(6, 3, dim_feedforward=4, dropout=0.0, norm_first=True, layer_norm_eps=0.01, x=Normal((4, 2, 6))),
        Case(4, 2, dim_feedforward=5, dropout=0.3, batch_first=True, x=[Normal((2, 3, 4)), Fixed(CAUSAL)]),
        Case(
            4,
            2,
            dim_feedforward=5,
            dropout=0.3,
            norm_first=True,
            bias=False,
            x=Normal((3, 2, 4)),
            train=False,
        ),
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
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=rng)
        self.dropout2 = Dropout(dropout, rng=rng)
        self.activation = activation_named(self, activation)

    def forward(
        self,
        x: ArrayLike,
        src_mask: NDArray[np.generic] | None = None,
        src_key_padding_mask: NDArray[np.generic] | None = None,
        is_causal: bool = False,
    ) -> Array:
        x = borrow(self, x, (None, None, None))
        require_causal(self, src_mask, is_causal, "src_mask")
        masks = src_mask, src_key_padding_mask
        if self.norm_first:
            h = x + self._attend(self.norm1(x), *masks)
            y: Array = h + self._feed(self.norm2(h))
        else:
            h = self.norm1(x + self._attend(x, *masks))
            y = self.norm2(h + self._feed(h))
        self.cache = y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        dy = borrow(self, dy, self.cache, name="dy")
        if self.norm_first:
            dh: Array = dy + self.norm2.backward(self._feed_backward(dy))
            dx: Array = dh + self.norm1.backward(self._attend_backward(dh))
        else:
            dsum = self.norm2.backward(dy)
            dh = self.norm1.backward(dsum + self._feed_backward(dsum))
            dx = dh + self._attend_backward(dh)
        return dx

    def _attend(self, x: Array, mask: Any, key_padding_mask: Any) -> Array:
        attended: Array = self.dropout1(
            self.self_attn(x, x, x, key_padding_mask, need_weights=False, attn_mask=mask)[0]
        )
        return attended

    def _attend_backward(self, dy: Array) -> Array:
        dquery, dkey, dvalue = self.self_attn.backward(self.dropout1.backward(dy))
        return dquery + dkey + dvalue

    def _feed(self, x: Array) -> Array:
        hidden = self.dropout(self.activation(self.linear1(x)))
        fed: Array = self.dropout2(self.linear2(hidden))
        return fed

    def _feed_backward(self, dy: Array) -> Array:
        dhidden = self.linear2.backward(self.dropout2.backward(dy))
        dz = self.activation.backward(self.dropout.backward(dhidden))
        return self.linear1.backward(dz)


def require_causal(owner: object, mask: NDArray[np.generic] | None, is_causal: bool, name: str) -> None:
    """Raise InputError if `is_causal` but the mask does not hide exactly the later positions."""
    if is_causal and not (mask is not None and _is_causal(np.asarray(mask))):
        raise InputError(
            f"{type(owner).__name__}: {name} must hide exactly the later positions for is_causal but "
            f"{'is missing' if mask is None else 'does not'}; pass np.triu(np.ones((T, S), bool), 1), or leave "
            f"is_causal out"
        )


def _is_causal(mask: NDArray[np.generic]) -> bool:
    """Whether the boolean mask is True, or the mask to add is -inf, above the diagonal alone, and else False or 0."""
    later = np.triu(np.ones(mask.shape), 1)
    return np.array_equal(mask, later if mask.dtype == bool else np.where(later, -np.inf, 0.0))
