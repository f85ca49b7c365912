"""A layer on trial: private copies to call, and what is compared of them."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnlab.gradcheck.layers import generators, is_float, leaves, rebuild

Array = NDArray[Any]
Named = list[tuple[str, Array]]


class Broken(AssertionError):
    """A contract is broken; the message is the evidence."""


class Layer(Protocol):
    """What `nnlab.gradcheck` checks; `training`, `train(mode)`, `state_dict()` and such are used where they exist."""

    def forward(self, *inputs: Any) -> Any: ...

    def backward(self, *dy: Any) -> Any: ...


@dataclass(frozen=True)
class Trial:
    """One layer with one set of inputs; `make` builds a new layer of the same kind, as its constructor leaves it."""

    layer: Layer
    inputs: tuple[Any, ...]
    make: Callable[[], Layer]
    rng: np.random.Generator

    def copies(self) -> tuple[Any, tuple[Any, ...]]:
        """The layer and its inputs, for one contract alone."""
        layer, inputs = copy.deepcopy((self.layer, self.inputs))
        return layer, inputs

    def cotangent(self, outputs: Any) -> Any:
        """Gaussian cotangents in the nesting of the outputs, None where an output is no float."""
        drawn = [
            np.asarray(self.rng.standard_normal(y.shape), y.dtype) if is_float(y) else None for y in leaves(outputs)
        ]
        return rebuild(outputs, iter(drawn))

    def gradients(self, layer: Layer, dy: Any) -> Named:
        """What one backward gives: the gradients of the inputs, and what it adds to those of the parameters."""
        before = {name: p.grad.copy() for name, p in parameters(layer)}
        dx = backward(layer, dy)
        found = [(f"gradient of input {i}", d.copy()) for i, d in enumerate(leaves(dx)) if is_array(d)]
        return found + [(f"gradient of {name}", p.grad - before[name]) for name, p in parameters(layer)]


def backward(layer: Layer, dy: Any) -> Any:
    """backward with one argument for each output."""
    return layer.backward(*dy) if isinstance(dy, tuple) else layer.backward(dy)


def parameters(layer: Any) -> list[tuple[str, Any]]:
    return list(getattr(layer, "named_parameters", list)())


def buffers(layer: Any) -> Named:
    return [(f"buffer {name}", array) for name, array in getattr(layer, "named_buffers", list)()]


def is_array(leaf: Any) -> bool:
    return isinstance(leaf, np.ndarray | np.generic)


def named(what: str, tree: Any) -> Named:
    """The arrays of nested tuples, numbered."""
    return [(f"{what} {i}", leaf) for i, leaf in enumerate(leaves(tree)) if is_array(leaf)]


def snapshot(arrays: Iterable[tuple[str, Array]]) -> Named:
    return [(name, np.array(array)) for name, array in arrays]


def outputs_of(layer: Any, inputs: tuple[Any, ...]) -> Named:
    """Copies of what forward returns."""
    return snapshot(named("output", layer.forward(*inputs)))


class rewound:
    """A block before and after which the generators of `things` are where they are now."""

    def __init__(self, *things: Any) -> None:
        self.states = [(g, g.bit_generator.state) for thing in things for g in generators(thing)]

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        for generator, state in self.states:
            generator.bit_generator.state = state


def kept(layer: Any) -> Iterator[tuple[str, Array]]:
    """All arrays that the layer holds at any depth, but for the gradients of its parameters."""
    gradients = {id(p.grad) for _, p in parameters(layer)}
    seen: set[int] = set()
    todo: list[tuple[str, Any]] = [("", layer)]
    while todo:
        name, item = todo.pop()
        if id(item) in seen or isinstance(item, np.random.Generator):
            continue
        seen.add(id(item))
        if isinstance(item, np.ndarray):
            if id(item) not in gradients and item.dtype != object:
                yield name.lstrip(".") or "array", item
        elif isinstance(item, list | tuple):
            todo.extend((f"{name}[{i}]", entry) for i, entry in enumerate(item))
        elif isinstance(item, dict):
            todo.extend((f"{name}[{key!r}]", entry) for key, entry in item.items())
        else:
            todo.extend((f"{name}.{key}", entry) for key, entry in getattr(item, "__dict__", {}).items())


def require(condition: bool, evidence: str) -> None:
    if not condition:
        raise Broken(evidence)


def equal(got: Named, expected: Named, saying: str, digits: float | None = None) -> None:
    """Raise Broken at the first difference: of any bit, or of more than `digits` units in the last place of the
    largest entry, as sums in another order may have."""
    require(len(got) == len(expected), f"{saying} {len(got)} arrays, expected {len(expected)}")
    for (name, a), (_, b) in zip(got, expected, strict=True):
        require(a.shape == b.shape, f"{name}: {saying} shape {a.shape}, expected {b.shape}")
        same = (a == b) | ((a != a) & (b != b))
        if digits is not None and is_float(b):
            with np.errstate(invalid="ignore"):
                same |= np.abs(a - b) <= digits * float(np.finfo(b.dtype).eps) * np.abs(b).max(initial=0.0)
        if not np.all(same):
            index = tuple(int(i) for i in np.argwhere(~np.asarray(same))[0])
            place = f"{name}[{', '.join(map(str, index))}]"
            raise Broken(f"{place}: {saying} {a[index]:.9g}, expected {b[index]:.9g}")
