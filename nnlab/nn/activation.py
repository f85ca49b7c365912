"""Smooth activations, entry by entry."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.elementwise import Elementwise, Slope
from nnlab.nn.erf import erf
from nnlab.nn.module import Module

__all__ = ["GELU", "LogSigmoid", "Mish", "SiLU", "Sigmoid", "Softplus", "Softsign", "Tanh", "Tanhshrink"]


class GELU(Module):
    """y = x Φ(x), with Φ the normal distribution function; approximate="tanh" replaces Φ by its tanh form.

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016, section 2.
    """

    rows_from = 1
    cases = (
        Case(x=Normal((3, 4, 5), scale=2.0)),
        Case(approximate="tanh", x=Normal((2, 7), scale=2.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise InputError(f"GELU: approximate is {approximate!r} but must be 'none' or 'tanh'; choose one of them")
        self.approximate = approximate

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (...,))
        if self.approximate == "tanh":
            phi: Array = 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
        else:
            phi = 0.5 * (1 + erf(x / math.sqrt(2)))
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

    rows_from = 1
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

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
    """y = 1 / (1 + exp(-x))."""

    rows_from = 1
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=4.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def forward(self, x: ArrayLike) -> Array:
        y = sigmoid(own(self, x, (...,)))
        self.cache = y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        dx: Array = dy * y * (1 - y)
        return dx


class LogSigmoid(Elementwise):
    """y = log(1 / (1 + exp(-x)))."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=4.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return -softplus(-x)

    def derivative(self, x: Array) -> Slope:
        return sigmoid(-x)


class SiLU(Elementwise):
    """y = x σ(x), with σ the sigmoid; also called Swish. Source: Elfwing, Uchibe and Doya, 2017."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=4.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return x * sigmoid(x)

    def derivative(self, x: Array) -> Slope:
        s = sigmoid(x)
        slope: Slope = s * (1 + x * (1 - s))
        return slope


class Softplus(Elementwise):
    """y = log(1 + exp(beta x)) / beta, and y = x where beta x > threshold, as in torch."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(beta=1.5, threshold=2.5, x=Normal((2, 7), scale=3.0)),
        Case(-0.8, x=Normal((6,), scale=30.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        if beta == 0:
            raise InputError(f"Softplus: beta is {beta} but the result is divided by it; choose another value")
        self.beta = beta
        self.threshold = threshold

    def function(self, x: Array) -> Array:
        return np.where(self.beta * x > self.threshold, x, softplus(self.beta * x) / self.beta)

    def derivative(self, x: Array) -> Slope:
        return np.where(self.beta * x > self.threshold, 1.0, sigmoid(self.beta * x))


class Mish(Elementwise):
    """y = x tanh(log(1 + exp(x))). Source: Misra, 2019."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=4.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return x * np.tanh(softplus(x))

    def derivative(self, x: Array) -> Slope:
        t: Array = np.tanh(softplus(x))
        return t + x * (1 - t**2) * sigmoid(x)


class Softsign(Elementwise):
    """y = x / (1 + |x|)."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=4.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        y: Array = x / (1 + np.abs(x))
        return y

    def derivative(self, x: Array) -> Slope:
        slope: Slope = 1 / (1 + np.abs(x)) ** 2
        return slope


class Tanhshrink(Elementwise):
    """y = x - tanh(x)."""

    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((6,), scale=3.0)),
        Case(x=Normal((2, 6, 3), scale=2.0), train=False),
    )

    def function(self, x: Array) -> Array:
        return x - np.tanh(x)

    def derivative(self, x: Array) -> Slope:
        return np.tanh(x) ** 2


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), without overflow and with all digits where it is small."""
    y: Array = np.exp(-softplus(-x))
    return y


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), without overflow and with all digits where it is small."""
    y: Array = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return y
