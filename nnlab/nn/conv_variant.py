"""Convolutions that see less: only the past, or space and channels one after the other."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnlab.nn.arrays import Array
from nnlab.nn.case import Case, Normal
from nnlab.nn.conv import Conv1d, Conv2d, PaddingMode, Size
from nnlab.nn.module import Module

__all__ = ["CausalConv1d", "DepthwiseSeparableConv2d"]


class CausalConv1d(Conv1d):
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, c, t·stride - (kernel_size - 1 - i)·dilation].

    x is 0 before its start, so that y[t] sees nothing after x[t·stride]. x has shape (N, in_channels, L) and y
    (N, out_channels, ⌈L / stride⌉). Source: van den Oord et al., "WaveNet", 2016, section 2.1.
    """

    in_torch = False
    cases = (
        Case(2, 3, 3, x=Normal((3, 2, 5))),
        Case(4, 6, 2, 3, 2, 2, x=Normal((2, 4, 8))),
        Case(2, 3, (4,), stride=(2,), bias=False, x=Normal((1, 2, 3)), train=False),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        window = kernel_size, stride, 0, dilation
        super().__init__(in_channels, out_channels, *window, groups, bias, rng=rng, dtype=dtype)
        self.margins = (((self.kernel_size[0] - 1) * self.dilation[0], 0),)


class DepthwiseSeparableConv2d(Module):
    """y = pointwise(depthwise(x)): a Conv2d for each channel by itself, then one of kernel_size 1 over the channels.

    x has shape (N, in_channels, H, W); kernel_size, stride, padding, dilation and padding_mode are those of the first.
    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017, section 1.
    """

    rows_from = 4
    in_torch = False
    cases = (
        Case(2, 3, (3, 2), x=Normal((2, 2, 4, 5))),
        Case(3, 4, (2, 3), (2, 1), (1, 2), (1, 2), bias=False, x=Normal((3, 3, 5, 4))),
        Case(2, 5, 2, stride=2, padding=1, padding_mode="reflect", x=Normal((1, 2, 3, 6)), train=False),
    )

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | Literal["same", "valid"] = 0,
        dilation: Size = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        window = kernel_size, stride, padding, dilation
        self.depthwise = Conv2d(
            in_channels, in_channels, *window, in_channels, bias, padding_mode, rng=rng, dtype=dtype
        )
        self.pointwise = Conv2d(in_channels, out_channels, 1, bias=bias, rng=rng, dtype=dtype)

    def forward(self, x: ArrayLike) -> Array:
        return self.pointwise.forward(self.depthwise.forward(x))

    def backward(self, dy: ArrayLike) -> Array:
        return self.depthwise.backward(self.pointwise.backward(dy))
