"""Windows: which entries of the trailing dimensions of x, flattened to planes, each entry of the output reads.

An index of shape (positions, taps) says so; -1 stands for an entry outside of x. `gather` reads what it names, and
`scatter` is the transpose: it adds up, exactly, what overlapping windows give back.
"""

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers

Sizes = tuple[int, ...]


def per_dimension(owner: object, sizes: int | Sequence[int], dims: int) -> Sizes:
    """One size per dimension of space."""
    if isinstance(sizes, int):
        return (sizes,) * dims
    if len(sizes) != dims:
        raise InputError(f"{type(owner).__name__}: {sizes} must be one number or {dims}; drop the others")
    return tuple(sizes)


def check_window(owner: object, kernel_size: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> None:
    """Raise InputError for a size below 1 or a negative padding."""
    layer = type(owner).__name__
    for name, sizes in {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}.items():
        if min(sizes) < 1:
            raise InputError(f"{layer}: {name} must be at least 1 but is {sizes}; raise it")
    if min(padding) < 0:
        raise InputError(f"{layer}: padding must not be negative but is {padding}; slice the input instead")


def span(taps: int, dilation: int) -> int:
    """The number of entries from the first tap of a kernel to the last."""
    return (taps - 1) * dilation + 1


def positions(
    owner: object, sizes: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool = False
) -> Sizes:
    """How many windows fit in each dimension: ⌊(size + 2 padding - span) / stride⌋ + 1.

    With `ceil_mode` ⌈…⌉ + 1, less a window that would start in the padding on the right.
    """
    spans = tuple(map(span, kernel, dilation))
    padded = tuple(n + 2 * padding[i] for i, n in enumerate(sizes))
    found = []
    for i, n in enumerate(padded):
        out = (n - spans[i]) // stride[i] + 1
        if ceil_mode:
            out = -((spans[i] - n) // stride[i]) + 1
            out -= (out - 1) * stride[i] >= sizes[i] + padding[i]
        found.append(out)
    if min(found) < 1:
        raise InputError(
            f"{type(owner).__name__}: the dilated kernel spans {spans} but the padded input only {padded}; "
            f"raise padding or shrink the kernel"
        )
    return tuple(found)


def taps(size: int, out: int, kernel: int, stride: int, padding: int, dilation: int) -> Integers:
    """The index (out, kernel) of one dimension: entry [t, i] is t·stride + i·dilation - padding."""
    at = np.arange(out)[:, None] * stride + np.arange(kernel) * dilation - padding
    return np.where((at >= 0) & (at < size), at, -1)


def window_index(sizes: Sizes, out: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes) -> Integers:
    """The index of windows over all dimensions."""
    return joined(map(taps, sizes, out, kernel, stride, padding, dilation), sizes)


def joined(tables: Iterable[Integers], sizes: Sizes) -> Integers:
    """The index into the plane of these sizes, from the indices of its dimensions."""
    index: Integers = np.zeros((1, 1), np.int64)
    for i, table in enumerate(tables):
        above, here = index[:, None, :, None], table[:, None, :]
        both = np.where((above < 0) | (here < 0), -1, above * sizes[i] + here)
        index = both.reshape(len(index) * len(table), index.shape[1] * table.shape[1])
    return index


def gather(x: Array, index: Integers, dims: int, fill: float = 0.0) -> Array:
    """(planes, positions, taps), whose entry [n, t, i] is x[n, index[t, i]], and `fill` outside of x."""
    planes = x.reshape(prod(x.shape[:-dims]), prod(x.shape[-dims:]))
    outside = np.full((len(planes), 1), fill, x.dtype)
    return np.concatenate([outside, planes], 1)[:, index + 1]


def scatter(dtaps: Array, index: Integers, shape: Sizes, dims: int) -> Array:
    """dx of `shape`, whose entry [n, m] is the sum of dtaps[n, t, i] over all t, i with index[t, i] = m."""
    room = 1 + prod(shape[-dims:])
    place = np.arange(len(dtaps))[:, None, None] * room + index + 1
    sums = np.bincount(place.ravel(), dtaps.ravel(), len(dtaps) * room)
    return sums.reshape(len(dtaps), room)[:, 1:].reshape(shape).astype(dtaps.dtype)
