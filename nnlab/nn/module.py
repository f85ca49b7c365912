"""Module and Parameter: what every layer is made of."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnlab.errors import BackwardBeforeForward, InputError
from nnlab.nn.arrays import Array
from nnlab.nn.case import Case


class Parameter:
    """An array that is learned: `.data`, and `.grad` of the same shape, to which every backward adds.

    `constant` marks the entries that are never learned, such as an embedding's padding row: their gradient is 0.
    """

    def __init__(self, data: Array, constant: NDArray[np.bool_] | None = None) -> None:
        self.data: Array = data
        self.grad: Array = np.zeros_like(data)
        self.constant = constant

    def zero_grad(self) -> None:
        self.grad[...] = 0.0

    def __repr__(self) -> str:
        return f"Parameter(shape={self.data.shape}, dtype={self.data.dtype})"


class Module:
    """Base of all layers: y = forward(*inputs), and backward(dy) for the gradients of that forward.

    forward copies what backward will need into `self.cache`; it never writes to its inputs nor keeps an alias.
    backward adds to `Parameter.grad`, writes to no argument, and returns one gradient for each array input (a
    tuple where there are several), None for integers. Outputs and gradients that are tuples have the same
    nesting. Parameters, buffers and layers that are attributes carry their attribute's name, as in torch.
    """

    buffers: tuple[str, ...] = ()
    cases: ClassVar[tuple[Case, ...]] = ()
    in_torch: ClassVar[bool] = True  #: whether torch.nn has a class of this name; else the docstring cites a source
    #: From which rank on the first axis of inputs counts rows that do not depend on each other; None for never.
    rows_from: int | None = None
    training: bool = True
    _cache: Any = None

    @property
    def cache(self) -> Any:
        """What the latest forward left for backward."""
        if self._cache is None:
            raise BackwardBeforeForward(
                f"{type(self).__name__}: backward needs the values of a forward, and none has run; call forward first"
            )
        return self._cache

    @cache.setter
    def cache(self, values: Any) -> None:
        self._cache = values

    def forward(self, *inputs: Any, **named: Any) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} defines no forward; define one, or call the layers inside it one by one"
        )

    def backward(self, *dy: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no backward")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        return self.forward(*inputs, **named)

    def children(self) -> Iterator[tuple[str, "Module"]]:
        """The layers directly inside this one, by attribute name."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value

    def modules(self) -> Iterator["Module"]:
        """This layer and all layers inside it, outermost first."""
        yield self
        for _, child in self.children():
            yield from child.modules()

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """All parameters, under torch's dotted names."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Array]]:
        """All state that is kept but not learned, under torch's dotted names."""
        for name in self.buffers:
            yield prefix + name, getattr(self, name)
        for name, child in self.children():
            yield from child.named_buffers(f"{prefix}{name}.")

    def parameters(self) -> list[Parameter]:
        return [parameter for _, parameter in self.named_parameters()]

    def zero_grad(self) -> None:
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self, mode: bool = True) -> Self:
        """Training behaviour (mode=True) or evaluation, here and in all layers inside."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        return self.train(False)

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers by name."""
        return {name: array.copy() for name, array in self._state()}

    def load_state_dict(self, state: Mapping[str, ArrayLike]) -> None:
        """Copy `state` (ours or torch's) into the parameters and buffers; nothing is changed if anything misfits."""
        own = dict(self._state())
        layer = type(self).__name__
        if missing := own.keys() - state.keys():
            raise InputError(f"{layer}: state lacks {sorted(missing)}; save it from a layer of the same kind")
        if unexpected := state.keys() - own.keys():
            raise InputError(f"{layer}: state has unknown {sorted(unexpected)}; remove them or load another layer")
        new = {name: np.asarray(state[name]) for name in own}
        for name, array in own.items():
            if new[name].shape != array.shape:
                raise InputError(
                    f"{layer}: state['{name}'] has shape {new[name].shape} but the layer holds {array.shape}; "
                    f"build the layer with the same sizes"
                )
        for name, array in own.items():
            array[...] = new[name]

    def _state(self) -> Iterator[tuple[str, Array]]:
        for name, parameter in self.named_parameters():
            yield name, parameter.data
        yield from self.named_buffers()
