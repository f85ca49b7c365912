"""The base of activations that treat every entry alike: a function and, right below it, its derivative."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.module import Module

Slope = NDArray[np.floating[Any] | np.bool_]


class Elementwise(Module):
    """y = function(x) and dx = dy · derivative(x), for x of any shape.

    The function keeps the dtype of x; its derivative may be of another, and booleans too. At a kink the derivative is
    one of the slopes on both sides: the one that torch takes.
    """

    rows_from = 1

    def function(self, x: Array) -> Array:
        raise NotImplementedError(f"{type(self).__name__} defines no function")

    def derivative(self, x: Array) -> Slope:
        raise NotImplementedError(f"{type(self).__name__} defines no derivative")

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (...,))
        self.cache = x
        return np.asarray(self.function(x))

    def backward(self, dy: ArrayLike) -> Array:
        x = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        return np.asarray(dy * self.derivative(x), x.dtype)
