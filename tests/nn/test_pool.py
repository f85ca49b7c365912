"""Pooling: ties, borders, windows that reach beyond the input, and the arguments."""

from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.nn.pool import _adaptive_taps, _Pool

NEG = -np.inf


def gradient(layer: Any, x: Any) -> Any:
    """The gradient of the sum of all outputs."""
    y = layer(np.array(x, float))
    y = y[0] if isinstance(y, tuple) else y
    return layer.backward(np.ones_like(y)).tolist()


def test_of_equal_entries_the_first_is_the_maximum_and_gets_the_gradient() -> None:
    assert gradient(nn.MaxPool1d(3), [[1, 2, 2, 5, 5, 5]]) == [[0, 1, 0, 1, 0, 0]]
    assert gradient(nn.MaxPool2d(2), [[1, 7], [7, 7]]) == [[0, 1], [0, 0]]
    assert gradient(nn.AdaptiveMaxPool2d(1), [[1, 3], [3, 3]]) == [[0, 1], [0, 0]]


def test_an_entry_that_is_the_maximum_of_overlapping_windows_gets_all_their_gradients() -> None:
    assert gradient(nn.MaxPool1d(3, 1), [0, 1, 9, 1, 0]) == [0, 0, 3, 0, 0]
    layer = nn.MaxPool1d(2, 1)
    layer(np.array([0.0, 5.0, 1.0]))
    assert layer.backward(np.array([2.0, 10.0])).tolist() == [0, 12, 0]


def test_padding_is_never_the_maximum() -> None:
    layer = nn.MaxPool1d(3, 2, 1, return_indices=True)
    y, indices = layer(np.array([-5.0, -7.0, -6.0]))
    assert y.tolist() == [-5, -6]
    assert indices.tolist() == [0, 2]
    y, indices = layer(np.array([NEG, NEG, NEG]))
    assert y.tolist() == [NEG, NEG]
    assert indices.tolist() == [0, 1]
    _, indices = nn.MaxPool2d(3, 1, 1, return_indices=True)(np.full((2, 2), NEG))
    assert indices.tolist() == [[0, 0], [0, 0]]


def test_a_window_with_taps_on_padding_only_has_no_maximum() -> None:
    layer = nn.MaxPool1d(2, 1, 1, 2)
    assert layer(np.ones(1)).tolist() == [NEG]
    assert layer.backward(np.ones(1)).tolist() == [0]


def test_indices_count_the_plane_row_by_row_and_are_the_callers() -> None:
    layer = nn.MaxPool2d((1, 2), return_indices=True)
    y, indices = layer(np.array([[[1.0, 2.0], [4.0, 3.0]]] * 2))
    assert indices.tolist() == [[[1], [2]]] * 2
    assert indices.dtype == np.int64
    indices[...] = 0
    assert layer.backward(np.ones_like(y), indices).tolist() == [[[0, 1], [1, 0]]] * 2


def test_max_pooling_passes_nan_on() -> None:
    assert np.isnan(nn.MaxPool1d(3)(np.array([1.0, np.nan, 2.0]))).all()


def test_pooling_handles_huge_numbers() -> None:
    x = np.array([[1e300, -1e300], [-1e300, 1e300]])
    assert nn.MaxPool2d(2)(x).tolist() == [[1e300]]
    assert nn.AvgPool2d(2)(x).tolist() == [[0.0]]
    assert nn.LPPool2d(2, 2)(np.full((2, 2), 1e3)).tolist() == [[2e3]]


def test_ceil_mode_adds_a_window_unless_it_would_start_in_the_padding() -> None:
    assert nn.MaxPool1d(2, 2, ceil_mode=True)(np.arange(5.0)).tolist() == [1, 3, 4]
    assert nn.MaxPool1d(2, 2)(np.arange(5.0)).tolist() == [1, 3]
    assert nn.MaxPool1d(2, 3, 1, ceil_mode=True)(np.arange(4.0)).tolist() == [0, 3]
    assert nn.MaxPool1d(2, 3, 1, ceil_mode=True)(np.arange(2.0)).tolist() == [0]
    assert nn.MaxPool1d(1, 3, ceil_mode=True)(np.arange(3.0)).tolist() == [0]
    assert nn.MaxPool1d(4, 2, ceil_mode=True)(np.arange(3.0)).tolist() == [2]


def test_average_counts_padding_but_not_what_ceil_mode_adds_to_it() -> None:
    x = np.full(4, 6.0)
    assert nn.AvgPool1d(3, 3, 1)(x).tolist() == [4, 4]
    assert nn.AvgPool1d(3, 3, 1, count_include_pad=False)(x).tolist() == [6, 6]
    assert nn.AvgPool1d(3, 2, 1, ceil_mode=True)(x).tolist() == [4, 6, 3]
    assert nn.AvgPool1d(3, 2, 1, True, False)(x).tolist() == [6, 6, 6]
    assert nn.AvgPool2d((1, 2), divisor_override=-4)(x[None]).tolist() == [[-3, -3]]


def test_adaptive_windows_cover_the_input_and_overlap_where_sizes_do_not_divide() -> None:
    assert nn.AdaptiveAvgPool1d(3)(np.arange(7.0)).tolist() == [1, 3, 5]
    assert nn.AdaptiveAvgPool1d(4)(np.array([1.0, 3.0])).tolist() == [1, 1, 3, 3]
    assert gradient(nn.AdaptiveAvgPool1d(2), [1, 2, 3]) == [0.5, 1.0, 0.5]


def test_adaptive_windows_are_as_wide_as_the_widest_and_name_minus_1_beyond_their_end() -> None:
    assert _adaptive_taps(7, 3).tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    assert _adaptive_taps(3, 4).tolist() == [[0, -1], [0, 1], [1, 2], [2, -1]]


def test_none_keeps_the_size_of_adaptive_pooling() -> None:
    x = np.arange(12.0).reshape(3, 4)
    for layer in (nn.AdaptiveAvgPool2d(None), nn.AdaptiveAvgPool2d((None, 4)), nn.AdaptiveMaxPool2d((3, None))):
        np.testing.assert_array_equal(layer(x), x)


def test_power_average_is_the_norm_and_has_no_gradient_where_the_sum_is_zero() -> None:
    assert nn.LPPool2d(2, (1, 2))(np.array([[3.0, 4.0]])).tolist() == [[5]]
    assert nn.LPPool2d(1, 2)(np.array([[1.0, 2.0], [3.0, -5.0]])).tolist() == [[1]]
    np.testing.assert_allclose(gradient(nn.LPPool2d(2, (1, 2)), [[0, 0, 3, 4]]), [[0, 0, 0.6, 0.8]])
    assert gradient(nn.LPPool2d(1, (1, 2)), [[0, 0]]) == [[0, 0]]


@pytest.mark.parametrize("kind", [nn.MaxPool1d, nn.AvgPool1d])
def test_stride_is_the_kernel_size_unless_given(kind: Any) -> None:
    assert kind(3).stride == (3,)
    assert kind(3, 2).stride == (2,)
    assert (kind(3).padding, kind(3).dilation, kind(3).ceil_mode) == ((0,), (1,), False)


def test_defaults_of_pictures_are_torchs() -> None:
    assert nn.MaxPool2d(2).return_indices is nn.MaxPool1d(2).return_indices is False
    assert nn.AdaptiveMaxPool2d(2).return_indices is False
    assert nn.AvgPool2d(2).count_include_pad is nn.AvgPool1d(2).count_include_pad is True
    for layer in (nn.MaxPool2d((3, 2)), nn.AvgPool2d((3, 2)), nn.LPPool2d(2, (3, 2))):
        assert (layer.kernel_size, layer.stride, layer.padding, layer.dilation) == ((3, 2), (3, 2), (0, 0), (1, 1))
        assert layer.ceil_mode is False


@pytest.mark.parametrize(
    "layer",
    [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2), nn.LPPool2d(2, 2)],
    ids=lambda a: type(a).__name__,
)
def test_an_empty_batch_passes_through(layer: Any) -> None:
    y = layer(np.zeros((0, 3, 4, 4)))
    assert y.shape == (0, 3, 2, 2)
    assert layer.backward(y).shape == (0, 3, 4, 4)


def test_every_base_of_the_poolings_needs_windows() -> None:
    class Unfinished(_Pool):
        pass

    with pytest.raises(NotImplementedError, match=r"^Unfinished defines no _index$"):
        Unfinished()._index((3,))
