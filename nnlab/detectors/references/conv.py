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
    padding: Size,
    dilation: Size,
    groups: int,
    bias: bool,
) -> Array:
    """y[n, o, t] = bias[o] + Σ_c Σ_i weight[o, c, i] x[n, first + c, t·stride + i·dilation - padding], x 0 outside."""
    x, weight = given.x, given["weight"]
    kernel, step, pad, gap = (numbers(n, dims) for n in (kernel_size, stride, padding, dilation))
    out = [(x.shape[2 + d] + 2 * pad[d] - gap[d] * (kernel[d] - 1) - 1) // step[d] + 1 for d in range(dims)]
    mine = in_channels // groups
    y = np.zeros((len(x), out_channels, *out))
    for o, *t in np.ndindex(out_channels, *out):
        first = o // (out_channels // groups) * mine
        for i in np.ndindex(*kernel):
            at = tuple(t[d] * step[d] + i[d] * gap[d] - pad[d] for d in range(dims))
            if all(0 <= at[d] < x.shape[2 + d] for d in range(dims)):
                y[:, o, *t] += np.einsum("nc,c->n", x[:, first : first + mine, *at], weight[o, :, *i])
        if bias:
            y[:, o, *t] += given["bias"][o]
    return y


def conv1d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> Array:
    return conv(given, 1, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)


def conv2d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> Array:
    return conv(given, 2, in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)


REFERENCES = {"Conv1d": conv1d, "Conv2d": conv2d}
