"""Small layers with derivatives known in closed form, written without nnlab.nn."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

#: What is promised by default in float64.
PROMISED = 60 * 2.0**-26


def draw(*shape: int, seed: int = 1) -> Any:
    """Gaussian numbers that do not come from the checker's own default draw."""
    return np.random.default_rng(seed).standard_normal(shape)


def first_cotangents(*shapes: tuple[int, ...]) -> list[Any]:
    """What `check` draws first with its default generator: one cotangent for each floating-point output."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


class Function:
    """y = value(*inputs), whose gradients are gradient(dy, *inputs) at the inputs of the latest forward."""

    def __init__(self, value: Callable[..., Any], gradient: Callable[..., Any]) -> None:
        self.value, self.gradient = value, gradient

    def forward(self, *inputs: Any) -> Any:
        self.inputs = inputs
        return self.value(*inputs)

    def backward(self, *dy: Any) -> Any:
        return self.gradient(*dy, *self.inputs)


def parameter(data: Any, constant: Any = None) -> Any:
    """What the checker needs of a parameter."""
    data = np.array(data)
    return SimpleNamespace(data=data, grad=np.ones_like(data), constant=constant)


class Matrix:
    """y = x W + b; `spoil(dx, dW, db)` may change the gradients before they are given."""

    def __init__(self, rows: int = 3, columns: int = 4, spoil: Callable[..., Any] | None = None) -> None:
        self.weight, self.bias = parameter(draw(rows, columns, seed=2)), parameter(draw(columns, seed=3))
        self.spoil = spoil or (lambda *gradients: gradients)

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield "weight", self.weight
        yield "bias", self.bias

    def forward(self, x: Any) -> Any:
        self.x = x.copy()
        return x @ self.weight.data + self.bias.data

    def backward(self, dy: Any) -> Any:
        dx, dw, db = self.spoil(dy @ self.weight.data.T, self.x.T @ dy, dy.sum(axis=0))
        self.weight.grad += dw
        self.bias.grad += db
        return dx
