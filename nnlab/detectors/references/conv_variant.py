"""Convolutions of the past only, or of space and channels one after the other."""

import numpy as np

from nnlab.detectors.references.conv import Size, conv1d, conv2d
from nnlab.detectors.references.given import Array, Given, numbers


def causal_conv1d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> Array:
    """A convolution of x after as many zeros as the kernel looks back."""
    x, (kernel,), (gap,) = given.x, numbers(kernel_size, 1), numbers(dilation, 1)
    past = np.zeros((*x.shape[:2], (kernel - 1) * gap))
    whole = given.part("", np.concatenate([past, x], axis=2))
    return conv1d(whole, in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)


def depthwise_separable_conv2d(
    given: Given,
    in_channels: int,
    out_channels: int,
    kernel_size: Size,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    bias: bool = True,
    padding_mode: str = "zeros",
) -> Array:
    """Each channel is convolved by itself, then each pixel's channels are mixed."""
    window = kernel_size, stride, padding, dilation
    z = conv2d(given.part("depthwise.", given.x), in_channels, in_channels, *window, in_channels, bias, padding_mode)
    y: Array = np.einsum("nchw,oc->nohw", z, given["pointwise.weight"][:, :, 0, 0])
    return y + given["pointwise.bias"][:, None, None] if bias else y


REFERENCES = {"CausalConv1d": causal_conv1d, "DepthwiseSeparableConv2d": depthwise_separable_conv2d}
