"""Every case of every layer as a thing to test: built, its parameters moved, its inputs and cotangents drawn."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab import nn
from nnlab.nn.case import Case, randomize
from nnlab.nn.module import Module

MODULES: list[type[Module]] = sorted(
    (thing for thing in vars(nn).values() if isinstance(thing, type) and issubclass(thing, Module)),
    key=lambda module: module.__name__,
)
#: The modules that compute something: all but Module and ModuleList, which have no forward and so need no cases.
LAYERS = [module for module in MODULES if module.forward is not Module.forward]


@dataclass(frozen=True)
class Subject:
    """Case `number` of a layer. All its numbers are exact in float32, so that both dtypes compute the same thing."""

    layer: type[Module]
    number: int

    def __str__(self) -> str:
        """A name for pytest, which writes × as an escape that mutmut does not find again."""
        return f"{self.layer.__name__}{self.case}".replace("×", "x")

    @property
    def case(self) -> Case:
        return self.layer.cases[self.number]

    def rng(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self.layer.__name__} {self.number} {purpose}".encode()))

    def build(self, dtype: Any = np.float64) -> Module:
        """The layer with parameters, gradients and buffers away from what the constructor gives."""
        rng = self.rng("layer")
        module = self.case.build(self.layer, rng, dtype)
        randomize(module, rng)
        for _, parameter in module.named_parameters():
            parameter.data = rounded(parameter.data).astype(dtype)
            parameter.grad = rounded(rng.standard_normal(parameter.data.shape)).astype(dtype)
        for _, buffer in module.named_buffers():
            buffer[...] = rounded(buffer)
        return module

    def draw(self, dtype: Any = np.float64) -> tuple[Any, ...]:
        """The inputs."""
        inputs = self.case.draw(self.rng("inputs"))
        return tuple(mapped(lambda x: rounded(x).astype(dtype) if is_float(x) else x, x) for x in inputs)

    def cotangents(self, outputs: Any, dtype: Any = np.float64) -> tuple[Any, ...]:
        """Arguments for backward: Gaussian where there is an output, None where there is none."""
        rng = self.rng("cotangents")
        dy = mapped(lambda y: rounded(rng.standard_normal(y.shape)).astype(dtype) if is_float(y) else None, outputs)
        return dy if isinstance(outputs, tuple) else (dy,)


SUBJECTS = [Subject(layer, number) for layer in LAYERS for number in range(len(layer.cases))]


def rounded(x: Any) -> Any:
    return np.asarray(x).astype(np.float32).astype(np.asarray(x).dtype)


def is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and np.issubdtype(x.dtype, np.floating)


def leaves(tree: Any) -> Iterator[Any]:
    """The entries of nested tuples."""
    if isinstance(tree, tuple):
        for branch in tree:
            yield from leaves(branch)
    else:
        yield tree


def mapped(function: Any, tree: Any) -> Any:
    """Nested tuples like `tree` with `function` applied to the entries."""
    return tuple(mapped(function, branch) for branch in tree) if isinstance(tree, tuple) else function(tree)


def arrays(tree: Any) -> list[Any]:
    """The arrays among the entries."""
    return [leaf for leaf in leaves(tree) if isinstance(leaf, np.ndarray)]


def results(subject: Subject, dtype: Any = np.float64) -> dict[str, Any]:
    """Everything that a forward and a backward produce, by name; of the parameters' gradients what was added."""
    module, inputs = subject.build(dtype), subject.draw(dtype)
    before = {name: parameter.grad.copy() for name, parameter in module.named_parameters()}
    outputs = module(*inputs)
    dinputs = module.backward(*subject.cotangents(outputs, dtype))
    found = {f"output {i}": y for i, y in enumerate(leaves(outputs)) if y is not None}
    found |= {f"dinput {i}": dx for i, dx in enumerate(dx for dx in leaves(dinputs) if dx is not None)}
    found |= {f"d{name}": parameter.grad - before[name] for name, parameter in module.named_parameters()}
    found |= {f"buffer {name}": buffer.copy() for name, buffer in module.named_buffers()}
    return found
