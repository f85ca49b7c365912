"""Inputs and outputs as nested tuples of arrays, and as one vector of real numbers."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.inexact[Any]]
Vector = NDArray[np.float64]


def is_float(leaf: Any) -> bool:
    """Whether `leaf` is an array of real or complex floating-point numbers, or a scalar that NumPy makes of one."""
    return isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in ("f", "c")


def is_output(leaf: Any) -> bool:
    """Whether an output gets a cotangent: a floating-point array, or Python's own number, as many losses return."""
    return is_float(leaf) or isinstance(leaf, float | complex)


def leaves(tree: Any) -> Iterator[Any]:
    """The entries of nested tuples, in order."""
    if isinstance(tree, tuple):
        for branch in tree:
            yield from leaves(branch)
    else:
        yield tree


def rebuild(tree: Any, flat: Iterator[Any]) -> Any:
    """Nested tuples like `tree`, with the entries of `flat`."""
    if isinstance(tree, tuple):
        return tuple(rebuild(branch, flat) for branch in tree)
    return next(flat)


def reals(array: Any) -> Vector:
    """A copy of the entries in C order; a complex entry is two, its real part first."""
    array = np.asarray(array)
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag], -1)
    entries: Vector = np.array(array, np.float64).ravel()
    return entries


def shaped(entries: Vector, like: Array) -> Array:
    """The array of which `entries` are the reals, in the dtype kind and shape of `like`."""
    return (entries.view(np.complex128) if like.dtype.kind == "c" else entries).reshape(like.shape)


def vector(parts: Iterable[Any]) -> Vector:
    """The reals of all floating-point leaves, one after the other."""
    return np.concatenate([np.zeros(0), *(reals(part) for part in parts if is_output(part))])


def flat(tree: Any) -> Vector:
    """The reals of all floating-point leaves of nested tuples."""
    return vector(leaves(tree))


def one_by_one(tree: Any) -> Iterator[Any]:
    """Nested tuples like `tree`, in which one entry of its floating-point arrays is 1 and all others are 0."""
    zeros = [np.zeros_like(leaf) if is_float(leaf) else leaf for leaf in leaves(tree)]
    for number, zero in enumerate(zeros):
        for entry in range(zero.size if is_float(zero) else 0):
            one = zero.copy()
            one.flat[entry] = 1
            yield rebuild(tree, iter([*zeros[:number], one, *zeros[number + 1 :]]))
