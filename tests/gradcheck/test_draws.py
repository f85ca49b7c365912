"""One draw: where its screen steps, and what a comparison holds."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck.differences import Derivative
from nnlab.gradcheck.draws import Centre, Comparison, Draw, Known, along
from nnlab.gradcheck.layers import Evaluation, Function

EPS = 2.0**-52


def drawn(value: Callable[..., Any], gradient: Callable[..., Any], x: Any) -> tuple[Draw, list[Any]]:
    """A draw with the cotangent 1, and the points at which the function is evaluated from now on."""
    seen: list[Any] = []
    evaluation = Evaluation(Function(lambda x: seen.append(x.copy()) or value(x), gradient), (x,), ())  # type: ignore[func-returns-value]
    outputs = evaluation.forward(evaluation.point)
    dy = np.ones_like(outputs)
    *gradients, _ = evaluation.backward(dy)
    draw = Draw(evaluation, Centre.of(evaluation, outputs), dy, gradients)
    seen.clear()
    return draw, seen


def steps(seen: list[Any], x: Any) -> list[float]:
    return [float((point - x).ravel()[0]) for point in seen]


def test_the_first_step_is_an_eighth_root_of_the_way_on_which_outputs_change_by_their_spread() -> None:
    x, ones = np.array([0.0, 1.0]), np.ones(2)
    for slope in (4.0, 0.5, 1e9):
        draw, seen = drawn(lambda x, s=slope: s * x, lambda dy, x, s=slope: s * dy, x)
        # The deviation is slope / 2, the cotangent's norm √2, and the gradient along (1, 1) slope √2: reach 1/2.
        _, known = draw.screen(ones, None)
        assert known.step == pytest.approx(EPS**0.125 / 2)
        assert steps(seen, x) == pytest.approx([known.step, -known.step, 2 * known.step, -2 * known.step])


def test_the_reach_is_at_most_1_and_at_least_a_thousandth() -> None:
    x, ones = np.array([0.0, 1.0]), np.ones(2)
    for slope, reach in ((0.0, 1.0), (1e-9, 1.0), (0.4, 1.0), (4.0, 0.125), (1e9, 1e-3)):
        # A gradient that is wrong on purpose: the outputs differ by 1/2 whatever it says.
        draw, seen = drawn(lambda x: 1 * x, lambda dy, x, s=slope: s * dy, x)
        draw.screen(ones, None)
        assert steps(seen, x)[0] == pytest.approx(reach * EPS**0.125)
    # One output has no spread: its size stands for it.
    draw, _ = drawn(lambda x: x.sum() + 1, lambda dy, x: np.full(2, 4 * dy), x)
    assert draw.screen(ones, None)[1].step == pytest.approx(2 / (4 * math.sqrt(2)) * EPS**0.125)


def test_a_step_that_is_too_rough_shrinks_to_where_rounding_is_as_large() -> None:
    x = np.array([0.3, 1.0])
    draw, seen = drawn(lambda x: np.sin(3 * x), lambda dy, x: 3 * np.cos(3 * x) * dy, x)
    _, known = draw.screen(np.ones(2), None)
    first, second = steps(seen, x)[0], steps(seen, x)[4]
    assert len(seen) == 8
    assert known.step == pytest.approx(second, rel=1e-6)
    # Near there the fourth term, 12 c h³ = h³ f⁗ / 2, is as large as rounding / h; so the fourth powers are alike.
    fourth = np.linalg.norm(81 * np.sin(3 * x)) / 2
    assert second == pytest.approx((draw.rounding / fourth) ** 0.25, rel=0.01)
    assert second < first


def test_a_step_beyond_the_domain_shrinks_by_16_and_a_rough_one_by_no_more_than_10000() -> None:
    draw, _ = drawn(lambda x: 1 * x, lambda dy, x: dy, np.array([0.3, 1.0]))
    assert draw._shrink(Derivative(0.0, math.inf, math.inf), 0.01) == 1 / 16
    assert draw._shrink(Derivative(0.0, 1.0, 0.0), 0.01) == 1 / 16
    assert draw._shrink(Derivative(0.0, 1e30, 1e30), 0.01) == 1e-4
    assert draw._shrink(Derivative(0.0, 1.0, draw.rounding / 0.01 * 16), 0.01) == pytest.approx(0.5)


def test_a_known_step_is_taken_again() -> None:
    x = np.array([0.3, 1.0])
    draw, seen = drawn(np.sin, lambda dy, x: np.cos(x) * dy, x)
    assert draw.screen(np.ones(2), Known(0.1, None))[1] == Known(0.1, None)  # however rough
    assert steps(seen, x) == pytest.approx([0.1, -0.1, 0.2, -0.2])
    seen.clear()
    found, known = draw.screen(np.ones(2), Known(0.1, 0.25))
    assert known == Known(0.1, 0.25)
    assert steps(seen, x) == pytest.approx([0.1, -0.1])
    bar = 0.25 + draw.rounding / 0.1 + EPS * np.linalg.norm(np.cos(x))
    assert found.bar == pytest.approx(10 * bar)


def test_a_straight_function_keeps_its_large_step_for_thorough_comparisons() -> None:
    x = np.array([0.3, 1.0])
    draw, seen = drawn(lambda x: 2 * x, lambda dy, x: 2 * dy, x)
    assert draw.step == EPS**0.2 / 2
    _, known = draw.screen(np.ones(2), None)
    assert draw.step == known.step > EPS**0.2 / 2
    assert known.beyond is not None
    seen.clear()
    draw.compare(np.ones(2), 0.0)
    assert steps(seen, x)[0] == pytest.approx(known.step)
    other, _ = drawn(lambda x: 2 * x, lambda dy, x: 2 * dy, x)
    other.screen(np.ones(2), Known(0.5, 0.0))
    assert other.step == 0.5
    other.screen(np.ones(2), Known(1e-9, 0.0))
    assert other.step == 0.5
    curved, _ = drawn(np.sin, lambda dy, x: np.cos(x) * dy, x)
    curved.screen(np.ones(2), None)
    assert curved.step == EPS**0.2 / 2


def test_a_comparison_disagrees_beyond_its_bar() -> None:
    assert Comparison(1.0, 1.5, 0.5, 2.0, 2.0).excess == 0.0
    assert not Comparison(1.0, 1.5, 0.5, 2.0, 2.0).disagrees
    assert Comparison(1.0, 1.6, 0.5, 2.0, 2.0).disagrees
    assert Comparison(1.0, math.nan, 0.5, 2.0, 2.0).disagrees
    assert Comparison(1.0, 1.5, 0.5, 4.0, 2.0).resolution == 0.125
    assert Comparison(1.0, 1.5, math.inf, 2.0, 2.0).resolution == math.inf


def test_a_comparison_is_rough_where_roughness_makes_more_than_half_of_its_bar() -> None:
    draw, _ = drawn(lambda x: 1 * x, lambda dy, x: dy, np.array([0.3, 1.0]))
    for found, rough in (
        (Derivative(0.0, 2.0, 1.0), False),
        (Derivative(0.0, 2.0, 1.1), True),
        (Derivative(0.0, math.inf, math.inf), False),
    ):
        assert draw._comparison(np.ones(2), found, 1.0).rough is rough


def test_the_scale_is_that_of_the_gradient_unless_it_is_0() -> None:
    draw, _ = drawn(lambda x: 1 * x, lambda dy, x: dy, np.array([0.3, 1.0]))
    assert draw.compare(np.ones(2), 0.0, 7.0).scale == pytest.approx(math.sqrt(2))
    assert draw.compare(np.ones(2), 0.0, 7.0).size == 7.0
    assert draw.compare(np.zeros(2), 0.0, 7.0).scale == 7.0


def test_only_the_named_entries_move() -> None:
    np.testing.assert_array_equal(along(np.arange(1.0, 5.0), np.array([1, 3])), [0, 2, 0, 4])
