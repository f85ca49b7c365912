"""Softmax and its kin along one axis, and as functions for other layers."""

import numpy as np
from numpy.typing import ArrayLike

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["LogSoftmax", "Softmax", "Softmin"]


class Softmax(Module):
    """y = exp(x) / Σ exp(x) along the axis `dim`, computed from x - max(x) so that large x do not overflow."""

    cases = (
        Case(-1, x=Normal((2, 3, 5))),
        Case(1, x=Normal((2, 4, 3), scale=3.0)),
        Case(0, x=Normal((5,), scale=300.0)),
        Case(1, x=Normal((2, 5, 3)), train=False),
    )

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x: ArrayLike) -> Array:
        y = softmax(own(self, x, (...,)), self.dim)
        self.cache = y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        return softmax_backward(dy, y, self.dim)


class Softmin(Softmax):
    """y = exp(-x) / Σ exp(-x) along the axis `dim`."""

    cases = (
        Case(-1, x=Normal((2, 3, 5))),
        Case(1, x=Normal((2, 4, 3), scale=3.0)),
        Case(0, x=Normal((5,), scale=300.0)),
        Case(1, x=Normal((2, 5, 3)), train=False),
    )

    def forward(self, x: ArrayLike) -> Array:
        return super().forward(-borrow(self, x, (...,)))

    def backward(self, dy: ArrayLike) -> Array:
        return -super().backward(dy)


class LogSoftmax(Module):
    """y = x - log Σ exp(x) along the axis `dim`, computed from x - max(x) so that large x do not overflow."""

    cases = (
        Case(-1, x=Normal((2, 3, 5))),
        Case(1, x=Normal((2, 4, 3), scale=3.0)),
        Case(0, x=Normal((5,), scale=300.0)),
        Case(1, x=Normal((2, 5, 3)), train=False),
    )

    def __init__(self, dim: int) -> None:
        self.dim = dim

    def forward(self, x: ArrayLike) -> Array:
        y = log_softmax(borrow(self, x, (...,)), self.dim)
        self.cache = y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        dx: Array = dy - np.exp(y) * dy.sum(self.dim, keepdims=True)
        return dx


def softmax(x: Array, dim: int) -> Array:
    """exp(x) / Σ exp(x) along `dim`; a row that is -inf throughout (fully masked) gives zeros."""
    limits = np.finfo(x.dtype)
    e = np.exp(x - np.maximum(x.max(dim, keepdims=True), limits.min))
    y: Array = e / np.maximum(e.sum(dim, keepdims=True), limits.tiny)
    return y


def log_softmax(x: Array, dim: int) -> Array:
    """x - log Σ exp(x) along `dim`."""
    shifted = x - x.max(dim, keepdims=True)
    y: Array = shifted - np.log(np.exp(shifted).sum(dim, keepdims=True))
    return y


def softmax_backward(dy: Array, y: Array, dim: int) -> Array:
    """dx = y (dy - Σ dy y), for y = softmax(x) along `dim`."""
    dx: Array = y * (dy - (dy * y).sum(dim, keepdims=True))
    return dx
