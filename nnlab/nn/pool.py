"""Pooling: the maximum, the mean or the norm of every window, for x with any leading dimensions."""

from math import prod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, Integers, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.module import Module
from nnlab.nn.windows import Sizes, check_window, gather, joined, per_dimension, positions, scatter, window_index

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "LPPool2d",
    "MaxPool1d",
    "MaxPool2d",
]

Size = int | tuple[int, ...]


class _Pool(Module):
    """Windows over the last `dims` dimensions of x."""

    dims: ClassVar[int]

    def _borrow(self, x: ArrayLike) -> Array:
        return borrow(self, x, (..., *(None for _ in range(self.dims))))

    def _index(self, sizes: Sizes) -> tuple[Integers, Sizes]:
        """The index of the windows over a plane of these sizes, and how many there are in each dimension."""
        raise NotImplementedError(f"{type(self).__name__} defines no _index")


class _Sliding(_Pool):
    """Windows of one size, `stride` apart."""

    def __init__(self, kernel_size: Size, stride: Size | None, padding: Size, dilation: Size, ceil_mode: bool) -> None:
        self.kernel_size = per_dimension(self, kernel_size, self.dims)
        self.stride = self.kernel_size if stride is None else per_dimension(self, stride, self.dims)
        self.padding = per_dimension(self, padding, self.dims)
        self.dilation = per_dimension(self, dilation, self.dims)
        self.ceil_mode = ceil_mode
        check_window(self, self.kernel_size, self.stride, self.padding, self.dilation)
        if any(2 * p > self.kernel_size[i] for i, p in enumerate(self.padding)):
            raise InputError(
                f"{type(self).__name__}: padding {self.padding} is more than half of kernel_size {self.kernel_size}; "
                f"lower it or enlarge the kernel"
            )

    def _index(self, sizes: Sizes) -> tuple[Integers, Sizes]:
        window = self.kernel_size, self.stride, self.padding, self.dilation
        out = positions(self, sizes, *window, self.ceil_mode)
        return window_index(sizes, out, *window), out


class _Adaptive(_Pool):
    """Windows ⌊i L / output_size⌋ … ⌈(i + 1) L / output_size⌉ - 1, i = 0, …; None keeps the size."""

    def __init__(self, output_size: int | tuple[int | None, ...] | None) -> None:
        sizes = output_size if isinstance(output_size, tuple) else (output_size,) * self.dims
        if len(sizes) != self.dims:
            raise InputError(f"{type(self).__name__}: {sizes} must be one number or {self.dims}; drop the others")
        if any(n is not None and n < 1 for n in sizes):
            raise InputError(f"{type(self).__name__}: output_size must be at least 1 but is {sizes}; raise it")
        self.output_size = sizes

    def _index(self, sizes: Sizes) -> tuple[Integers, Sizes]:
        out = tuple(sizes[i] if n is None else n for i, n in enumerate(self.output_size))
        return joined(map(_adaptive_taps, sizes, out), sizes), out


def _adaptive_taps(size: int, out: int) -> Integers:
    """The index (out, longest window) of one dimension."""
    start = np.arange(out) * size // out
    end = -(-np.arange(1, out + 1) * size // out)
    at = start[:, None] + np.arange((end - start).max())
    return np.where(at < end[:, None], at, -1)


def _count(index: Integers) -> Integers:
    """How many entries of x lie in each window."""
    count: Integers = np.count_nonzero(index >= 0, 1)
    return count


class _Max(_Pool):
    """y = max x over each window, of equals the first; its position in the plane too if `return_indices`."""

    return_indices: bool

    def forward(self, x: ArrayLike) -> Array | tuple[Array, Integers]:
        x = self._borrow(x)
        index, out = self._index(x.shape[-self.dims :])
        windows = np.arange(len(index))
        first = index[windows, (index >= 0).argmax(1)]
        index = np.maximum(index, first[:, None])  # indices rise along a window, so this moves those outside of x only
        values = gather(x, index, self.dims, -np.inf)
        chosen = index[windows, values.argmax(2)][:, :, None]
        shape = (*x.shape[: -self.dims], *out)
        y: Array = values.max(2).reshape(shape)
        self.cache = chosen, x.shape, y.shape, x.dtype
        return (y, chosen.reshape(shape).copy()) if self.return_indices else y

    def backward(self, dy: ArrayLike, dindices: object = None) -> Array:
        chosen, x_shape, y_shape, dtype = self.cache
        dy = borrow(self, dy, y_shape, dtype, "dy")
        return scatter(dy.reshape(chosen.shape), chosen, x_shape, self.dims)


class _Mean(_Pool):
    """y = Σ x over each window / divisor."""

    def _divisor(self, sizes: Sizes, index: Integers, out: Sizes) -> Integers | int:
        """What the sum over each window is divided by: the number of entries of x in it."""
        return _count(index)

    def forward(self, x: ArrayLike) -> Array:
        x = self._borrow(x)
        sizes = x.shape[-self.dims :]
        index, out = self._index(sizes)
        divisor = np.broadcast_to(self._divisor(sizes, index, out), len(index)).astype(x.dtype)
        y: Array = (gather(x, index, self.dims).sum(2) / divisor).reshape(*x.shape[: -self.dims], *out)
        self.cache = index, divisor, x.shape, y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        index, divisor, x_shape, y_shape = self.cache
        dy = borrow(self, dy, y_shape, divisor.dtype, "dy")
        dsum = dy.reshape(prod(x_shape[: -self.dims]), len(divisor)) / divisor
        return scatter(np.repeat(dsum[:, :, None], index.shape[1], 2), index, x_shape, self.dims)


class MaxPool1d(_Max, _Sliding):
    """y[…, t] = max_i x[…, t·stride + i·dilation - padding], of equals the first, over the i that lie within x.

    stride is kernel_size where it is None. With `ceil_mode` a last window may reach beyond the padding; with
    `return_indices` forward gives (y, indices), the place of each maximum in x.
    """

    rows_from = 3
    dims = 1
    cases = (
        Case(3, x=Normal((2, 3, 7))),
        Case(4, 2, 1, x=Normal((2, 3, 9))),
        Case((3,), (2,), (1,), (2,), True, x=Normal((3, 2, 8))),
        Case(2, 3, ceil_mode=True, x=Normal((3, 7))),
        Case(3, 1, dilation=2, ceil_mode=True, x=Normal((2, 1, 6)), train=False),
    )

    def __init__(
        self,
        kernel_size: int | tuple[int],
        stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0,
        dilation: int | tuple[int] = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)
        self.return_indices = return_indices


class MaxPool2d(_Max, _Sliding):
    """y[…, s, t] = max_i max_j x[…, s' + i·dilation₀, t' + j·dilation₁], of equals the first, over the i, j within x.

    Here s' = s·stride₀ - padding₀ and t' = t·stride₁ - padding₁; the arguments are those of MaxPool1d, one number or
    one for each direction. The indices are positions in the plane, counted row by row.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case(2, x=Normal((2, 3, 4, 7))),
        Case((3, 2), (1, 2), (1, 0), x=Normal((2, 2, 5, 6))),
        Case((2, 3), (2, 1), 1, (3, 2), True, x=Normal((2, 3, 6, 7))),
        Case(3, 2, 1, ceil_mode=True, x=Normal((3, 6, 5))),
        Case(2, 3, return_indices=True, ceil_mode=True, x=Normal((1, 2, 5, 7)), train=False),
    )

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding, dilation, ceil_mode)
        self.return_indices = return_indices


class AdaptiveMaxPool2d(_Max, _Adaptive):
    """y[…, s, t] = max x[…, h, w] over ⌊sH/S⌋ ≤ h < ⌈(s+1)H/S⌉ and ⌊tW/T⌋ ≤ w < ⌈(t+1)W/T⌉, of equals the first.

    (S, T) is `output_size`: one number for both, None for the size of x. With `return_indices` forward gives (y,
    indices), the place of each maximum in the plane, counted row by row.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case((3, 2), x=Normal((2, 3, 5, 7))),
        Case(4, True, x=Normal((3, 6, 3))),
        Case((None, 3), x=Normal((2, 1, 4, 5))),
        Case((2, 3), x=Normal((2, 3, 5, 4)), train=False),
    )

    def __init__(self, output_size: int | tuple[int | None, int | None] | None, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class _AvgPool(_Mean, _Sliding):
    """The mean over windows, counting the padding unless `count_include_pad` is off."""

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None,
        padding: Size,
        ceil_mode: bool,
        count_include_pad: bool,
        divisor_override: int | None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, 1, ceil_mode)
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def _divisor(self, sizes: Sizes, index: Integers, out: Sizes) -> Integers | int:
        """As in torch what `ceil_mode` lets a window reach beyond the padding is not counted."""
        if self.divisor_override is not None:
            return self.divisor_override
        if self.count_include_pad:
            padded = tuple(n + 2 * self.padding[i] for i, n in enumerate(sizes))
            index = window_index(padded, out, self.kernel_size, self.stride, (0,) * self.dims, self.dilation)
        return _count(index)


class AvgPool1d(_AvgPool):
    """y[…, t] = Σ_i x[…, t·stride + i - padding] / kernel_size, where x is 0 outside.

    stride is kernel_size where it is None. Without `count_include_pad` the divisor is the number of entries within
    x. With `ceil_mode` a last window may reach beyond the padding, and what does so is never counted.
    """

    rows_from = 3
    dims = 1
    cases = (
        Case(3, x=Normal((2, 3, 7))),
        Case(4, 2, 2, x=Normal((2, 3, 9))),
        Case((3,), (2,), (1,), True, False, x=Normal((3, 2, 8))),
        Case(4, 3, 1, ceil_mode=True, x=Normal((3, 7)), train=False),
    )

    def __init__(
        self,
        kernel_size: int | tuple[int],
        stride: int | tuple[int] | None = None,
        padding: int | tuple[int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad, None)


class AvgPool2d(_AvgPool):
    """y[…, s, t] = Σ_i Σ_j x[…, s·stride₀ + i - padding₀, t·stride₁ + j - padding₁] / (kernel_size₀ kernel_size₁).

    x is 0 outside. The arguments are those of AvgPool1d, one number or one for each direction; `divisor_override`
    replaces the divisor.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case(2, x=Normal((2, 3, 4, 7))),
        Case((3, 2), (1, 2), (1, 0), x=Normal((2, 2, 5, 6))),
        Case((4, 3), (3, 2), (1, 1), True, x=Normal((2, 3, 6, 7))),
        Case(3, 2, 1, True, False, x=Normal((3, 6, 5))),
        Case((2, 3), 1, 1, divisor_override=5, x=Normal((1, 2, 3, 4)), train=False),
    )

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        if divisor_override == 0:
            raise InputError("AvgPool2d: divisor_override must not be 0; choose another number, or leave it out")


class AdaptiveAvgPool1d(_Mean, _Adaptive):
    """y[…, t] = the mean of x[…, l] over ⌊tL/T⌋ ≤ l < ⌈(t+1)L/T⌉, with T = `output_size`."""

    rows_from = 3
    dims = 1
    cases = (
        Case(3, x=Normal((2, 3, 7))),
        Case((5,), x=Normal((3, 2, 4))),
        Case(1, x=Normal((2, 5)), train=False),
    )

    def __init__(self, output_size: int | tuple[int]) -> None:
        super().__init__(output_size)


class AdaptiveAvgPool2d(_Mean, _Adaptive):
    """y[…, s, t] = the mean of x[…, h, w] over ⌊sH/S⌋ ≤ h < ⌈(s+1)H/S⌉ and ⌊tW/T⌋ ≤ w < ⌈(t+1)W/T⌉.

    (S, T) is `output_size`: one number for both, None for the size of x.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case((3, 2), x=Normal((2, 3, 5, 7))),
        Case(4, x=Normal((3, 6, 3))),
        Case((None, 3), x=Normal((2, 1, 4, 5)), train=False),
    )

    def __init__(self, output_size: int | tuple[int | None, int | None] | None) -> None:
        super().__init__(output_size)


class LPPool2d(_Sliding):
    """y = (Σ xᵖ)^(1/p) over each window, with p = `norm_type`; where the sum is 0 its derivative is taken as 0.

    With `ceil_mode` the sum over a window that reaches beyond x is scaled up to the whole window, as in torch.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case(2, 2, x=Normal((2, 3, 4, 7))),
        Case(4.0, (3, 2), (1, 2), x=Normal((2, 2, 5, 6))),
        Case(1, (2, 3), 3, True, x=Normal((3, 5, 7))),
        Case(2.0, 3, 2, ceil_mode=True, x=Normal((1, 2, 4, 6)), train=False),
    )

    def __init__(
        self,
        norm_type: float,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, 0, 1, ceil_mode)
        self.norm_type = norm_type

    def forward(self, x: ArrayLike) -> Array:
        x = self._borrow(x)
        index, out = self._index(x.shape[-2:])
        values = gather(x, index, 2)
        scale = (index.shape[1] / np.count_nonzero(index >= 0, 1)).astype(x.dtype)
        sums = (values**self.norm_type).sum(2) * scale
        y: Array = (sums ** (1 / self.norm_type)).reshape(*x.shape[:-2], *out)
        self.cache = values, sums, scale, index, x.shape, y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        values, sums, scale, index, x_shape, y_shape = self.cache
        dy = borrow(self, dy, y_shape, sums.dtype, "dy").reshape(sums.shape)
        power = 1 / self.norm_type - 1
        some = sums != 0
        dsums = dy * scale * some
        dsums[some] *= sums[some] ** power
        return scatter(dsums[:, :, None] * values ** (self.norm_type - 1), index, x_shape, 2)
