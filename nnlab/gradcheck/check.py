"""The check: a screen along random directions with tight error bars, then bisection to the wrong entry."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.errors import InputError
from nnlab.gradcheck.differences import sharpest
from nnlab.gradcheck.layers import Array, Evaluation, Layer, is_float, leaves
from nnlab.gradcheck.report import Disagreement, Report

#: A gradient disagrees when it is this many error bars off: the bar is an estimate, good to a factor of a few.
BARS = 10.0


def check(
    layer: Layer,
    *inputs: Any,
    constant: Collection[int] = (),
    rng: np.random.Generator | None = None,
    directions: int = 2,
    promised: float = 1e-6,
) -> Report:
    """Compare backward's gradients with differences of forward, for all floating-point inputs and all parameters.

    Each of `directions` tests draws Gaussian cotangents of the outputs and one Gaussian direction through all
    tensors at once, so an error anywhere shows in the one number that is compared; an error of E ‖gradient‖ is
    seen unless the draw happens to be orthogonal to it. Only a failure costs more: it is narrowed down to one
    wrong entry of each wrong tensor. `promised` is the relative error that must have been visible for "agrees".
    Inputs that get no gradient, such as a mask of floats, are listed in `constant`; integers never get one.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    evaluation = Evaluation(layer, inputs, constant)
    outputs = _floats(evaluation.forward(evaluation.point))
    if not (outputs and evaluation.point):
        raise InputError(
            f"{type(layer).__name__}: nothing to check: {len(evaluation.point)} floating-point inputs and parameters, "
            f"{len(outputs)} such outputs; pass and return NumPy arrays, in a tuple where there are several"
        )
    resolution = 0.0 if directions > 0 else math.inf
    for _ in range(directions):
        cotangents = [np.asarray(rng.standard_normal(y.shape), y.dtype) for y in outputs]
        gradients = evaluation.gradients(cotangents)
        if malformed := _malformed(evaluation, gradients):
            return Report(malformed, math.inf, promised, evaluation.forwards)
        test = _Test(evaluation, outputs, cotangents, gradients)
        direction: list[Array] = [np.asarray(rng.standard_normal(unit.shape) * unit) for unit in test.units]
        seen = test.compare(direction, goal=1e-9)
        if seen.disagrees:
            return Report(test.locate(direction), seen.resolution, promised, evaluation.forwards)
        resolution = max(resolution, seen.resolution)
    return Report((), resolution, promised, evaluation.forwards)


def assert_gradients(
    layer: Layer, *inputs: Any, constant: Collection[int] = (), rng: np.random.Generator | None = None
) -> None:
    """For tests: raise AssertionError with the report unless every gradient agrees."""
    report = check(layer, *inputs, constant=constant, rng=rng)
    if report.outcome != "agrees":
        raise AssertionError(f"{type(layer).__name__}: {report}")


def _floats(outputs: Any) -> list[Array]:
    return [np.asarray(leaf) for leaf in leaves(outputs) if is_float(leaf)]


def _malformed(evaluation: Evaluation, gradients: list[Any]) -> tuple[Disagreement, ...]:
    """Gradients that cannot be compared at all, each with its reason."""
    found = []
    for name, x, free, g in zip(evaluation.names, evaluation.point, evaluation.free, gradients, strict=True):
        if not isinstance(g, np.ndarray):
            gave = "None" if g is None else type(g).__name__
            found.append(Disagreement(name, f"gradient is missing: backward gave {gave}"))
        elif g.shape != x.shape:
            found.append(Disagreement(name, f"gradient has shape {g.shape}, the tensor {x.shape}"))
        elif g.dtype != x.dtype:
            found.append(Disagreement(name, f"gradient has dtype {g.dtype}, the tensor {x.dtype}"))
        elif not np.isfinite(g).all():
            index = _first(~np.isfinite(g))
            found.append(Disagreement(name, f"gradient is {g[index]}", index))
        elif (g[~free] != 0).any():
            index = _first((g != 0) & ~free)
            found.append(Disagreement(name, f"gradient is {g[index]} where the parameter is constant", index))
    return tuple(found)


def _first(mask: Any) -> tuple[int, ...]:
    """The index of the first entry that is True."""
    return tuple(int(i) for i in np.argwhere(mask)[0])


@dataclass(frozen=True)
class _Comparison:
    """Both sides along one direction: `bar` is the difference that they may have, `size` what it is small against."""

    expected: float
    got: float
    bar: float
    size: float

    @property
    def excess(self) -> float:
        """How far the difference is outside its bar."""
        return abs(self.expected - self.got) - self.bar

    @property
    def disagrees(self) -> bool:
        return not self.excess <= 0

    @property
    def resolution(self) -> float:
        """The smallest error that disagrees, as a part of `size`."""
        return self.bar / self.size if math.isfinite(self.bar) else math.inf

    def describe(
        self, tensor: str, problem: str, index: tuple[int, ...] | None = None, unit: float = 1.0
    ) -> Disagreement:
        """The disagreement, for a step of 1 where the direction's is `unit`."""
        return Disagreement(tensor, problem, index, self.expected / unit, self.got / unit, self.bar / abs(unit))


class _Test:
    """One draw of cotangents: is Σ gradient · direction the derivative of Σ cotangent · output along direction?"""

    def __init__(
        self, evaluation: Evaluation, outputs: list[Array], cotangents: list[Array], gradients: list[Array]
    ) -> None:
        self.evaluation = evaluation
        self.cotangents = [c.astype(np.float64) for c in cotangents]
        self.gradients = [g.astype(np.float64) for g in gradients]
        #: How far one step moves each entry: in proportion to its size, and not where it is constant or infinite.
        self.units: list[Array] = [
            np.where(free & np.isfinite(x), np.maximum(1.0, np.abs(x)), 0.0)
            for x, free in zip(evaluation.point, evaluation.free, strict=True)
        ]
        self.eps = max(float(np.finfo(x.dtype).eps) for x in evaluation.point + outputs)
        #: Where truncation, as step⁴, and rounding, as eps / step, are about the same.
        self.step = self.eps**0.2 / 2
        pairs = [(c, y) for c, y in zip(self.cotangents, outputs, strict=True) if y.size]
        with np.errstate(invalid="ignore"):  # an infinite output makes the bars infinite
            # An output's rounding error is that of its largest entries: small ones may be differences of large ones.
            size = sum(float(np.abs(c).sum() * np.abs(y).max()) for c, y in pairs)
            self.spread = sum(float(np.linalg.norm(c) * y.std()) for c, y in pairs)
        moved = sum(float(np.abs(g * unit).sum()) for g, unit in zip(self.gradients, self.units, strict=True))
        self.rounding = 2 * self.eps * (size + moved)

    def compare(self, direction: list[Array], goal: float = 0.0) -> _Comparison:
        """Σ gradient · direction against the differences of forward, whose relative error need not be below `goal`."""
        terms = np.concatenate([(g * d).ravel() for g, d in zip(self.gradients, direction, strict=True)])
        scale = float(np.sqrt((terms**2).sum()))
        # Where the gradient is (almost) 0, an error is small or large in comparison with how much the outputs differ.
        size = max(scale, self.spread) or 1.0
        numeric = sharpest(lambda t: self._value(direction, t), self.step, self.rounding, goal * size)
        return _Comparison(numeric.value, float(terms.sum()), BARS * (numeric.bar + self.eps * scale), size)

    def locate(self, direction: list[Array]) -> tuple[Disagreement, ...]:
        """One wrong entry of each tensor that disagrees when it alone is moved along `direction`."""
        found = []
        for k, d in enumerate(direction):
            if self.compare(self._along(k, d, slice(None))).disagrees:
                found.append(self._wrong_entry(k, d))
        return tuple(found) or (self.compare(direction).describe("all tensors", "gradient is wrong along a direction"),)

    def _wrong_entry(self, k: int, direction: Array) -> Disagreement:
        """Bisect tensor `k` down to an entry that disagrees by itself, or as few entries as disagree together."""
        name, entries = self.evaluation.names[k], np.flatnonzero(direction)
        found = self.compare(self._along(k, direction, entries))
        while len(entries) > 1:
            halves = [(self.compare(self._along(k, direction, half)), half) for half in np.array_split(entries, 2)]
            worse, half = max(halves, key=lambda pair: pair[0].excess)
            if not worse.disagrees:
                return found.describe(name, f"gradient is wrong along a direction through {len(entries)} entries")
            found, entries = worse, half
        index = tuple(int(i) for i in np.unravel_index(entries[0], direction.shape))
        return found.describe(name, "gradient is wrong", index, float(direction[index]))

    def _along(self, k: int, direction: Array, entries: Any) -> list[Array]:
        """The direction that moves only these entries of tensor `k`."""
        moved: list[Array] = [np.zeros(x.shape) for x in self.evaluation.point]
        moved[k].flat[entries] = direction.flat[entries]
        return moved

    def _value(self, direction: list[Array], t: float) -> float:
        """Σ cotangent · output, `t` away along `direction`; a neighbour may lie where the layer is not defined."""
        moved = [np.array(x + t * d, x.dtype) for x, d in zip(self.evaluation.point, direction, strict=True)]
        with np.errstate(all="ignore"):
            outputs = _floats(self.evaluation.forward(moved))
        return float(sum((c * y.astype(np.float64)).sum() for c, y in zip(self.cotangents, outputs, strict=True)))
