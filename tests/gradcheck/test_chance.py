"""The stated probability of a miss is the one that is met."""

import math

import numpy as np
import pytest

from nnlab.gradcheck import Report, check
from nnlab.gradcheck.chance import missed
from tests.gradcheck.layers import draw


@pytest.mark.parametrize("threshold", [0.0, 1e-6, 0.01, 0.3, 1.0, 3.0, 40.0])
def test_one_gaussian_is_missed_with_the_error_function(threshold: float) -> None:
    assert missed(threshold, product=False) == pytest.approx(math.erf(threshold / math.sqrt(2)))


@pytest.mark.parametrize("threshold", [1e-3, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0])
def test_a_product_of_two_is_missed_as_often_as_drawn(threshold: float) -> None:
    u, d = np.random.default_rng(0).standard_normal((2, 1_000_000))
    share = float((np.abs(u * d) < threshold).mean())
    assert missed(threshold, product=True) == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 1e6))


def test_a_product_of_two_has_known_values() -> None:
    # P(|u d| < t) = 2/π ∫ K₀ from 0 to t; K₀ integrates to π/2, and is -log(t/2) - γ for small t.
    assert missed(0.0, product=True) == 0.0
    assert missed(10.01, product=True) == 1.0
    # K₀ is about √(π/2x) exp(-x) (1 - 1/8x) far out, and so is its integral to infinity, with 5 for 1.
    assert 1 - missed(10.0, product=True) == pytest.approx(2 / math.pi * 1.69e-5, rel=0.02)
    for t in (1e-4, 1e-6, 1e-8):
        small = 2 / math.pi * t * (1 - math.log(t / 2) - 0.5772156649015329)
        assert missed(t, product=True) == pytest.approx(small, rel=1e-6)
    assert missed(math.inf, product=True) == 1.0
    assert missed(math.inf, product=False) == 1.0


def test_a_report_multiplies_the_chances_of_its_draws() -> None:
    report = Report((), 1e-9, 1e-6, 7, seen=(1e-3, 1e-2))
    assert report.miss(0.1) == pytest.approx(missed(0.01, True) * missed(0.1, True))
    assert report.miss(1.0) < report.miss(0.1) < report.miss(0.01)
    assert Report((), 1e-9, 1e-6, 7, mode="exact", seen=(1e-3,)).miss(0.1) == missed(0.01, False)


def test_the_default_screen_misses_an_error_of_1e_4_in_one_of_its_entries_with_less_than_one_in_a_thousand() -> None:
    report = check(np.sin, draw(8, 8), vjp=lambda dy, x: dy * np.cos(x))
    assert report.miss(1e-4) < 1e-3
