"""Kinks: the point is moved away from them, kept, or any value between both sides accepted."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, draw

ZEROS = np.array([0.0, 1.5, 0.0, -0.7])


def relu(at_zero: float) -> Function:
    return Function(lambda x: np.maximum(x, 0), lambda dy, x: dy * np.where(x == 0, at_zero, x > 0))


def test_the_point_is_moved_away_from_a_kink_and_the_report_says_so() -> None:
    report = check(relu(0.0), ZEROS)
    assert report.outcome == "agrees"
    assert report.moved == 1
    assert str(report).endswith("; the point was moved 1 times, away from a kink")
    assert check(relu(0.0), ZEROS + 0.5).moved == 0


def test_a_wrong_gradient_beside_a_kink_is_found_where_the_point_is_moved_to() -> None:
    wrong = Function(lambda x: np.maximum(x, 0), lambda dy, x: dy * np.where(x > 0, 1.01, 0))
    report = check(wrong, ZEROS)
    assert report.outcome == "disagrees"
    assert report.moved == 1
    assert str(report).endswith("; the point was moved 1 times, away from a kink")


def test_the_callers_input_is_not_moved() -> None:
    x = ZEROS.copy()
    check(relu(0.0), x)
    np.testing.assert_array_equal(x, ZEROS)


def test_the_move_is_as_wide_as_the_largest_step_and_changes_every_entry() -> None:
    seen = []
    layer = Function(lambda x: np.maximum(x, 0), lambda dy, x: seen.append(x.copy()) or dy * (x > 0))  # type: ignore[func-returns-value]
    check(layer, 100 * np.repeat(ZEROS, 50))
    first, last = seen[0], seen[-1]
    moves = (last - first) / np.maximum(1, np.abs(first)) / (2 * 2.0 ** (-52 / 5))
    assert (moves != 0).all()
    assert 0.8 < moves.std() < 1.2
    assert abs(moves.mean()) < 0.3


def test_a_layer_that_is_rough_everywhere_is_moved_three_times_and_then_given_up() -> None:
    rng = np.random.default_rng(0)
    noisy = Function(lambda x: x * (1 + 1e-3 * rng.standard_normal(x.shape)), lambda dy, x: dy)
    report = check(noisy, draw(4))
    assert (report.outcome, report.moved, report.rough) == ("undecided", 3, True)
    assert str(report).endswith("; the point was moved 3 times, away from a kink; forward is not smooth here")


def test_a_kept_kink_is_undecided_and_said_to_be_rough() -> None:
    report = check(relu(0.0), ZEROS, kinks="keep")
    assert (report.outcome, report.moved, report.rough) == ("undecided", 0, True)


def test_what_is_undecided_for_another_reason_is_not_moved() -> None:
    report = check(Function(lambda x: 1e9 + x, lambda dy, x: dy), draw(5))
    assert (report.outcome, report.moved, report.rough) == ("undecided", 0, False)


@pytest.mark.parametrize("at_zero", [0.0, 0.3, 1.0])
def test_any_value_between_the_sides_is_accepted_on_request(at_zero: float) -> None:
    report = check(relu(at_zero), ZEROS, kinks="accept")
    assert report.outcome == "agrees", str(report)
    assert (report.mode, report.moved, report.rough) == ("exact", 0, at_zero != 0.5)


@pytest.mark.parametrize("at_zero", [-0.001, 1.001, -1.0, 2.0])
def test_a_value_outside_the_sides_is_not_accepted(at_zero: float) -> None:
    report = check(relu(at_zero), ZEROS, kinks="accept")
    assert report.outcome == "disagrees"
    (wrong,) = report.disagreements
    assert wrong.index in {(0,), (2,)}
    assert wrong.problem == "gradient is wrong, here and in 1 more entries"
    (got, expected) = (wrong.got, wrong.expected)
    # The nearest value that would have been accepted is expected.
    assert expected == pytest.approx(got / at_zero * min(max(at_zero, 0), 1), abs=1e-6)


def test_accepting_kinks_still_finds_what_is_wrong_elsewhere() -> None:
    wrong = Function(lambda x: np.maximum(x, 0), lambda dy, x: dy * np.where(x > 0, 1.0001, 0))
    report = check(wrong, ZEROS, kinks="accept")
    assert [d.index for d in report.disagreements] == [(1,)]


def test_one_sided_derivatives_are_taken_at_a_step_of_the_cube_root_of_eps() -> None:
    seen: list[float] = []
    layer = Function(lambda x: seen.append(float(x[0])) or np.abs(x), lambda dy, x: 0.5 * dy)  # type: ignore[func-returns-value]
    check(layer, np.zeros(1), kinks="accept", directions=1)
    step = 2.0 ** (-52 / 3)
    expected = [step, 2 * step, -step, -2 * step, step / 4, step / 2, -step / 4, -step / 2]
    assert seen[-8:] == pytest.approx(expected)


@pytest.mark.parametrize("slope", [-1.0, -0.2, 1.0])
def test_several_kinks_of_one_entry_each_have_their_own_value(slope: float) -> None:
    # y = (|x|, -|x|): each output may have any slope, of its own sign.
    layer = Function(lambda x: (np.abs(x), -np.abs(x)), lambda da, db, x: slope * da + slope * db)
    assert check(layer, np.zeros(2), kinks="accept").outcome == "agrees"


def test_a_curved_function_has_a_kink_too() -> None:
    def value(x: Any) -> Any:
        return np.where(x > 0, np.sin(x), np.expm1(2 * x))

    for at_zero, outcome in (
        (1.0, "agrees"),
        (1.7, "agrees"),
        (2.0, "agrees"),
        (0.99, "disagrees"),
        (2.01, "disagrees"),
    ):
        layer = Function(value, lambda dy, x, s=at_zero: dy * s)
        assert check(layer, np.zeros(3), kinks="accept").outcome == outcome
