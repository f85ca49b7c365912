"""Layers that move the entries of pictures around, entry by entry."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nnlab.detectors.references.given import Array, Given, numbers

Pair = int | tuple[int, int]


def blocks(
    sizes: Sequence[int], kernel_size: Pair, dilation: Pair, padding: Pair, stride: Pair
) -> Iterator[tuple[int, int, int, int]]:
    """For each tap of each window: the tap's number, the window's, and the place in the picture, if it has one."""
    kernel, gap, pad, step = (numbers(n, 2) for n in (kernel_size, dilation, padding, stride))
    out = [(sizes[d] + 2 * pad[d] - gap[d] * (kernel[d] - 1) - 1) // step[d] + 1 for d in range(2)]
    for s, t in np.ndindex(*out):
        for i, j in np.ndindex(*kernel):
            h, w = s * step[0] + i * gap[0] - pad[0], t * step[1] + j * gap[1] - pad[1]
            is_inside = 0 <= h < sizes[0] and 0 <= w < sizes[1]
            yield i * kernel[1] + j, s * out[1] + t, h if is_inside else -1, w


def unfold(given: Given, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Array:
    *lead, channels, height, width = given.x.shape
    found = list(blocks((height, width), kernel_size, dilation, padding, stride))
    taps, windows = found[-1][0] + 1, found[-1][1] + 1
    y = np.zeros((*lead, channels * taps, windows))
    for *n, c in np.ndindex(*lead, channels):
        for tap, window, h, w in found:
            if h >= 0:
                y[*n, c * taps + tap, window] = given.x[*n, c, h, w]
    return y


def fold(
    given: Given, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
) -> Array:
    sizes = numbers(output_size, 2)
    found = list(blocks(sizes, kernel_size, dilation, padding, stride))
    taps = found[-1][0] + 1
    *lead, rows, _ = given.x.shape
    y = np.zeros((*lead, rows // taps, *sizes))
    for *n, c in np.ndindex(*lead, rows // taps):
        for tap, window, h, w in found:
            if h >= 0:
                y[*n, c, h, w] += given.x[*n, c * taps + tap, window]
    return y


def pixel_shuffle(given: Given, upscale_factor: int) -> Array:
    r = upscale_factor
    *lead, channels, height, width = given.x.shape
    y = np.zeros((*lead, channels // r**2, height * r, width * r))
    for *n, c, h, w in np.ndindex(*y.shape):
        y[*n, c, h, w] = given.x[*n, c * r**2 + h % r * r + w % r, h // r, w // r]
    return y


def pad2d(source: Callable[[int, int], int | None]) -> Callable[..., Array]:
    """A picture with a margin; `source` says which of `size` entries stands at a place, or that 0 does."""

    def reference(given: Given, padding: Any) -> Array:
        left, right, top, bottom = numbers(padding, 4)
        *lead, height, width = given.x.shape
        y = np.zeros((*lead, top + height + bottom, left + width + right))
        for *n, h, w in np.ndindex(*y.shape):
            row, column = source(h - top, height), source(w - left, width)
            if row is not None and column is not None:
                y[*n, h, w] = given.x[*n, row, column]
        return y

    return reference


def itself(at: int, size: int) -> int | None:
    return at if 0 <= at < size else None


def nearest(at: int, size: int) -> int:
    return 0 if at < 0 else size - 1 if at >= size else at


def mirrored(at: int, size: int) -> int:
    return -at if at < 0 else 2 * (size - 1) - at if at >= size else at


REFERENCES = {
    "Fold": fold,
    "PixelShuffle": pixel_shuffle,
    "ReflectionPad2d": pad2d(mirrored),
    "ReplicationPad2d": pad2d(nearest),
    "Unfold": unfold,
    "ZeroPad2d": pad2d(itself),
}
