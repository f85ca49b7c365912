"""Cases: the configurations and inputs in which a layer wants to be checked, kept beside the layer."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nnlab.nn.module import Module


@dataclass(frozen=True)
class Normal:
    """An input of independent N(0, scale²) entries."""

    shape: tuple[int, ...]
    scale: float = 1.0

    def draw(self, rng: np.random.Generator, dtype: Any) -> Any:
        return (self.scale * rng.standard_normal(self.shape)).astype(dtype)


@dataclass(frozen=True)
class Indices:
    """An integer input with entries in [0, high), with repetitions wherever high < size."""

    shape: tuple[int, ...]
    high: int

    def draw(self, rng: np.random.Generator, dtype: Any) -> Any:
        return rng.integers(self.high, size=self.shape)


@dataclass(frozen=True)
class Uniform:
    """An input of independent entries, uniform in [low, high): probabilities, variances, counts."""

    shape: tuple[int, ...]
    low: float
    high: float

    def draw(self, rng: np.random.Generator, dtype: Any) -> Any:
        return np.asarray(rng.uniform(self.low, self.high, self.shape)).astype(dtype)


@dataclass(frozen=True)
class Signs:
    """An integer input of labels 1 and -1."""

    shape: tuple[int, ...]

    def draw(self, rng: np.random.Generator, dtype: Any) -> Any:
        return 2 * rng.integers(2, size=self.shape) - 1


@dataclass(frozen=True)
class Fixed:
    """An input that is the same in every draw: a mask, a flag."""

    value: Any

    def draw(self, rng: np.random.Generator, dtype: Any) -> Any:
        return np.array(self.value) if isinstance(self.value, list) else self.value


Array = Normal | Uniform | Indices | Signs | Fixed
Input = Array | tuple["Input", ...]


class Case:
    """One configuration: `Case(4, 3, bias=False, x=Normal((2, 5, 4)))` builds `Layer(4, 3, bias=False)`.

    A constructor argument that is a function is called with the Generator, for arguments such as inner layers.
    `x` is one input or a tuple of them; `train` chooses the mode.
    """

    def __init__(self, *args: Any, x: Input | list[Input], train: bool = True, **kwargs: Any) -> None:
        self.args: tuple[Any, ...] = args
        self.kwargs: Mapping[str, Any] = kwargs
        self.inputs: tuple[Input, ...] = tuple(x) if isinstance(x, list) else (x,)
        self.train = train

    def __str__(self) -> str:
        """The constructor arguments as they were written, the inputs' shapes, and the mode where it is eval."""
        words = [_word(a) for a in self.args] + [f"{k}={_word(v)}" for k, v in self.kwargs.items()]
        shapes = ["×".join(map(str, s.shape)) or "scalar" for s in _flat(self.inputs) if not isinstance(s, Fixed)]
        return f"({', '.join(words)}) on {', '.join(shapes)}" + ("" if self.train else " in eval")

    def build(self, layer: "type[Module]", rng: np.random.Generator, dtype: Any = np.float64) -> "Module":
        """The layer in its mode, fresh from its constructor."""
        offered: dict[str, Any] = {"rng": rng, "dtype": dtype}
        # inspect.signature would take longer than many a layer.
        code = getattr(inspect.unwrap(layer.__init__), "__code__", None)
        wanted = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
        given = {name: value for name, value in offered.items() if name in wanted}
        module = layer(
            *(_made(a, rng) for a in self.args), **{k: _made(v, rng) for k, v in self.kwargs.items()}, **given
        )
        return module.train(self.train)

    @property
    def constant(self) -> tuple[int, ...]:
        """Which inputs (counted through nested tuples) are fixed, and so get no gradient."""
        return tuple(i for i, spec in enumerate(_flat(self.inputs)) if isinstance(spec, Fixed))

    def draw(self, rng: np.random.Generator, dtype: Any = np.float64) -> tuple[Any, ...]:
        """One set of inputs."""
        return tuple(_drawn(spec, rng, dtype) for spec in self.inputs)


def randomize(module: "Module", rng: np.random.Generator) -> None:
    """Move every parameter and floating buffer away from its initial value, since γ=1, β=0 hide faults."""
    for _, parameter in module.named_parameters():
        parameter.data += 0.4 * rng.standard_normal(parameter.data.shape)
    for _, buffer in module.named_buffers():
        if np.issubdtype(buffer.dtype, np.floating):
            buffer += rng.uniform(0.1, 0.9, buffer.shape)


def _flat(specs: Iterable[Input]) -> Iterator[Array]:
    for spec in specs:
        if isinstance(spec, tuple):
            yield from _flat(spec)
        else:
            yield spec


def _drawn(spec: Input, rng: np.random.Generator, dtype: Any) -> Any:
    if isinstance(spec, tuple):
        return tuple(_drawn(s, rng, dtype) for s in spec)
    return spec.draw(rng, dtype)


def _made(argument: Any, rng: np.random.Generator) -> Any:
    is_recipe = isinstance(argument, Callable) and not isinstance(argument, type)  # type: ignore[arg-type]
    return argument(rng) if is_recipe else argument


def _word(argument: Any) -> str:
    return getattr(argument, "__name__", None) or repr(argument)
