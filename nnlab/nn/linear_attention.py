"""Attention whose time grows with the length and not with its square, since the softmax gives way to a dot product."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.local_attention import padding
from nnlab.nn.module import Module

__all__ = ["LinearAttention"]

_PADDED = [[False, True, False, True, False], [True, True, True, False, False], [True, True, True, True, True]]


class LinearAttention(Module):
    """yᵢ = Σⱼ φ(qᵢ)·φ(kⱼ) vⱼ / (Σⱼ φ(qᵢ)·φ(kⱼ) + eps) with φ = elu + 1, over all j, or over j ≤ i if causal.

    query has shape (..., L, d), key (..., S, d), value (..., S, dᵥ) and y (..., L, dᵥ); causal asks for L = S. Bring
    your own projections, and heads as one of the leading dimensions. Boolean key_padding_mask (..., S) is True where a
    key is not to be attended to; a query that may attend to nothing gets zeros. eps is that of the authors' code. In
    causal attention the sums up to each of the L positions are held at once, L d dᵥ numbers.
    Source: Katharopoulos et al., "Transformers are RNNs", 2020, equations 5, 7 and 9.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(x=[Normal((2, 3, 4, 5)), Normal((2, 3, 6, 5)), Normal((2, 3, 6, 2))]),
        Case(True, x=[Normal((2, 7, 3)), Normal((2, 7, 3)), Normal((2, 7, 4))]),
        Case(eps=0.3, x=[Normal((3, 2, 4)), Normal((3, 5, 4)), Normal((3, 5, 1)), Fixed(_PADDED)]),
        Case(True, 0.2, x=[Normal((3, 5, 2)), Normal((3, 5, 2)), Normal((3, 5, 4)), Fixed(_PADDED)]),
        Case(causal=True, x=[Normal((4, 3)), Normal((4, 3)), Normal((4, 2))], train=False),
    )

    def __init__(self, causal: bool = False, eps: float = 1e-6) -> None:
        self.causal = causal
        self.eps = eps

    def forward(
        self, query: ArrayLike, key: ArrayLike, value: ArrayLike, key_padding_mask: ArrayLike | None = None
    ) -> Array:
        query = borrow(self, query, (..., None, None), name="query")
        length = query.shape[-2] if self.causal else None
        key = borrow(self, key, (*query.shape[:-2], length, query.shape[-1]), query.dtype, "key")
        value = borrow(self, value, (*key.shape[:-1], None), query.dtype, "value")
        exists = ~padding(self, key_padding_mask, key.shape[:-1])[..., None]
        q, k = _elu_plus_1(query), _elu_plus_1(key) * exists
        v1 = np.concatenate([value, np.ones_like(value[..., :1])], -1)  # its last column sums up the weights
        sums = self._through(q, k, v1)
        total = sums[..., -1:] + self.eps
        y: Array = sums[..., :-1] / total
        self.cache = q, k, v1, exists, total, y
        return y.copy()

    def backward(self, dy: ArrayLike) -> tuple[Array, Array, Array]:
        q, k, v1, exists, total, y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        dsums = np.concatenate([dy, -(dy * y).sum(-1, keepdims=True)], -1) / total
        dq = self._through(dsums, v1, k) * np.minimum(q, 1)
        dk = self._back_through(v1, dsums, q) * np.minimum(k, 1) * exists
        dv: Array = self._back_through(k, q, dsums)[..., :-1]
        return dq, dk, dv.copy()

    def _through(self, a: Array, b: Array, c: Array) -> Array:
        """aᵢ · Σⱼ bⱼ cⱼᵀ, over all j, or over j ≤ i."""
        if self.causal:
            return _row_times_matrix(a, np.cumsum(_outer(b, c), -3))
        return a @ (b.swapaxes(-1, -2) @ c)

    def _back_through(self, a: Array, b: Array, c: Array) -> Array:
        """aⱼ · Σᵢ bᵢ cᵢᵀ, over all i, or over i ≥ j."""
        if self.causal:
            return _row_times_matrix(a, np.cumsum(_outer(b, c)[..., ::-1, :, :], -3)[..., ::-1, :, :])
        return a @ (b.swapaxes(-1, -2) @ c)


def _elu_plus_1(x: Array) -> Array:
    """elu(x) + 1, whose derivative is min(elu(x) + 1, 1)."""
    return np.exp(np.minimum(x, 0)) + np.maximum(x, 0)


def _outer(a: Array, b: Array) -> Array:
    """aᵢ bᵢᵀ for every position i."""
    return a[..., :, None] * b[..., None, :]


def _row_times_matrix(a: Array, matrices: Array) -> Array:
    """aᵢ Mᵢ for every position i."""
    rows: Array = (a[..., None, :] @ matrices)[..., 0, :]
    return rows
