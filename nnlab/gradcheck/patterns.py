"""What a wrong gradient looks like: the usual mistake that explains best how it differs from the right one."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from nnlab.gradcheck.draws import Draw
from nnlab.gradcheck.layers import Tensor
from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.trees import Vector, flat, is_float, leaves, rebuild

#: A mistake is named where it explains this share of the difference.
GOOD = 0.999
#: Tensors of more entries are known by a sample, which has no axes; so is one whose Jacobian would be larger.
ENTRIES, SAMPLE, JACOBIAN = 512, 128, 4_000_000

Fits = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Wrong:
    """A tensor's gradient as backward has it and as it should be, and what both were made of."""

    draw: Draw
    tensor: Tensor
    got: Any
    jacobian: Vector  # of the outputs by the entries: (entries, outputs)
    whole: bool  # whether the entries are all of them, in their shape

    @property
    def expected(self) -> Any:
        return self.under(self.draw.dy)

    def under(self, dy: Any) -> Any:
        """The right gradient for these cotangents."""
        return (self.jacobian @ flat(dy)).reshape(self.got.shape)


def likely(draw: Draw, tensor: Tensor) -> tuple[str | None, float | None]:
    """The first mistake that explains the gradient of the tensor, and R², the share of the difference it explains."""
    if tensor.width > 1:
        return None, None
    wrong = _measured(draw, tensor)
    expected = wrong.expected
    # Against a gradient that is nearly 0 everything small would fit, so that has to be explained as well.
    error = min(float(((wrong.got - expected) ** 2).sum()), float((wrong.got**2).sum()) or np.inf)
    for mistakes in (_entrywise, _other_cotangents, _in_part, *((_misplaced, _lacking) if wrong.whole else ())):
        for name, candidate in mistakes(wrong, expected):
            fit = 1 - float(((wrong.got - candidate) ** 2).sum()) / (error or np.inf)
            if fit >= GOOD:
                return name, fit
    paths = _paths(wrong)
    return (paths and paths.guess()) or (None, None)


def _measured(draw: Draw, tensor: Tensor) -> Wrong:
    """The Jacobian's rows of all entries or of a sample, by central differences."""
    evaluation = draw.evaluation
    every = np.arange(tensor.at.start, tensor.at.stop)
    whole = every.size <= ENTRIES and every.size * len(draw.terms) <= JACOBIAN
    entries = every if whole else every[:: -(-every.size // SAMPLE)]
    step = draw.eps ** (1 / 3) * evaluation.unit
    jacobian = np.zeros((len(entries), len(draw.terms)))
    point = evaluation.point.copy()
    for row, entry in enumerate(entries.tolist()):
        if not step[entry]:
            continue
        ends = []
        for sign in (1.0, -1.0):
            point[entry] = evaluation.point[entry] + sign * step[entry]
            ends.append(flat(evaluation.forward(point)))
        point[entry] = evaluation.point[entry]
        jacobian[row] = (ends[0] - ends[1]) / (2 * step[entry])
    got = draw.gradient[entries]
    return Wrong(draw, tensor, got.reshape(tensor.point.shape) if whole else got, jacobian, whole)


def _entrywise(wrong: Wrong, expected: Any) -> Fits:
    """Mistakes that each entry shows alone."""
    if not wrong.got.any():
        yield "a gradient that is never computed: it is zero", wrong.got
    if power := float((expected**2).sum()):
        factor = float((wrong.got * expected).sum()) / power
        if name := _factor(factor, wrong):
            yield name, factor * expected
        ones = {n: np.ones_like(leaf) for n, leaf in enumerate(leaves(wrong.draw.dy)) if is_float(leaf)}
        yield "the upstream gradient ignored, taken as 1", wrong.under(_replaced(wrong.draw.dy, ones))
        if expected.size > 1:
            yield f"a factor {factor:.7g}", factor * expected


def _factor(factor: float, wrong: Wrong) -> str | None:
    """A known factor in words: -1, a size of the arrays or what is made of it, a simple fraction."""
    shapes = [wrong.tensor.point.shape, *(dy.shape for dy in leaves(wrong.draw.dy) if is_float(dy))]
    sizes = {n for shape in shapes for n in (*shape, math.prod(shape)) if n > 2}
    simple = Fraction(factor).limit_denominator(6)
    names = {float(simple): f"a factor {simple}"} if abs(simple.numerator) < 7 else {}
    names |= {float(n): f"a factor {n}, as if for a size" for n in sizes}
    names |= {1 / n: f"a factor 1/{n}, as if for a size" for n in sizes}
    names |= {n / (n - 1): f"a factor {n}/{n - 1}, as if N-1 stood for N" for n in sizes}
    names[-1.0] = "the wrong sign"
    known = [name for number, name in names.items() if np.isclose(factor, number, atol=0)]
    return known[0] if known else None


def _other_cotangents(wrong: Wrong, expected: Any) -> Fits:
    """The gradient of something else than Σ dy · y."""
    dy = wrong.draw.dy
    given = list(leaves(dy))
    floats = [number for number, leaf in enumerate(given) if is_float(leaf)]
    for n in floats:
        if wrong.whole and given[n].shape == wrong.got.shape:
            yield "the upstream gradient handed through, as by y = x", given[n]
        yield f"output {n} forgotten", wrong.under(_replaced(dy, {n: np.zeros_like(given[n])}))
        for axis in range(given[n].ndim):
            for place, word in ((-1, "last"), (0, "first")):
                name = f"assigned, not accumulated: only the {word} place on axis {axis} of the output counts"
                yield name, wrong.under(_replaced(dy, {n: _only(given[n], axis, place)}))


def _only(array: Any, axis: int, place: int) -> Any:
    """The array with zeros but for this place on the axis."""
    kept = np.zeros_like(array)
    np.moveaxis(kept, axis, 0)[place] = np.moveaxis(array, axis, 0)[place]
    return kept


def _replaced(dy: Any, others: dict[int, Any]) -> Any:
    return rebuild(dy, iter([others.get(n, leaf) for n, leaf in enumerate(leaves(dy))]))


def _paths(wrong: Wrong) -> Paths | None:
    """The derivatives of single outputs, where there are few outputs and backward is linear."""
    if not wrong.whole or wrong.jacobian.shape[1] > ENTRIES or wrong.draw.answers is None:
        return None
    return Paths.of(wrong.draw, wrong.jacobian, wrong.draw.answers[wrong.tensor.at], wrong.got.shape)


def _in_part(wrong: Wrong, expected: Any) -> Fits:
    """Some derivatives of single outputs wrong, the others right."""
    if paths := _paths(wrong):
        for name, candidate in paths.mistakes(lambda factor: _factor(factor, wrong) or f"a factor {factor:.7g}"):
            if paths.explained(candidate) >= GOOD:
                yield name, (candidate @ flat(wrong.draw.dy)).reshape(expected.shape)


def _misplaced(wrong: Wrong, expected: Any) -> Fits:
    """The right numbers in wrong places."""
    shape = expected.shape
    for a, b in combinations(range(len(shape)), 2):
        if shape[a] == shape[b]:
            yield f"axes {a} and {b} transposed", expected.swapaxes(a, b)
    for axis, size in enumerate(shape):
        yield f"reversed along axis {axis}", np.flip(expected, axis)
        for by in range(size):
            yield f"shifted by {by} along axis {axis}", np.roll(expected, by, axis)
    order = np.argsort(expected, axis=None)[np.argsort(np.argsort(wrong.got, axis=None))]
    yield "the right numbers in another order", expected.ravel()[order].reshape(shape)


def _lacking(wrong: Wrong, expected: Any) -> Fits:
    """A few wrong places, or a term that is missing or one too many; with few entries everything would fit."""
    error = wrong.got - expected
    if error.size > 2:
        largest = np.abs(error) == np.abs(error).max()
        yield "right but for one entry", np.where(largest, wrong.got, expected)
        for dy in filter(is_float, leaves(wrong.draw.dy)):
            if dy.shape == error.shape:
                share = float((error * dy).sum() / (dy**2).sum())
                yield f"a path past the layer: {share:+.4g} times the upstream gradient", expected + share * dy
    for axis, size in enumerate(error.shape):
        for place, word in ((0, "first"), (-1, "last")):
            if size > 2:
                yield f"right but for the {word} place on axis {axis}", expected + _only(error, axis, place)
    for axes, size in _axes(error.shape):
        words = f"along {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
        constant = np.ones_like(error)
        if size > 2:
            yield f"a term constant {words} missing, such as a mean", expected + _fitted(error, axes, [constant])
            exp = np.exp(wrong.tensor.point - wrong.tensor.point.max())
            name = f"a term proportional to exp of the tensor {words} missing, such as of a softmax"
            yield name, expected + _fitted(error, axes, [exp])
        for name, array in _proportional(wrong, error.shape):
            if size > 2:
                yield f"a term proportional to {name} {words} missing", expected + _fitted(error, axes, [array])
            if size > 3:
                both = f"terms constant and proportional to {name} {words} missing, such as a mean and a variance"
                yield both, expected + _fitted(error, axes, [constant, array])


def _proportional(wrong: Wrong, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """What the missing term may be proportional to."""
    yield "the tensor", wrong.tensor.point
    if getattr(wrong.draw.dy, "shape", None) == shape:
        yield "the output", wrong.draw.outputs.reshape(shape)


def _axes(shape: tuple[int, ...]) -> list[tuple[tuple[int, ...], int]]:
    """Single axes, all trailing ones, and all but one, with their numbers of entries, the largest first."""
    axes = range(len(shape))
    sets = [(a,) for a in axes] + [tuple(axes[a:]) for a in axes] + [tuple(b for b in axes if b != a) for a in axes]
    return sorted(((s, math.prod(shape[a] for a in s)) for s in dict.fromkeys(sets)), key=lambda pair: -pair[1])


def _fitted(error: Any, axes: tuple[int, ...], columns: list[Any]) -> Any:
    """Least squares of the error by these arrays, anew for each place on the other axes."""
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(error, axes, last)
    shape = (*moved.shape[: moved.ndim - len(axes)], math.prod(error.shape[a] for a in axes))
    q, _ = np.linalg.qr(np.stack([np.moveaxis(column, axes, last).reshape(shape) for column in columns], -1))
    fitted = q @ (q.swapaxes(-1, -2) @ moved.reshape(*shape, 1))
    return np.moveaxis(fitted.reshape(moved.shape), last, axes)
