"""A layer seen as a function of one vector: all entries of its floating-point inputs, then of its parameters."""

import copy
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]


class Layer(Protocol):
    """Anything with forward(*inputs) and backward(*dy); named_parameters() of (name, .data and .grad) is optional."""

    def forward(self, *inputs: Any) -> Any: ...

    def backward(self, *dy: Any) -> Any: ...


@dataclass(frozen=True)
class Tensor:
    """A floating-point input, known by its number, or a parameter; `at` is its part of the vector of all entries."""

    name: str
    point: Array
    at: slice
    number: int | None = None
    parameter: Any = None

    @property
    def free(self) -> Any:
        """Which entries may be moved: all but those of `Parameter.constant`, whose gradient is 0 by definition."""
        mask = getattr(self.parameter, "constant", None)
        return np.broadcast_to(True if mask is None else ~mask, self.point.shape)


class Evaluation:
    """A private copy of a layer at one point, which can be evaluated at neighbouring points.

    Random layers draw the same numbers at every evaluation, and the caller's layer and inputs stay as they are.
    """

    def __init__(self, layer: Layer, inputs: tuple[Any, ...], constant: Collection[int]) -> None:
        self.layer, self.inputs = copy.deepcopy((layer, inputs))
        self.generators = [(g, g.bit_generator.state) for g in generators((self.layer, self.inputs))]
        self.tensors: list[Tensor] = []
        for number, leaf in enumerate(leaves(self.inputs)):
            if is_float(leaf) and number not in constant:
                self._add(f"input {number}", leaf, number=number)
        tied: set[int] = set()  # a tied parameter has several names, but is one tensor under its first
        for name, parameter in getattr(self.layer, "named_parameters", list)():
            if id(parameter) not in tied:
                tied.add(id(parameter))
                self._add(name, parameter.data, parameter=parameter)
        self.forwards = 0

    def _add(self, name: str, data: Any, **origin: Any) -> None:
        start = self.tensors[-1].at.stop if self.tensors else 0
        self.tensors.append(Tensor(name, np.array(data), slice(start, start + data.size), **origin))

    def forward(self, entries: Vector) -> Any:
        """The layer's outputs with all entries of its inputs and parameters at `entries`."""
        self.forwards += 1
        for generator, state in self.generators:
            generator.bit_generator.state = state
        given = [copy.copy(leaf) for leaf in leaves(self.inputs)]
        for tensor in self.tensors:
            value = copy.copy(tensor.point)  # in the same memory layout, on which a layer must not depend
            value[...] = entries[tensor.at].reshape(value.shape)
            if tensor.number is None:
                tensor.parameter.data[...] = value
            else:
                given[tensor.number] = value
        return self.layer.forward(*rebuild(self.inputs, iter(given)))

    def backward(self, point: Vector, rng: np.random.Generator) -> tuple[Vector, list[tuple[Tensor, Any]]]:
        """Gaussian cotangents of the floating-point outputs, and what backward says of each tensor for them."""
        outputs = self.forward(point)
        drawn = [np.asarray(rng.standard_normal(y.shape), y.dtype) if is_float(y) else None for y in leaves(outputs)]
        cotangent = vector(drawn)
        dy = rebuild(outputs, iter(drawn))
        for tensor in self.tensors:
            if getattr(tensor.parameter, "grad", None) is not None:
                tensor.parameter.grad[...] = 0.0
        answer = dict(enumerate(leaves(self.layer.backward(*dy if isinstance(dy, tuple) else (dy,)))))
        found = [(t, t.parameter.grad if t.number is None else answer.get(t.number)) for t in self.tensors]
        return cotangent, [(tensor, np.asarray(g) if is_float(g) else g) for tensor, g in found]


def is_float(leaf: Any) -> bool:
    """Whether `leaf` is a floating-point array, or the scalar that NumPy makes of one without dimensions."""
    return isinstance(leaf, np.ndarray | np.generic) and np.issubdtype(leaf.dtype, np.floating)


def leaves(tree: Any) -> Iterator[Any]:
    """The entries of nested tuples, in order."""
    if isinstance(tree, tuple):
        for branch in tree:
            yield from leaves(branch)
    else:
        yield tree


def rebuild(tree: Any, flat: Iterator[Any]) -> Any:
    """Nested tuples like `tree`, with the entries of `flat`."""
    if isinstance(tree, tuple):
        return tuple(rebuild(branch, flat) for branch in tree)
    return next(flat)


def vector(parts: Iterable[Any]) -> Vector:
    """The entries of all floating-point arrays, one after the other."""
    return np.concatenate([np.zeros(0), *(np.ravel(part) for part in parts if is_float(part))])


def generators(thing: Any) -> list[np.random.Generator]:
    """Every random Generator that the attributes of `thing` hold, at any depth."""
    found: list[np.random.Generator] = []
    seen: set[int] = set()
    todo = [thing]
    while todo:
        item = todo.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, np.random.Generator):
            found.append(item)
        elif isinstance(item, list | tuple):
            todo.extend(item)
        elif isinstance(item, dict):
            todo.extend(item.values())
        else:
            todo.extend(getattr(item, "__dict__", {}).values())
    return found
