"""Folding, shuffling and padding: each entry goes where the docstring says."""

from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.nn.rearrange import _Pad2d


def test_fold_counts_how_many_windows_cover_an_entry() -> None:
    unfold, fold = nn.Unfold((1, 2)), nn.Fold((2, 3), (1, 2))
    assert fold(unfold(np.ones((1, 2, 3)))).tolist() == [[[1, 2, 1], [1, 2, 1]]]


def test_the_gradient_of_unfold_is_fold_and_the_other_way_round() -> None:
    arguments: Any = ((2, 3), (2, 1), (1, 2), (1, 2))
    unfold, fold = nn.Unfold(*arguments), nn.Fold((5, 6), *arguments)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, 3, 5, 6))
    columns = unfold(x)
    dy = rng.standard_normal(columns.shape)
    np.testing.assert_array_equal(unfold.backward(dy), fold(dy))
    np.testing.assert_array_equal(fold.backward(x), columns)


def test_unfold_makes_a_column_of_each_window() -> None:
    x = np.arange(12.0).reshape(1, 3, 4)
    assert nn.Unfold((3, 1))(x).T.tolist() == x[0].T.tolist()
    assert nn.Unfold(1)(x).tolist() == [x.ravel().tolist()]


def test_folding_defaults_are_torchs() -> None:
    for layer in (nn.Unfold((2, 3)), nn.Fold(9, (2, 3))):
        assert (layer.kernel_size, layer.dilation, layer.padding, layer.stride) == ((2, 3), (1, 1), (0, 0), (1, 1))
    assert nn.Fold(9, 2).output_size == (9, 9)


def test_an_empty_batch_passes_through() -> None:
    layers: list[tuple[Any, tuple[int, ...], tuple[int, ...]]] = [
        (nn.Unfold(2), (0, 3, 3, 4), (0, 12, 6)),
        (nn.Fold((3, 4), 2), (0, 12, 6), (0, 3, 3, 4)),
        (nn.PixelShuffle(2), (0, 8, 3, 4), (0, 2, 6, 8)),
        (nn.ZeroPad2d(1), (0, 8, 3, 4), (0, 8, 5, 6)),
        (nn.ReflectionPad2d(1), (0, 8, 3, 4), (0, 8, 5, 6)),
    ]
    for layer, x, y in layers:
        assert layer(np.zeros(x)).shape == y
        assert layer.backward(np.zeros(y)).shape == x


def test_pixel_shuffle_lays_channels_side_by_side() -> None:
    x = np.arange(4.0).reshape(4, 1, 1)
    assert nn.PixelShuffle(2)(x).tolist() == [[[0, 1], [2, 3]]]
    np.testing.assert_array_equal(nn.PixelShuffle(1)(x), x)


def test_padding_is_given_as_left_right_top_bottom() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert nn.ZeroPad2d((1, 0, 0, 1))(x).tolist() == [[0, 1, 2], [0, 3, 4], [0, 0, 0]]
    assert nn.ReplicationPad2d((2, 0, 0, 1))(x).tolist() == [[1, 1, 1, 2], [3, 3, 3, 4], [3, 3, 3, 4]]
    assert nn.ReflectionPad2d((1, 0, 0, 1))(x).tolist() == [[2, 1, 2], [4, 3, 4], [2, 1, 2]]
    assert nn.ZeroPad2d(1).padding == (1, 1, 1, 1)


def test_zeros_stand_for_no_entry() -> None:
    assert nn.ZeroPad2d(1)._source(np.arange(-2, 4), 2).tolist() == [-1, -1, 0, 1, -1, -1]


def test_padding_below_zero_cuts_off() -> None:
    x = np.arange(12.0).reshape(3, 4)
    for kind in (nn.ZeroPad2d, nn.ReplicationPad2d, nn.ReflectionPad2d):
        layer = kind((-1, -2, 0, -2))
        assert layer(x).tolist() == [[1]]
        assert layer.backward(np.ones((1, 1))).sum() == 1


def test_what_stands_for_several_entries_gets_all_their_gradients() -> None:
    for layer, wanted in (
        (nn.ZeroPad2d((2, 1, 0, 0)), [1, 1, 1]),
        (nn.ReplicationPad2d((2, 1, 0, 0)), [3, 1, 2]),
        (nn.ReflectionPad2d((2, 1, 0, 0)), [1, 3, 2]),
    ):
        y = layer(np.arange(3.0)[None])
        assert layer.backward(np.ones_like(y)).tolist() == [wanted]


def test_reflection_may_mirror_all_but_the_border() -> None:
    assert nn.ReflectionPad2d((2, 2, 0, 0))(np.arange(3.0)[None]).tolist() == [[2, 1, 0, 1, 2, 1, 0]]


def test_a_padding_needs_a_source() -> None:
    class Unfinished(_Pad2d):
        pass

    with pytest.raises(NotImplementedError, match=r"^Unfinished defines no _source$"):
        Unfinished(1)(np.ones((2, 2)))
