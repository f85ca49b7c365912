"""Layers made of layers."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, Self, overload

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.activation import Tanh
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.linear import Linear
from nnlab.nn.module import Module

__all__ = ["ModuleList", "Parallel", "Residual", "Sequential"]


class _List(Module):
    """Layers in a list: what a list can do, with the names "0", "1", … for the layers."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._layers: list[Module] = []
        self.extend(modules)

    def children(self) -> Iterator[tuple[str, Module]]:
        for i, module in enumerate(self._layers):
            yield str(i), module

    def __len__(self) -> int:
        return len(self._layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._layers)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Module | Self:
        if isinstance(index, int):
            return self._layers[index]
        part = copy.copy(self)
        part._layers = self._layers[index]
        return part

    def __setitem__(self, index: int, module: Module) -> None:
        self._layers[index] = self._layer(module)

    def __delitem__(self, index: int | slice) -> None:
        del self._layers[index]

    def append(self, module: Module) -> Self:
        return self.extend([module])

    def extend(self, modules: Iterable[Module]) -> Self:
        self._layers += [self._layer(module) for module in modules]
        return self

    def insert(self, index: int, module: Module) -> None:
        self._layers.insert(index, self._layer(module))

    def _layer(self, module: Module) -> Module:
        if not isinstance(module, Module):
            raise InputError(f"{type(self).__name__}: {module!r} is not a layer; pass an instance of nn.Module")
        return module


class ModuleList(_List):
    """Layers in a list, of which the owner's parameters, modes and state know; the owner calls them, one by one.

    A slice is a ModuleList of the same layers, not of copies.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__(modules)


class Sequential(_List):
    """y = moduleₙ(… module₁(x)); the modules are named "0", "1", …"""

    cases = (
        Case(
            lambda rng: Linear(4, 3, rng=rng),
            lambda rng: Tanh(),
            lambda rng: Linear(3, 5, rng=rng),
            x=Normal((2, 3, 4)),
        ),
        Case(lambda rng: Tanh(), x=Normal((3, 2))),
        Case(lambda rng: Tanh(), lambda rng: Linear(5, 2, rng=rng), x=Normal((3, 5)), train=False),
    )

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, x: Any) -> Any:
        for module in self:
            x = module(x)
        return x

    def backward(self, dy: Any) -> Any:
        for module in reversed(self):
            dy = module.backward(dy)
        return dy


class Residual(Module):
    """y = x + module(x). Source: He et al., "Deep Residual Learning", 2015, equation 1."""

    in_torch = False
    cases = (
        Case(lambda rng: Linear(4, 4, rng=rng), x=Normal((2, 3, 4))),
        Case(lambda rng: Tanh(), x=Normal((5, 2))),
        Case(lambda rng: Linear(3, 3, rng=rng), x=Normal((2, 4, 3)), train=False),
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


class Parallel(Module):
    """y = Σᵢ branchᵢ(x), or all branchᵢ(x) side by side along the axis `dim`, or the tuple of them.

    `combine` says which: "sum", "concat" or "tuple". x and what the branches give are floating-point arrays.
    Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 4, for "concat".
    """

    in_torch = False
    cases = (
        Case(lambda rng: Linear(4, 3, rng=rng), lambda rng: Linear(4, 3, False, rng=rng), x=Normal((2, 5, 4))),
        Case(
            lambda rng: Linear(4, 3, rng=rng),
            lambda rng: Tanh(),
            lambda rng: Linear(4, 2, rng=rng),
            combine="concat",
            dim=-1,
            x=Normal((3, 2, 4)),
        ),
        Case(lambda rng: Tanh(), lambda rng: Residual(Tanh()), combine="concat", x=Normal((3, 2, 4))),
        Case(lambda rng: Linear(3, 5, rng=rng), lambda rng: Tanh(), combine="tuple", x=Normal((4, 2, 3))),
    )

    def __init__(self, *modules: Module, combine: Literal["sum", "concat", "tuple"] = "sum", dim: int = 1) -> None:
        if combine not in ("sum", "concat", "tuple"):
            raise InputError(
                f"Parallel: combine is {combine!r} but must be 'sum', 'concat' or 'tuple'; choose one of them"
            )
        if not modules:
            raise InputError("Parallel: there are no branches but at least one is needed; pass layers")
        self.combine = combine
        self.dim = dim
        self.branches = ModuleList(modules)

    def forward(self, x: ArrayLike) -> Array | tuple[Array, ...]:
        x = borrow(self, x, (...,))
        ys = tuple(branch(x) for branch in self.branches)
        if self.combine != "tuple":
            self._check_fit(ys)
        self.cache = x.shape, x.dtype, [y.shape for y in ys]
        if self.combine == "tuple":
            return ys
        y: Array = np.concatenate(ys, self.dim) if self.combine == "concat" else np.sum(ys, 0)
        return y

    def backward(self, *dy: Any) -> Array:
        shape, dtype, shapes = self.cache
        dx: Array = np.zeros(shape, dtype)
        for i, dbranch in enumerate(self._parts(dy, shapes)):
            if dbranch is not None:
                dx += self.branches[i].backward(dbranch)
        return dx

    def _check_fit(self, ys: tuple[Array, ...]) -> None:
        """Raise InputError unless all have the first one's dtype and shape, but for the axis along which they join."""
        rule: list[int | None] = list(ys[0].shape)
        if self.combine == "concat":
            if not -len(rule) <= self.dim < len(rule):
                raise InputError(
                    f"Parallel: dim is {self.dim} but the branches give arrays of shape {ys[0].shape}; "
                    f"choose one of their axes"
                )
            rule[self.dim] = None
        for i, y in enumerate(ys):
            borrow(self, y, tuple(rule), ys[0].dtype, f"branches[{i}](x)")

    def _parts(self, dy: tuple[Any, ...], shapes: list[tuple[int, ...]]) -> Sequence[Any]:
        """The cotangent of each branch; those that were left out at the end are missing."""
        outputs = len(shapes) if self.combine == "tuple" else 1
        if not 1 <= len(dy) <= outputs:
            raise InputError(
                f"Parallel: backward got {len(dy)} cotangents but forward gave {outputs} outputs; pass one for each"
            )
        if self.combine == "tuple":
            return dy
        if self.combine == "sum":
            return [borrow(self, dy[0], shapes[0], name="dy")] * len(shapes)
        sizes = [shape[self.dim] for shape in shapes]
        whole = list(shapes[0])
        whole[self.dim] = sum(sizes)
        return np.split(borrow(self, dy[0], tuple(whole), name="dy"), np.cumsum(sizes)[:-1], self.dim)
