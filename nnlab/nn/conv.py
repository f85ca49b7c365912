"""Convolutions, as matrix products over windows of the padded input."""

from collections.abc import Mapping
from math import prod
from operator import gt
from typing import ClassVar, Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Normal
from nnlab.nn.init import fan_in_uniform
from nnlab.nn.module import Module, Parameter
from nnlab.nn.windows import Sizes, check_window, per_dimension, span

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

Size = int | tuple[int, ...]
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]

#: What np.pad calls each padding_mode.
FILLS: Final[Mapping[PaddingMode, Literal["constant", "reflect", "edge", "wrap"]]] = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "edge",
    "circular": "wrap",
}


class _ConvNd(Module):
    """Kernels of `dims` dimensions from `in_channels` to `out_channels`, whose taps are `dilation` apart.

    Channels fall into `groups` equal groups, which know nothing of each other.
    """

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size,
        padding: Size,
        dilation: Size,
        groups: int,
        bias: bool,
        rng: np.random.Generator,
        dtype: DTypeLike,
    ) -> None:
        self.kernel_size = per_dimension(self, kernel_size, self.dims)
        self.stride = per_dimension(self, stride, self.dims)
        self.padding = per_dimension(self, padding, self.dims)
        self.dilation = per_dimension(self, dilation, self.dims)
        check_window(self, self.kernel_size, self.stride, self.padding, self.dilation)
        if min(in_channels, out_channels) < 1:
            raise InputError(
                f"{type(self).__name__}: in_channels={in_channels} and out_channels={out_channels} must be at least 1; "
                f"raise them"
            )
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise InputError(
                f"{type(self).__name__}: groups={groups} must divide in_channels={in_channels} and "
                f"out_channels={out_channels}; choose a common divisor"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.groups = groups
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (first, second // groups, *self.kernel_size)
        fan_in = prod(shape[1:])
        self.weight = Parameter(fan_in_uniform(rng, shape, fan_in, dtype))
        self.bias = Parameter(fan_in_uniform(rng, (out_channels,), fan_in, dtype)) if bias else None

    def _borrow(self, x: ArrayLike) -> Array:
        """x (N, in_channels, *space), with at least one entry in space."""
        x = borrow(self, x, (None, self.in_channels, *(None for _ in self.kernel_size)), self.weight.data.dtype)
        if not all(x.shape[2:]):
            raise InputError(
                f"{type(self).__name__}: x has shape {x.shape}, without entries to lay a kernel on; "
                f"leave such inputs out of the batch"
            )
        return x

    def _weight_matrix(self) -> Array:
        """The weights of each group as a matrix, (groups, channels of weight / groups, the others' · taps)."""
        w = self.weight.data
        return w.reshape(self.groups, len(w) // self.groups, prod(w.shape[1:]))


class _Conv(_ConvNd):
    """y = bias + Σ weight · windows of x between margins; see Conv1d."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | Literal["same", "valid"] = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise InputError(
                f"{type(self).__name__}: padding is {padding!r} but must be 'same', 'valid' or numbers; choose one"
            )
        width = 0 if isinstance(padding, str) else padding
        super().__init__(in_channels, out_channels, kernel_size, stride, width, dilation, groups, bias, rng, dtype)
        self.margins = tuple((p, p) for p in self.padding)
        if padding == "same":
            if max(self.stride) > 1:
                raise InputError(
                    f"{type(self).__name__}: padding='same' cannot keep the size of x at stride {self.stride}; "
                    f"use stride 1, or pad by numbers"
                )
            beyond = [span(n, self.dilation[i]) - 1 for i, n in enumerate(self.kernel_size)]
            self.margins = tuple((n // 2, n - n // 2) for n in beyond)
        if padding_mode not in FILLS:
            raise InputError(
                f"{type(self).__name__}: padding_mode is {padding_mode!r} but must be 'zeros', 'reflect', 'replicate' "
                f"or 'circular'; choose one of them"
            )
        self.padding_mode = padding_mode

    def forward(self, x: ArrayLike) -> Array:
        x_padded = self._padded(self._borrow(x))
        windows = self._windows(x_padded)
        w = self._weight_matrix()
        n, out = len(windows), windows.shape[2 + self.dims :]
        columns = windows.reshape(n, self.groups, w.shape[2], prod(out))
        y: Array = (w @ columns).reshape(n, self.out_channels, *out)
        if self.bias is not None:
            y += self.bias.data.reshape(self.out_channels, *(1 for _ in out))
        self.cache = columns, x_padded.shape, y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        columns, padded_shape, y_shape = self.cache
        dy = borrow(self, dy, y_shape, columns.dtype, "dy")
        w = self._weight_matrix()
        rows = dy.reshape(len(dy), *w.shape[:2], columns.shape[3])
        self.weight.grad += (rows @ columns.swapaxes(2, 3)).sum(axis=0).reshape(self.weight.grad.shape)
        if self.bias is not None:
            self.bias.grad += dy.sum((0, *range(2, dy.ndim)))
        dx_padded = np.zeros(padded_shape, dy.dtype)
        dwindows = self._windows(dx_padded)
        dcolumns = (w.swapaxes(1, 2) @ rows).reshape(dwindows.shape)
        for tap in np.ndindex(*self.kernel_size):
            dwindows[:, :, *tap] += dcolumns[:, :, *tap]
        return self._folded(dx_padded)

    def _padded(self, x: Array) -> Array:
        """A private copy of x between its margins."""
        for i, margin in enumerate(self.margins):
            n = x.shape[2 + i]
            limit = {"reflect": n - 1, "circular": n}.get(self.padding_mode)
            if limit is not None and max(margin) > limit:
                raise InputError(
                    f"{type(self).__name__}: margins of {margin} are more than the {limit} entries that "
                    f"padding_mode={self.padding_mode!r} can take from {n} of x; lower padding or enlarge x"
                )
        return np.pad(x, ((0, 0), (0, 0), *self.margins), FILLS[self.padding_mode])

    def _folded(self, dx_padded: Array) -> Array:
        """What flows back through _padded: margins add to the entries that they were copied from."""
        for i, (before, after) in enumerate(self.margins):
            rows = dx_padded.swapaxes(0, 2 + i)
            end = len(rows) - after
            if self.padding_mode != "zeros":
                source = np.pad(np.arange(before, end), (before, after), FILLS[self.padding_mode])
                outside = np.r_[:before, end : len(rows)]
                np.add.at(rows, source[outside], rows[outside])
            dx_padded = rows[before:end].swapaxes(0, 2 + i)
        return dx_padded

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


class Conv1d(_Conv):
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, c, t·stride + i·dilation - padding].

    x has shape (N, in_channels, L) and y (N, out_channels, L_out), with L_out = ⌊(L + 2 padding - dilation
    (kernel_size - 1) - 1) / stride⌋ + 1. Of `groups` equal groups of channels, c runs over the group of o only. Outside
    of itself x is 0, or mirrored ("reflect"), its nearest entry ("replicate") or repeated ("circular"). padding "valid"
    is 0, and "same" dilation (kernel_size - 1) in all, of which the larger half comes after x.
    """

    rows_from = 3
    dims = 1
    cases: ClassVar[tuple[Case, ...]] = (
        Case(2, 3, 3, x=Normal((2, 2, 7))),
        Case(4, 6, 3, stride=2, padding=1, dilation=3, groups=2, x=Normal((3, 4, 10))),
        Case(3, 6, 4, stride=3, padding=2, groups=3, bias=False, x=Normal((2, 3, 9))),
        Case(5, 2, 1, x=Normal((3, 5, 4))),
        Case(2, 3, (2,), (1,), (0,), (2,), x=Normal((1, 2, 3)), train=False),
        Case(2, 4, 4, 1, "same", 3, 2, x=Normal((3, 2, 5))),
        Case(2, 3, 3, stride=2, padding=2, padding_mode="reflect", x=Normal((3, 2, 4))),
        Case(2, 3, 4, padding="same", dilation=3, padding_mode="replicate", x=Normal((1, 2, 4))),
        Case(4, 2, 2, 3, 4, 2, 2, False, "circular", x=Normal((2, 4, 5))),
    )


class Conv2d(_Conv):
    """y[n, o, s, t] = bias[o] + Σ_c Σ_i Σ_j weight[o, c, i, j] x[n, c, s' + i·dilation₀, t' + j·dilation₁].

    Here s' = s·stride₀ - padding₀ and t' = t·stride₁ - padding₁. x has shape (N, in_channels, H, W) and y (N,
    out_channels, H_out, W_out), with the sizes of Conv1d in each direction, and its groups and margins.
    """

    rows_from = 4
    dims = 2
    cases: ClassVar[tuple[Case, ...]] = (
        Case(2, 3, (3, 2), x=Normal((2, 2, 4, 5))),
        Case(4, 6, (2, 3), (2, 1), (1, 2), (1, 2), groups=2, x=Normal((3, 4, 5, 4))),
        Case(3, 6, 2, stride=3, padding=1, dilation=2, groups=3, bias=False, x=Normal((2, 3, 6, 5))),
        Case(4, 2, 1, stride=2, x=Normal((1, 4, 3, 6)), train=False),
        Case(2, 3, (2, 3), (1, 1), "same", (1, 2), x=Normal((1, 2, 5, 3))),
        Case(2, 4, (2, 3), (2, 1), (1, 3), 1, 2, False, "reflect", x=Normal((1, 2, 3, 5))),
        Case(2, 3, 2, padding=(4, 1), padding_mode="replicate", x=Normal((3, 2, 3, 2))),
        Case(1, 3, (4, 2), padding="same", padding_mode="circular", x=Normal((3, 1, 2, 5)), train=False),
    )


class Conv3d(_Conv):
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, c, t·stride + i·dilation - padding], with triples t and i.

    x has shape (N, in_channels, D, H, W) and y (N, out_channels, D_out, H_out, W_out), with the sizes of Conv1d in each
    direction, and its groups and margins.
    """

    rows_from = 5
    dims = 3
    cases = (
        Case(2, 3, (2, 1, 3), x=Normal((1, 2, 3, 4, 5))),
        Case(4, 2, (2, 3, 2), (2, 1, 3), (1, 2, 0), (1, 2, 3), 2, x=Normal((2, 4, 3, 2, 5))),
        Case(2, 3, 2, padding="same", dilation=3, bias=False, x=Normal((3, 2, 4, 1, 5)), train=False),
        Case(1, 2, 2, padding=(0, 1, 2), padding_mode="reflect", x=Normal((2, 1, 4, 2, 3))),
        Case(1, 2, (2, 1, 3), 2, (2, 0, 3), padding_mode="replicate", x=Normal((3, 1, 2, 4, 1))),
        Case(1, 2, 3, padding="valid", x=Normal((1, 1, 5, 4, 3))),
        Case(2, 1, 2, padding=(1, 0, 3), padding_mode="circular", x=Normal((1, 2, 2, 4, 3))),
    )


def strided(x: Array, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Array:
    """The view (N, C, *kernel, *out) whose entry [n, c, i, t] is x[n, c, t·stride + i·dilation]."""
    dims = len(kernel)
    space = tuple(range(2, 2 + dims))
    view = sliding_window_view(x, tuple(map(span, kernel, dilation)), space, writeable=True)
    steps = (slice(None, None, n) for n in (*stride, *dilation))
    return np.moveaxis(view[:, :, *steps], space, range(-dims, 0))
