"""Kolmogorov-Arnold layers: a learned function of one variable on every connection."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.activation import SiLU
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import normal, xavier_uniform
from nnlab.nn.module import Module, Parameter

__all__ = ["KANLayer"]


class KANLayer(Module):
    """yₒ = Σᵢ (base_weightₒᵢ SiLU(xᵢ) + spline_weightₒᵢ Σ_g coefₒᵢ_g B_g(xᵢ)), with B_g the B-splines of degree k.

    x has shape (..., in_features), y (..., out_features), coef (out_features, in_features, grid_size + k). The knots
    are grid_size equal steps over grid_range, and k more on both sides; beyond the last one every B_g is 0.
    Source: Liu et al., "KAN: Kolmogorov-Arnold Networks", 2024, equation 2.10.
    """

    rows_from = 2
    in_torch = False
    cases = (
        Case(3, 4, x=Normal((2, 5, 3))),
        Case(4, 2, grid_size=3, k=2, grid_range=(-2.0, 1.5), x=Normal((6, 4), scale=1.5)),
        Case(2, 3, 1, 4, (0.0, 3.0), x=Normal((2,))),
    )

    def __init__(
        self,
        in_features: int,
        out_features: int,
        grid_size: int = 5,
        k: int = 3,
        grid_range: tuple[float, float] = (-1.0, 1.0),
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        for name, value in (("grid_size", grid_size), ("k", k)):
            if value < 1:
                raise InputError(
                    f"KANLayer: {name} is {value} but must be at least 1; the paper uses 5 steps and k = 3"
                )
        low, high = grid_range
        if not low < high:
            raise InputError(f"KANLayer: grid_range is {grid_range} but must rise; give (lowest, highest) input")
        self.in_features = in_features
        self.out_features = out_features
        self.k = k
        self.step = (high - low) / grid_size
        self.first_knot = low - k * self.step
        self.base_weight = Parameter(xavier_uniform(rng, (out_features, in_features), dtype))
        self.spline_weight = Parameter(np.ones((out_features, in_features), dtype))
        self.coef = Parameter(0.1 * normal(rng, (out_features, in_features, grid_size + k), dtype))
        self.base = SiLU()

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., self.in_features), self.base_weight.data.dtype)
        b = self.base(x)
        splines, slopes = self._splines(x)
        weight = self.spline_weight.data[:, :, None] * self.coef.data
        y: Array = b @ self.base_weight.data.T + np.tensordot(splines, weight, ((-2, -1), (-2, -1)))
        self.cache = b, splines, slopes, weight
        return y

    def backward(self, dy: ArrayLike) -> Array:
        b, splines, slopes, weight = self.cache
        dy = borrow(self, dy, (*b.shape[:-1], self.out_features), b.dtype, "dy")
        rows = tuple(range(dy.ndim - 1))
        dweight = np.tensordot(dy, splines, (rows, rows))
        self.base_weight.grad += np.tensordot(dy, b, (rows, rows))
        self.spline_weight.grad += (dweight * self.coef.data).sum(-1)
        self.coef.grad += dweight * self.spline_weight.data[:, :, None]
        dx: Array = self.base.backward(dy @ self.base_weight.data)
        dx += (np.tensordot(dy, weight, 1) * slopes).sum(-1)
        return dx

    def _splines(self, x: Array) -> tuple[Array, Array]:
        """All B_g(x) and their derivatives, by the recursion of de Boor and Cox over the degree p.

        Counted in steps from the first knot, knot g is g: p B_g = (u - g) B_g + (g + p + 1 - u) B_{g+1}, with splines
        of degree p on the left and p - 1 on the right, whose difference B_g - B_{g+1} is the derivative.
        """
        u = ((x - self.first_knot) / self.step)[..., None]
        g = np.arange(self.coef.data.shape[-1] + self.k, dtype=x.dtype)
        b = ((g <= u) & (u < g + 1)).astype(x.dtype)
        for p in range(1, self.k + 1):
            g = g[:-1]
            left, right = b[..., :-1], b[..., 1:]
            b = ((u - g) * left + (g + p + 1 - u) * right) / p
        return b, (left - right) / self.step
