"""Layers that follow a differential equation."""

import copy
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.activation import Tanh
from nnlab.nn.arrays import Array, borrow, own
from nnlab.nn.case import Case, Normal
from nnlab.nn.container import Sequential
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module

__all__ = ["NeuralODE"]


class NeuralODE(Module):
    """y(t1) of dy/dt = func(y) with y(t0) = x, by `steps` equal steps of the classic Runge-Kutta method of order 4.

    func keeps the shape of y; with time=True it sees t as one more entry at the end of the last axis and leaves it
    out of its result. The gradient is that of the steps as they were taken, not of an adjoint equation.
    Source: Chen et al., "Neural Ordinary Differential Equations", 2018, equation 2.
    """

    in_torch = False
    cases = (
        Case(
            lambda rng: Sequential(Linear(4, 3, rng=rng), Tanh(), Linear(3, 4, rng=rng)),
            0.5,
            2.0,
            3,
            x=Normal((2, 3, 4)),
        ),
        Case(lambda rng: Sequential(Linear(3, 2, rng=rng), Tanh()), 1.0, -0.5, steps=2, time=True, x=Normal((3, 5, 2))),
        Case(lambda rng: Tanh(), x=Normal((3,))),
    )

    def __init__(self, func: Module, t0: float = 0.0, t1: float = 1.0, steps: int = 4, time: bool = False) -> None:
        if steps < 1:
            raise InputError(f"NeuralODE: steps is {steps} but at least one is needed; more make it more exact")
        self.func = func
        self.t0 = t0
        self.steps = steps
        self.time = time
        self.h = (t1 - t0) / steps

    def forward(self, x: ArrayLike) -> Array:
        y = own(self, x, (..., None))
        taken = []
        for step in range(self.steps):
            stages = [_replica(self.func) for _ in range(4)]
            y = self._step(stages, self.t0 + step * self.h, y)
            taken.append(stages)
        self.cache = y.shape, y.dtype, taken
        return y

    def backward(self, dy: ArrayLike) -> Array:
        shape, dtype, taken = self.cache
        dy = borrow(self, dy, shape, dtype, "dy")
        for stages in reversed(taken):
            dy = self._step_backward(stages, dy)
        return dy

    def _step(self, stages: list[Module], t: float, y: Array) -> Array:
        """y(t + h) from y(t); each stage keeps what its own evaluation of func leaves for backward."""
        f1, f2, f3, f4 = stages
        h = self.h
        k1 = self._slope(f1, t, y)
        k2 = self._slope(f2, t + h / 2, y + h / 2 * k1)
        k3 = self._slope(f3, t + h / 2, y + h / 2 * k2)
        k4 = self._slope(f4, t + h, y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    def _step_backward(self, stages: list[Module], dy: Array) -> Array:
        f1, f2, f3, f4 = stages
        h = self.h
        du4 = self._slope_backward(f4, h / 6 * dy)
        du3 = self._slope_backward(f3, h / 3 * dy + h * du4)
        du2 = self._slope_backward(f2, h / 3 * dy + h / 2 * du3)
        du1 = self._slope_backward(f1, h / 6 * dy + h / 2 * du2)
        return dy + du1 + du2 + du3 + du4

    def _slope(self, func: Module, t: float, u: Array) -> Array:
        """dy/dt where y = u."""
        seen = np.concatenate([u, np.full_like(u[..., :1], t)], -1) if self.time else u
        return borrow(self, func(seen), u.shape, u.dtype, "func(y)")

    def _slope_backward(self, func: Module, dk: Array) -> Array:
        du: Array = func.backward(dk)
        return du[..., :-1] if self.time else du


def _replica(thing: Any) -> Any:
    """A copy of a layer, or of a list of them, with caches of its own but the same parameters, buffers, generators."""
    if isinstance(thing, list):
        return [_replica(item) for item in thing]
    if not isinstance(thing, Module):
        return thing
    replica = copy.copy(thing)
    for name, value in vars(thing).items():
        setattr(replica, name, _replica(value))
    return replica
