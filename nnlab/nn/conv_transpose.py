"""Transposed convolutions: every entry of the input adds a kernel to the output."""

from collections.abc import Sequence
from math import prod
from operator import add
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.errors import InputError
from nnlab.nn.arrays import Array, borrow
from nnlab.nn.case import Case, Fixed, Normal
from nnlab.nn.conv import Size, _ConvNd, strided
from nnlab.nn.windows import Sizes, per_dimension, span

__all__ = ["ConvTranspose1d", "ConvTranspose2d"]


class _ConvTransposeNd(_ConvNd):
    """What a convolution with the same arguments does to gradients, as a layer; see ConvTranspose1d."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: Literal["zeros"] = "zeros",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, rng, dtype)
        self.output_padding = per_dimension(self, output_padding, self.dims)
        most = tuple(map(max, self.stride, self.dilation))
        if not all(0 <= extra < most[i] for i, extra in enumerate(self.output_padding)):
            raise InputError(
                f"{type(self).__name__}: output_padding {self.output_padding} must not be negative and be less than "
                f"the larger of stride and dilation {most}; pad the output instead"
            )
        if padding_mode != "zeros":
            raise InputError(
                f"{type(self).__name__}: padding_mode is {padding_mode!r} but a transposed convolution has 'zeros' "
                f"only; leave it out"
            )
        self.padding_mode = padding_mode

    def forward(self, x: ArrayLike, output_size: Sequence[int] | None = None) -> Array:
        x = self._borrow(x)
        space = x.shape[2:]
        room, out = self._sizes(space, output_size)
        w = self._weight_matrix()
        rows = x.reshape(len(x), *w.shape[:2], prod(space)).copy()
        columns = (w.swapaxes(1, 2) @ rows).reshape(len(x), self.out_channels, *self.kernel_size, *space)
        y_padded = np.zeros((len(x), self.out_channels, *room), x.dtype)
        windows = self._windows(y_padded, space)
        for tap in np.ndindex(*self.kernel_size):
            windows[:, :, *tap] += columns[:, :, *tap]
        y = y_padded[:, :, *self._inside(out)].copy()
        if self.bias is not None:
            y += self.bias.data.reshape(self.out_channels, *(1 for _ in space))
        self.cache = rows, x.shape, room, y.shape
        return y

    def backward(self, dy: ArrayLike) -> Array:
        rows, x_shape, room, y_shape = self.cache
        dy = borrow(self, dy, y_shape, rows.dtype, "dy")
        w = self._weight_matrix()
        if self.bias is not None:
            self.bias.grad += dy.sum((0, *range(2, dy.ndim)))
        dy_padded = np.zeros((*y_shape[:2], *room), dy.dtype)
        dy_padded[:, :, *self._inside(y_shape[2:])] = dy
        dwindows = self._windows(dy_padded, x_shape[2:])
        dcolumns = dwindows.reshape(len(dy), self.groups, w.shape[2], rows.shape[3])
        self.weight.grad += (rows @ dcolumns.swapaxes(2, 3)).sum(axis=0).reshape(self.weight.grad.shape)
        dx: Array = (w @ dcolumns).reshape(x_shape)
        return dx

    def _sizes(self, space: Sizes, output_size: Sequence[int] | None) -> tuple[Sizes, Sizes]:
        """The sizes of all that the kernels reach, and of y, which lacks `padding` on both sides of it."""
        reach = tuple(
            (n - 1) * self.stride[i] + span(self.kernel_size[i], self.dilation[i]) for i, n in enumerate(space)
        )
        least = tuple(n - 2 * self.padding[i] for i, n in enumerate(reach))
        extra = self.output_padding if output_size is None else self._extra(tuple(output_size), least)
        out = tuple(map(add, least, extra))
        if min(out) < 1:
            raise InputError(
                f"{type(self).__name__}: padding {self.padding} leaves sizes of {out} from {space} entries of x; "
                f"lower padding"
            )
        return tuple(map(add, reach, extra)), out

    def _extra(self, output_size: Sizes, least: Sizes) -> Sizes:
        """The output_padding that makes y of `output_size`, with or without batch and channels, from `least`."""
        if len(output_size) not in (self.dims, 2 + self.dims):
            raise InputError(
                f"{type(self).__name__}: output_size {output_size} must have {self.dims} sizes, or {2 + self.dims} "
                f"with batch and channels; name each of them"
            )
        extra = tuple(n - least[i] for i, n in enumerate(output_size[-self.dims :]))
        if not all(0 <= n < self.stride[i] for i, n in enumerate(extra)):
            most = tuple(n + self.stride[i] - 1 for i, n in enumerate(least))
            raise InputError(
                f"{type(self).__name__}: output_size {output_size} must lie between {least} and {most}, which x and "
                f"stride allow; choose such a size"
            )
        return extra

    def _windows(self, y_padded: Array, space: Sizes) -> Array:
        """The view (N, C, *kernel_size, *space) of y_padded, a window for each entry of x."""
        view = strided(y_padded, self.kernel_size, self.stride, self.dilation)
        return view[:, :, *(slice(None) for _ in space), *map(slice, space)]

    def _inside(self, out: Sizes) -> tuple[slice, ...]:
        """Where y lies in y_padded."""
        return tuple(slice(p, p + out[i]) for i, p in enumerate(self.padding))


class ConvTranspose1d(_ConvTransposeNd):
    """y[n, o, t] = bias[o] + Σ_c Σ_s Σ_i weight[c, o, i] x[n, c, s], over s·stride + i·dilation - padding = t.

    x has shape (N, in_channels, L) and y (N, out_channels, L_out), with L_out = (L - 1) stride - 2 padding + dilation
    (kernel_size - 1) + output_padding + 1, or forward's `output_size`, which differs from L_out without output_padding
    by less than stride. Of `groups` equal groups of channels, c runs over the group of o only, and weight has shape
    (in_channels, out_channels / groups, kernel_size).
    """

    rows_from = 3
    dims = 1
    cases = (
        Case(2, 3, 3, x=Normal((3, 2, 5))),
        Case(4, 6, 4, 3, 2, 1, 2, True, 2, x=Normal((2, 4, 5))),
        Case(3, 6, (2,), (2,), groups=3, bias=False, dilation=3, output_padding=2, x=Normal((2, 3, 4))),
        Case(2, 3, 3, padding=1, x=Normal((1, 2, 4)), train=False),
        Case(2, 4, 2, 4, 1, 1, x=[Normal((3, 2, 5)), Fixed((19,))]),
    )


class ConvTranspose2d(_ConvTransposeNd):
    """y[n, o, h, w] = bias[o] + Σ_c Σ_{s,t} Σ_{i,j} weight[c, o, i, j] x[n, c, s, t].

    The sums run over s·stride₀ + i·dilation₀ - padding₀ = h and t·stride₁ + j·dilation₁ - padding₁ = w. x has shape
    (N, in_channels, H, W) and y (N, out_channels, H_out, W_out), with the sizes of ConvTranspose1d in each direction,
    and its groups.
    """

    rows_from = 4
    dims = 2
    cases = (
        Case(2, 3, (3, 2), x=Normal((2, 2, 4, 5))),
        Case(4, 6, (2, 3), (2, 3), (1, 2), (1, 0), 2, True, (1, 2), x=Normal((3, 4, 3, 4))),
        Case(3, 6, 2, stride=2, groups=3, bias=False, dilation=3, output_padding=(0, 2), x=Normal((2, 3, 4, 2))),
        Case(2, 3, 3, padding=1, x=Normal((1, 2, 3, 4)), train=False),
        Case(2, 1, 2, (3, 2), (0, 1), x=[Normal((3, 2, 4, 2)), Fixed((3, 1, 13, 3))]),
        Case(2, 3, 1, 2, x=Normal((2, 2, 3, 4))),
    )
