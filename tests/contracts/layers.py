"""A layer that has everything and keeps every contract, and what it is called with."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np


def parameter(*data: float) -> Any:
    """What a contract needs of a parameter."""
    return SimpleNamespace(data=np.array(data), grad=np.zeros(len(data)))


def draw(*shape: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def arguments() -> tuple[Any, ...]:
    """x, other, shift, indices, a mask, settings."""
    floats = draw(4, 3), draw(4, 3, seed=2), draw(4, 3, seed=3)
    return (*floats, np.array([2, 0, 1]), np.array([True, False]), [3, "mean"], None, True)


class Whole:
    """y = (weight x + bias - centre + other²) mask + shift, z = other x, and a count; the other inputs take no part.

    In training the mask is random, centre is 0 and a running mean is kept; in evaluation that is the centre.
    """

    rows_from: int | None = 2

    def __init__(self) -> None:
        self.weight, self.bias, self.spare = parameter(1.5, -0.5, 2.0), parameter(0.25, 1.0, -1.0), parameter(4.0)
        self.mean = np.zeros(3)
        self.rng = np.random.default_rng(7)
        self.training = True

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        yield from (("weight", self.weight), ("bias", self.bias), ("spare", self.spare), ("tied", self.weight))

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        yield from (("mean", self.mean), ("count", 3))

    def train(self, mode: bool) -> None:
        assert mode in (True, False), "a mode is a bool"
        self.training = mode

    def state_dict(self) -> dict[str, Any]:
        return {"weight": self.weight.data.copy(), "bias": self.bias.data.copy(), "mean": self.mean.copy(), "kind": 1}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weight.data[...], self.bias.data[...], self.mean[...] = state["weight"], state["bias"], state["mean"]

    def forward(self, x: Any, other: Any, shift: Any, *_: Any) -> Any:
        mask, centre = np.ones(x.shape), self.mean
        if self.training:
            mask, centre = 1.0 * (self.rng.random(x.shape) < 0.6), np.zeros(3)
            self.mean += 0.1 * (x.mean(0) - self.mean)
        self.cache = x.copy(), other.copy(), mask
        return (self.weight.data * x + self.bias.data - centre + other**2) * mask + shift, (other * x, len(x))

    def backward(self, dy: Any, dz: Any) -> Any:
        x, other, mask = self.cache
        dz, dcount, *_ = dz
        assert dcount is None, "an integer has no cotangent"
        self.weight.grad += (dy * mask * x).sum(0)
        self.bias.grad += (dy * mask).sum(0)
        return dy * mask * self.weight.data + dz * other, 2 * dy * mask * other + dz * x, dy.copy(), None, None, None

    def inverse(self, y: Any) -> Any:
        """x of the latest forward, whose mask cannot be undone."""
        assert y.size == self.cache[0].size, "y is the first output"
        return self.cache[0].copy()
