"""The subjects that detectors of layers share: every layer of the library in each of its cases."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnlab import nn
from nnlab.lab.detector import Detected
from nnlab.lab.reach import reached


@dataclass(frozen=True)
class LayerSubject:
    """A layer in one of its cases."""

    layer: type[nn.Module]
    case: nn.Case
    name: str = field(init=False)
    word: int = field(init=False)  # what sets its draws apart from those of others

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.layer.__name__}{self.case}")  # once: probes ask by the thousand
        object.__setattr__(self, "word", zlib.crc32(self.name.encode()))

    def rng(self, seed: int, *more: int) -> np.random.Generator:
        """The subject's own generator for this seed, or with `more` numbers another one."""
        return np.random.default_rng([seed, self.word, *more])

    def fresh(self, rng: np.random.Generator, dtype: DTypeLike = np.float64) -> tuple[nn.Module, tuple[Any, ...]]:
        """The layer as its constructor leaves it, and inputs for it."""
        return self.case.build(self.layer, rng, dtype), self.case.draw(rng, dtype)

    def draw(self, rng: np.random.Generator, dtype: DTypeLike = np.float64) -> tuple[nn.Module, tuple[Any, ...]]:
        """The layer with all parameters and statistics away from their initial values, and inputs for it."""
        module, inputs = self.fresh(rng, dtype)
        nn.randomize(module, rng)
        return module, inputs


def modules() -> list[type[nn.Module]]:
    """Every module of the library by name, also those that only hold others."""
    found = (getattr(nn, name) for name in nn.__all__)
    return [
        thing for thing in found if isinstance(thing, type) and issubclass(thing, nn.Module) and thing is not nn.Module
    ]


def layers() -> list[type[nn.Module]]:
    """Every layer and loss of the library, by name: each module that computes something."""
    return [module for module in modules() if module.forward is not nn.Module.forward]


def layer_subjects() -> list[LayerSubject]:
    return [LayerSubject(layer, case) for layer in layers() for case in layer.cases]


def reach(subjects: Iterable[LayerSubject]) -> dict[str, frozenset[str]]:
    """Which functions a forward and a backward of each subject execute, by its name."""
    return {subject.name: reached(partial(_run, subject)) for subject in subjects}


def _run(subject: LayerSubject) -> None:
    rng = subject.rng(0)
    module, inputs = subject.draw(rng)
    run_backward(module, cotangent(module(*inputs), rng))


def leaves(tree: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays in nested tuples, in order; what is not an array is passed over."""
    if isinstance(tree, tuple):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree] if isinstance(tree, np.ndarray) else []


def cotangent(outputs: Any, rng: np.random.Generator) -> Any:
    """Gaussian upstream gradients in the outputs' nesting: both signs, never all ones."""
    if isinstance(outputs, tuple):
        return tuple(cotangent(y, rng) for y in outputs)
    return np.asarray(rng.standard_normal(outputs.shape), outputs.dtype) if isinstance(outputs, np.ndarray) else None


def run_backward(module: nn.Module, dy: Any) -> Any:
    """backward with one argument for each output."""
    return module.backward(*dy) if isinstance(dy, tuple) else module.backward(dy)


def require(condition: bool, evidence: str) -> None:
    """Raise Detected with the evidence unless the condition holds."""
    if not condition:
        raise Detected(evidence)
