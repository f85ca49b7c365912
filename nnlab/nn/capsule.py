"""Capsules. Source: Sabour, Frosst and Hinton, "Dynamic Routing Between Capsules", 2017."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.container import ModuleList
from nnlab.nn.module import Module, Parameter
from nnlab.nn.softmax import softmax, softmax_backward

__all__ = ["CapsuleLayer", "Squash"]


class Squash(Module):
    """y = x |x| / (1 + |x|²), over vectors along the last axis: the direction of x, a length below 1 (equation 1)."""

    rows_from = 2
    in_torch = False
    cases = (
        Case(x=Normal((3, 4, 5))),
        Case(x=Normal((2, 3), scale=0.1)),
        Case(x=Normal((2, 5, 3), scale=3.0), train=False),
    )

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (..., None))
        length = np.sqrt((x**2).sum(-1, keepdims=True))
        self.cache = x, length
        y: Array = x * (length / (1 + length**2))
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x, length = self.cache
        dy = borrow(self, dy, x.shape, x.dtype, "dy")
        # d|x|/dx is x / |x|; at x = 0, where y grows like x |x|, the whole derivative is 0.
        unit = x / np.maximum(length, np.finfo(x.dtype).tiny)
        dlength = (dy * x).sum(-1, keepdims=True) * (1 - length**2) / (1 + length**2) ** 2
        dx: Array = dy * (length / (1 + length**2)) + unit * dlength
        return dx


class CapsuleLayer(Module):
    """Routing by agreement (procedure 1): u = W x; then `routings` times c = softmax(b), y = squash(Σ c u), b += u·y.

    x has shape (N, in_capsules, in_dim), y (N, out_capsules, out_dim). The gradient passes through every routing
    iteration; the weight has shape (in_capsules, out_capsules, out_dim, in_dim).
    """

    rows_from = 3
    in_torch = False
    cases = (
        Case(3, 4, 2, 5, x=Normal((2, 3, 4))),
        Case(4, 2, 3, 3, routings=1, x=Normal((3, 4, 2))),
        Case(2, 3, 4, 2, routings=4, x=Normal((1, 2, 3))),
        Case(3, 2, 4, 5, 2, x=Normal((2, 3, 2)), train=False),
    )

    def __init__(
        self,
        in_capsules: int,
        in_dim: int,
        out_capsules: int,
        out_dim: int,
        routings: int = 3,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if routings < 1:
            raise InputError(f"CapsuleLayer: routings is {routings} but at least one is needed; the paper uses 3")
        self.in_capsules = in_capsules
        self.in_dim = in_dim
        weight = rng.standard_normal((in_capsules, out_capsules, out_dim, in_dim)) / sqrt(in_dim)
        self.weight = Parameter(weight.astype(dtype))
        self.squashes = ModuleList(Squash() for _ in range(routings))

    def forward(self, x: ArrayLike) -> Array:
        x = own(self, x, (None, self.in_capsules, self.in_dim), self.weight.data.dtype)
        u = np.einsum("ioOI,niI->nioO", self.weight.data, x)
        b = np.zeros(u.shape[:3], u.dtype)
        routes = []
        for squash in self.squashes:
            c = softmax(b, 2)
            y: Array = squash(np.einsum("nio,nioO->noO", c, u))
            b = b + np.einsum("nioO,noO->nio", u, y)
            routes.append((squash, c, y))
        self.cache = x, u, routes
        return y.copy()

    def backward(self, dy: ArrayLike) -> Array:
        x, u, routes = self.cache
        dy = borrow(self, dy, routes[-1][2].shape, x.dtype, "dy")
        du = np.zeros_like(u)
        db = np.zeros(u.shape[:3], u.dtype)
        for squash, c, y in reversed(routes):
            ds = squash.backward(dy + np.einsum("nioO,nio->noO", u, db))
            du += np.einsum("nio,noO->nioO", db, y) + np.einsum("nio,noO->nioO", c, ds)
            db = db + softmax_backward(np.einsum("nioO,noO->nio", u, ds), c, 2)
            dy = np.zeros_like(dy)
        self.weight.grad += np.einsum("nioO,niI->ioOI", du, x)
        dx: Array = np.einsum("ioOI,nioO->niI", self.weight.data, du)
        return dx
