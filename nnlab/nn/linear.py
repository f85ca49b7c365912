"""Linear maps."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["Linear"]


class Linear(Module):
    """y = x Wᵀ + b, with x of shape (..., in_features) and y of shape (..., out_features)."""

    cases = (
        Case(4, 3, x=Normal((5, 4))),
        Case(4, 3, bias=False, x=Normal((2, 5, 4))),
        Case(3, 5, x=Normal((3,))),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(fan_in_uniform(rng, (out_features, in_features), in_features, dtype))
        self.bias = Parameter(fan_in_uniform(rng, (out_features,), in_features, dtype)) if bias else None

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.in_features), self.weight.data.dtype)
        y: Array = x @ self.weight.data.T
        if self.bias is not None:
            y += self.bias.data
        self.cache = x
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x: Array = self.cache
        dy = borrow(self, dy, (*x.shape[:-1], self.out_features), x.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        self.weight.grad += np.tensordot(dy, x, (rows, rows))
        if self.bias is not None:
            self.bias.grad += dy.sum(rows)
        dx: Array = dy @ self.weight.data
        return dx
