"""Layers made of layers."""

from typing import Any

from numpy.typing import ArrayLike

from nnlab.nn.activation import Tanh
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module

__all__ = ["Residual", "Sequential"]


class Sequential(Module):
    """y = moduleₙ(… module₁(x)); the modules are named "0", "1", …"""

    cases = (
        Case(
            lambda rng: Linear(4, 3, rng=rng),
            lambda rng: Tanh(),
            lambda rng: Linear(3, 5, rng=rng),
            x=Normal((2, 3, 4)),
        ),
        Case(lambda rng: Tanh(), x=Normal((3, 2))),
    )

    def __init__(self, *modules: Module) -> None:
        for i, module in enumerate(modules):
            setattr(self, str(i), module)

    def forward(self, x: Any) -> Any:
        for _, module in self.children():
            x = module(x)
        return x

    def backward(self, dy: Any) -> Any:
        for _, module in reversed(list(self.children())):
            dy = module.backward(dy)
        return dy


class Residual(Module):
    """y = x + module(x). Source: He et al., "Deep Residual Learning", 2015, equation 1."""

    in_torch = False
    cases = (
        Case(lambda rng: Linear(4, 4, rng=rng), x=Normal((2, 3, 4))),
        Case(lambda rng: Tanh(), x=Normal((5, 2))),
    )

    def __init__(self, module: Module) -> None:
        self.module = module

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (...,))
        fx = borrow(self, self.module(x), x.shape, x.dtype, "module(x)")
        self.cache = x.shape
        return x + fx

    def backward(self, dy: ArrayLike) -> Array:
        dy = borrow(self, dy, self.cache, name="dy")
        dx: Array = dy + self.module.backward(dy)
        return dx
