"""Linear maps whose weights are the output of another layer."""

from math import prod, sqrt

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module

__all__ = ["HyperLinear"]


class HyperLinear(Module):
    """y = x W(z)ᵀ + b(z), with W(z) and b(z) each a linear map of z, so that every example has weights of its own.

    x has shape (N, ..., in_features), z (N, z_features) and y (N, ..., out_features). `weight_map` gives W(z) row by
    row; both maps start so small that W(z) is about as large as a Linear's weight. Source: Ha, Dai and Le,
    "HyperNetworks", 2016, section 3.2.
    """

    in_torch = False
    rows_from = 2
    cases = (
        Case(4, 3, 2, x=[Normal((5, 4)), Normal((5, 2))]),
        Case(3, 5, 4, x=[Normal((2, 6, 3)), Normal((2, 4))]),
        Case(2, 4, 3, bias=False, x=[Normal((3, 2, 5, 2)), Normal((3, 3))]),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        z_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.in_features = in_features
        self.out_features = out_features
        self.weight_map = Linear(z_features, out_features * in_features, rng=rng, dtype=dtype)
        self.bias_map = Linear(z_features, out_features, rng=rng, dtype=dtype) if bias else None
        for parameter in self.parameters():
            parameter.data /= sqrt(in_features)

    def forward(self, x: ArrayLike, z: ArrayLike) -> Array:
        dtype = self.weight_map.weight.data.dtype
        z = borrow(self, z, (None, self.weight_map.in_features), dtype, "z")
        x = own(self, x, (len(z), *(None,) * (np.ndim(x) - 2), self.in_features), dtype)
        weight = self.weight_map(z).reshape(len(z), self.out_features, self.in_features)
        rows = x.reshape(len(z), prod(x.shape[1:-1]), self.in_features)
        y: Array = rows @ weight.swapaxes(1, 2)
        if self.bias_map is not None:
            y += self.bias_map(z)[:, None]
        self.cache = rows, weight, x.shape
        return y.reshape(*x.shape[:-1], self.out_features)

    def backward(self, dy: ArrayLike) -> tuple[Array, Array]:
        rows, weight, shape = self.cache
        dy = borrow(self, dy, (*shape[:-1], self.out_features), rows.dtype, "dy")
        dy = dy.reshape(*rows.shape[:2], self.out_features)
        dx: Array = dy @ weight
        dweight = dy.swapaxes(1, 2) @ rows
        dz: Array = self.weight_map.backward(dweight.reshape(len(rows), self.out_features * self.in_features))
        if self.bias_map is not None:
            dz += self.bias_map.backward(dy.sum(1))
        return dx.reshape(shape), dz
