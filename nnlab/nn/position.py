"""Where in the sequence: codes that are added to the inputs, and a bias that is added to attention scores."""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.dropout import Dropout
from nnlab.nn.init import normal
from nnlab.nn.module import Module, Parameter

__all__ = ["ALiBi", "LearnedPositionalEmbedding", "SinusoidalPositionalEncoding"]


class SinusoidalPositionalEncoding(Module):
    """y = dropout(x + code), code[t, 2i] = sin(t / 10000^(2i / embed_dim)), code[t, 2i + 1] = cos of the same.

    x has shape (..., T, embed_dim) with T at most max_len. An odd embed_dim ends with a sine.
    Source: Vaswani et al., "Attention Is All You Need", 2017, sections 3.5 and 5.4.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(4, max_len=3, x=Normal((2, 3, 4))),
        Case(5, 0.3, 9, x=Normal((2, 3, 7, 5))),
        Case(5, 0.6, x=Normal((6, 5)), train=False),
    )

    def __init__(self, embed_dim: int, dropout: float = 0.0, max_len: int = 5000, *, rng: np.random.Generator) -> None:
        even = np.arange(0, embed_dim, 2)
        angles = np.arange(max_len)[:, None] / 10000 ** (even / embed_dim)
        self.code: Array = np.empty((max_len, embed_dim))
        self.code[:, 0::2] = np.sin(angles)
        self.code[:, 1::2] = np.cos(angles[:, : embed_dim // 2])
        self.dropout = Dropout(dropout, rng=rng)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (..., None, self.code.shape[1]))
        y: Array = self.dropout(x + _rows(self, self.code, x.shape[-2]).astype(x.dtype))
        self.cache = y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        dy = borrow(self, dy, self.cache, name="dy")
        return self.dropout.backward(dy)


class LearnedPositionalEmbedding(Module):
    """y = x + weight[:T], with x of shape (..., T, embed_dim), T at most max_len, and weight (max_len, embed_dim).

    weight starts as N(0, 0.02²), as in BERT.
    Source: Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1.
    """

    in_torch = False
    rows_from = 3
    cases = (Case(6, 5, x=Normal((2, 3, 4, 5))), Case(3, 4, x=Normal((2, 3, 4))), Case(4, 3, x=Normal((2, 3))))

    def __init__(
        self, max_len: int, embed_dim: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> None:
        self.weight = Parameter(0.02 * normal(rng, (max_len, embed_dim), dtype))

    def forward(self, x: ArrayLike) -> Array:
        weight = self.weight.data
        x = borrow(self, x, (..., None, weight.shape[1]), weight.dtype)
        y: Array = x + _rows(self, weight, x.shape[-2])
        self.cache = y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        shape = self.cache
        dy = borrow(self, dy, shape, self.weight.data.dtype, "dy")
        self.weight.grad[: shape[-2]] += dy.sum(tuple(range(dy.ndim - 2)))
        dx: Array = dy.copy()
        return dx


class ALiBi(Module):
    """y = scores - slopeₕ · distance, with scores of shape (..., num_heads, L, S), before their softmax.

    distance = |i + S - L - j| from query i to key j, where the last query stands at the last key, as it does in
    decoding with a cache. Of n heads, n a power of 2, head h has slope 2^(-8 (h + 1) / n); else the first heads have
    the slopes of the next smaller power of 2, and the others every second slope of the next larger one.
    Source: Press, Smith and Lewis, "Train Short, Test Long", 2022, section 3, and the authors' code for the slopes.
    """

    in_torch = False
    rows_from = 4
    cases = (Case(4, x=Normal((2, 4, 3, 5))), Case(7, x=Normal((2, 7, 4, 3))), Case(1, x=Normal((1, 5, 6))))

    def __init__(self, num_heads: int) -> None:
        if num_heads < 1:
            raise InputError(f"ALiBi: num_heads is {num_heads} but must be at least 1; name the heads of the scores")
        power = 2 ** int(math.log2(num_heads))
        slopes = np.concatenate([_slopes(power), _slopes(2 * power)[::2]])
        self.slopes: Array = slopes[:num_heads]

    def forward(self, scores: ArrayLike) -> Array:
        scores = borrow(self, scores, (..., len(self.slopes), None, None), name="scores")
        queries, keys = scores.shape[-2:]
        distance = np.abs(np.arange(keys - queries, keys)[:, None] - np.arange(keys))
        self.cache = scores.shape, scores.dtype
        return scores - (self.slopes[:, None, None] * distance).astype(scores.dtype)

    def backward(self, dy: ArrayLike) -> Array:
        shape, dtype = self.cache
        return borrow(self, dy, shape, dtype, "dy").copy()


def _slopes(power: int) -> Array:
    """2^(-8 / power), its square, and so on: the slopes of as many heads as a power of 2."""
    slopes: Array = 2.0 ** (-8 / power * np.arange(1, power + 1))
    return slopes


def _rows(owner: object, table: Array, length: int) -> Array:
    """The first `length` rows of a table of positions. Raises InputError if it has fewer."""
    if length > len(table):
        raise InputError(
            f"{type(owner).__name__}: x has {length} positions but max_len is {len(table)}; raise it, or cut x"
        )
    return table[:length]
