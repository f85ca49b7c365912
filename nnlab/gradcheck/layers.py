"""A layer seen as a function of one vector: all entries of its floating-point inputs, then of its parameters."""

import copy
import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from nnlab.gradcheck.trees import Array, Vector, is_float, is_output, leaves, reals, rebuild, shaped


class Layer(Protocol):
    """Anything with forward(*inputs) and backward(*dy); named_parameters() of (name, .data and .grad) is optional."""

    def forward(self, *inputs: Any) -> Any: ...

    def backward(self, *dy: Any) -> Any: ...


class Function:
    """A plain function and its vjp(dy, *inputs) as a layer; dy has the nesting of the function's outputs."""

    def __init__(self, function: Callable[..., Any], vjp: Callable[..., Any]) -> None:
        self.function, self.vjp = function, vjp

    def forward(self, *inputs: Any) -> Any:
        self.inputs = inputs
        y = self.function(*inputs)
        self.single = not isinstance(y, tuple)
        return y

    def backward(self, *dy: Any) -> Any:
        return self.vjp(dy[0] if self.single else dy, *self.inputs)


@dataclass(frozen=True)
class Tensor:
    """A floating-point input, known by its number, or a parameter.

    `point` is its value where gradients are compared, `value` the private array that the layer sees, `at` the place
    of its reals in the vector of all entries.
    """

    name: str
    point: Array
    value: Array
    at: slice
    number: int | None = None
    parameter: Any = None

    @property
    def width(self) -> int:
        """How many reals an entry has."""
        return 1 + (self.point.dtype.kind == "c")

    @property
    def frozen(self) -> Any:
        """The mask `Parameter.constant` of the entries that may not be moved, whose gradient is 0; or None."""
        return getattr(self.parameter, "constant", None)

    def index(self, entry: int) -> tuple[int, ...]:
        """Where the real with this number in the vector of all entries belongs."""
        return tuple(map(int, np.unravel_index((entry - self.at.start) // self.width, self.point.shape)))

    def nudge(self, entry: int, by: float) -> tuple[Any, float]:
        """Move one real of the value; the number that was there, and by how much it moved after rounding."""
        number, part = divmod(entry - self.at.start, self.width)
        old = self.value.flat[number]
        self.value.flat[number] = old + (by * 1j if part else by)
        moved = complex(self.value.flat[number] - old)
        return old, moved.imag if part else moved.real

    def restore(self, entry: int, old: Any) -> None:
        self.value.flat[(entry - self.at.start) // self.width] = old


class Evaluation:
    """A private copy of a layer at one point, which can be evaluated at neighbouring points.

    Random layers draw the same numbers at every evaluation, and the caller's layer and inputs stay as they are.
    """

    def __init__(self, layer: Layer, inputs: tuple[Any, ...], constant: Collection[int]) -> None:
        self.layer, self.inputs = copy.deepcopy((layer, inputs))
        self.generators = [(g, g.bit_generator.state) for g in generators((self.layer, self.inputs))]
        self.given = list(leaves(self.inputs))
        self.tensors: list[Tensor] = []
        for number, leaf in enumerate(self.given):
            if is_float(leaf) and number not in constant:
                self.given[number] = np.array(leaf)  # in the same memory layout, on which a layer must not depend
                self._add(f"input {number}", self.given[number], number=number)
        tied: set[int] = set()  # a tied parameter has several names, but is one tensor under its first
        for name, parameter in getattr(self.layer, "named_parameters", list)():
            if id(parameter) not in tied:
                tied.add(id(parameter))
                self._add(name, parameter.data, parameter=parameter)
        self.point = self._all()
        self.takes_dy = _takes_dy(self.layer)
        self.forwards = 0

    def _add(self, name: str, value: Any, **origin: Any) -> None:
        start = self.tensors[-1].at.stop if self.tensors else 0
        stop = start + value.size * (1 + (value.dtype.kind == "c"))
        self.tensors.append(Tensor(name, np.array(value), value, slice(start, stop), **origin))

    def forward(self, entries: Vector) -> Any:
        """The layer's outputs with all entries of its inputs and parameters at `entries`."""
        for tensor in self.tensors:
            tensor.value[...] = shaped(entries[tensor.at], tensor.point)
        return self.run()

    def run(self) -> Any:
        """The layer's outputs with the tensors as they are."""
        self.forwards += 1
        for generator, state in self.generators:
            generator.bit_generator.state = state
        return self.layer.forward(*rebuild(self.inputs, iter(self.given)))

    @cached_property
    def eps(self) -> float:
        """That of the coarsest dtype of a tensor that is not empty, at least float64's."""
        return max([2.0**-52, *(float(np.finfo(t.point.real.dtype).eps) for t in self.tensors if t.point.size)])

    @cached_property
    def unit(self) -> Vector:
        """How far one step moves each entry: in proportion to its size, and not where it is constant or infinite."""
        unit = np.maximum(1.0, np.abs(self.point))
        unit[~np.isfinite(unit)] = 0.0
        for tensor in self.tensors:
            if tensor.frozen is not None:
                mask = np.broadcast_to(tensor.frozen, tensor.point.shape)
                unit[tensor.at][np.repeat(mask.ravel(), tensor.width)] = 0.0
        return unit

    def move(self, rng: np.random.Generator) -> None:
        """From now on the point is elsewhere: about as far away as the largest step of a thorough comparison."""
        away = self.point + 2 * self.eps**0.2 * rng.standard_normal(self.unit.shape) * self.unit
        for tensor in self.tensors:
            tensor.point[...] = shaped(away[tensor.at], tensor.point)
        self.point = self._all()

    def _all(self) -> Vector:
        return np.concatenate([np.zeros(0), *(reals(tensor.point) for tensor in self.tensors)])

    def is_at(self, entries: Vector) -> bool:
        """Whether the tensors have these values, that is, whether the layer has left them alone."""
        return all(np.array_equal(reals(t.value), entries[t.at], equal_nan=True) for t in self.tensors)

    def cotangents(self, outputs: Any, rng: np.random.Generator) -> Any:
        """Gaussian cotangents of the floating-point outputs, in their nesting; None for the others."""
        drawn = [self._cotangent(np.asarray(y), rng) if is_output(y) else None for y in leaves(outputs)]
        return rebuild(outputs, iter(drawn))

    def _cotangent(self, y: Array, rng: np.random.Generator) -> Array:
        if not self.takes_dy:
            return np.ones_like(y)
        real = np.asarray(rng.standard_normal(y.shape), y.dtype)
        return real + 1j * rng.standard_normal(y.shape).astype(y.real.dtype) if y.dtype.kind == "c" else real

    def backward(self, dy: Any) -> list[Any]:
        """What backward, after a forward, says of each tensor, and then of all inputs that are none."""
        for tensor in self.tensors:
            if getattr(tensor.parameter, "grad", None) is not None:
                tensor.parameter.grad[...] = 0.0
        own = rebuild(dy, iter([copy.copy(leaf) for leaf in leaves(dy)]))  # the layer may write to it
        given = () if not self.takes_dy else own if isinstance(own, tuple) else (own,)
        answer = dict(enumerate(leaves(self.layer.backward(*given))))
        found = [t.parameter.grad if t.number is None else answer.pop(t.number, None) for t in self.tensors]
        return [np.asarray(g) if is_float(g) else g for g in found] + [answer]


def _takes_dy(layer: Layer) -> bool:
    """Whether backward takes cotangents: that of a loss may take none, and means 1."""
    code = getattr(layer.backward, "__code__", None)  # inspect.signature takes as long as a small layer
    return code is None or bool(
        code.co_argcount > inspect.ismethod(layer.backward) or code.co_flags & inspect.CO_VARARGS
    )


#: What most attributes are, and what holds nothing.
LEAVES = frozenset({np.ndarray, int, float, bool, str, type(None)})


def generators(thing: Any) -> list[np.random.Generator]:
    """Every random Generator that the attributes of `thing` hold, at any depth."""
    found: list[np.random.Generator] = []
    seen: set[int] = set()
    todo = [thing]
    while todo:
        item = todo.pop()
        if type(item) in LEAVES or id(item) in seen:
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
