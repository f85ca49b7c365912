"""Layers that change nothing but the shape."""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module

__all__ = ["Flatten", "Permute", "Unflatten"]


class Flatten(Module):
    """y = x with the dimensions `start_dim` to `end_dim`, both included, made one, in row-major order."""

    cases = (
        Case(x=Normal((2, 3, 4, 5))),
        Case(0, 1, x=Normal((2, 3, 4))),
        Case(-2, x=Normal((2, 3, 5))),
        Case(0, 1, x=Normal((2, 3, 4)), train=False),
    )

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (...,))
        start, end = _axis(self, self.start_dim, x), _axis(self, self.end_dim, x)
        if end < start:
            raise InputError(
                f"Flatten: start_dim {self.start_dim} comes after end_dim {self.end_dim} in x of shape {x.shape}; "
                f"exchange them"
            )
        y = x.reshape(*x.shape[:start], prod(x.shape[start : end + 1]), *x.shape[end + 1 :]).copy()
        self.cache = x.shape, y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return dy.reshape(x_shape).copy()


class Unflatten(Module):
    """y = x with the dimension `dim` split into `unflattened_size`, of which one may be -1: what is left."""

    cases = (
        Case(1, (2, 3), x=Normal((4, 6, 5))),
        Case(-1, (3, -1), x=Normal((2, 5, 12))),
        Case(0, (2, 1, 2), x=Normal((4, 3)), train=False),
    )

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (...,))
        axis = _axis(self, self.dim, x)
        left = x.shape[axis] // abs(prod(self.unflattened_size))
        sizes = tuple(left if n == -1 else n for n in self.unflattened_size)
        if prod(sizes) != x.shape[axis]:
            raise InputError(
                f"Unflatten: dimension {self.dim} of x has {x.shape[axis]} entries, which do not split into "
                f"{self.unflattened_size}; make the sizes multiply to {x.shape[axis]}"
            )
        y = x.reshape(*x.shape[:axis], *sizes, *x.shape[axis + 1 :]).copy()
        self.cache = x.shape, y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return dy.reshape(x_shape).copy()


class Permute(Module):
    """y = x with its dimensions in the order `dims`: y's dimension i is x's dims[i]. Source: torch.permute."""

    in_torch = False
    cases = (
        Case((1, 2, 0), x=Normal((2, 3, 4))),
        Case((0, -1, 1, 2), x=Normal((2, 3, 4, 5))),
        Case((1, 0), x=Normal((3, 5)), train=False),
    )

    def __init__(self, dims: Sequence[int]) -> None:
        self.dims = tuple(dims)
        self.order = [n if n >= 0 else n + len(self.dims) for n in self.dims]
        if sorted(self.order) != list(range(len(self.dims))):
            raise InputError(f"Permute: dims {self.dims} must name every dimension once; list each of them")

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (None,) * len(self.dims))
        y = x.transpose(self.order).copy()
        self.cache = y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return dy.transpose(np.argsort(self.order)).copy()


def _axis(layer: Module, dim: int, x: Array) -> int:
    """`dim` counted from the front."""
    if not -x.ndim <= dim < x.ndim:
        raise InputError(
            f"{type(layer).__name__}: x has shape {x.shape} and no dimension {dim}; name one in [{-x.ndim}, {x.ndim})"
        )
    return dim % x.ndim
