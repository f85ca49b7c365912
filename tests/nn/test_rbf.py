"""Radial basis functions: at their centers, far away, their start, and refusals."""

from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import RBF
from nnlab.nn.init import normal

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_unit_answers_one_at_its_center_and_nothing_far_away(dtype: Any) -> None:
    layer = RBF(2, 2, rng=RNG, dtype=dtype)
    layer.centers.data[...] = [[1e3, -1e3], [3, 4]]
    x = np.array([[1e3, -1e3], [3, 4]], dtype)
    assert layer(x).tolist() == [[1, 0], [0, 1]]
    assert not layer.backward(np.ones((2, 2), dtype)).any()


def test_units_fall_off_by_their_own_width() -> None:
    layer = RBF(1, 2, rng=RNG)
    layer.load_state_dict({"centers": [[0], [0]], "log_betas": np.log([2, 3])})
    np.testing.assert_allclose(layer(np.array([2.0])), np.exp([-8, -12]), rtol=1e-14)


def test_a_layer_starts_with_normal_centers_and_betas_of_one_over_the_features() -> None:
    layer = RBF(5, 3, rng=np.random.default_rng(62))
    np.testing.assert_array_equal(layer.centers.data, normal(np.random.default_rng(62), (3, 5), np.float64))
    np.testing.assert_allclose(np.exp(layer.log_betas.data), [0.2, 0.2, 0.2], rtol=1e-15)


def test_arrays_that_misfit_are_refused_by_name() -> None:
    layer = RBF(2, 3, rng=RNG)
    with pytest.raises(InputError, match=r"^RBF: x has shape \(4, 3\) but must have \(\.\.\., 2\);"):
        layer(np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"^RBF: x has dtype float32 but the layer computes in float64;"):
        layer(np.zeros((4, 2), np.float32))
    layer(np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"^RBF: dy has shape \(4, 2\) but must have \(4, 3\);"):
        layer.backward(np.zeros((4, 2)))
    with pytest.raises(InputError, match=r"^RBF: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(np.zeros((4, 3), np.float32))
