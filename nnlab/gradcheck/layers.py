"""A layer seen as one function of a flat list of tensors: its floating-point inputs, then its parameters."""

import copy
from collections.abc import Collection, Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


class Layer(Protocol):
    """Anything with forward(*inputs) and backward(*dy); named_parameters() of (name, .data and .grad) is optional."""

    def forward(self, *inputs: Any) -> Any: ...

    def backward(self, *dy: Any) -> Any: ...


class Evaluation:
    """A private copy of a layer at one point, which can be evaluated at neighbouring points.

    Random layers draw the same numbers at every evaluation, and the caller's layer and inputs stay as they are.
    """

    def __init__(self, layer: Layer, inputs: tuple[Any, ...], constant: Collection[int]) -> None:
        self.layer, self.inputs = copy.deepcopy((layer, inputs))
        self.generators = [(g, g.bit_generator.state) for g in generators((self.layer, self.inputs))]
        self.parameters = _parameters(self.layer)
        points = list(leaves(self.inputs))
        self.inputs_at = [i for i, leaf in enumerate(points) if is_float(leaf) and i not in constant]
        self.names = [f"input {i}" for i in self.inputs_at] + [name for name, _ in self.parameters]
        self.point: list[Array] = [np.array(points[i]) for i in self.inputs_at]
        self.point += [np.array(parameter.data) for _, parameter in self.parameters]
        #: Which entries may be moved: all but those of `Parameter.constant`, whose gradient is 0 by definition.
        self.free = [np.ones(points[i].shape, bool) for i in self.inputs_at]
        self.free += [~np.broadcast_to(_constant(p), p.data.shape) for _, p in self.parameters]
        self.forwards = 0

    def forward(self, tensors: list[Array]) -> Any:
        """The layer's outputs with its inputs and parameters at `tensors`."""
        self.forwards += 1
        for generator, state in self.generators:
            generator.bit_generator.state = state
        for (_, parameter), value in zip(self.parameters, tensors[len(self.inputs_at) :], strict=True):
            parameter.data[...] = value
        moved = dict(zip(self.inputs_at, tensors, strict=False))
        # Order K keeps the memory layout, on which a layer must not depend.
        flat = [moved[i].copy("K") if i in moved else copy.copy(leaf) for i, leaf in enumerate(leaves(self.inputs))]
        return self.layer.forward(*rebuild(self.inputs, iter(flat)))

    def gradients(self, cotangents: list[Array]) -> list[Any]:
        """What backward says of each tensor at the point, for these cotangents of the floating-point outputs."""
        outputs = self.forward(self.point)
        given = iter(cotangents)
        flat = [next(given).copy() if is_float(leaf) else None for leaf in leaves(outputs)]
        dy = rebuild(outputs, iter(flat))
        for _, parameter in self.parameters:
            if parameter.grad is not None:
                parameter.grad[...] = 0.0
        answer = dict(enumerate(leaves(self.layer.backward(*dy if isinstance(dy, tuple) else (dy,)))))
        found = [answer.get(i) for i in self.inputs_at] + [parameter.grad for _, parameter in self.parameters]
        return [np.asarray(g) if is_float(g) else g for g in found]


def _parameters(layer: Layer) -> list[tuple[str, Any]]:
    """The layer's parameters; one that is tied, and so comes under several names, only under the first."""
    found: dict[int, tuple[str, Any]] = {}
    for name, parameter in getattr(layer, "named_parameters", list)():
        found.setdefault(id(parameter), (name, parameter))
    return list(found.values())


def _constant(parameter: Any) -> Any:
    mask = getattr(parameter, "constant", None)
    return False if mask is None else mask


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
