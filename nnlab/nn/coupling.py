"""Layers with an inverse and a Jacobian whose determinant is known."""

import copy

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.activation import Tanh
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module

__all__ = ["AffineCoupling"]


class AffineCoupling(Module):
    """y = (x₁, x₂ exp(s) + t), with (s, t) = module(x₁), and log_det = Σ s, the log of the Jacobian's determinant.

    x₁ is the first `split` entries of the last axis and x₂ the others, or the reverse if `swap`; module takes x₁
    and returns s, then t, along the last axis, each of the size of x₂. forward returns (y, log_det), where log_det
    has the shape of x but for the last axis; `inverse` returns x. Source: Dinh, Sohl-Dickstein and Bengio, "Density
    Estimation Using Real NVP", 2017, equations 7 and 8.
    """

    in_torch = False
    rows_from = 2
    cases = (
        Case(lambda rng: Linear(2, 6, rng=rng), 2, x=Normal((3, 4, 5))),
        Case(lambda rng: Linear(3, 4, rng=rng), 2, swap=True, x=Normal((2, 3, 5))),
        Case(lambda rng: Tanh(), 2, x=Normal((7, 3))),
        Case(lambda rng: Linear(1, 4, rng=rng), 1, x=Normal((3,)), train=False),
    )

    def __init__(self, module: Module, split: int, swap: bool = False) -> None:
        if split < 1:
            raise InputError(f"AffineCoupling: split is {split} but must be at least 1; raise it")
        self.module = module
        self.split = split
        self.swap = swap

    def forward(self, x: ArrayLike) -> tuple[Array, Array]:
        x1, x2 = self._parts(x, "x")
        s, t = self._scale_and_shift(self.module, x1, x2)
        scale = np.exp(s)
        self.cache = x1, x2, scale
        return self._joined(x1, x2 * scale + t), np.asarray(s.sum(-1))

    def backward(self, dy: ArrayLike, dlog_det: ArrayLike | None = None) -> Array:
        x1, x2, scale = self.cache
        rows = x1.shape[:-1]
        dy = borrow(self, dy, (*rows, x1.shape[-1] + x2.shape[-1]), x1.dtype, "dy")
        dy1, dt = self._halves(dy)
        dx2 = dt * scale
        ds = dx2 * x2
        if dlog_det is not None:
            ds += borrow(self, dlog_det, rows, x1.dtype, "dlog_det")[..., None]
        dx1 = dy1 + self.module.backward(np.concatenate([ds, dt], -1))
        return self._joined(dx1, dx2)

    def inverse(self, y: ArrayLike) -> Array:
        """x = (y₁, (y₂ - t) exp(-s)), by a copy of the module, so that backward still sees the latest forward."""
        y1, y2 = self._parts(y, "y")
        s, t = self._scale_and_shift(copy.deepcopy(self.module), y1, y2)
        return self._joined(y1, (y2 - t) * np.exp(-s))

    def _parts(self, x: ArrayLike, name: str) -> tuple[Array, Array]:
        """Private copies of what passes and of what is moved."""
        x = own(self, x, (..., None), name=name)
        if x.shape[-1] <= self.split:
            raise InputError(
                f"AffineCoupling: {name} has {x.shape[-1]} entries along its last axis, of which the first "
                f"{self.split} are one part; split it earlier, so that the other part holds at least one"
            )
        return self._halves(x)

    def _scale_and_shift(self, module: Module, x1: Array, x2: Array) -> tuple[Array, Array]:
        """s and t, each of the shape of x2."""
        st = borrow(self, module(x1), (*x1.shape[:-1], 2 * x2.shape[-1]), x1.dtype, "module(x)")
        s, t = np.split(st, 2, -1)
        return s, t

    def _halves(self, x: Array) -> tuple[Array, Array]:
        first, second = np.split(x, [self.split], -1)
        return (second, first) if self.swap else (first, second)

    def _joined(self, x1: Array, x2: Array) -> Array:
        return np.concatenate([x2, x1] if self.swap else [x1, x2], -1)
