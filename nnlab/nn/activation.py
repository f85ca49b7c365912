"""Activations: functions without parameters, elementwise or along one axis."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["GELU", "ReLU", "Sigmoid", "Softmax", "Tanh"]

_erf = np.frompyfunc(math.erf, 1, 1)


class ReLU(Module):
    """y = max(x, 0); its derivative at 0 is taken as 0, as in torch."""

    cases = (Case(x=Normal((3, 4, 5))), Case(x=Normal((7,), scale=20.0)))

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (...,))
        positive = x > 0
        self.cache = positive
        return np.where(positive, x, x.dtype.type(0))

    def backward(self, dy: ArrayLike) -> Array:
        positive = self.cache
        dy = borrow(self, dy, positive.shape, name="dy")
        return np.where(positive, dy, dy.dtype.type(0))


class GELU(Module):
    """y = x Φ(x), with Φ the normal distribution function; approximate="tanh" replaces Φ by its tanh form.

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section 2.
    """

    cases = (Case(x=Normal((3, 4, 5), scale=2.0)), Case(approximate="tanh", x=Normal((2, 7), scale=2.0)))

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise InputError(f"GELU: approximate is {approximate!r} but must be 'none' or 'tanh'; choose one of them")
        self.approximate = approximate

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (...,))
        if self.approximate == "tanh":
            phi = 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        else:
            phi = 0.5 * (1 + _erf(x / math.sqrt(2)).astype(x.dtype))
        self.cache = x, phi
        return x * phi

    def backward(self, dy: ArrayLike) -> Array:
        x, phi = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        if self.approximate == "tanh":
            dphi = 2 * phi * (1 - phi) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
        else:
            dphi = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
        dx: Array = dy * (phi + x * dphi)
        return dx


class Tanh(Module):
    """y = tanh(x)."""

    cases = (Case(x=Normal((3, 4, 5))), Case(x=Normal((6,), scale=3.0)))

    def forward(self, x: ArrayLike) -> Array:
        y: Array = np.tanh(own(self, x, (...,)))
        self.cache = y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        dx: Array = dy * (1 - y**2)
        return dx


class Sigmoid(Module):
    """y = 1 / (1 + exp(-x)), computed as (1 + tanh(x/2)) / 2, which does not overflow."""

    cases = (Case(x=Normal((3, 4, 5))), Case(x=Normal((6,), scale=4.0)))

    def forward(self, x: ArrayLike) -> Array:
        y: Array = 0.5 * (1 + np.tanh(0.5 * own(self, x, (...,))))
        self.cache = y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        dx: Array = dy * y * (1 - y)
        return dx


class Softmax(Module):
    """y = exp(x) / Σ exp(x) along the axis `dim`, computed from x - max(x) so that large x do not overflow."""

    cases = (
        Case(-1, x=Normal((2, 3, 5))),
        Case(1, x=Normal((2, 4, 3), scale=3.0)),
        Case(0, x=Normal((5,), scale=300.0)),
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


def softmax(x: Array, dim: int) -> Array:
    """exp(x) / Σ exp(x) along `dim`; a row that is -inf throughout (fully masked) gives zeros."""
    limits = np.finfo(x.dtype)
    e = np.exp(x - np.maximum(x.max(dim, keepdims=True), limits.min))
    y: Array = e / np.maximum(e.sum(dim, keepdims=True), limits.tiny)
    return y


def softmax_backward(dy: Array, y: Array, dim: int) -> Array:
    """dx = y (dy - Σ dy y), for y = softmax(x) along `dim`."""
    dx: Array = y * (dy - (dy * y).sum(dim, keepdims=True))
    return dx
