"""Attention. Source: Vaswani et al., "Attention Is All You Need", 2017, section 3.2."""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.init import xavier_uniform
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module, Parameter
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["MultiheadAttention", "SelfAttention"]


class SelfAttention(Module):
    """y = softmax(q kᵀ / √embed_dim) v, with q, k, v linear in x of shape (N, T, embed_dim): one head."""

    rows_from = 3
    in_torch = False
    cases = (
        Case(4, x=Normal((2, 3, 4))),
        Case(3, bias=False, x=Normal((1, 5, 3))),
        Case(6, x=Normal((3, 2, 6)), train=False),
    )

    def __init__(
        self, embed_dim: int, bias: bool = True, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> None:
        self.embed_dim = embed_dim
        self.query = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        self.key = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        self.value = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (None, None, self.embed_dim))
        q, k, v = self.query(x), self.key(x), self.value(x)
        weights = softmax(q @ k.swapaxes(1, 2) / math.sqrt(self.embed_dim), -1)
        y: Array = weights @ v
        self.cache = q, k, v, weights
        return y

    def backward(self, dy: ArrayLike) -> Array:
        q, k, v, weights = self.cache
        dy = borrow(self, dy, v.shape, v.dtype, "dy")
        dv = weights.swapaxes(1, 2) @ dy
        dscores = softmax_backward(dy @ v.swapaxes(1, 2), weights, -1) / math.sqrt(self.embed_dim)
        dq = dscores @ k
        dk = dscores.swapaxes(1, 2) @ q
        dx: Array = self.query.backward(dq) + self.key.backward(dk) + self.value.backward(dv)
        return dx


_CAUSAL = [[False, True, True, True], [False, False, True, True], [False, False, False, True]]
_PADDED = [[False, False, False, True], [True, False, True, False]]
_BIAS = [[0.5, -1.0, 0.0], [-np.inf, 2.0, -0.5], [0.25, -np.inf, 1.0]]


class MultiheadAttention(Module):
    """y = concat(head₁ … head_h) W_O, head = softmax(q kᵀ / √d + mask) v, over heads of size d = embed_dim / num_heads.

    query has shape (L, N, E), key and value (S, N, E), or (N, L, E) and (N, S, E) with batch_first. Returns y and
    the attention weights averaged over the heads, of shape (N, L, S), or None instead of them. A mask is boolean
    (True: may not be attended to) or a floating-point number to add. A query that may attend to nothing gets
    weights of zero, where torch gives NaN.
    """

    cases = (
        Case(6, 2, x=[Normal((4, 2, 6)), Normal((3, 2, 6)), Normal((3, 2, 6))]),
        Case(4, 1, bias=False, batch_first=True, x=[Normal((2, 3, 4)), Normal((2, 5, 4)), Normal((2, 5, 4))]),
        Case(
            6,
            3,
            batch_first=True,
            x=[
                Normal((2, 3, 6)),
                Normal((2, 4, 6)),
                Normal((2, 4, 6)),
                Fixed(_PADDED),
                Fixed(True),
                Fixed(_CAUSAL),
            ],
        ),
        Case(
            4,
            2,
            x=[
                Normal((3, 2, 4)),
                Normal((3, 2, 4)),
                Normal((3, 2, 4)),
                Fixed(None),
                Fixed(False),
                Fixed(_BIAS),
            ],
        ),
        Case(4, 2, dropout=0.4, x=[Normal((3, 2, 4)), Normal((5, 2, 4)), Normal((5, 2, 4))]),
        Case(6, 3, 0.4, x=[Normal((4, 2, 6)), Normal((3, 2, 6)), Normal((3, 2, 6))], train=False),
    )

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if embed_dim % num_heads:
            raise InputError(
                f"MultiheadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads; "
                f"make it a multiple of num_heads"
            )
        self.embed_dim = embed_dim
        self.num_heads = num_heads
        self.batch_first = batch_first
        self.in_proj_weight = Parameter(xavier_uniform(rng, (3 * embed_dim, embed_dim), dtype))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, dtype)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0.0
        self.dropout = Dropout(dropout, rng=rng)

    def forward(
        self,
        query: ArrayLike,
        key: ArrayLike,
        value: ArrayLike,
        key_padding_mask: NDArray[np.generic] | None = None,
        need_weights: bool = True,
        attn_mask: NDArray[np.generic] | None = None,
    ) -> tuple[Array, Array | None]:
        inputs = self._time_in_the_middle(query, key, value)
        q, k, v = (self._split_heads(p) for p in self._project(inputs))
        mask = self._mask(key_padding_mask, attn_mask, (*q.shape[:3], k.shape[2]))
        weights = softmax(q @ k.swapaxes(2, 3) / math.sqrt(q.shape[3]) + mask, -1)
        kept = self.dropout(weights)
        y = self.out_proj(self._join_heads(kept @ v))
        self.cache = inputs, q, k, v, weights, kept
        if not self.batch_first:
            y = y.swapaxes(0, 1)
        return y, kept.mean(1) if need_weights else None

    def backward(self, dy: ArrayLike, dweights: ArrayLike | None = None) -> tuple[Array, Array, Array]:
        inputs, q, k, v, weights, kept = self.cache
        dy = borrow(self, dy, (None, None, self.embed_dim), q.dtype, "dy")
        if not self.batch_first:
            dy = dy.swapaxes(0, 1)
        dheads = self._split_heads(self.out_proj.backward(dy))
        dkept = dheads @ v.swapaxes(2, 3)
        if dweights is not None:
            shared = borrow(self, dweights, (len(q), *dkept.shape[2:]), q.dtype, "dweights")
            dkept = dkept + shared[:, None] / self.num_heads
        dscores = softmax_backward(self.dropout.backward(dkept), weights, -1) / math.sqrt(q.shape[3])
        dq = dscores @ k
        dk = dscores.swapaxes(2, 3) @ q
        dv = kept.swapaxes(2, 3) @ dheads
        dinputs = self._project_backward([self._join_heads(d) for d in (dq, dk, dv)], inputs)
        dquery, dkey, dvalue = (dx if self.batch_first else dx.swapaxes(0, 1) for dx in dinputs)
        return dquery, dkey, dvalue

    def _time_in_the_middle(self, query: ArrayLike, key: ArrayLike, value: ArrayLike) -> list[Array]:
        """Private copies of query, key and value as (N, T, E), checked against each other."""
        shape = (None, None, self.embed_dim)
        dtype = self.in_proj_weight.data.dtype
        query = borrow(self, query, shape, dtype, "query")
        key = borrow(self, key, shape, dtype, "key")
        value = borrow(self, value, shape, dtype, "value")
        batch = 0 if self.batch_first else 1
        if key.shape != value.shape or query.shape[batch] != key.shape[batch]:
            raise InputError(
                f"MultiheadAttention: query {query.shape}, key {key.shape} and value {value.shape} do not fit; "
                f"key and value must have equal shapes, and all three the same batch size"
            )
        return [np.moveaxis(x, batch, 0).copy() for x in (query, key, value)]

    def _project(self, inputs: list[Array]) -> list[Array]:
        """x Wᵀ + b for each of query, key, value with its third of in_proj_weight."""
        w = np.split(self.in_proj_weight.data, 3)
        projected: list[Array] = [x @ w[i].T for i, x in enumerate(inputs)]
        if self.in_proj_bias is not None:
            b = np.split(self.in_proj_bias.data, 3)
            for i, p in enumerate(projected):
                p += b[i]
        return projected

    def _project_backward(self, dprojected: list[Array], inputs: list[Array]) -> list[Array]:
        w = np.split(self.in_proj_weight.data, 3)
        over = ((0, 1), (0, 1))
        self.in_proj_weight.grad += np.concatenate(
            [np.tensordot(dp, inputs[i], over) for i, dp in enumerate(dprojected)]
        )
        if self.in_proj_bias is not None:
            self.in_proj_bias.grad += np.concatenate([dp.sum((0, 1)) for dp in dprojected])
        return [dp @ w[i] for i, dp in enumerate(dprojected)]

    def _split_heads(self, x: Array) -> Array:
        """(N, T, E) to (N, heads, T, E / heads)."""
        n, t, _ = x.shape
        return x.reshape(n, t, self.num_heads, self.embed_dim // self.num_heads).swapaxes(1, 2)

    def _join_heads(self, x: Array) -> Array:
        """(N, heads, T, E / heads) to (N, T, E)."""
        n, _, t, _ = x.shape
        return x.swapaxes(1, 2).reshape(n, t, self.embed_dim)

    def _mask(
        self,
        key_padding_mask: NDArray[np.generic] | None,
        attn_mask: NDArray[np.generic] | None,
        shape: tuple[int, ...],
    ) -> Array:
        """Both masks as one array to add to the scores of `shape` (N, heads, L, S)."""
        n, heads, length, source = shape
        total: Array = np.zeros(shape, self.in_proj_weight.data.dtype)
        if key_padding_mask is not None:
            total += additive(self, key_padding_mask, "key_padding_mask", [(n, source)]).reshape(n, 1, 1, source)
        if attn_mask is not None:
            mask = additive(self, attn_mask, "attn_mask", [(length, source), (n * heads, length, source)])
            total += mask.reshape(n, heads, length, source) if mask.ndim == 3 else mask
        return total


def additive(owner: object, mask: NDArray[np.generic], name: str, shapes: list[tuple[int, ...]]) -> Array:
    """A boolean mask as 0 and -inf (where True), a floating-point mask as it is."""
    mask = np.asarray(mask)
    if mask.shape not in shapes:
        allowed = " or ".join(map(str, shapes))
        raise InputError(
            f"{type(owner).__name__}: {name} has shape {mask.shape} but must have {allowed}; reshape it, or drop it"
        )
    if mask.dtype == bool:
        return np.where(mask, -np.inf, 0.0)
    return borrow(owner, mask, mask.shape, name=name)
