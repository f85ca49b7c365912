"""Convolutions against the sum in their docstrings, written as loops; and their arguments."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from nnlab.nn import Conv1d, Conv2d, Conv3d


def rng() -> np.random.Generator:
    return np.random.default_rng(21)


#: Which of n entries each padding_mode puts at position t, if any.
SOURCES: dict[str, Any] = {
    "zeros": lambda t, n: t if 0 <= t < n else None,
    "reflect": lambda t, n: min(abs(t), 2 * (n - 1) - t),
    "replicate": lambda t, n: min(max(t, 0), n - 1),
    "circular": lambda t, n: t % n,
}


def by_the_formula(layer: Conv1d | Conv2d | Conv3d, x: Any, before: tuple[int, ...], sizes: tuple[int, ...]) -> Any:
    """y[n, o, t] = bias[o] + Σ weight[o, c, i] x[n, c, t·stride + i·dilation - before], entry by entry."""
    w, source = layer.weight.data, SOURCES[layer.padding_mode]
    space = [*zip(layer.stride, before, layer.dilation, x.shape[2:], strict=True)]
    y = np.zeros((len(x), len(w), *sizes))
    for n, o, *t in np.ndindex(y.shape):
        first = o // (len(w) // layer.groups) * w.shape[1]
        for c, *i in np.ndindex(w.shape[1:]):
            at = [source(a * s + b * d - p, size) for a, b, (s, p, d, size) in zip(t, i, space, strict=True)]
            if None not in at:
                y[n, o, *t] += w[o, c, *i] * x[n, first + c, *at]
        if layer.bias is not None:
            y[n, o, *t] += layer.bias.data[o]
    return y


def sizes_of(layer: Conv1d | Conv2d | Conv3d, x: Any, padding: tuple[int, ...]) -> tuple[int, ...]:
    """⌊(size + 2 padding - dilation (kernel_size - 1) - 1) / stride⌋ + 1."""
    space = zip(x.shape[2:], padding, layer.dilation, layer.kernel_size, layer.stride, strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in space)


@pytest.mark.parametrize(("stride", "padding", "dilation", "groups"), [*product((1, 3), (0, 2), (1, 2), (1, 2))])
def test_conv1d_is_the_sum_of_its_docstring(stride: int, padding: int, dilation: int, groups: int) -> None:
    layer = Conv1d(4, 6, 3, stride, padding, dilation, groups, rng=rng())
    x = rng().standard_normal((2, 4, 8))
    wanted = by_the_formula(layer, x, (padding,), sizes_of(layer, x, (padding,)))
    np.testing.assert_allclose(layer(x), wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("stride", "padding", "dilation"), [*product(((1, 2), (3, 1)), ((0, 1), (2, 0)), ((2, 1), (1, 3)))]
)
def test_conv2d_is_the_sum_of_its_docstring(
    stride: tuple[int, int], padding: tuple[int, int], dilation: tuple[int, int]
) -> None:
    layer = Conv2d(2, 4, (2, 3), stride, padding, dilation, groups=2, bias=False, rng=rng())
    x = rng().standard_normal((1, 2, 5, 8))
    np.testing.assert_allclose(layer(x), by_the_formula(layer, x, padding, sizes_of(layer, x, padding)), atol=1e-12)


@pytest.mark.parametrize("mode", SOURCES)
def test_conv3d_is_the_sum_of_its_docstring(mode: Any) -> None:
    layer = Conv3d(2, 2, (2, 1, 2), (1, 2, 1), (1, 0, 2), (2, 1, 1), groups=2, padding_mode=mode, rng=rng())
    x = rng().standard_normal((1, 2, 2, 3, 3))
    wanted = by_the_formula(layer, x, (1, 0, 2), sizes_of(layer, x, (1, 0, 2)))
    np.testing.assert_allclose(layer(x), wanted, atol=1e-12)


@pytest.mark.parametrize("mode", SOURCES)
def test_same_keeps_the_size_and_has_the_larger_half_of_the_margin_after_x(mode: Any) -> None:
    layer = Conv2d(2, 3, (4, 2), padding="same", dilation=(1, 3), padding_mode=mode, rng=rng())
    x = rng().standard_normal((2, 2, 5, 4))
    assert (layer.padding, layer.margins) == ((0, 0), ((1, 2), (1, 2)))
    np.testing.assert_allclose(layer(x), by_the_formula(layer, x, (1, 1), (5, 4)), atol=1e-12)


@pytest.mark.parametrize("mode", SOURCES)
def test_margins_give_their_gradients_to_the_entries_they_were_copied_from(mode: Any) -> None:
    layer = Conv1d(1, 1, 1, padding=3, bias=False, padding_mode=mode, rng=rng())
    layer.weight.data[...] = 1
    layer(np.ones((1, 1, 4)))
    dy = 10.0 ** np.arange(10)
    wanted = np.zeros(4)
    for t, at in enumerate(SOURCES[mode](t, 4) for t in range(-3, 7)):
        if at is not None:
            wanted[at] += dy[t]
    assert layer.backward(dy[None, None])[0, 0].tolist() == wanted.tolist()


def test_margins_may_be_as_long_as_what_they_are_copied_from() -> None:
    x = np.arange(1.0, 4)[None, None]
    lines = {
        "reflect": (2, [3, 2, 1, 2, 3, 2, 1]),
        "circular": (3, [1, 2, 3, 1, 2, 3, 1, 2, 3]),
        "replicate": (4, [1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3]),
    }
    for mode, (padding, wanted) in lines.items():
        layer = Conv1d(1, 1, 1, padding=padding, bias=False, padding_mode=mode, rng=rng())  # type: ignore[arg-type]
        layer.weight.data[...] = 1
        assert layer(x)[0, 0].tolist() == wanted


def test_valid_is_no_padding_and_goes_with_any_stride() -> None:
    layer = Conv1d(2, 3, 3, 2, "valid", rng=rng())
    assert (layer.padding, layer.margins) == ((0,), ((0, 0),))
    assert layer(np.ones((1, 2, 6))).shape == (1, 3, 2)


def test_one_number_stands_for_all_directions() -> None:
    layer = Conv2d(2, 2, 3, stride=2, padding=1, dilation=4, rng=rng())
    assert (layer.kernel_size, layer.stride, layer.padding, layer.dilation) == ((3, 3), (2, 2), (1, 1), (4, 4))
    line = Conv1d(2, 2, 3, stride=(2,), rng=rng())
    assert (line.kernel_size, line.stride, line.padding, line.dilation) == ((3,), (2,), (0,), (1,))


def test_defaults_are_torchs() -> None:
    for layer in (Conv1d(2, 4, 3, rng=rng()), Conv2d(2, 4, 3, rng=rng()), Conv3d(2, 4, 3, rng=rng())):
        assert layer.padding_mode == "zeros"
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
