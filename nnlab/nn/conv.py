"""Convolutions, as matrix products over windows of the padded input."""

from math import prod
from operator import gt

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter
from nnlab.nn.windows import Sizes, check_window, per_dimension, span

__all__ = ["Conv1d", "Conv2d"]


class _Conv(Module):
    """The arguments, parameters and windows that the convolutions share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: tuple[int, ...],
        stride: tuple[int, ...],
        padding: tuple[int, ...],
        dilation: tuple[int, ...],
        groups: int,
        bias: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        check_window(self, kernel_size, stride, padding, dilation)
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise InputError(
                f"{type(self).__name__}: groups={groups} must divide in_channels={in_channels} and "
                f"out_channels={out_channels}; choose a common divisor"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        shape = (out_channels, in_channels // groups, *kernel_size)
        fan_in = prod(shape[1:])
        self.weight = Parameter(fan_in_uniform(rng, shape, fan_in, dtype))
        self.bias = Parameter(fan_in_uniform(rng, (out_channels,), fan_in, dtype)) if bias else None

    def _padded(self, x: ArrayLike) -> Array:
        """A private copy of x with zeros around it."""
        x = borrow(self, x, (None, self.in_channels, *(None for _ in self.padding)), self.weight.data.dtype)
        return np.pad(x, ((0, 0), (0, 0), *((p, p) for p in self.padding)))

    def _windows(self, x_padded: Array) -> Array:
        """The view (N, C, *kernel_size, *out) whose entry [n, c, i, t] is x_padded[n, c, t·stride + i·dilation]."""
        spans = tuple(map(span, self.kernel_size, self.dilation))
        sizes = x_padded.shape[2:]
        if any(map(gt, spans, sizes)):
            raise InputError(
                f"{type(self).__name__}: the dilated kernel spans {spans} but the padded input only {sizes}; "
                f"raise padding or shrink the kernel"
            )
        return strided(x_padded, self.kernel_size, self.stride, self.dilation)

    def _weight_matrix(self) -> Array:
        """The weights of each group as a matrix (groups, out_channels / groups, taps)."""
        rows = self.out_channels // self.groups
        return self.weight.data.reshape(self.groups, rows, self.weight.data[0].size)


class Conv1d(_Conv):
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, c, t·stride + i·dilation - padding].

    x has shape (N, in_channels, L) and y (N, out_channels, L_out), with L_out = ⌊(L + 2 padding - dilation
    (kernel_size - 1) - 1) / stride⌋ + 1. Of `groups` equal groups of channels, c runs over the group of o only.
    """

    cases = (
        Case(2, 3, 3, x=Normal((2, 2, 7))),
        Case(4, 6, 3, stride=2, padding=1, dilation=3, groups=2, x=Normal((3, 4, 10))),
        Case(3, 6, 4, stride=3, padding=2, groups=3, bias=False, x=Normal((2, 3, 9))),
        Case(5, 2, 1, x=Normal((3, 5, 4))),
        Case(2, 3, (2,), (1,), (0,), (2,), x=Normal((1, 2, 3)), train=False),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int],
        stride: int | tuple[int] = 1,
        padding: int | tuple[int] = 0,
        dilation: int | tuple[int] = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        kernel, steps, pad, gaps = (per_dimension(self, n, 1) for n in (kernel_size, stride, padding, dilation))
        super().__init__(in_channels, out_channels, kernel, steps, pad, gaps, groups, bias, rng, dtype)

    def forward(self, x: ArrayLike) -> Array:
        x_padded = self._padded(x)
        windows = self._windows(x_padded)
        n, _, _, length = windows.shape
        w = self._weight_matrix()
        columns = windows.reshape(n, self.groups, w.shape[-1], length)
        y: Array = (w @ columns).reshape(n, self.out_channels, length)
        if self.bias is not None:
            y += self.bias.data[:, None]
        self.cache = columns, x_padded.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        columns, padded_shape = self.cache
        n, _, _, length = columns.shape
        dy = borrow(self, dy, (n, self.out_channels, length), columns.dtype, "dy")
        w = self._weight_matrix()
        rows = dy.reshape(n, *w.shape[:2], length)
        self.weight.grad += (rows @ columns.swapaxes(2, 3)).sum(axis=0).reshape(self.weight.grad.shape)
        if self.bias is not None:
            self.bias.grad += dy.sum(axis=(0, 2))
        dx_padded = np.zeros(padded_shape, dy.dtype)
        dwindows = self._windows(dx_padded)
        dcolumns = (w.swapaxes(1, 2) @ rows).reshape(dwindows.shape)
        for i in range(dwindows.shape[2]):
            dwindows[:, :, i] += dcolumns[:, :, i]
        (pad,) = self.padding
        return dx_padded[:, :, pad : padded_shape[2] - pad]


class Conv2d(_Conv):
    """y[n, o, s, t] = bias[o] + Σ_c Σ_i Σ_j weight[o, c, i, j] x[n, c, s' + i·dilation₀, t' + j·dilation₁].

    Here s' = s·stride₀ - padding₀ and t' = t·stride₁ - padding₁. x has shape (N, in_channels, H, W) and y (N,
    out_channels, H_out, W_out), with the sizes of Conv1d in each direction. Of `groups` equal groups of channels, c
    runs over the group of o only.
    """

    cases = (
        Case(2, 3, (3, 2), x=Normal((2, 2, 4, 5))),
        Case(4, 6, (2, 3), (2, 1), (1, 2), (1, 2), groups=2, x=Normal((3, 4, 5, 4))),
        Case(3, 6, 2, stride=3, padding=1, dilation=2, groups=3, bias=False, x=Normal((2, 3, 6, 5))),
        Case(4, 2, 1, stride=2, x=Normal((1, 4, 3, 6)), train=False),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        kernel, steps, pad, gaps = (per_dimension(self, n, 2) for n in (kernel_size, stride, padding, dilation))
        super().__init__(in_channels, out_channels, kernel, steps, pad, gaps, groups, bias, rng, dtype)

    def forward(self, x: ArrayLike) -> Array:
        x_padded = self._padded(x)
        windows = self._windows(x_padded)
        n, _, _, _, height, width = windows.shape
        w = self._weight_matrix()
        columns = windows.reshape(n, self.groups, w.shape[-1], height * width)
        y: Array = (w @ columns).reshape(n, self.out_channels, height, width)
        if self.bias is not None:
            y += self.bias.data[:, None, None]
        self.cache = columns, x_padded.shape, y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        columns, padded_shape, y_shape = self.cache
        dy = borrow(self, dy, y_shape, columns.dtype, "dy")
        w = self._weight_matrix()
        rows = dy.reshape(y_shape[0], *w.shape[:2], columns.shape[-1])
        self.weight.grad += (rows @ columns.swapaxes(2, 3)).sum(axis=0).reshape(self.weight.grad.shape)
        if self.bias is not None:
            self.bias.grad += dy.sum(axis=(0, 2, 3))
        dx_padded = np.zeros(padded_shape, dy.dtype)
        dwindows = self._windows(dx_padded)
        dcolumns = (w.swapaxes(1, 2) @ rows).reshape(dwindows.shape)
        for i, j in np.ndindex(*self.kernel_size):
            dwindows[:, :, i, j] += dcolumns[:, :, i, j]
        top, left = self.padding
        return dx_padded[:, :, top : padded_shape[2] - top, left : padded_shape[3] - left]


def strided(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The view (N, C, *kernel, *out) whose entry [n, c, i, t] is x[n, c, t·stride + i·dilation]."""
    dims = len(kernel)
    space = tuple(range(2, 2 + dims))
    view = sliding_window_view(x, tuple(map(span, kernel, dilation)), space, writeable=True)
    steps = (slice(None, None, n) for n in (*stride, *dilation))
    return np.moveaxis(view[:, :, *steps], space, range(-dims, 0))
