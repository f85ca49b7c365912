"""A layer on trial: what it is called with, and all that it gives and holds."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.contracts.compare import Array, Named
from nnlab.errors import InputError
from nnlab.gradcheck.layers import generators
from nnlab.gradcheck.trees import is_float, leaves, rebuild


class NotApplicable(Exception):
    """A contract asks for something that this layer does not offer; the message says what."""


@dataclass(frozen=True)
class Trial:
    """One layer with one set of inputs.

    `draw` gives both, the same each time and for one contract to use up; `make` gives a new layer of the same kind,
    as its constructor leaves it.
    """

    draw: Callable[[], tuple[Any, tuple[Any, ...]]]
    make: Callable[[], Any]
    rng: np.random.Generator

    def cotangent(self, outputs: Any) -> Any:
        """Gaussian cotangents in the nesting of the outputs, None where an output is no float."""
        flat = list(leaves(outputs))
        if not any(map(is_float, flat)):
            raise InputError(
                "contracts: no output is a floating-point array, so there is nothing to give to backward; return NumPy "
                "arrays, in a tuple where there are several"
            )
        drawn = (np.asarray(self.rng.standard_normal(y.shape), y.dtype) if is_float(y) else None for y in flat)
        return rebuild(outputs, drawn)

    def tried(self, layer: Any, inputs: tuple[Any, ...]) -> tuple[Any, Named]:
        """The cotangents of one forward and backward, and all that those gave; the layer is restored."""
        with restored(layer):
            y = layer.forward(*private(inputs))
            outputs, dy = _outputs(y), self.cotangent(y)
            return dy, outputs + gradients(layer, dy)

    def others(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs with other numbers of the same kind in the first array: smaller floats, or integers reversed."""
        flat = list(leaves(inputs))
        number = next((i for i, x in enumerate(flat) if is_array(x)), None)
        if number is not None:
            x = flat[number]
            smaller = self.rng.uniform(0.25, 0.75, x.shape)
            flat[number] = np.asarray(x * smaller, x.dtype) if is_float(x) else np.flip(x).copy()
        others: tuple[Any, ...] = rebuild(inputs, iter(flat))
        return others

    def use(self, layer: Any, inputs: tuple[Any, ...]) -> None:
        """A forward on other inputs, which should leave no trace but in generators and buffers; they are restored."""
        with restored(layer):
            try:
                layer.forward(*self.others(inputs))
            except ValueError:  # refused, as by a loss of probabilities whose sum is not 1: repeat what it does take
                layer.forward(*private(inputs))

    def overwrite(self, array: Array) -> None:
        """Change each entry: a float in its sign, and in no common proportion."""
        if is_float(array):
            array[...] = -np.where(array == 0, 1.0, array) * self.rng.uniform(1, 2, array.shape)
        else:
            array[...] = array == 0


def backward(layer: Any, dy: Any) -> Any:
    """backward with one argument for each output."""
    return layer.backward(*dy) if isinstance(dy, tuple) else layer.backward(dy)


def private(tree: Any) -> Any:
    """Nested tuples with copies of the arrays: who writes to them breaks one contract, and spoils no other."""
    return rebuild(tree, (copy.copy(leaf) if is_array(leaf) else leaf for leaf in leaves(tree)))


def behaviour(layer: Any, inputs: tuple[Any, ...], dy: Any) -> Named:
    """All that one forward and backward give."""
    return outputs_of(layer, inputs) + gradients(layer, dy)


def outputs_of(layer: Any, inputs: tuple[Any, ...]) -> Named:
    """Copies of what a forward gives."""
    return _outputs(layer.forward(*private(inputs)))


def _outputs(y: Any) -> Named:
    return snapshot(named("output", y))


def gradients(layer: Any, dy: Any) -> Named:
    """What one backward gives: the gradients of the inputs, and those of the parameters when they were 0 before."""
    for _, parameter in parameters(layer):
        if parameter.grad is not None:
            parameter.grad[...] = 0.0
    return snapshot(named("gradient of input", backward(layer, private(dy)))) + of_parameters(layer)


def of_parameters(layer: Any) -> Named:
    """Copies of the gradients of the parameters, 0 where there is none yet."""
    found = ((name, np.zeros_like(p.data) if p.grad is None else p.grad) for name, p in parameters(layer))
    return [(f"gradient of {name}", np.array(gradient)) for name, gradient in found]


def parameters(layer: Any) -> list[tuple[str, Any]]:
    """The parameters by name; a tied one has several names, and comes under its first."""
    found: dict[int, tuple[str, Any]] = {}
    for name, parameter in getattr(layer, "named_parameters", list)():
        found.setdefault(id(parameter), (name, parameter))
    return list(found.values())


def values(layer: Any) -> Named:
    """The arrays of the parameters themselves."""
    return [(name, p.data) for name, p in parameters(layer)]


def buffers(layer: Any) -> Named:
    """The arrays that are kept but not learned."""
    found: Iterable[tuple[str, Array]] = getattr(layer, "named_buffers", list)()
    return [(f"buffer {name}", array) for name, array in found if isinstance(array, np.ndarray)]


def is_array(leaf: Any) -> bool:
    """Whether `leaf` is an array, or the scalar that NumPy makes of one without dimensions."""
    return isinstance(leaf, np.ndarray | np.generic)


def named(what: str, tree: Any) -> Named:
    """The arrays of nested tuples, numbered."""
    return [(f"{what} {i}", leaf) for i, leaf in enumerate(leaves(tree)) if is_array(leaf)]


def snapshot(arrays: Iterable[tuple[str, Array]]) -> Named:
    return [(name, np.array(array)) for name, array in arrays]


def held(layer: Any) -> Named:
    """All arrays that a layer holds at any depth, by where they are."""
    found: Named = []
    seen: set[int] = set()
    todo: list[tuple[str, Any]] = [("", layer)]
    while todo:
        name, item = todo.pop()
        if id(item) in seen or isinstance(item, np.random.Generator):
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            found.append((name.removeprefix("."), item))
        elif isinstance(item, list | tuple):
            todo += [(f"{name}[{i}]", entry) for i, entry in enumerate(item)]
        elif isinstance(item, dict):
            todo += [(f"{name}[{key!r}]", entry) for key, entry in item.items()]
        else:
            todo += [(f"{name}.{key}", entry) for key, entry in getattr(item, "__dict__", {}).items()]
    return found


class restored:
    """A block after which a layer's generators and buffers are where they were before it."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer
        self.states = [(g, g.bit_generator.state) for g in generators(layer)]
        self.buffers = dict(snapshot(buffers(layer)))

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        for generator, state in self.states:
            generator.bit_generator.state = state
        for name, array in buffers(self.layer):
            array[...] = self.buffers[name]
