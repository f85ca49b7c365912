"""Positions told by rotation."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.module import Module

__all__ = ["RotaryEmbedding"]


class RotaryEmbedding(Module):
    """y = (a cos φ - b sin φ, a sin φ + b cos φ), for each pair (a, b) of x: pair i at position m turns by φ = m θᵢ.

    θᵢ = base^(-2i / dim), and x and y have shape (..., T, dim), with positions m from `offset` on. A pair is two
    neighbours x₂ᵢ, x₂ᵢ₊₁ where interleaved, else xᵢ, xᵢ₊dim/2, one of each half, as in GPT-NeoX and in LLaMA's
    published weights for Hugging Face. Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position
    Embedding", 2021, equation 34.
    """

    in_torch = False
    rows_from = 3
    cases = (
        Case(4, x=Normal((2, 3, 5, 4))),
        Case(6, 100.0, False, x=Normal((3, 5, 6))),
        Case(2, interleaved=False, x=[Normal((5, 2)), Fixed(3)]),
        Case(6, 7.0, x=[Normal((2, 4, 6)), Fixed(11)], train=False),
    )

    def __init__(self, dim: int, base: float = 10000.0, interleaved: bool = True) -> None:
        if dim % 2:
            raise InputError(f"RotaryEmbedding: dim is {dim} but must be even, as pairs are rotated; add or drop one")
        self.dim = dim
        self.base = base
        self.interleaved = interleaved

    def forward(self, x: ArrayLike, offset: int = 0) -> Array:
        x = borrow(self, x, (..., None, self.dim))
        position = offset + np.arange(x.shape[-2])
        angle = np.outer(position, self.base ** (-np.arange(0, self.dim, 2) / self.dim))
        cos, sin = (wave(angle).astype(x.dtype) for wave in (np.cos, np.sin))
        y = self._rotated(x, cos, sin)
        self.cache = cos, sin, x.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        cos, sin, shape = self.cache
        dy = borrow(self, dy, shape, cos.dtype, "dy")
        return self._rotated(dy, cos, -sin)

    def _rotated(self, x: Array, cos: Array, sin: Array) -> Array:
        y = np.empty_like(x)
        (a, b), (first, second) = self._pairs(x), self._pairs(y)
        first[...] = a * cos - b * sin
        second[...] = a * sin + b * cos
        return y

    def _pairs(self, x: Array) -> tuple[Array, Array]:
        """Views of the first and of the second of each pair."""
        if self.interleaved:
            return x[..., ::2], x[..., 1::2]
        half = self.dim // 2
        return x[..., :half], x[..., half:]
