"""Derivatives from values alone: every value and bar is worked out by hand."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck.differences import Derivative, derivative, pair, quick, sharpest, sides


class Watched:
    """A function that keeps what it was asked for."""

    def __init__(self, f: Callable[[float], float]) -> None:
        self.f = f
        self.asked: list[float] = []

    def __call__(self, t: float) -> float:
        self.asked.append(t)
        return self.f(t)


def terms(f: Callable[[float], float]) -> Callable[[float], Any]:
    return lambda t: np.array([f(t)])


def derived(f: Callable[[float], float], step: float, rounding: float) -> Derivative:
    return derivative(terms(f), terms(f)(0.0), step, rounding)


def sharp(f: Callable[[float], float], step: float, rounding: float, goal: float) -> Derivative:
    return sharpest(terms(f), terms(f)(0.0), step, rounding, goal)


def both(found: Derivative) -> tuple[float, float]:
    return found.value, found.bar


def test_a_polynomial_of_degree_4_has_its_derivative_and_no_bar() -> None:
    found = derived(lambda t: 7 - 3 * t + 5 * t**2 + 2 * t**3 - 9 * t**4, 0.5, 0.0)
    assert found.value == pytest.approx(-3, abs=1e-12)
    assert found.bar == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("degree", "value", "bar"),
    [
        # Slopes at h, 2h, 4h are h⁴ times 1, 16, 256: extrapolated once -4 and -64, twice 0.
        (5, 0.0, 64.0),
        # Second differences over h are 2h⁵ times 1, 32, 1024: (1024 - 64) - 8 (32 - 2) = 720, times 2, over 4.
        (6, 0.0, 360.0),
        # Slopes are h⁶ times 1, 64, 4096: extrapolated once -20 and -1280, twice 64.
        (7, 64.0, 1344.0),
        # Second differences over h are 2h⁷ times 1, 128, 16384: (16384 - 256) - 8 (128 - 2) = 15120, times 2, over 4.
        (8, 0.0, 7560.0),
    ],
)
@pytest.mark.parametrize("step", [1.0, 0.5])
def test_a_higher_power_is_known_up_to_its_bar(degree: int, value: float, bar: float, step: float) -> None:
    found = derived(lambda t: t**degree, step, 0.0)
    assert found.value == pytest.approx(value * step ** (degree - 1), abs=1e-10)
    assert found.bar == pytest.approx(bar * step ** (degree - 1), rel=1e-10)


@pytest.mark.parametrize("step", [1.0, 0.25])
@pytest.mark.parametrize(
    ("distance", "value", "change", "kink"),
    [
        # distance in steps; slopes and second differences over h at 1, 2, 4 steps
        (0.0, 0.0, 0.0, 3.5),  # 0, 0, 0 and 2, 2, 2
        (0.5, -217 / 360, 14 / 45, 2.75 / 4),  # -1/2, -1/4, -1/8 and 1, 3/2, 7/4
        (1.0, -217 / 180, 28 / 45, 8.5 / 4),  # -1, -1/2, -1/4 and 0, 1, 3/2
        (1.5, -79 / 72, 2 / 9, 3.75 / 4),  # -1, -3/4, -3/8 and 0, 1/2, 5/4
        (3.0, -179 / 180, 4 / 45, 0.125),  # -1, -1, -3/4 and 0, 0, 1/2
        (4.0, -1.0, 0.0, 0.0),  # -1, -1, -1 and 0, 0, 0
        (9.0, -1.0, 0.0, 0.0),
    ],
)
def test_a_kink_shows_in_the_bar_if_it_is_within_4_steps(
    distance: float, value: float, change: float, kink: float, step: float
) -> None:
    for side in (1.0, -1.0):
        found = derived(lambda t, at=side * distance * step: abs(t - at), step, 0.0)
        assert found.value == pytest.approx(side * value)
        assert found.bar == pytest.approx(change + kink)


def test_a_kink_is_within_one_bar_wherever_it_is() -> None:
    for at in np.linspace(0.01, 5, 500):
        found = derived(lambda t, at=at: abs(t - at), 1.0, 0.0)
        assert abs(found.value + 1) <= found.bar + 1e-15


def test_a_jump_is_not_taken_for_a_derivative() -> None:
    found = derived(lambda t: 0.0 if t < 0.1 else 1.0, 1e-3, 0.0)
    assert both(found) == (0.0, 0.0)
    found = derived(lambda t: 0.0 if t < 1e-3 else 1.0, 1e-3, 0.0)
    assert found.bar > abs(found.value) > 100


def test_the_bar_grows_by_the_rounding_error_over_the_step() -> None:
    assert derived(lambda t: 5.0, 0.125, 3.0) == Derivative(0.0, 24.0, 0.0)


@pytest.mark.parametrize("x", [-2.0, 0.3, 1.0])
@pytest.mark.parametrize(("f", "df"), [(math.sin, math.cos), (math.exp, math.exp)])
def test_smooth_functions_lie_within_one_bar(
    f: Callable[[float], float], df: Callable[[float], float], x: float
) -> None:
    for step in (0.1, 0.01, 1e-3):
        found = derived(lambda t: f(x + t), step, 1e-16 * abs(f(x)))
        assert abs(found.value - df(x)) <= found.bar
        # 64 h⁴ f⁽⁵⁾ / 5! and 360 h⁵ f⁽⁶⁾ / 6!, and the rounding
        assert found.bar <= 1.1 * (64 / 120 * step**4 + step**5 / 2) * max(1, math.exp(x)) + 1e-14 / step


@pytest.mark.parametrize("worst", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("where", [0.0, 0.5, -2.0])
def test_a_function_that_is_not_finite_has_an_infinite_bar(worst: float, where: float) -> None:
    with np.errstate(all="ignore"):
        found = derived(lambda t: worst if t == where else t, 0.5, 0.0)
    assert found == Derivative(0.0, math.inf, math.inf)


def test_only_7_values_are_asked_for() -> None:
    f = Watched(math.sin)
    derived(f, 0.25, 0.0)
    assert sorted(f.asked) == [-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0]


def test_the_first_step_is_kept_if_its_bar_reaches_the_goal() -> None:
    f = Watched(lambda t: 5.0)
    assert both(sharp(f, 0.5, 1.0, 2.0)) == (0.0, 2.0)
    assert len(f.asked) == 7


@pytest.mark.parametrize(("kink", "tries", "step"), [(0.3, 2, 1 / 16), (0.02, 3, 1 / 256), (0.003, 4, 1 / 4096)])
def test_a_kink_is_avoided_by_the_first_smaller_step_that_does(kink: float, tries: int, step: float) -> None:
    f = Watched(lambda t: abs(t - kink))
    found = sharp(f, 1.0, 0.0, 1e-9)
    assert found.value == pytest.approx(-1, abs=1e-10)
    assert found.bar <= 1e-9
    assert len(f.asked) == 1 + 6 * tries
    assert max(f.asked[-6:]) == 4 * step


def test_the_smallest_bar_is_taken_if_none_reaches_the_goal() -> None:
    # A kink at 0 costs 3.5 at any step, until rounding explains as much.
    f = Watched(abs)
    assert sharp(f, 1.0, 0.01, 1.0) == Derivative(0.0, pytest.approx(2.56), 3.5)
    assert len(f.asked) == 25
    assert sharp(f, 1.0, 1e-5, 1.0) == Derivative(0.0, pytest.approx(3.50001), 3.5)
    # A kink at 0.1 is out of reach of the third step, and the fourth has more rounding.
    assert sharp(lambda t: abs(t - 0.02), 1.0, 1e-6, 0.0).bar == pytest.approx(256e-6, rel=1e-6)


def test_a_step_beyond_the_domain_gives_way_to_a_smaller_one() -> None:
    with np.errstate(all="ignore"):
        found = sharp(lambda t: math.log(0.01 + t) if t > -0.01 else math.nan, 0.02, 1e-18, 1e-3)
    assert found.value == pytest.approx(100, abs=1e-3)


def test_noise_stays_within_10_bars() -> None:
    rng = np.random.default_rng(0)
    found = [sharp(lambda t: rng.standard_normal(), 1e-3, 0.0, 0.0) for _ in range(300)]
    assert max(abs(d.value) / d.bar for d in found) < 10


def quickly(f: Callable[[float], float], step: float, rounding: float) -> Derivative:
    return quick(terms(f), terms(f)(0.0), step, rounding)


def test_four_values_know_the_derivative_of_a_polynomial_of_degree_3() -> None:
    f = Watched(lambda t: 7 - 3 * t + 5 * t**2 + 2 * t**3)
    found = quickly(f, 0.5, 0.0)
    assert found.value == pytest.approx(-3, abs=1e-12)
    # Slopes differ by 3 c h²; their square stands for the next term.
    assert found.bar == pytest.approx(1.5**2 / 3)
    assert sorted(f.asked) == [-1.0, -0.5, 0.0, 0.5, 1.0]


def test_the_fourth_power_is_12_h3_rough() -> None:
    found = quickly(lambda t: -9 * t**4 + t, 0.5, 0.0)
    assert found == Derivative(1.0, pytest.approx(9 * 12 * 0.5**3), pytest.approx(9 * 12 * 0.5**3))


def test_the_fifth_power_is_off_by_4_h4_within_its_bar() -> None:
    found = quickly(lambda t: t**5 + t, 0.5, 0.0)
    change = 15 * 0.5**4
    value = 1 - 4 * 0.5**4
    assert found.value == pytest.approx(value)
    assert found.bar == pytest.approx(change**2 / max(value, change))
    assert quickly(lambda t: t**5, 0.5, 0.0).bar == pytest.approx(change)


def test_what_rounding_explains_is_no_roughness() -> None:
    for rounding, rough in ((0.3, 0.0), (0.25, 0.0), (0.1, 1.5)):
        # 12 · 0.5³ is 1.5; rounding over the step is twice as much as rounding.
        found = quickly(lambda t: t**4, 0.5, rounding)
        assert found.rough == rough
        assert found.bar == 2 * rounding + rough
        found = derived(lambda t: t**6, 0.5, rounding * 7.5)
        assert found.rough == rough * 7.5
        assert found.bar == pytest.approx(15 * rounding + rough * 7.5)


def test_a_straight_function_shows_nothing_but_rounding_beyond_the_second_order() -> None:
    assert quickly(lambda t: 1 + t + t**2, 0.5, 1e-3).beyond == 0.0
    assert quickly(lambda t: 1 + t + t**2, 0.5, 0.0).beyond == 0.0
    # t³ changes by 3/4, t⁴ roughens by 3/2: four roundings over the step, which is 1/2, explain them or do not.
    assert quickly(lambda t: t**3, 0.5, 0.75 / 8).beyond == 0.75
    assert quickly(lambda t: t**3, 0.5, 0.74 / 8).beyond is None
    assert quickly(lambda t: t**4, 0.5, 1.5 / 8).beyond == 1.5
    assert quickly(lambda t: t**4, 0.5, 1.49 / 8).beyond is None


def test_a_pair_has_a_bar_of_rounding_and_of_what_is_beyond() -> None:
    f = Watched(lambda t: 3 * t + t**2)
    assert pair(terms(f), 0.5, 0.25, 0.125) == Derivative(3.0, 0.625)
    assert sorted(f.asked) == [-0.5, 0.5]


def test_a_screen_that_is_not_finite_has_an_infinite_bar() -> None:
    with np.errstate(all="ignore"):
        found = quickly(lambda t: math.nan if t > 0.7 else t, 0.5, 0.0)
        one = pair(lambda t: np.array([math.inf]), 0.5, 0.0, 0.0)
    assert found == one == Derivative(0.0, math.inf, math.inf)


def test_terms_are_added_and_their_errors_like_a_norm() -> None:
    def f(t: float) -> Any:
        return np.array([3 * t + 3 * t**4, 4 * t - 4 * t**4])

    found = quick(f, f(0.0), 0.5, 0.0)
    assert found.value == pytest.approx(7)
    assert found.rough == pytest.approx(5 * 12 * 0.5**3)
    found = derivative(lambda t: np.array([3 * t**6, -4 * t**6]), np.zeros(2), 1.0, 0.0)
    assert found.bar == pytest.approx(5 * 360)
    found = derivative(lambda t: np.array([3 * t**5, -4 * t**5]), np.zeros(2), 1.0, 0.0)
    assert found.bar == pytest.approx(5 * 64)


def test_the_sides_of_a_kink_are_taken_term_by_term() -> None:
    def f(t: float) -> Any:
        return np.array([abs(t), -2 * abs(t), 5 * t])

    assert sides(f, f(0.0), 0.5, 0.0) == (-1 - 2 + 5, 1 + 2 + 5, 0.0)


def test_the_bar_of_the_sides_is_their_change_at_a_quarter_of_the_step() -> None:
    # One-sided slopes of t³ extrapolated from h and 2h: (4 h³ - 8 h³) / 2h = -2 h².
    low, high, bar = sides(terms(lambda t: t**3), np.zeros(1), 1.0, 0.0)
    assert (low, high) == (-2.0, -2.0)
    assert bar == pytest.approx(2 * (2 - 2 / 16))
    assert sides(terms(lambda t: t**2), np.zeros(1), 0.5, 3.0) == (0.0, 0.0, 96.0)
