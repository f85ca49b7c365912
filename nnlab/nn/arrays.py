"""What every layer does first: check an array against its rule, and take a private copy."""

from types import EllipsisType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from nnlab.errors import InputError

Array = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]
Shape = tuple[int | None | EllipsisType, ...]


def own(owner: object, x: ArrayLike, shape: Shape, dtype: DTypeLike | None = None, name: str = "x") -> Array:
    """A private C-ordered copy of `x`, which the caller can no longer change; see `borrow` for the rules."""
    return borrow(owner, x, shape, dtype, name).copy()


def borrow(owner: object, x: ArrayLike, shape: Shape, dtype: DTypeLike | None = None, name: str = "x") -> Array:
    """`x` itself as a floating-point array, not to be written to or kept.

    `shape` lists the sizes; None stands for any size, a leading ... for any number of dimensions. Where `dtype`
    is given the array must have it. Raises InputError.
    """
    layer = type(owner).__name__
    array = in_memory(layer, x, name)
    if not np.issubdtype(array.dtype, np.floating):
        raise InputError(
            f"{layer}: {name} must be a floating-point array but has dtype {array.dtype}; "
            f"convert it with .astype(np.float64)"
        )
    if dtype is not None and array.dtype != dtype:
        raise InputError(
            f"{layer}: {name} has dtype {array.dtype} but the layer computes in {np.dtype(dtype)}; "
            f"convert it with .astype(np.{np.dtype(dtype)}), or build the layer with dtype=np.{array.dtype}"
        )
    check_shape(layer, name, array.shape, shape)
    return array


def borrow_or_zero(owner: object, x: ArrayLike | None, shape: Shape, dtype: DTypeLike, name: str) -> Array:
    """`x` as `borrow` gives it, or zeros where it was left out, as the cotangent of an output that nobody used."""
    return borrow(owner, np.zeros(shape, dtype) if x is None else x, shape, dtype, name)


def indices(owner: object, x: ArrayLike, shape: Shape, high: int, name: str = "input") -> Integers:
    """A private copy of an integer array whose entries all lie in [0, high). Raises InputError."""
    layer = type(owner).__name__
    array = in_memory(layer, x, name).copy()
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(
            f"{layer}: {name} must be an integer array but has dtype {array.dtype}; convert it with .astype(int)"
        )
    check_shape(layer, name, array.shape, shape)
    if array.size and not (array.min() >= 0 and array.max() < high):
        raise InputError(
            f"{layer}: {name} must lie in [0, {high}) but spans [{array.min()}, {array.max()}]; "
            f"check the vocabulary or the number of classes"
        )
    return array


def in_memory(layer: str, x: Any, name: str) -> NDArray[Any]:
    """`x` as a NumPy array. Raises InputError if it is another library's tensor, or a list with gaps."""
    if hasattr(x, "device") and not isinstance(x, np.ndarray | np.generic):
        raise InputError(
            f"{layer}: {name} is a {type(x).__module__}.{type(x).__name__} on the device {x.device} but must be a "
            f"NumPy array; convert it, as with x.detach().cpu().numpy() or np.asarray(x)"
        )
    try:
        return np.asarray(x)
    except ValueError as uneven:
        raise InputError(f"{layer}: {name} is no array: {uneven}; make all rows equally long") from uneven


def check_shape(layer: str, name: str, actual: tuple[int, ...], rule: Shape) -> None:
    """Raise InputError unless `actual` fits `rule` (None: any size; a leading ...: any leading dimensions)."""
    sizes = rule
    tail = actual
    if rule[:1] == (...,):
        sizes = rule[1:]
        tail = actual[-len(sizes) :] if sizes else ()
    if len(tail) == len(sizes) and all(n in (None, tail[i]) for i, n in enumerate(sizes)):
        return
    wanted = ", ".join("..." if n is ... else "*" if n is None else str(n) for n in rule) + (
        "," if len(rule) == 1 else ""
    )
    raise InputError(
        f"{layer}: {name} has shape {actual} but must have ({wanted}); reshape it or build the layer for its size"
    )
