"""Attention by a small network in place of a dot product."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.attention import additive
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["AdditiveAttention"]

_CAUSAL = [[False, True, True, True], [False, False, True, True], [False, False, False, True]]
_PADDED = [[[False, True, False]], [[True, True, True]]]
_BIAS = [[0.5, -1.0, 0.0], [-np.inf, 2.0, -0.5]]


class AdditiveAttention(Module):
    """yᵢ = Σⱼ softmaxⱼ(score · tanh(query(qᵢ) + key(kⱼ)) + maskᵢⱼ) vⱼ.

    query has shape (..., L, query_dim), key (..., S, key_dim), value (..., S, dᵥ) and y (..., L, dᵥ). Parameters are
    query.weight (hidden_dim, query_dim), key.weight (hidden_dim, key_dim), their biases if asked for, and score
    (hidden_dim,). A mask of shape (L, S), (..., L, S) or, for padding, (..., 1, S) is boolean (True: may not be
    attended to) or a floating-point number to add; a query that may attend to nothing gets zeros.
    Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", 2015,
    appendix A.1.2.
    """

    in_torch = False
    cases = (
        Case(3, 5, 4, x=[Normal((2, 3, 3)), Normal((2, 4, 5)), Normal((2, 4, 6))]),
        Case(2, 3, 5, True, x=[Normal((2, 3, 2)), Normal((2, 4, 3)), Normal((2, 4, 1)), Fixed(_CAUSAL)]),
        Case(4, 2, 3, x=[Normal((2, 2, 4)), Normal((2, 3, 2)), Normal((2, 3, 5)), Fixed(_PADDED)]),
        Case(3, 2, 1, x=[Normal((2, 3)), Normal((3, 2)), Normal((3, 4)), Fixed(_BIAS)]),
    )

    def __init__(
        self,
        query_dim: int,
        key_dim: int,
        hidden_dim: int,
        bias: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.query_dim = query_dim
        self.key_dim = key_dim
        self.query = Linear(query_dim, hidden_dim, bias, rng=rng, dtype=dtype)
        self.key = Linear(key_dim, hidden_dim, bias, rng=rng, dtype=dtype)
        self.score = Parameter(fan_in_uniform(rng, (hidden_dim,), hidden_dim, dtype))

    def forward(
        self, query: ArrayLike, key: ArrayLike, value: ArrayLike, mask: NDArray[np.generic] | None = None
    ) -> Array:
        dtype = self.score.data.dtype
        query = borrow(self, query, (..., None, self.query_dim), dtype, "query")
        key = borrow(self, key, (*query.shape[:-2], None, self.key_dim), dtype, "key")
        value = own(self, value, (*key.shape[:-1], None), dtype, "value")
        hidden = np.tanh(self.query(query)[..., :, None, :] + self.key(key)[..., None, :, :])
        scores = hidden @ self.score.data
        if mask is not None:
            batch, plane = scores.shape[:-2], scores.shape[-2:]
            shapes = [plane, (*batch, *plane), (*batch, 1, plane[1])]
            scores = scores + additive(self, mask, "mask", shapes).astype(dtype)
        weights = softmax(scores, -1)
        self.cache = hidden, weights, value
        y: Array = weights @ value
        return y

    def backward(self, dy: ArrayLike) -> tuple[Array, Array, Array]:
        hidden, weights, value = self.cache
        dy = borrow(self, dy, (*weights.shape[:-1], value.shape[-1]), value.dtype, "dy")
        dvalue: Array = weights.swapaxes(-1, -2) @ dy
        dscores = softmax_backward(dy @ value.swapaxes(-1, -2), weights, -1)
        self.score.grad += np.tensordot(dscores, hidden, dscores.ndim)
        dsum = dscores[..., None] * self.score.data * (1 - hidden**2)
        dquery = self.query.backward(dsum.sum(-2))
        dkey = self.key.backward(dsum.sum(-3))
        return dquery, dkey, dvalue
