"""erf is that of the C library, which is slow, to the last digits."""

import math

import numpy as np
import pytest

from nnlab.nn.erf import _SERIES, _series, erf

X = np.concatenate([np.linspace(-7, 7, 1401), 0.001 * np.arange(20), 10.0 ** np.arange(-300, 3, 30), [np.inf, -np.inf]])


@pytest.mark.parametrize(("dtype", "digits"), [(np.float64, 3e-16), (np.float32, 1.2e-7)])
def test_erf_is_that_of_the_c_library(dtype: type[np.floating], digits: float) -> None:
    x = X.astype(dtype)
    expected = np.array([math.erf(value) for value in x])
    assert erf(x).dtype == dtype
    assert (np.abs(erf(x) - expected) <= digits * np.abs(expected)).all()


def test_erf_of_what_is_no_number_is_none() -> None:
    assert np.isnan(erf(np.array([np.nan, 0.5]))).tolist() == [True, False]


def test_erf_takes_any_shape_and_leaves_its_argument() -> None:
    x = np.array([[[0.5], [-1.5]]])
    assert erf(x).shape == (1, 2, 1)
    assert x.tolist() == [[[0.5], [-1.5]]]


def test_the_series_are_those_that_give_erf_half_way_to_the_next_node() -> None:
    series = _series()
    assert (series == _SERIES).all()
    nodes = np.arange(series.shape[1]) / 256 - 6
    for offset in (-1 / 512, 0.0, 1 / 512):
        expected = [math.erf(node + offset) for node in nodes]
        np.testing.assert_allclose(np.polyval(series[::-1], offset), expected, rtol=0, atol=3e-16)
    assert nodes[-1] == 6


def test_nobody_can_write_to_the_series() -> None:
    assert not _SERIES.flags.writeable
