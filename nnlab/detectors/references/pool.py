"""Pooling, one window after the other."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, numbers

Size = int | tuple[int, ...]
Place = tuple[int, ...]


def sliding(
    sizes: Place, kernel: Place, stride: Place, padding: Place, dilation: Place, ceil_mode: bool
) -> Iterator[tuple[Place, list[Place]]]:
    """Each place of the output and the places that its window covers, also those outside of x.

    With ceil_mode there is one more where a stride fits in part, unless it would start in the padding on the right.
    """
    starts = []
    for n, k, s, p, d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = room // s + 1
        if ceil_mode and room % s and count * s < n + p:
            count += 1
        starts.append([t * s - p for t in range(count)])
    for t in product(*(range(len(each)) for each in starts)):
        corner = [each[i] for each, i in zip(starts, t, strict=True)]
        taps = product(*(range(k) for k in kernel))
        yield t, [tuple(c + i * d for c, i, d in zip(corner, tap, dilation, strict=True)) for tap in taps]


def adaptive(sizes: Place, output_size: Any) -> Iterator[tuple[Place, list[Place]]]:
    """Windows from ⌊t n / out⌋ up to, without it, ⌈(t + 1) n / out⌉; None keeps the size."""
    wanted = numbers(output_size, len(sizes))
    outs = [n if out is None else out for n, out in zip(sizes, wanted, strict=True)]
    for t in np.ndindex(*outs):
        ranges = [range(i * n // out, -(-(i + 1) * n // out)) for i, n, out in zip(t, sizes, outs, strict=True)]
        yield t, list(product(*ranges))


def inside(place: Place, sizes: Place, margin: Place | None = None) -> bool:
    """Whether a place lies in x, or in its margin."""
    around = margin or (0,) * len(sizes)
    return all(-m <= i < n + m for i, n, m in zip(place, sizes, around, strict=True))


def over(x: Array, dims: int, windows: Any, function: Callable[[list[float], list[Place]], Any]) -> Array:
    """`function` of the entries in x of each window, in row-major order, and of all its places; for each plane."""
    sizes = x.shape[-dims:]
    found = list(windows)
    shape = [n + 1 for n in found[-1][0]]
    y = np.zeros((*x.shape[:-dims], *shape))
    for n in np.ndindex(*x.shape[:-dims]):
        for t, places in found:
            y[*n, *t] = function([x[*n, *place] for place in places if inside(place, sizes)], places)
    return y


def maxima(x: Array, dims: int, windows: Any, return_indices: bool) -> Any:
    """The largest of each window, and its place in the plane, counted row by row; of equals the first."""
    found, sizes = list(windows), x.shape[-dims:]
    y = over(x, dims, found, lambda entries, places: max(entries))
    if not return_indices:
        return y

    def where(entries: list[float], places: list[Place]) -> int:
        place = [p for p in places if inside(p, sizes)][entries.index(max(entries))]
        return sum(n * int(np.prod(sizes[i + 1 :])) for i, n in enumerate(place))

    return y, over(x, dims, found, where).astype(np.int64)


def max_pool(dims: int) -> Callable[..., Any]:
    """max_pool1d, max_pool2d."""

    def reference(
        given: Given,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> Any:
        kernel, step, pad, gap = (numbers(n, dims) for n in (kernel_size, stride or kernel_size, padding, dilation))
        windows = sliding(given.x.shape[-dims:], kernel, step, pad, gap, ceil_mode)
        return maxima(given.x, dims, windows, return_indices)

    return reference


def average(
    given: Given,
    dims: int,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Array:
    """The mean of each window: what lies in the padding counts if `count_include_pad`, what lies beyond it never."""
    sizes = given.x.shape[-dims:]
    kernel, step, pad = (numbers(n, dims) for n in (kernel_size, stride or kernel_size, padding))

    def mean(entries: list[float], places: list[Place]) -> float:
        padded = sum(inside(place, sizes, pad) for place in places)
        return sum(entries) / (divisor_override or (padded if count_include_pad else len(entries)))

    return over(given.x, dims, sliding(sizes, kernel, step, pad, (1,) * dims, ceil_mode), mean)


def avg_pool1d(
    given: Given,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    return average(given, 1, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    given: Given,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    return average(given, 2, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool(dims: int) -> Callable[..., Array]:
    """adaptive_avg_pool1d, adaptive_avg_pool2d."""

    def reference(given: Given, output_size: Any) -> Array:
        windows = adaptive(given.x.shape[-dims:], output_size)
        return over(given.x, dims, windows, lambda entries, places: sum(entries) / len(entries))

    return reference


def adaptive_max_pool2d(given: Given, output_size: Any, return_indices: bool = False) -> Any:
    return maxima(given.x, 2, adaptive(given.x.shape[-2:], output_size), return_indices)


def lp_pool2d(
    given: Given, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Array:
    """With ceil_mode the sum over a window that reaches beyond x is scaled up to the whole window, as in torch."""
    kernel, step = numbers(kernel_size, 2), numbers(stride or kernel_size, 2)

    def norm(entries: list[float], places: list[Place]) -> float:
        total: float = sum(v**norm_type for v in entries) * len(places) / len(entries)
        return float(total ** (1 / norm_type))

    return over(given.x, 2, sliding(given.x.shape[-2:], kernel, step, (0, 0), (1, 1), ceil_mode), norm)


REFERENCES = {
    "AdaptiveAvgPool1d": adaptive_avg_pool(1),
    "AdaptiveAvgPool2d": adaptive_avg_pool(2),
    "AdaptiveMaxPool2d": adaptive_max_pool2d,
    "AvgPool1d": avg_pool1d,
    "AvgPool2d": avg_pool2d,
    "LPPool2d": lp_pool2d,
    "MaxPool1d": max_pool(1),
    "MaxPool2d": max_pool(2),
}
