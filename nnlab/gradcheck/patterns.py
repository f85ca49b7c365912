"""What a wrong gradient looks like: the usual mistake that explains best how it differs from the right one."""

import math
from collections.abc import Iterator
from itertools import chain, combinations, product
from typing import Any

import numpy as np

from nnlab.gradcheck.axes import Block
from nnlab.gradcheck.draws import Draw
from nnlab.gradcheck.factors import known, of_entries
from nnlab.gradcheck.layers import Tensor
from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.settings import left_out
from nnlab.gradcheck.slopes import missing
from nnlab.gradcheck.symmetry import broken
from nnlab.gradcheck.through import lost
from nnlab.gradcheck.trees import flat, is_float, leaves, rebuild
from nnlab.gradcheck.wrong import ENTRIES, Wrong, measured

#: A mistake is named where it explains this share of the difference.
GOOD = 0.999

Fits = Iterator[tuple[str, Any]]


def likely(draw: Draw, tensor: Tensor) -> tuple[str | None, float | None]:
    """The first mistake that explains the gradient of the tensor, and R², the share of the difference it explains."""
    if tensor.width > 1:
        return None, None
    wrong = measured(draw, tensor)
    expected = wrong.expected
    # Against a gradient that is nearly 0 everything small would fit, so that has to be explained as well.
    error = min(float(((wrong.got - expected) ** 2).sum()), float((wrong.got**2).sum()) or np.inf)
    anywhere = (_entrywise, _other_cotangents, _settings, _in_part)
    for mistakes in (*anywhere, *((of_entries, _misplaced, _lacking) if wrong.whole else ())):
        for name, candidate in mistakes(wrong, expected):
            fit = 1 - float(((wrong.got - candidate) ** 2).sum()) / (error or np.inf)
            if fit >= GOOD:  # a candidate that is not finite explains nothing
                return name, fit
    paths = _paths(wrong)
    return (paths and paths.guess()) or (None, None)


def _entrywise(wrong: Wrong, expected: Any) -> Fits:
    """Mistakes that each entry shows alone."""
    if not wrong.got.any():
        yield "a gradient that is never computed: it is zero", wrong.got
    if power := float((expected**2).sum()):
        factor = float((wrong.got * expected).sum()) / power
        if name := known(factor, wrong):
            yield name, factor * expected
        ones = {n: np.ones_like(leaf) for n, leaf in enumerate(leaves(wrong.draw.dy)) if is_float(leaf)}
        yield "the upstream gradient ignored, taken as 1", wrong.under(_replaced(wrong.draw.dy, ones))
        if expected.size > 1:
            yield f"a factor {factor:.7g}", factor * expected


def _settings(wrong: Wrong, expected: Any) -> Fits:
    """One setting or other tensor taken for a neutral value."""
    return left_out(wrong)


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
        alike = paths.mistakes(lambda factor: known(factor, wrong) or f"a factor {factor:.7g}")
        later = broken(wrong, paths), _along_axes(wrong, paths), missing(paths, expected.shape), paths.rest()
        for name, candidate in chain(alike, *later):
            if paths.explained(candidate) >= GOOD:
                yield name, (candidate @ flat(wrong.draw.dy)).reshape(expected.shape)
        yield from lost(wrong, paths.own)


def _along_axes(wrong: Wrong, paths: Paths) -> Fits:
    """What may be wrong with the derivatives of each output array, while those of the others are right."""
    for at, block in _blocks(wrong, paths):
        for name, candidate in block.mistakes():
            derivatives = paths.right.copy()
            derivatives[:, at] = candidate.reshape(len(derivatives), block.y.size)
            yield name, derivatives


def _blocks(wrong: Wrong, paths: Paths) -> Iterator[tuple[slice, Block]]:
    """The derivatives of each output array, and which columns they are."""
    start = 0
    for dy in filter(is_float, leaves(wrong.draw.dy)):
        at = slice(start, start := start + dy.size)
        both = (*wrong.got.shape, *dy.shape)
        y = wrong.draw.outputs[at].reshape(dy.shape)
        right, own = paths.right[:, at].reshape(both), paths.own[:, at].reshape(both)
        yield at, Block(wrong.tensor.point, y, right, own, paths.noise)


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
    if shape:
        yield from _shifted(wrong, expected)
    order = np.argsort(expected, axis=None)[np.argsort(np.argsort(wrong.got, axis=None))]
    yield "the right numbers in another order", expected.ravel()[order].reshape(shape)


def _shifted(wrong: Wrong, expected: Any) -> Fits:
    """Moved along several axes, so that most entries come from others, with anything at the edges."""
    shape = expected.shape
    padded = np.full([3 * n for n in shape], np.nan)
    centre = tuple(slice(n, -n) for n in shape)
    padded[centre] = expected
    for by in product(*(range(-n, n) for n in shape)):
        if 2 * np.prod(np.array(shape) - np.abs(by)) > expected.size:
            moved = np.roll(padded, by, range(expected.ndim))[centre]
            yield f"shifted by {by}, but for the edges", np.where(np.isnan(moved), wrong.got, moved)


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
            name = f"a term proportional to the tensor {words} missing"
            yield name, expected + _fitted(error, axes, [wrong.tensor.point])
        if size > 3:
            name = f"terms constant and proportional to the tensor {words} missing, such as a mean and a variance"
            yield name, expected + _fitted(error, axes, [constant, wrong.tensor.point])


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
