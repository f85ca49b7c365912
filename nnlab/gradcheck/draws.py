"""One draw of cotangents: is Σ gradient · direction the derivative of Σ cotangent · output along the direction?"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from nnlab.gradcheck.differences import Derivative, norm, pair, quick, sharpest, sides
from nnlab.gradcheck.layers import Evaluation
from nnlab.gradcheck.trees import Vector, flat, is_output, leaves, one_by_one, reals, vector

#: A gradient disagrees when it is this many error bars off: the bar is an estimate, good to a factor of a few.
BARS = 10.0


@dataclass(frozen=True)
class Comparison:
    """Both sides along one direction: `bar` is the difference that they may have, `size` what it is small against.

    `rough` says that forward is not smooth here: a kink, or noise, makes most of the bar.
    """

    expected: float
    got: float
    bar: float
    size: float
    scale: float  # of the gradient along the direction, which `size` is at least
    rough: bool = False

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


@dataclass(frozen=True)
class Part:
    """One array of the outputs: its place in the vector of all of them, its largest entry, how far they differ."""

    at: slice
    largest: float
    spread: float


@dataclass(frozen=True)
class Centre:
    """The outputs at the point, and `eps`, that of the coarsest dtype."""

    outputs: Vector
    parts: list[Part]
    eps: float

    @classmethod
    def of(cls, evaluation: Evaluation, outputs: Any) -> "Centre":
        arrays = [np.asarray(y) for y in leaves(outputs) if is_output(y)]
        parts = []
        start = 0
        with np.errstate(all="ignore"):  # an infinite output makes the bars infinite
            for y in map(reals, arrays):
                if y.size:
                    parts.append(Part(slice(start, start + y.size), float(np.abs(y).max()), float(y.std())))
                    start += y.size
        eps = [evaluation.eps, *(float(np.finfo(y.real.dtype).eps) for y in arrays if y.size)]
        return cls(vector(arrays), parts, max(eps))


@dataclass(frozen=True)
class Known:
    """A step that suits the screen, and `beyond` as of a Derivative there: forward is a polynomial of degree 2."""

    step: float
    beyond: float | None


class Draw:
    """Cotangents u, backward's gradient for them, and Σ u · forward as a function along directions."""

    def __init__(self, evaluation: Evaluation, centre: Centre, dy: Any, gradients: list[Any]) -> None:
        self.evaluation, self.dy = evaluation, dy
        self.cotangent, self.gradient = flat(dy), vector(gradients)
        self.outputs, self.eps = centre.outputs, centre.eps
        #: The step of the thorough comparison: where truncation, as step⁴, and rounding, as eps / step, are alike.
        self.step = self.eps**0.2 / 2
        with np.errstate(all="ignore"):
            self.terms = self.cotangent * centre.outputs
            weighted = [(norm(self.cotangent[part.at]), part) for part in centre.parts]
            # Small entries of an array may be differences of large ones, and are then no better known.
            self.largest = math.hypot(*(weight * part.largest for weight, part in weighted))
            self.spread = math.hypot(*(weight * part.spread for weight, part in weighted))
            # Rounding errors do not know the weights, so they add up like a random walk.
            self.rounding = 2 * self.eps * (self.largest + norm(self.gradient * evaluation.unit))

    @property
    def resolved(self) -> float:
        """A relative bar that needs no improvement: about what differences of second order can have."""
        return float(self.eps ** (2 / 3))

    @cached_property
    def answers(self) -> Any:
        """Backward's own derivatives, asked for one output at a time: (all entries, outputs).

        None where they do not add up to its gradient: backward is not linear, not the same twice, or takes no
        cotangents, or outputs are complex.
        """
        columns = []
        for dy in one_by_one(self.dy) if self.evaluation.takes_dy else ():
            self.evaluation.forward(self.evaluation.point)
            columns.append(vector(self.evaluation.backward(dy)))
        if len(columns) != len(self.cotangent):
            return None
        own = np.stack(columns, 1)
        return own if np.allclose(own @ self.cotangent, self.gradient) else None

    def compare(self, direction: Vector, goal: float, size: float | None = None) -> Comparison:
        """Both sides, by differences whose error, as a part of `size`, need not be below `goal`."""
        size = size or self.size(direction)
        f = self._along(direction)
        found = sharpest(f, self.terms, self.step, self.rounding, goal * size)
        return self._comparison(direction, found, size)

    def screen(self, direction: Vector, known: Known | None) -> tuple[Comparison, Known]:
        """Both sides by few evaluations, and what was learned about steps, which saves some in other directions."""
        size = self.size(direction)
        f = self._along(direction)
        if known is not None and known.beyond is not None:
            self.step = max(self.step, known.step)
            return self._comparison(direction, pair(f, known.step, self.rounding, known.beyond), size), known
        step = known.step if known is not None else self._reach(direction) * self.eps**0.125
        found = quick(f, self.terms, step, self.rounding)
        if known is None and BARS * found.bar > self.resolved * size:
            step *= self._shrink(found, step)
            found = quick(f, self.terms, step, self.rounding)
        if found.beyond is not None:  # a larger step does no harm, and rounding less
            self.step = max(self.step, step)
        return self._comparison(direction, found, size), Known(step, found.beyond)

    def between(self, direction: Vector, found: Comparison) -> Comparison:
        """The comparison, at a kink, with whatever lies between the one-sided derivatives of the outputs."""
        low, high, bar = sides(self._along(direction), self.terms, self.eps ** (1 / 3), self.rounding)
        nearest = min(max(found.got, low), high)
        return replace(found, expected=nearest, bar=BARS * bar)

    def _comparison(self, direction: Vector, found: Derivative, size: float) -> Comparison:
        terms = self.gradient * direction
        scale = norm(terms)
        bar = BARS * (found.bar + self.eps * scale)
        return Comparison(found.value, float(terms.sum()), bar, size, scale or size, found.bar < 2 * found.rough)

    def _along(self, direction: Vector) -> Any:
        point, evaluation, cotangent = self.evaluation.point, self.evaluation, self.cotangent

        def terms(t: float) -> Vector:
            try:
                return cotangent * flat(evaluation.forward(point + t * direction))
            except (ValueError, ArithmeticError):  # a layer may refuse what lies outside its domain
                return np.broadcast_to(math.nan, cotangent.shape)

        return terms

    def size(self, direction: Vector) -> float:
        """What an error is small or large against: where the gradient is (almost) 0, how much the outputs differ."""
        return max(norm(self.gradient * direction), self.spread) or 1.0

    def _reach(self, direction: Vector) -> float:
        """About how far along the direction the outputs change by as much as they differ, at most 1."""
        scale = norm(self.gradient * direction)
        return min(1.0, max(1e-3, (self.spread or self.largest) / scale)) if scale else 1.0

    def _shrink(self, found: Derivative, step: float) -> float:
        """By how much to change the step so that the fourth term of the series, as step³, is as small as rounding."""
        if found.bar == math.inf or not found.rough:
            return 1 / 16
        return float(max(1e-4, (self.rounding / step / found.rough) ** 0.25))


def along(direction: Vector, entries: Any) -> Vector:
    """The direction that moves only these entries."""
    moved = np.zeros_like(direction)
    moved[entries] = direction[entries]
    return moved
