"""Likelihoods and divergence: targets of 0, shapes of the variance."""

import math

import numpy as np
import pytest

from nnlab.nn import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss


def test_divergence_of_a_target_with_zeros_is_finite() -> None:
    loss = KLDivLoss("none")
    assert loss(np.array([-1.0, -3.0]), np.array([0.0, 1.0])).tolist() == [0, 3]
    dinput, dtarget = loss.backward(np.ones(2))
    assert dinput.tolist() == [0, -1]
    assert dtarget.tolist() == [1, 4]


def test_divergence_of_equal_distributions_is_zero() -> None:
    p = np.array([[0.25, 0.75], [0.5, 0.5]])
    assert KLDivLoss()(np.log(p), p) == 0
    assert KLDivLoss(log_target=True)(np.log(p), np.log(p)) == 0


def test_batchmean_divides_by_rows_and_mean_by_entries() -> None:
    x, target = np.zeros((2, 3, 4)), np.full((2, 3, 4), math.e)
    assert KLDivLoss("batchmean")(x, target) == pytest.approx(12 * math.e)
    assert KLDivLoss("mean")(x, target) == pytest.approx(math.e)


def test_poisson_loss_of_a_target_of_zero_is_finite() -> None:
    loss = PoissonNLLLoss(full=True, reduction="none")
    assert loss(np.array([0.0]), np.array([0.0])).tolist() == [1]
    dinput, dtarget = loss.backward(np.ones(1))
    assert dinput.tolist() == [1]
    assert dtarget.tolist() == [0]


def test_poisson_loss_of_a_rate_of_zero_is_bounded_by_eps() -> None:
    loss = PoissonNLLLoss(log_input=False, reduction="none")
    assert loss(np.array([0.0]), np.array([2.0])).tolist() == pytest.approx([-2 * math.log(1e-8)])
    assert loss.backward(np.ones(1))[0].tolist() == pytest.approx([1 - 2e8])


def test_gaussian_loss_takes_one_variance_for_each_row_or_with_one_dimension_of_size_one() -> None:
    rng = np.random.default_rng(0)
    x, target, var = rng.standard_normal((2, 3)), rng.standard_normal((2, 3)), np.array([0.5, 2.0])
    full, rows, column = (GaussianNLLLoss(reduction="sum") for _ in range(3))
    wanted = full(x, target, np.repeat(var[:, None], 3, 1))
    assert rows(x, target, var) == pytest.approx(float(wanted))
    assert column(x, target, var[:, None]) == pytest.approx(float(wanted))
    np.testing.assert_allclose(rows.backward()[2], full.backward()[2].sum(1))
    np.testing.assert_allclose(column.backward()[2], full.backward()[2].sum(1, keepdims=True))


def test_gaussian_loss_of_a_variance_of_zero_is_bounded_by_eps() -> None:
    loss = GaussianNLLLoss()
    assert loss(np.array([1.0]), np.array([0.0]), np.array([0.0])) == pytest.approx((math.log(1e-6) + 1e6) / 2)
