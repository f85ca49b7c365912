"""Transposed convolutions: one entry of the input and one tap of the kernel after the other."""

import numpy as np

from nnlab.detectors.references.given import Array, Given, numbers

Size = int | tuple[int, ...]


def conv_transpose(
    given: Given,
    dims: int,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int,
    bias: bool,
    dilation: Size,
) -> Array:
    """y[n, o, s·stride + i·dilation - padding] += Σ_c weight[c, o, i] x[n, c, s], for all s and i that fall inside."""
    x, weight = given.x, given["weight"]
    kernel, step, pad, extra, gap = (numbers(n, dims) for n in (kernel_size, stride, padding, output_padding, dilation))
    (output_size,) = given.optional(1, None)
    out = [(x.shape[2 + d] - 1) * step[d] - 2 * pad[d] + gap[d] * (kernel[d] - 1) + extra[d] + 1 for d in range(dims)]
    if output_size is not None:
        out = list(output_size)[-dims:]
    y = np.zeros((len(x), out_channels, *out))
    ins, outs = in_channels // groups, out_channels // groups
    for *s, c in np.ndindex(*x.shape[2:], in_channels):
        first = c // ins * outs
        for i in np.ndindex(*kernel):
            t = [s[d] * step[d] + i[d] * gap[d] - pad[d] for d in range(dims)]
            if all(0 <= t[d] < out[d] for d in range(dims)):
                y[:, first : first + outs, *t] += np.einsum("n,o->no", x[:, c, *s], weight[c, :, *i])
    return y + given["bias"].reshape(out_channels, *(1 for _ in out)) if bias else y


def conv_transpose1d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    bias: bool = True,
    dilation: Size = 1,
    padding_mode: str = "zeros",
) -> Array:
    window = kernel_size, stride, padding, output_padding
    return conv_transpose(given, 1, in_channels, out_channels, *window, groups, bias, dilation)


def conv_transpose2d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    bias: bool = True,
    dilation: Size = 1,
    padding_mode: str = "zeros",
) -> Array:
    window = kernel_size, stride, padding, output_padding
    return conv_transpose(given, 2, in_channels, out_channels, *window, groups, bias, dilation)


REFERENCES = {"ConvTranspose1d": conv_transpose1d, "ConvTranspose2d": conv_transpose2d}
