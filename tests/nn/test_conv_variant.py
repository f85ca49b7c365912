"""Causal and separable convolutions."""

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import CausalConv1d, DepthwiseSeparableConv2d


def rng() -> np.random.Generator:
    return np.random.default_rng(21)


def test_causal_convolution_sees_nothing_that_comes_later() -> None:
    layer = CausalConv1d(1, 1, 3, dilation=2, bias=False, rng=rng())
    x = np.zeros((1, 1, 8))
    x[0, 0, 3] = 1
    assert (layer(x)[0, 0] != 0).tolist() == [False, False, False, True, False, True, False, True]
    dy = np.zeros((1, 1, 8))
    dy[0, 0, 5] = 1
    assert (layer.backward(dy)[0, 0] != 0).tolist() == [False, True, False, True, False, True, False, False]


def test_causal_convolution_defaults() -> None:
    layer = CausalConv1d(2, 4, 3, rng=rng(), dtype=np.float32)
    assert (layer.stride, layer.dilation, layer.groups, layer.padding) == ((1,), (1,), 1, (0,))
    assert layer.bias is not None
    assert layer.weight.data.dtype == np.float32


def test_separable_convolution_has_a_kernel_for_each_channel_and_a_matrix() -> None:
    layer = DepthwiseSeparableConv2d(3, 5, (2, 4), rng=rng(), dtype=np.float32)
    shapes = {name: parameter.data.shape for name, parameter in layer.named_parameters()}
    assert shapes == {
        "depthwise.weight": (3, 1, 2, 4),
        "depthwise.bias": (3,),
        "pointwise.weight": (5, 3, 1, 1),
        "pointwise.bias": (5,),
    }
    first = layer.depthwise
    assert (first.stride, first.padding, first.dilation, first.padding_mode) == ((1, 1), (0, 0), (1, 1), "zeros")
    assert {parameter.data.dtype for parameter in layer.parameters()} == {np.dtype(np.float32)}


def test_separable_convolution_refuses_what_its_convolutions_refuse() -> None:
    layer = DepthwiseSeparableConv2d(2, 3, 2, rng=rng())
    with pytest.raises(InputError, match=r"^Conv2d: x has shape \(1, 3, 4\) but must have \(\*, 2, \*, \*\); "):
        layer(np.zeros((1, 3, 4)))
    layer(np.zeros((1, 2, 4, 4)))
    with pytest.raises(InputError, match=r"^Conv2d: dy has shape \(1, 2, 3, 3\) but must have \(1, 3, 3, 3\); "):
        layer.backward(np.zeros((1, 2, 3, 3)))
