"""What a reference is told, and what it may answer besides the outputs."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.lab.detector import Detected

Array = NDArray[Any]


@dataclass(frozen=True)
class Given:
    """What the user gave a layer besides the constructor's arguments; floating-point numbers are float64.

    `state` is the state_dict before the forward, `rng` a copy of the layer's generator as it then stands.
    """

    inputs: tuple[Any, ...]
    state: Mapping[str, Array]
    training: bool
    rng: np.random.Generator

    @property
    def x(self) -> Array:
        """The first input."""
        first: Array = self.inputs[0]
        return first

    def __getitem__(self, name: str) -> Array:
        """A parameter or buffer by its name in the state_dict. Raises Detected if the layer has none."""
        if name not in self.state:
            raise Detected(f"state_dict: expected an array {name!r}, got {sorted(self.state)}")
        return self.state[name]

    def optional(self, place: int, *defaults: Any) -> tuple[Any, ...]:
        """The inputs from `place` on, and the defaults of those that were not given."""
        return self.inputs[place:] + defaults[len(self.inputs) - place :]

    def part(self, prefix: str, *inputs: Any) -> "Given":
        """What is given to the layer whose names begin with `prefix`: other inputs, the same mode and generator."""
        state = {name.removeprefix(prefix): a for name, a in self.state.items() if name.startswith(prefix)}
        return replace(self, inputs=inputs, state=state)

    def layer(self, recipe: Callable[[np.random.Generator], Any], prefix: str) -> Any:
        """The layer that `recipe` makes, with the state under `prefix`: for containers, which are given recipes.

        A container answers for what it does with a layer's values; those values are checked where the layer is.
        """
        made = recipe(np.random.default_rng(0))
        for name, parameter in made.named_parameters():
            parameter.data[...] = self[prefix + name]
        for name, buffer in made.named_buffers():
            buffer[...] = self[prefix + name]
        for module in made.train(self.training).modules():
            if hasattr(module, "rng"):
                module.rng = self.rng
        return made


@dataclass(frozen=True)
class Outcome:
    """Outputs, and the buffers and parameters that the forward changes; all others must stay as they are."""

    outputs: Any
    buffers: Mapping[str, Array] = field(default_factory=dict)
    parameters: Mapping[str, Array] = field(default_factory=dict)


def entrywise(function: Callable[..., float], *arrays: Any) -> Array:
    """`function` of Python's floats, entry by entry; arrays are broadcast against each other."""
    same = np.broadcast_arrays(*arrays)
    values = [function(*map(float, entries)) for entries in zip(*(a.flat for a in same), strict=True)]
    return np.array(values, np.float64).reshape(same[0].shape)


def numbers(size: Any, dims: int) -> tuple[Any, ...]:
    """One number for each dimension of space."""
    return tuple(size) if isinstance(size, tuple | list) else (size,) * dims


def sigmoid(z: float) -> float:
    """1 / (1 + exp(-z))."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def softplus(z: float) -> float:
    """log(1 + exp(z))."""
    return z + math.log1p(math.exp(-z)) if z > 0 else math.log1p(math.exp(z))
