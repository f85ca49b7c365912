"""Layers of units that answer to inputs near them."""

import math

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import normal
from nnlab.nn.module import Module, Parameter

__all__ = ["RBF"]


class RBF(Module):
    """yⱼ = exp(-βⱼ |x - cⱼ|²), with cⱼ the rows of `centers` and βⱼ = exp(log_betasⱼ), at first 1 / in_features.

    x has shape (..., in_features), y (..., out_features) and centers (out_features, in_features).
    Source: Broomhead and Lowe, "Multivariable Functional Interpolation and Adaptive Networks", 1988.
    """

    rows_from = 2
    in_torch = False
    cases = (
        Case(3, 4, x=Normal((2, 5, 3))),
        Case(4, 2, x=Normal((6, 4), scale=0.5)),
        Case(5, 3, x=Normal((2, 5)), train=False),
    )

    def __init__(
        self, in_features: int, out_features: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
    ) -> None:
        self.in_features = in_features
        self.centers = Parameter(normal(rng, (out_features, in_features), dtype))
        self.log_betas = Parameter(np.full(out_features, -math.log(in_features), dtype))

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.in_features), self.centers.data.dtype)
        apart = x[..., None, :] - self.centers.data
        squares = (apart**2).sum(-1)
        y: Array = np.exp(-np.exp(self.log_betas.data) * squares)
        self.cache = apart, squares, y
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        apart, squares, y = self.cache
        dy = borrow(self, dy, y.shape, y.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        dsquares = -np.exp(self.log_betas.data) * y * dy
        dapart = 2 * apart * dsquares[..., None]
        self.log_betas.grad += (squares * dsquares).sum(rows)
        self.centers.grad -= dapart.sum(rows)
        dx: Array = dapart.sum(-2)
        return dx
