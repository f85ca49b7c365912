"""Convolutions, one entry of the output after the other."""

import numpy as np

from nnlab.detectors.references.given import Array, Given, numbers

Size = int | tuple[int, ...]


def conv(
    given: Given,
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size,
    padding: Size | str,
    dilation: Size,
    groups: int,
    bias: bool,
    padding_mode: str,
) -> Array:
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, first + c, t·stride + i·dilation - before]."""
    x, weight = given.x, given["weight"]
    kernel, step, gap = (numbers(n, dims) for n in (kernel_size, stride, dilation))
    before, after = margins(padding, kernel, gap)
    out = [(x.shape[2 + d] + before[d] + after[d] - gap[d] * (kernel[d] - 1) - 1) // step[d] + 1 for d in range(dims)]
    mine = in_channels // groups
    y = np.zeros((len(x), out_channels, *out))
    for o, *t in np.ndindex(out_channels, *out):
        first = o // (out_channels // groups) * mine
        for i in np.ndindex(*kernel):
            at = [source(t[d] * step[d] + i[d] * gap[d] - before[d], x.shape[2 + d], padding_mode) for d in range(dims)]
            if None not in at:
                y[:, o, *t] += np.einsum("nc,c->n", x[:, first : first + mine, *at], weight[o, :, *i])
        if bias:
            y[:, o, *t] += given["bias"][o]
    return y


def margins(padding: Size | str, kernel: tuple[int, ...], gap: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """How much lies before and after x; "same" makes up for the kernel, with the odd one after."""
    if padding == "same":
        both = [gap[d] * (kernel[d] - 1) for d in range(len(kernel))]
        return [n // 2 for n in both], [n - n // 2 for n in both]
    each = list(numbers(0 if isinstance(padding, str) else padding, len(kernel)))
    return each, each


def source(at: int, size: int, padding_mode: str) -> int | None:
    """Which entry of x stands at a place that may lie outside of it; None is zero."""
    if 0 <= at < size:
        return at
    if padding_mode == "zeros":
        return None
    if padding_mode == "replicate":
        return 0 if at < 0 else size - 1
    if padding_mode == "circular":
        return at % size
    return -at if at < 0 else 2 * (size - 1) - at  # "reflect"


def conv1d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> Array:
    window = kernel_size, stride, padding, dilation
    return conv(given, 1, in_channels, out_channels, *window, groups, bias, padding_mode)


def conv2d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> Array:
    window = kernel_size, stride, padding, dilation
    return conv(given, 2, in_channels, out_channels, *window, groups, bias, padding_mode)


def conv3d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> Array:
    window = kernel_size, stride, padding, dilation
    return conv(given, 3, in_channels, out_channels, *window, groups, bias, padding_mode)


REFERENCES = {"Conv1d": conv1d, "Conv2d": conv2d, "Conv3d": conv3d}
