"""Attention by itself, without projections: each query's mixture of the values."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.module import Module
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["ScaledDotProductAttention"]

_ALLOWED = [[True, False, True, True, False], [False] * 5, [False, True, True, False, True]]
_BIAS = [[[0.5, -1.0, 0.0, -np.inf]], [[-np.inf, 2.0, -0.5, 1.5]]]


class ScaledDotProductAttention(Module):
    """y = softmax(query keyᵀ · scale + mask) value, with scale = 1 / √E unless it is given.

    query has shape (..., L, E), key (..., S, E), value (..., S, D) and y (..., L, D). attn_mask broadcasts to
    (..., L, S); it is boolean (True: may be attended to) or a floating-point number to add, and gets no gradient.
    is_causal lets query i attend to the keys up to i. With enable_gqa a head of key and value serves several
    neighbouring heads of query, which lie on axis -3. A query that may attend to nothing gives 0. In training weights
    are dropped with probability dropout_p. All this is as in torch.nn.functional.scaled_dot_product_attention.
    Source: Vaswani et al., "Attention Is All You Need", 2017, equation 1.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(x=[Normal((2, 3, 4)), Normal((2, 5, 4)), Normal((2, 5, 6))]),
        Case(0.4, x=[Normal((3, 2)), Normal((5, 2)), Normal((5, 4)), Fixed(_ALLOWED)]),
        Case(is_causal=True, scale=0.7, x=[Normal((2, 3, 5, 4)), Normal((2, 3, 4, 4)), Normal((2, 3, 4, 1))]),
        Case(0.3, True, x=[Normal((2, 3, 4)), Normal((2, 5, 4)), Normal((2, 5, 6))], train=False),
        Case(enable_gqa=True, x=[Normal((2, 6, 3, 4)), Normal((2, 2, 5, 4)), Normal((2, 2, 5, 3)), Fixed(_ALLOWED)]),
        Case(x=[Normal((2, 3, 5)), Normal((2, 4, 5)), Normal((2, 4, 3)), Fixed(_BIAS)]),
        Case(scale=0.02, x=[Normal((2, 3, 4), scale=30.0), Normal((2, 5, 4)), Normal((2, 5, 3))]),
    )

    def __init__(
        self,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
        *,
        rng: np.random.Generator,
    ) -> None:
        self.is_causal = is_causal
        self.scale = scale
        self.enable_gqa = enable_gqa
        self.dropout = Dropout(dropout_p, rng=rng)

    def forward(
        self, query: ArrayLike, key: ArrayLike, value: ArrayLike, attn_mask: NDArray[np.generic] | None = None
    ) -> Array:
        q, k, v, groups = self._inputs(query, key, value)
        scale = 1 / math.sqrt(q.shape[-1]) if self.scale is None else self.scale
        weights = softmax(self._masked(q @ k.swapaxes(-1, -2) * scale, attn_mask), -1)
        kept = self.dropout(weights)
        y: Array = kept @ v
        self.cache = q, k, v, groups, scale, weights, kept
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, Array, Array]:
        q, k, v, groups, scale, weights, kept = self.cache
        dy = borrow(self, dy, (*q.shape[:-1], v.shape[-1]), q.dtype, "dy")
        dweights = self.dropout.backward(dy @ v.swapaxes(-1, -2))
        dscores = softmax_backward(dweights, weights, -1) * scale
        dq: Array = dscores @ k
        dk = self._summed(dscores.swapaxes(-1, -2) @ q, groups)
        dv = self._summed(kept.swapaxes(-1, -2) @ dy, groups)
        return dq, dk, dv

    def _inputs(self, query: ArrayLike, key: ArrayLike, value: ArrayLike) -> tuple[Array, Array, Array, int | None]:
        """Private copies, with each head of key and value once for every head of query that shares it; how many do."""
        free = (None,) * (3 if self.enable_gqa else 2)
        q = own(self, query, (..., *free), name="query")
        k = own(self, key, (*q.shape[: -len(free)], *free[1:], q.shape[-1]), q.dtype, "key")
        v = own(self, value, (*k.shape[:-1], None), q.dtype, "value")
        if not self.enable_gqa:
            return q, k, v, None
        heads, shared = q.shape[-3], k.shape[-3]
        if not shared or heads % shared:
            raise InputError(
                f"ScaledDotProductAttention: {heads} heads of query cannot share {shared} of key and value; "
                f"make the first number a multiple of the second"
            )
        groups = heads // shared
        return q, k.repeat(groups, -3), v.repeat(groups, -3), groups

    def _summed(self, dx: Array, groups: int | None) -> Array:
        """The gradients of a head of key or value, added over the heads of query that share it."""
        if groups is None:
            return dx
        *batch, heads, length, features = dx.shape
        total: Array = dx.reshape(*batch, heads // groups, groups, length, features).sum(-3)
        return total

    def _masked(self, scores: Array, attn_mask: NDArray[np.generic] | None) -> Array:
        """The scores, with -inf where a query may not attend."""
        if self.is_causal:
            if attn_mask is not None:
                raise InputError(
                    "ScaledDotProductAttention: attn_mask was given to a layer with is_causal=True; "
                    "put the triangle into attn_mask, and build the layer with is_causal=False"
                )
            attn_mask = np.tri(*scores.shape[-2:], dtype=np.bool_)
        if attn_mask is None:
            return scores
        mask = np.asarray(attn_mask)
        try:
            np.broadcast_to(mask, scores.shape)
        except ValueError:
            raise InputError(
                f"ScaledDotProductAttention: attn_mask has shape {mask.shape} but must broadcast to {scores.shape}; "
                f"reshape it, or drop it"
            ) from None
        if mask.dtype == bool:
            return np.where(mask, scores, -np.inf)
        return scores + borrow(self, mask, mask.shape, scores.dtype, "attn_mask")
