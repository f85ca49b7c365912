"""The six layers of scripts/bench_gradcheck.py: nnlab's, torch's, and as a function of arrays with a vjp."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import nn


@dataclass(frozen=True)
class Layer:
    """Ours, torch's by name and arguments, the input's shape, and how often the layer takes it."""

    ours: Callable[[np.random.Generator], nn.Module]
    torch: str
    args: tuple[Any, ...]
    shape: tuple[int, ...]
    times: int = 1
    batch_first: bool = False

    def inputs(self, rng: np.random.Generator) -> tuple[Any, ...]:
        return tuple(rng.standard_normal(self.shape) for _ in range(self.times))


LAYERS = {
    "Linear": Layer(lambda rng: nn.Linear(64, 64, rng=rng), "Linear", (64, 64), (8, 64)),
    "LayerNorm": Layer(lambda rng: nn.LayerNorm(64), "LayerNorm", (64,), (8, 64)),
    "Conv2d": Layer(lambda rng: nn.Conv2d(3, 8, 3, rng=rng), "Conv2d", (3, 8, 3), (2, 3, 12, 12)),
    "MultiheadAttention": Layer(
        lambda rng: nn.MultiheadAttention(32, 4, batch_first=True, rng=rng),
        "MultiheadAttention",
        (32, 4),
        (2, 8, 32),
        times=3,
        batch_first=True,
    ),
    "LSTM": Layer(
        lambda rng: nn.LSTM(16, 16, batch_first=True, rng=rng), "LSTM", (16, 16), (2, 6, 16), batch_first=True
    ),
    "TransformerEncoderLayer": Layer(
        lambda rng: nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, rng=rng),
        "TransformerEncoderLayer",
        (16, 2, 32, 0.0),
        (2, 5, 16),
        batch_first=True,
    ),
}


class Functional:
    """The layer as a function of inputs and parameters; one entry of its vjp is off by `delta` of its RMS."""

    def __init__(self, layer: Layer, rng: np.random.Generator, delta: float) -> None:
        self.module = layer.ours(rng)
        nn.randomize(self.module, rng)
        self.inputs = layer.times
        self.arrays = [*layer.inputs(rng), *(p.data.copy() for p in self.module.parameters())]
        self.which = int(rng.integers(len(self.arrays)))
        self.entry = int(rng.integers(self.arrays[self.which].size))
        self.delta = delta

    def __call__(self, *arrays: Any) -> Any:
        """The outputs that are arrays, in a flat tuple, or alone."""
        for parameter, array in zip(self.module.parameters(), arrays[self.inputs :], strict=True):
            parameter.data[...] = array
        self.nested = self.module(*(np.array(x) for x in arrays[: self.inputs]))
        outputs = tuple(y for y in _flat(self.nested) if y is not None)
        return outputs if len(outputs) > 1 else outputs[0]

    def vjp(self, dy: Any, *arrays: Any) -> tuple[Any, ...]:
        self(*arrays)
        self.module.zero_grad()
        given = iter(dy if isinstance(dy, tuple | list) else (dy,))
        cotangents = _like(self.nested, given)
        dx = self.module.backward(*cotangents if isinstance(cotangents, tuple) else (cotangents,))
        gradients = [*_flat(dx), *(p.grad.copy() for p in self.module.parameters())]
        wrong = np.array(gradients[self.which])
        wrong.flat[self.entry] += self.delta * np.sqrt((wrong**2).mean())
        gradients[self.which] = wrong
        return tuple(gradients)


def _flat(tree: Any) -> list[Any]:
    return [leaf for branch in tree for leaf in _flat(branch)] if isinstance(tree, tuple) else [tree]


def _like(tree: Any, given: Any) -> Any:
    if isinstance(tree, tuple):
        return tuple(_like(branch, given) for branch in tree)
    return None if tree is None else np.array(next(given))
