"""The check: a screen along random directions with tight error bars, then bisection to the wrong entry."""

from collections.abc import Collection
from typing import Any

import numpy as np

from nnlab.gradcheck.differences import Derivative, sharpest
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
    outputs = [leaf for leaf in leaves(evaluation.forward(evaluation.point)) if is_float(leaf)]
    resolution = 0.0
    for _ in range(directions):
        cotangents = [rng.standard_normal(y.shape).astype(y.dtype) for y in outputs]
        gradients = evaluation.gradients(cotangents)
        if malformed := _malformed(evaluation, gradients):
            return Report(malformed, np.inf, promised, evaluation.forwards)
        test = _Test(evaluation, cotangents, gradients)
        direction: list[Array] = [
            rng.standard_normal(x.shape) * free for x, free in zip(evaluation.point, evaluation.free, strict=True)
        ]
        disagrees, bar = test.disagrees(direction)
        if disagrees:
            return Report(test.locate(direction), bar, promised, evaluation.forwards)
        resolution = max(resolution, bar)
    return Report((), resolution, promised, evaluation.forwards)


def assert_gradients(layer: Layer, *inputs: Any, rng: np.random.Generator | None = None) -> None:
    """For tests: raise AssertionError with the report unless every gradient agrees."""
    report = check(layer, *inputs, rng=rng)
    if report.outcome != "agrees":
        raise AssertionError(f"{type(layer).__name__}: {report}")


def _malformed(evaluation: Evaluation, gradients: list[Any]) -> tuple[Disagreement, ...]:
    """Gradients that cannot be compared at all, each with its reason."""
    found = []
    for name, x, free, g in zip(evaluation.names, evaluation.point, evaluation.free, gradients, strict=True):
        if not isinstance(g, np.ndarray):
            found.append(Disagreement(name, f"gradient is missing: backward gave {g!r}"))
        elif g.shape != x.shape:
            found.append(Disagreement(name, f"gradient has shape {g.shape}, the tensor {x.shape}"))
        elif g.dtype != x.dtype:
            found.append(Disagreement(name, f"gradient has dtype {g.dtype}, the tensor {x.dtype}"))
        elif not np.isfinite(g).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(g))[0])
            found.append(Disagreement(f"{name}[{', '.join(map(str, index))}]", f"gradient is {g[index]}"))
        elif (g[~free] != 0).any():
            found.append(Disagreement(name, "gradient is not 0 where the parameter is declared constant"))
    return tuple(found)


class _Test:
    """One draw of cotangents: is Σ gradient · direction the derivative of Σ cotangent · output along direction?"""

    def __init__(self, evaluation: Evaluation, cotangents: list[Array], gradients: list[Array]) -> None:
        self.evaluation = evaluation
        self.cotangents = [c.astype(np.float64) for c in cotangents]
        self.gradients = [g.astype(np.float64) for g in gradients]
        eps = max(np.finfo(x.dtype).eps for x in evaluation.point) if evaluation.point else np.finfo(float).eps
        self.eps = float(eps)
        outputs = self._floats(evaluation.forward(evaluation.point))
        # An output's rounding error is that of its largest entries: small ones may be differences of large ones.
        size = (np.abs(c).sum() * np.abs(y).max(initial=0.0) for c, y in zip(self.cotangents, outputs, strict=True))
        self.size = float(sum(size))
        moved = sum(np.abs(g * x).sum() for g, x in zip(self.gradients, evaluation.point, strict=True))
        self.rounding = 2 * self.eps * float(self.size + moved)

    def disagrees(self, direction: list[Array]) -> tuple[bool, float]:
        """Whether the two sides differ by more than their error bars, and the bar relative to the gradient."""
        got, scale = self._analytic(direction)
        expected = self._numeric(direction, scale)
        bar = BARS * (expected.bar + self.eps * scale)
        # Where the gradient is (almost) zero, an error is small or large in comparison with the output.
        return not abs(expected.value - got) <= bar, bar / max(scale, self.size, np.finfo(float).tiny)

    def locate(self, direction: list[Array]) -> tuple[Disagreement, ...]:
        """One wrong entry of each tensor that disagrees when it alone is moved along `direction`."""
        found = []
        for k in range(len(direction)):
            alone: list[Array] = [d if i == k else np.zeros_like(d) for i, d in enumerate(direction)]
            if self.disagrees(alone)[0]:
                found.append(self._wrong_entry(k, alone))
        return tuple(found) or (Disagreement("all tensors together", "the directional derivative disagrees"),)

    def _wrong_entry(self, k: int, alone: list[Array]) -> Disagreement:
        """Bisect tensor `k`, whose direction is `alone`, down to a single entry that disagrees by itself."""
        entries = np.flatnonzero(alone[k])
        while len(entries) > 1:
            half = entries[: len(entries) // 2]
            entries = half if self.disagrees(self._along(k, alone[k], half))[0] else entries[len(half) :]
        unit = self._along(k, np.ones_like(alone[k]), entries)
        got, scale = self._analytic(unit)
        expected = self._numeric(unit, scale)
        index = tuple(int(i) for i in np.unravel_index(entries[0], alone[k].shape))
        bar = BARS * (expected.bar + self.eps * scale)
        return Disagreement(self.evaluation.names[k], "gradient is wrong", index, expected.value, got, bar)

    def _along(self, k: int, direction: Array, entries: Any) -> list[Array]:
        """The direction that moves only these entries of tensor `k`."""
        moved = [np.zeros_like(x) for x in self.evaluation.point]
        moved[k].flat[entries] = direction.flat[entries]
        return moved

    def _analytic(self, direction: list[Array]) -> tuple[float, float]:
        """Σ gradient · direction, and the size of its terms."""
        terms = [(g * d).ravel() for g, d in zip(self.gradients, direction, strict=True)]
        every = np.concatenate(terms) if terms else np.zeros(0)
        return float(every.sum()), float(np.sqrt((every**2).sum()))

    def _numeric(self, direction: list[Array], scale: float) -> Derivative:
        def along(t: float) -> float:
            moved = [(x + t * d).astype(x.dtype) for x, d in zip(self.evaluation.point, direction, strict=True)]
            outputs = self._floats(self.evaluation.forward(moved))
            return float(sum((c * y).sum() for c, y in zip(self.cotangents, outputs, strict=True)))

        return sharpest(along, self.eps**0.2, self.rounding, 1e-9 * max(scale, self.size))

    @staticmethod
    def _floats(outputs: Any) -> list[Array]:
        return [leaf.astype(np.float64) for leaf in leaves(outputs) if is_float(leaf)]
