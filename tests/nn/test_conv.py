"""Convolutions against the sum in their docstrings, written as loops; and their arguments."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from nnlab.nn import Conv1d, Conv2d


def rng() -> np.random.Generator:
    return np.random.default_rng(21)


def by_the_formula(layer: Conv1d | Conv2d, x: Any) -> Any:
    """y[n, o, t] = bias[o] + Σ weight[o, c, i] x[n, c, t·stride + i·dilation - padding], entry by entry."""
    w = layer.weight.data
    space = [(s, p, d) for s, p, d in zip(layer.stride, layer.padding, layer.dilation, strict=True)]
    kernel = w.shape[2:]
    sizes = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, (s, p, d) in zip(x.shape[2:], kernel, space, strict=True)]
    y = np.zeros((len(x), len(w), *sizes))
    for n, o, *t in np.ndindex(y.shape):
        first = o // (len(w) // layer.groups) * w.shape[1]
        for c, *i in np.ndindex(w.shape[1:]):
            at = [a * s + b * d - p for a, b, (s, p, d) in zip(t, i, space, strict=True)]
            if all(0 <= a < size for a, size in zip(at, x.shape[2:], strict=True)):
                y[n, o, *t] += w[o, c, *i] * x[n, first + c, *at]
        if layer.bias is not None:
            y[n, o, *t] += layer.bias.data[o]
    return y


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [*product((1, 3), (0, 2), (1, 2), (1, 2))])
def test_conv1d_is_the_sum_of_its_docstring(stride: int, padding: int, dilation: int, groups: int) -> None:
    layer = Conv1d(4, 6, 3, stride, padding, dilation, groups, rng=rng())
    x = rng().standard_normal((2, 4, 8))
    np.testing.assert_allclose(layer(x), by_the_formula(layer, x), atol=1e-12)


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), [*product(((1, 2), (3, 1)), ((0, 1), (2, 0)), ((2, 1), (1, 3)))]
)
def test_conv2d_is_the_sum_of_its_docstring(
    stride: tuple[int, int], padding: tuple[int, int], dilation: tuple[int, int]
) -> None:
    layer = Conv2d(2, 4, (2, 3), stride, padding, dilation, groups=2, bias=False, rng=rng())
    x = rng().standard_normal((1, 2, 5, 8))
    np.testing.assert_allclose(layer(x), by_the_formula(layer, x), atol=1e-12)


def test_one_number_stands_for_all_directions() -> None:
    layer = Conv2d(2, 2, 3, stride=2, padding=1, dilation=4, rng=rng())
    assert (layer.kernel_size, layer.stride, layer.padding, layer.dilation) == ((3, 3), (2, 2), (1, 1), (4, 4))
    line = Conv1d(2, 2, 3, stride=(2,), rng=rng())
    assert (line.kernel_size, line.stride, line.padding, line.dilation) == ((3,), (2,), (0,), (1,))


def test_defaults_are_torchs() -> None:
    for layer in (Conv1d(2, 4, 3, rng=rng()), Conv2d(2, 4, 3, rng=rng())):
        assert (layer.in_channels, layer.out_channels, layer.groups) == (2, 4, 1)
        assert set(layer.stride) == set(layer.dilation) == {1}
        assert set(layer.padding) == {0}
        assert layer.bias is not None


def test_a_kernel_as_large_as_the_padded_input_gives_one_value() -> None:
    assert Conv1d(1, 1, 3, padding=1, dilation=2, rng=rng())(np.ones((1, 1, 3))).shape == (1, 1, 1)


def test_an_empty_batch_passes_through() -> None:
    for layer, shape in ((Conv1d(2, 3, 2, rng=rng()), (0, 2, 5)), (Conv2d(2, 3, 2, rng=rng()), (0, 2, 5, 4))):
        y = layer(np.zeros(shape))
        assert y.shape[:2] == (0, 3)
        assert layer.backward(y).shape == shape
        assert not layer.weight.grad.any()


def test_inputs_beyond_the_last_window_get_no_gradient() -> None:
    layer = Conv1d(1, 1, 2, stride=3, rng=rng())
    layer(np.ones((1, 1, 7)))
    assert (layer.backward(np.ones((1, 1, 2)))[0, 0] != 0).tolist() == [True, True, False, True, True, False, False]
