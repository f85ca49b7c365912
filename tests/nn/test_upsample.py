"""Upsample: which entries of the input each entry of the output is made of."""

import numpy as np
import pytest

from nnlab.nn import Upsample

X = np.array([[[10.0, 20.0, 40.0]]])


def test_nearest_repeats_or_skips() -> None:
    assert Upsample(6)(X).tolist() == [[[10, 10, 20, 20, 40, 40]]]
    assert Upsample(2)(X).tolist() == [[[10, 20]]]
    assert Upsample(scale_factor=1.4)(X).tolist() == [[[10, 10, 20, 40]]]
    assert Upsample(scale_factor=0.4)(np.arange(5.0)[None, None]).tolist() == [[[0, 2]]]


@pytest.mark.parametrize("size", range(1, 60))
def test_nearest_by_size_divides_exactly(size: int) -> None:
    x = np.arange(size, dtype=float)[None, None]
    for times in (1, 3, 7):
        np.testing.assert_array_equal(Upsample(size * times)(x)[0, 0], np.repeat(np.arange(size), times))


def test_nearest_divides_by_the_scale_before_it_rounds_down() -> None:
    assert Upsample(scale_factor=0.1)(np.arange(20.0)[None, None]).tolist() == [[[0, 10]]]


def test_a_scale_that_leaves_the_size_counts_as_one_and_nearest_twice_the_size_as_two() -> None:
    assert Upsample(scale_factor=1.3)(X).tolist() == X.tolist()
    assert Upsample(scale_factor=1.3, mode="linear")(X).tolist() == X.tolist()
    assert Upsample(scale_factor=2.3)(X).tolist() == [[[10, 10, 20, 20, 40, 40]]]
    assert Upsample(scale_factor=2.3, mode="linear")(X)[0, 0, 1] != Upsample(6, mode="linear")(X)[0, 0, 1]


def test_interpolation_is_between_centres_or_between_corners() -> None:
    np.testing.assert_allclose(Upsample(6, mode="linear")(X), [[[10, 12.5, 17.5, 25, 35, 40]]])
    np.testing.assert_allclose(Upsample(5, None, "linear", True)(X), [[[10, 15, 20, 30, 40]]])
    np.testing.assert_allclose(Upsample(2, None, "linear", True)(X), [[[10, 40]]])
    np.testing.assert_allclose(Upsample(1, None, "linear", True)(X), [[[10]]])
    np.testing.assert_allclose(Upsample(1, mode="linear")(X), [[[20]]])


def test_nearest_passes_infinity_on() -> None:
    assert Upsample(4)(np.array([[[1.0, np.inf]]])).tolist() == [[[1, 1, np.inf, np.inf]]]


def test_the_gradient_of_an_entry_is_the_sum_of_its_shares() -> None:
    layer = Upsample(5, mode="linear", align_corners=True)
    layer(X)
    assert layer.backward(np.ones((1, 1, 5))).tolist() == [[[1.5, 2.0, 1.5]]]


def test_an_empty_batch_passes_through() -> None:
    layer = Upsample((5, 2))
    assert layer(np.zeros((0, 2, 3, 4))).shape == (0, 2, 5, 2)
    assert layer.backward(np.zeros((0, 2, 5, 2))).shape == (0, 2, 3, 4)


def test_nearest_is_the_default() -> None:
    layer = Upsample(3)
    assert (layer.mode, layer.align_corners, layer.scale_factor) == ("nearest", None, None)
