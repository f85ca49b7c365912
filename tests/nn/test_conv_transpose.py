"""Transposed convolutions: the transpose of a convolution, and their arguments."""

from typing import Any

import numpy as np
import pytest

from nnlab.nn import Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d


def rng() -> np.random.Generator:
    return np.random.default_rng(21)


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [(1, 0, 1, 1), (3, 2, 1, 2), (2, 1, 3, 2)])
def test_forward_and_backward_are_backward_and_forward_of_the_convolution(
    stride: int, padding: int, dilation: int, groups: int
) -> None:
    kinds: Any = ((Conv1d, ConvTranspose1d, (9,)), (Conv2d, ConvTranspose2d, (9, 8)))
    for kind, transposed, sizes in kinds:
        conv = kind(4, 6, 3, stride, padding, dilation, groups, bias=False, rng=rng())
        x = rng().standard_normal((2, 4, *sizes))
        y = conv(x)
        layer = transposed(6, 4, 3, stride, padding, 0, groups, False, dilation, rng=rng())
        layer.weight.data[...] = conv.weight.data
        np.testing.assert_allclose(layer(y, sizes), conv.backward(y), atol=1e-12)
        np.testing.assert_allclose(layer.backward(x), conv(x), atol=1e-12)


def test_one_entry_adds_one_kernel() -> None:
    layer = ConvTranspose1d(1, 1, 3, 2, output_padding=1, rng=rng())
    assert layer.bias is not None
    layer.weight.data[...] = [[[1, 2, 3]]]
    layer.bias.data[...] = 10
    assert layer(np.array([[[1.0, 10.0]]])).tolist() == [[[11, 12, 23, 30, 40, 10]]]


def test_output_size_takes_the_place_of_output_padding_with_or_without_batch_and_channels() -> None:
    x = rng().standard_normal((2, 1, 3, 2))
    for extra in (0, 1, 2):
        wanted = ConvTranspose2d(1, 2, 2, 3, 1, extra, rng=rng())(x)
        layer = ConvTranspose2d(1, 2, 2, 3, 1, 1, rng=rng())
        for size in ((6 + extra, 3 + extra), [2, 2, 6 + extra, 3 + extra]):
            np.testing.assert_array_equal(layer(x, size), wanted)
            np.testing.assert_array_equal(layer(x, output_size=size), wanted)


def test_padding_may_leave_one_entry() -> None:
    assert ConvTranspose1d(1, 1, 3, padding=1, rng=rng())(np.ones((1, 1, 1))).shape == (1, 1, 1)


def test_an_empty_batch_passes_through() -> None:
    layer = ConvTranspose2d(2, 3, 2, rng=rng())
    y = layer(np.zeros((0, 2, 3, 4)))
    assert y.shape == (0, 3, 4, 5)
    assert layer.backward(y).shape == (0, 2, 3, 4)
    assert not layer.weight.grad.any()


def test_defaults_are_torchs() -> None:
    for layer in (ConvTranspose1d(2, 4, 3, rng=rng()), ConvTranspose2d(2, 4, 3, rng=rng())):
        assert (layer.in_channels, layer.out_channels, layer.groups) == (2, 4, 1)
        assert set(layer.stride) == set(layer.dilation) == {1}
        assert set(layer.padding) == set(layer.output_padding) == {0}
        assert layer.padding_mode == "zeros"
        assert layer.bias is not None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_initial_values_are_uniform_up_to_one_over_the_root_of_the_fan_in(dtype: Any) -> None:
    layer = ConvTranspose2d(40, 32, (3, 2), groups=2, rng=rng(), dtype=dtype)
    assert layer.bias is not None
    for parameter in (layer.weight, layer.bias):
        assert parameter.data.dtype == dtype
        assert 0.09 < np.abs(parameter.data).max() <= 1 / np.sqrt(16 * 6)
