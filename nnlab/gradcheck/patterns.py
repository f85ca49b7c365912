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
    for mistakes in (_entrywise, _other_cotangents, _misplaced, _lacking):
        for name, candidate in mistakes(wrong, expected):
            fit = 1 - float(((wrong.got - candidate) ** 2).sum()) / (error or np.inf)
            if fit >= GOOD:
                return name, fit
    return None, None


def _measured(draw: Draw, tensor: Tensor) -> Wrong:
    """The Jacobian's rows of all entries or of a sample, by central differences."""
    evaluation = draw.evaluation
    every = np.arange(tensor.at.start, tensor.at.stop)
    whole = every.size <= ENTRIES and every.size * len(draw.terms) <= JACOBIAN
    entries = every if whole else np.random.default_rng(0).choice(every, min(every.size, SAMPLE), replace=False)
    step = draw.eps ** (1 / 3) * evaluation.unit
    jacobian = np.zeros((len(entries), len(draw.terms)))
    point = evaluation.point.copy()
    for row, entry in enumerate(entries.tolist()):
        ends = []
        for sign in (1.0, -1.0):
            point[entry] = evaluation.point[entry] + sign * step[entry]
            ends.append(flat(evaluation.forward(point)))
        point[entry] = evaluation.point[entry]
        jacobian[row] = (ends[0] - ends[1]) / (2 * step[entry] or 1.0)
    got = draw.gradient[entries]
    return Wrong(draw, tensor, got.reshape(tensor.point.shape) if whole else got, jacobian, whole)


def _entrywise(wrong: Wrong, expected: Any) -> Fits:
    """Mistakes that each entry shows alone."""
    if not wrong.got.any():
        yield "a gradient that is never computed: it is zero", wrong.got
    if power := float((expected**2).sum()):
        factor = float((wrong.got * expected).sum()) / power
        name = _factor(factor, wrong)
        if name or expected.size > 1:
            yield name or f"a factor {factor:.7g}", factor * expected


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
    known = [name for number, name in names.items() if np.isclose(factor, number, rtol=1e-5, atol=0)]
    return known[0] if known else None


def _other_cotangents(wrong: Wrong, expected: Any) -> Fits:
    """The gradient of something else than Σ dy · y."""
    dy = wrong.draw.dy
    given = list(leaves(dy))
    floats = [number for number, leaf in enumerate(given) if is_float(leaf)]
    yield (
        "the upstream gradient ignored, taken as 1",
        wrong.under(_replaced(dy, {n: np.ones_like(given[n]) for n in floats})),
    )
    for n in floats:
        if wrong.whole and given[n].shape == wrong.got.shape:
            yield "the upstream gradient handed through, as by y = x", given[n]
        if len(floats) > 1:
            yield f"output {n} forgotten", wrong.under(_replaced(dy, {n: 0 * given[n]}))
        for axis, size in enumerate(given[n].shape):
            for place, word in ((size - 1, "last"), (0, "first")) if size > 1 else ():
                only = given[n] * (np.arange(size) == place).reshape([-1] + [1] * (given[n].ndim - axis - 1))
                name = f"assigned, not accumulated: only the {word} place on axis {axis} of the output counts"
                yield name, wrong.under(_replaced(dy, {n: only}))


def _replaced(dy: Any, others: dict[int, Any]) -> Any:
    return rebuild(dy, iter([others.get(n, leaf) for n, leaf in enumerate(leaves(dy))]))


def _misplaced(wrong: Wrong, expected: Any) -> Fits:
    """The right numbers in wrong places."""
    shape = expected.shape if wrong.whole else ()
    for a, b in combinations(range(len(shape)), 2):
        if shape[a] == shape[b]:
            yield f"axes {a} and {b} transposed", expected.swapaxes(a, b)
    for axis, size in enumerate(shape):
        yield f"reversed along axis {axis}", np.flip(expected, axis)
        for by in range(1, size):
            yield f"shifted by {by} along axis {axis}", np.roll(expected, by, axis)
    if wrong.whole:
        order = np.argsort(expected, axis=None)[np.argsort(np.argsort(wrong.got, axis=None))]
        yield "the right numbers in another order", expected.ravel()[order].reshape(shape)


def _lacking(wrong: Wrong, expected: Any) -> Fits:
    """A term that is missing, or one too many; or a few wrong places."""
    shape = expected.shape if wrong.whole else ()
    error = wrong.got - expected
    for dy in leaves(wrong.draw.dy) if wrong.whole and error.size > 2 else ():
        if is_float(dy) and dy.shape == shape:
            share = float((error * dy).sum() / (dy**2).sum())
            what = f"{-share:.4g} times too little" if share < 0 else f"{share:.4g} times too much"
            yield f"a path past the layer: the upstream gradient counts {what}", expected + share * dy
    for axis, size in enumerate(shape):
        for place, word in ((0, "first"), (size - 1, "last")) if size > 2 else ():
            inside = (np.arange(size) == place).reshape([-1] + [1] * (len(shape) - axis - 1))
            yield f"right but for the {word} place on axis {axis}", expected + error * inside
    if error.size > 2:
        entry = np.unravel_index(np.abs(error).argmax(), error.shape)
        alone = expected.copy()
        alone[entry] = wrong.got[entry]
        yield "right but for one entry", alone
    for axes in _axes(shape):
        words = f"along {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
        yield f"a term that is constant {words} is missing, such as a mean", expected + _fitted(error, axes, [])
        for name, array in _proportional(wrong, shape):
            many = f"terms constant and proportional to {name} {words} are missing, such as a mean and a variance"
            yield f"a term proportional to {name} {words} is missing", expected + _fitted(error, axes, [array], False)
            yield many, expected + _fitted(error, axes, [array])


def _proportional(wrong: Wrong, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """What the missing term may be proportional to."""
    yield "the tensor", wrong.tensor.point
    outputs = wrong.draw.outputs
    if outputs.size == np.prod(shape) and is_float(wrong.draw.dy) and wrong.draw.dy.shape == shape:
        yield "the output", outputs.reshape(shape)


def _axes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Single axes, all trailing ones, and all but one, largest first; with fewer than four entries all would fit."""
    axes = range(len(shape))
    sets = [(a,) for a in axes] + [tuple(axes[a:]) for a in axes] + [tuple(b for b in axes if b != a) for a in axes]
    large = {s: math.prod(shape[a] for a in s) for s in sets}
    return sorted((s for s in large if large[s] > 3), key=lambda s: -large[s])


def _fitted(error: Any, axes: tuple[int, ...], arrays: list[Any], constant: bool = True) -> Any:
    """Least squares of the error by a constant and these arrays, anew for each place on the other axes."""
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(error, axes, last)
    columns = [np.ones_like(error)] * constant + arrays
    basis = np.stack([np.moveaxis(c, axes, last).reshape(-1, np.prod(moved.shape[-len(axes) :])) for c in columns], -1)
    q, _ = np.linalg.qr(basis)
    flat_error = moved.reshape(*basis.shape[:2], 1)
    return np.moveaxis((q @ (q.swapaxes(-1, -2) @ flat_error)).reshape(moved.shape), last, axes)
