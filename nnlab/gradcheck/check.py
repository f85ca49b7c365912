"""The check: a screen along random directions with tight error bars, then bisection to the wrong entry."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.errors import InputError
from nnlab.gradcheck.differences import sharpest
from nnlab.gradcheck.layers import Array, Evaluation, Layer, Tensor, Vector, is_float, leaves, vector
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
    point = vector(tensor.point for tensor in evaluation.tensors)
    outputs = _floats(evaluation.forward(point))
    if not (outputs and evaluation.tensors):
        raise InputError(
            f"{type(layer).__name__}: nothing to check: {len(evaluation.tensors)} floating-point inputs and "
            f"parameters, {len(outputs)} such outputs; pass and return NumPy arrays, in a tuple where there are several"
        )
    resolution = 0.0 if directions > 0 else math.inf
    for _ in range(directions):
        cotangent, gradients = evaluation.backward(point, rng)
        if malformed := _malformed(gradients):
            return Report(malformed, math.inf, promised, evaluation.forwards)
        test = _Test(evaluation, point, outputs, cotangent, vector(g for _, g in gradients))
        direction = rng.standard_normal(len(point)) * test.unit
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


def _malformed(gradients: list[tuple[Tensor, Any]]) -> tuple[Disagreement, ...]:
    """Gradients that cannot be compared at all, each with its reason."""
    found = []
    for tensor, g in gradients:
        name, x = tensor.name, tensor.point
        if not isinstance(g, np.ndarray):
            gave = "None" if g is None else type(g).__name__
            found.append(Disagreement(name, f"gradient is missing: backward gave {gave}"))
        elif g.shape != x.shape:
            found.append(Disagreement(name, f"gradient has shape {g.shape}, the tensor {x.shape}"))
        elif g.dtype != x.dtype:
            found.append(Disagreement(name, f"gradient has dtype {g.dtype}, the tensor {x.dtype}"))
        elif (wrong := ~np.isfinite(g)).any():
            found.append(Disagreement(name, f"gradient is {g[_first(wrong)]}", _first(wrong)))
        elif (wrong := (g != 0) & ~tensor.free).any():
            problem = f"gradient is {g[_first(wrong)]} where the parameter is constant"
            found.append(Disagreement(name, problem, _first(wrong)))
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
        self, evaluation: Evaluation, point: Vector, outputs: list[Array], cotangent: Vector, gradient: Vector
    ) -> None:
        self.evaluation, self.point, self.cotangent, self.gradient = evaluation, point, cotangent, gradient
        free = np.concatenate([tensor.free.ravel() for tensor in evaluation.tensors])
        #: How far one step moves each entry: in proportion to its size, and not where it is constant or infinite.
        self.unit: Vector = np.where(free & np.isfinite(point), np.maximum(1.0, np.abs(point)), 0.0)
        dtypes = [x.dtype for x in outputs] + [tensor.point.dtype for tensor in evaluation.tensors]
        self.eps = max(float(np.finfo(dtype).eps) for dtype in dtypes)
        #: Where truncation, as step⁴, and rounding, as eps / step, are about the same.
        self.step = self.eps**0.2 / 2
        with np.errstate(all="ignore"):  # an infinite output makes the bars infinite
            # An output's rounding error is that of its largest entries: small ones may be differences of large ones.
            size = np.abs(cotangent) @ vector(np.full_like(y, np.abs(y).max(initial=0.0)) for y in outputs)
            spreads = vector(np.full_like(y, y.std()) for y in outputs if y.size)
            self.spread = float(np.linalg.norm(cotangent * spreads))
        self.rounding = float(2 * self.eps * (size + np.abs(gradient) @ self.unit))

    def compare(self, direction: Vector, goal: float = 0.0) -> _Comparison:
        """Σ gradient · direction against the differences of forward, whose relative error need not be below `goal`."""
        terms = self.gradient * direction
        scale = float(np.linalg.norm(terms))
        # Where the gradient is (almost) 0, an error is small or large in comparison with how much the outputs differ.
        size = max(scale, self.spread) or 1.0
        numeric = sharpest(lambda t: self._value(self.point + t * direction), self.step, self.rounding, goal * size)
        return _Comparison(numeric.value, float(terms.sum()), BARS * (numeric.bar + self.eps * scale), size)

    def locate(self, direction: Vector) -> tuple[Disagreement, ...]:
        """One wrong entry of each tensor that disagrees when it alone is moved along `direction`."""
        found = []
        for tensor in self.evaluation.tensors:
            entries = np.arange(len(direction))[tensor.at]
            alone = self.compare(_along(direction, entries))
            if alone.disagrees:
                found.append(self._wrong_entry(tensor, direction, entries, alone))
        return tuple(found) or (self.compare(direction).describe("all tensors", "gradient is wrong along a direction"),)

    def _wrong_entry(self, tensor: Tensor, direction: Vector, entries: Any, found: _Comparison) -> Disagreement:
        """Bisect `entries` down to one that disagrees by itself, or as few as disagree together."""
        while len(entries) > 1:
            halves = [(self.compare(_along(direction, half)), half) for half in np.array_split(entries, 2)]
            worse, half = max(halves, key=lambda pair: pair[0].excess)
            if not worse.disagrees:
                problem = f"gradient is wrong along a direction through {len(entries)} entries"
                return found.describe(tensor.name, problem)
            found, entries = worse, half
        index = np.unravel_index(entries[0] - tensor.at.start, tensor.point.shape)
        return found.describe(tensor.name, "gradient is wrong", tuple(map(int, index)), float(direction[entries[0]]))

    def _value(self, entries: Vector) -> float:
        """Σ cotangent · output; `entries` may lie where the layer is not defined."""
        with np.errstate(all="ignore"):
            return float(self.cotangent @ vector(leaves(self.evaluation.forward(entries))))


def _along(direction: Vector, entries: Any) -> Vector:
    """The direction that moves only these entries."""
    moved = np.zeros_like(direction)
    moved[entries] = direction[entries]
    return moved
