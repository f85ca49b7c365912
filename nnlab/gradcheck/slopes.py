"""A factor between 0 and 1 that is missing in many derivatives, in each another one: a gate, or the slope of one."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.gradcheck.paths import FEW, Paths

#: A factor is 1 to so many digits.
DIGITS = 3
NAME = "a slope missing: a factor between 0 and 1 of its own, as of a sigmoid, a tanh or a gate"


def missing(paths: Paths, shape: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """Factors that are the same for all outputs of an entry, or for all entries along an axis of an output."""
    apart = (*shape, paths.right.shape[1])
    right, own, there = (array.reshape(apart) for array in (paths.right, paths.own, paths.there))
    for axis in range(len(apart)):
        factor = np.nan_to_num((right * own).sum(axis, keepdims=True) / (right**2).sum(axis, keepdims=True))
        counts = there.any(axis, keepdims=True)
        above = np.sign(np.round(factor - 1, DIGITS))[counts]
        used = there.sum(axis, keepdims=True)[counts]
        if np.count_nonzero(above) > FEW and (above >= 0).all() and used[above > 0].mean() >= 2:
            yield NAME, (factor * right).reshape(paths.right.shape)
