"""Where differences of forward are too rough to tell, the report says so and how rough they were."""

import warnings
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, draw


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.5, 1.0])
def test_any_slope_between_both_sides_of_a_kink_at_the_point_is_undecided(slope: float) -> None:
    report = check(Function(np.abs, lambda dy, x: slope * dy), np.zeros(3), kinks="keep")
    assert report.outcome == "undecided"
    assert report.disagreements == ()
    assert report.resolution > 1


def test_a_kink_at_one_entry_leaves_the_whole_undecided() -> None:
    layer = Function(np.abs, lambda dy, x: np.sign(x) * dy)
    assert check(layer, np.array([0.5, 0.0, -2.0]), kinks="keep").outcome == "undecided"


@pytest.mark.parametrize("distance", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, -1e-6])
def test_a_kink_beside_the_point_is_avoided(distance: float) -> None:
    right = Function(np.abs, lambda dy, x: np.sign(x) * dy)
    wrong = Function(np.abs, lambda dy, x: dy * (np.sign(x) + 1e-3))
    assert check(right, np.array([distance, 2.0])).outcome == "agrees"
    assert check(wrong, np.array([distance, 2.0])).outcome == "disagrees"


def test_noise_of_unknown_origin_is_undecided() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        noisy = Function(lambda x, rng=rng: x * (1 + 1e-6 * rng.standard_normal(x.shape)), lambda dy, x: dy)
        report = check(noisy, draw(4))
        assert report.outcome == "undecided", str(report)
        assert 1e-4 < report.resolution < 10


def test_a_random_mask_of_unknown_origin_is_undecided() -> None:
    rng = np.random.default_rng(0)
    dropout = Function(lambda x: x * (rng.random(x.shape) > 0.5), lambda dy, x: dy)
    assert check(dropout, draw(50)).outcome == "undecided"


def test_a_float64_layer_that_computes_in_float32_inside_is_undecided() -> None:
    layer = Function(lambda x: np.sin(x.astype("float32")).astype(float), lambda dy, x: np.cos(x) * dy)
    report = check(layer, draw(3, 4))
    assert report.outcome == "undecided"
    assert check(layer, draw(3, 4), promised=0.1).outcome == "agrees"


def test_a_large_offset_hides_a_small_gradient_and_the_resolution_says_so() -> None:
    report = check(Function(lambda x: 1e6 + x, lambda dy, x: dy), draw(5))
    assert report.outcome == "undecided"
    assert 1e-6 < report.resolution < 1e-3
    assert check(Function(lambda x: 1e6 + x, lambda dy, x: 1.01 * dy), draw(5)).outcome == "disagrees"


@pytest.mark.parametrize("worst", [np.nan, np.inf])
def test_a_forward_that_is_not_finite_decides_nothing(worst: float) -> None:
    layer = Function(lambda x: np.append(x, worst), lambda dy, x: dy[:-1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check(layer, draw(2))
    assert report.outcome == "undecided"
    assert report.resolution == np.inf
    assert str(report) == "undecided: an error of inf of the gradient would have been seen, in 61 forwards"


def test_a_promise_that_the_differences_cannot_keep_is_undecided() -> None:
    layer = Function(np.sin, lambda dy, x: np.cos(x) * dy)
    resolution = check(layer, draw(3)).resolution
    assert check(layer, draw(3), promised=resolution).outcome == "agrees"
    assert check(layer, draw(3), promised=resolution * 0.99).outcome == "undecided"


def test_saturated_outputs_are_judged_by_how_far_they_are_apart() -> None:
    def softmax(x: Any) -> Any:
        e = np.exp(x - x.max())
        return e / e.sum()

    def gradient(dy: Any, x: Any) -> Any:
        y = softmax(x)
        return y * (dy - (dy * y).sum())

    x = np.array([50.0, 0.0, -50.0])
    assert check(Function(softmax, gradient), x).outcome == "agrees"
    assert check(Function(softmax, lambda dy, x: gradient(dy, x) + 1e-6), x).outcome == "disagrees"
