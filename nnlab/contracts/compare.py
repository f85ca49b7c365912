"""Lists of named arrays: do they hold the same numbers, and do they share memory?"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray

from nnlab.gradcheck.trees import is_float

Array = NDArray[Any]
Named = list[tuple[str, Array]]

#: Sums in another order differ by some units in the last place of their largest terms.
ROUNDING = 2.0**10


class Broken(AssertionError):
    """A contract is broken; the message is the evidence."""


def require(condition: bool, evidence: str) -> None:
    """Raise Broken with the evidence unless the condition holds."""
    if not condition:
        raise Broken(evidence)


def unchanged(now: Named, before: Named, saying: str) -> None:
    """Every entry is what it was."""
    _compare(now, before, saying, lambda array: 0.0)


def close(got: Named, expected: Named, saying: str) -> None:
    """Every entry is what it should be, but for the rounding of its array's largest entry."""
    _compare(got, expected, saying, lambda array: _rounding([array]))


def close_among(terms: list[Any], got: Named, expected: Named, saying: str) -> None:
    """Every entry is what it should be, but for the rounding of the largest entry of all `terms`."""
    rounding = _rounding(terms)
    _compare(got, expected, saying, lambda array: rounding)


def finite(arrays: Named, saying: str) -> None:
    """No floating-point entry is NaN or infinite."""
    for name, array in arrays:
        if is_float(array) and not np.isfinite(array).all():
            where, index = _first(name, ~np.isfinite(array))
            raise Broken(f"{where}: {saying} {array[index]}, expected a finite number")


def apart(mine: Named, others: Named) -> None:
    """No array of one list shares memory with one of the other, unless neither may be written to."""
    _apart(mine, others, _near(mine, others))


def apart_and_from(mine: Named, others: Named) -> None:
    """Nor do two arrays of `mine`."""
    both = mine + others
    _apart(mine, both, np.triu(_near(mine, both), 1))


def _apart(mine: Named, others: Named, near: NDArray[np.bool_]) -> None:
    for i, j in np.argwhere(near):
        (name, array), (other, another) = mine[i], others[j]
        if np.shares_memory(array, another) and (array.flags.writeable or another.flags.writeable):
            raise Broken(f"{name}: shares memory with {other}, expected memory of its own")


def _near(mine: Named, others: Named) -> NDArray[np.bool_]:
    """Which pairs may share memory, since neither array ends before the other begins; few do."""
    (begin, end), (first, last) = _addresses(mine), _addresses(others)
    near: NDArray[np.bool_] = np.logical_and(np.less.outer(begin, last), np.greater.outer(end, first))
    return near


def _addresses(arrays: Named) -> Any:
    """Where each array begins in memory, and where each ends."""
    return np.array([byte_bounds(array) for _, array in arrays]).reshape(len(arrays), 2).T


def _compare(got: Named, expected: Named, saying: str, rounding: Callable[[Array], float]) -> None:
    """Raise Broken with tensor, index, got and expected at the first entry that is further off than rounding."""
    require(len(got) == len(expected), f"{saying} {len(got)} arrays, expected {len(expected)}")
    for number, (name, a) in enumerate(got):
        b = expected[number][1]
        require(a.shape == b.shape, f"{name}: {saying} shape {a.shape}, expected {b.shape}")
        same = a == b
        if same.all():
            continue
        same |= (a != a) & (b != b)
        if is_float(b):
            with np.errstate(invalid="ignore"):  # infinities, which are compared above
                same |= np.abs(a - b) <= rounding(b)
        if not same.all():
            where, index = _first(name, ~same)
            raise Broken(f"{where}: {saying} {a[index]}, expected {b[index]}")


def _rounding(arrays: list[Any]) -> float:
    """What sums of their entries may be off: some units in the last place of the largest finite one."""
    floats = [array for array in arrays if is_float(array)]
    largest = max(float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) for array in floats)
    # A number below the smallest normal one has no more digits than its distance to the next.
    return ROUNDING * max(float(np.spacing(np.finfo(array.dtype).dtype.type(largest))) for array in floats)


def _first(name: str, wrong: Any) -> tuple[str, tuple[int, ...]]:
    """The first entry that is wrong, and its index."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return (f"{name}[{', '.join(map(str, index))}]" if index else name), index
