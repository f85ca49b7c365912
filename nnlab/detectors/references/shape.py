"""Layers that change nothing but the shape, entry by entry."""

from collections.abc import Sequence
from math import prod

import numpy as np

from nnlab.detectors.references.given import Array, Given


def flatten(given: Given, start_dim: int = 1, end_dim: int = -1) -> Array:
    x = given.x
    start, end = start_dim % x.ndim, end_dim % x.ndim
    middle = x.shape[start : end + 1]
    y = np.zeros((*x.shape[:start], prod(middle), *x.shape[end + 1 :]))
    for at in np.ndindex(*x.shape):
        place = 0
        for n, size in zip(at[start : end + 1], middle, strict=True):
            place = place * size + n
        y[*at[:start], place, *at[end + 1 :]] = x[at]
    return y


def unflatten(given: Given, dim: int, unflattened_size: Sequence[int]) -> Array:
    x = given.x
    dim %= x.ndim
    known = prod(n for n in unflattened_size if n != -1)
    sizes = [x.shape[dim] // known if n == -1 else n for n in unflattened_size]
    y = np.zeros((*x.shape[:dim], *sizes, *x.shape[dim + 1 :]))
    for at in np.ndindex(*y.shape):
        place = 0
        for n, size in zip(at[dim : dim + len(sizes)], sizes, strict=True):
            place = place * size + n
        y[at] = x[*at[:dim], place, *at[dim + len(sizes) :]]
    return y


def permute(given: Given, dims: Sequence[int]) -> Array:
    y = np.zeros([given.x.shape[d] for d in dims])
    for at in np.ndindex(*y.shape):
        source = [0] * len(dims)
        for i, d in enumerate(dims):
            source[d] = at[i]
        y[at] = given.x[*source]
    return y


REFERENCES = {"Flatten": flatten, "Permute": permute, "Unflatten": unflatten}
