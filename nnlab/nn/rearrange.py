"""Layers that move the entries of pictures around, for x with any leading dimensions."""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module
from nnlab.nn.windows import check_window, gather, joined, per_dimension, positions, scatter, window_index

__all__ = ["Fold", "PixelShuffle", "ReflectionPad2d", "ReplicationPad2d", "Unfold", "ZeroPad2d"]

Pair = int | tuple[int, int]


class _Blocks(Module):
    """The windows of Fold and Unfold."""

    def __init__(self, kernel_size: Pair, dilation: Pair, padding: Pair, stride: Pair) -> None:
        self.kernel_size = per_dimension(self, kernel_size, 2)
        self.dilation = per_dimension(self, dilation, 2)
        self.padding = per_dimension(self, padding, 2)
        self.stride = per_dimension(self, stride, 2)
        check_window(self, self.kernel_size, self.stride, self.padding, self.dilation)

    def _index(self, sizes: tuple[int, ...]) -> Integers:
        window = self.kernel_size, self.stride, self.padding, self.dilation
        return window_index(sizes, positions(self, sizes, *window), *window)

    def _columns(self, x: Array, index: Integers) -> Array:
        """(…, C, H, W) to (…, C · taps, positions): every window as a column."""
        *lead, channels, _, _ = x.shape
        return gather(x, index, 2).swapaxes(1, 2).reshape(*lead, channels * index.shape[1], len(index))

    def _sums(self, columns: Array, index: Integers, shape: tuple[int, ...]) -> Array:
        """(…, C · taps, positions) to `shape` = (…, C, H, W): overlapping windows add up."""
        return scatter(columns.reshape(prod(shape[:-2]), *index.T.shape).swapaxes(1, 2), index, shape, 2)


class Unfold(_Blocks):
    """y[…, (c, i, j), (s, t)] = x[…, c, s·stride₀ + i·dilation₀ - padding₀, t·stride₁ + j·dilation₁ - padding₁].

    x has shape (…, C, H, W) and is 0 outside; y has shape (…, C · taps, positions), a column for each window.
    """

    rows_from = 4
    cases = (
        Case(2, x=Normal((2, 3, 4, 5))),
        Case((3, 2), (1, 2), (1, 0), (2, 3), x=Normal((2, 2, 5, 7))),
        Case((2, 3), dilation=2, padding=2, x=Normal((3, 2, 4)), train=False),
    )

    def __init__(self, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> None:
        super().__init__(kernel_size, dilation, padding, stride)

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (..., None, None, None))
        index = self._index(x.shape[-2:])
        y = self._columns(x, index)
        self.cache = index, x.shape, y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        index, x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return self._sums(dy, index, x_shape)


class Fold(_Blocks):
    """y[…, c, h, w] = Σ x[…, (c, i, j), (s, t)] over the windows (s, t) whose tap (i, j) lies at (h, w).

    x has shape (…, C · taps, positions), as Unfold gives it, and y (…, C, H, W) with (H, W) = `output_size`.
    """

    rows_from = 3
    cases = (
        Case((4, 5), 2, x=Normal((2, 12, 12))),
        Case((5, 7), (3, 2), (1, 2), (1, 0), (2, 3), x=Normal((2, 18, 6))),
        Case(4, (2, 3), dilation=2, padding=(1, 2), x=Normal((12, 16)), train=False),
    )

    def __init__(
        self, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = per_dimension(self, output_size, 2)

    def forward(self, x: ArrayLike) -> Array:
        index = self._index(self.output_size)
        x = borrow(self, x, (..., None, len(index)))
        channels, rest = divmod(x.shape[-2], index.shape[1])
        if rest:
            raise InputError(
                f"Fold: x has {x.shape[-2]} rows, which do not divide into {index.shape[1]} taps; "
                f"unfold with the same kernel_size"
            )
        y = self._sums(x, index, (*x.shape[:-2], channels, *self.output_size))
        self.cache = index, y.shape, y.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        index, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return self._columns(dy, index)


class PixelShuffle(Module):
    """y[…, c, h·r + i, w·r + j] = x[…, c·r² + i·r + j, h, w], with r = `upscale_factor`.

    x has shape (…, C·r², H, W) and y (…, C, H·r, W·r). Source: Shi et al., CVPR 2016, equation 4, in torch's order.
    """

    rows_from = 4
    cases = (
        Case(2, x=Normal((2, 4, 3, 5))),
        Case(3, x=Normal((18, 2, 3))),
        Case(2, x=Normal((1, 12, 2, 3)), train=False),
    )

    def __init__(self, upscale_factor: int) -> None:
        if upscale_factor < 1:
            raise InputError(f"PixelShuffle: upscale_factor must be at least 1 but is {upscale_factor}; raise it")
        self.upscale_factor = upscale_factor

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (..., None, None, None))
        r = self.upscale_factor
        *lead, channels, height, width = x.shape
        if channels % r**2:
            raise InputError(
                f"PixelShuffle: {channels} channels do not divide into {r}×{r} pixels; make them a multiple of {r**2}"
            )
        pixels = x.reshape(prod(lead), channels // r**2, r, r, height, width)
        y = pixels.transpose(0, 1, 4, 2, 5, 3).reshape(*lead, channels // r**2, height * r, width * r).copy()
        self.cache = pixels.shape, x.shape, y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        pixels_shape, x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        n, channels, r, _, height, width = pixels_shape
        dpixels = dy.reshape(n, channels, height, r, width, r).transpose(0, 1, 3, 5, 2, 4)
        return dpixels.reshape(x_shape).copy()


class _Pad2d(Module):
    """Pictures with a margin of (left, right, top, bottom) entries, cut off where negative."""

    rows_from = 4

    def __init__(self, padding: int | Sequence[int]) -> None:
        self.padding = per_dimension(self, padding, 4)

    def _source(self, at: Integers, size: int) -> Integers:
        """Which entry of x in [0, size) stands at the positions `at`, counted from that of x[0]; -1 for none."""
        raise NotImplementedError(f"{type(self).__name__} defines no _source")

    def forward(self, x: ArrayLike) -> Array:
        x = borrow(self, x, (..., None, None))
        height, width = x.shape[-2:]
        left, right, top, bottom = self.padding
        out = (top + height + bottom, left + width + right)
        if min(out) < 1:
            raise InputError(
                f"{type(self).__name__}: padding {self.padding} leaves nothing of {height}×{width}; cut off less"
            )
        rows = self._source(np.arange(-top, height + bottom), height)
        columns = self._source(np.arange(-left, width + right), width)
        index = joined((rows[:, None], columns[:, None]), (height, width))
        y = gather(x, index, 2).reshape(*x.shape[:-2], *out)
        self.cache = index, x.shape, y.shape, x.dtype
        return y

    def backward(self, dy: ArrayLike) -> Array:
        index, x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return scatter(dy.reshape(prod(x_shape[:-2]), *index.shape), index, x_shape, 2)


class ZeroPad2d(_Pad2d):
    """y[…, h, w] = x[…, h - top, w - left], and 0 outside of x.

    `padding` is (left, right, top, bottom) or one number; where it is negative entries are cut off.
    """

    cases = (
        Case(1, x=Normal((2, 3, 4, 5))),
        Case((1, 3, 2, 0), x=Normal((3, 2, 4))),
        Case((-1, 2, 0, -2), x=Normal((1, 2, 5, 3)), train=False),
    )

    def _source(self, at: Integers, size: int) -> Integers:
        return np.where((at >= 0) & (at < size), at, -1)


class ReplicationPad2d(_Pad2d):
    """y[…, h, w] = x at the entry nearest to (h - top, w - left).

    `padding` is (left, right, top, bottom) or one number; where it is negative entries are cut off.
    """

    cases = (
        Case(1, x=Normal((2, 3, 4, 5))),
        Case((1, 6, 2, 0), x=Normal((3, 2, 4))),
        Case((-1, 2, 0, -2), x=Normal((1, 2, 5, 3)), train=False),
    )

    def _source(self, at: Integers, size: int) -> Integers:
        return np.clip(at, 0, size - 1)


class ReflectionPad2d(_Pad2d):
    """y[…, h, w] = x at (h - top, w - left), mirrored at the first and last row and column, which are not repeated.

    `padding` is (left, right, top, bottom) or one number, each less than the size of x.
    """

    cases = (
        Case(1, x=Normal((2, 3, 4, 5))),
        Case((1, 3, 1, 0), x=Normal((3, 2, 4))),
        Case((-1, 2, 0, -2), x=Normal((1, 2, 5, 3)), train=False),
    )

    def _source(self, at: Integers, size: int) -> Integers:
        if at[0] <= -size or at[-1] >= 2 * size - 1:
            raise InputError(
                f"ReflectionPad2d: padding {self.padding} reaches beyond the mirror image of {size} entries; "
                f"keep it below {size}"
            )
        source: Integers = (size - 1) - np.abs((size - 1) - np.abs(at))
        return source
