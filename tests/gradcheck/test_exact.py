"""mode="exact": every entry is moved, and what is wrong is named for every tensor."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.chance import missed
from nnlab.gradcheck.draws import Centre, Draw
from nnlab.gradcheck.exact import visit
from nnlab.gradcheck.layers import Evaluation
from tests.gradcheck.layers import PROMISED, Function, Matrix, draw, parameter
from tests.gradcheck.test_agreement import ELEMENTWISE
from tests.gradcheck.test_callers import Careless


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (3, 4), (2, 0, 3)], ids=str)
def test_closed_forms_agree(name: str, shape: tuple[int, ...]) -> None:
    report = check(Function(*ELEMENTWISE[name]), draw(*shape), mode="exact")
    assert report.outcome == "agrees", str(report)
    assert (report.mode, report.promised) == ("exact", PROMISED)


@pytest.mark.parametrize(("size", "forwards"), [(1, 2), (4, 2), (5, 4), (8, 4), (9, 6)])
def test_up_to_four_entries_take_two_forwards(size: int, forwards: int) -> None:
    # 1 at the point for the gradients, and 1 before the sweep.
    assert check(Function(*ELEMENTWISE["sine"]), draw(size), mode="exact").forwards == 2 + forwards


def test_every_entry_is_moved_by_one_to_two_steps_up_and_down() -> None:
    x, seen = 10 * draw(3, 5), []
    layer = Function(lambda x: seen.append(x.copy()) or 2 * x, lambda dy, x: 2 * dy)  # type: ignore[func-returns-value]
    check(layer, x, mode="exact")
    step = 2.0 ** (-52 / 3)
    moves = np.array([y - x for y in seen]) / step / np.maximum(1, np.abs(x))
    most = np.abs(moves).max(axis=0)
    assert ((most > 0.99) & (most < 2.01)).all()
    np.testing.assert_allclose(moves.max(axis=0), -moves.min(axis=0), rtol=1e-6)
    assert len(set(np.round(most.ravel(), 6))) == 15
    assert ((moves != 0).sum(axis=0) == 2).all()
    signs = np.sign([moves[:, i, j][moves[:, i, j] != 0][0] for i in range(3) for j in range(5)])
    assert 0 < (signs > 0).sum() < 15


def test_all_wrong_tensors_are_named_with_the_worst_entry_and_how_many_more() -> None:
    def spoil(dx: Any, dw: Any, db: Any) -> Any:
        dw[1, 2] += 1e-6
        db[[0, 3]] += [2e-6, 5e-6]
        return dx, dw, db

    report = check(Matrix(spoil=spoil), draw(2, 3), mode="exact")
    weight, bias = report.disagreements
    assert (weight.tensor, weight.index, weight.problem) == ("weight", (1, 2), "gradient is wrong")
    assert (bias.tensor, bias.index) == ("bias", (3,))
    assert bias.problem == "gradient is wrong, here and in 1 more entries"
    for wrong, error in ((weight, 1e-6), (bias, 5e-6)):
        assert wrong.got - wrong.expected == pytest.approx(error, abs=wrong.bar)
        assert wrong.bar < 1e-8
    assert weight.pattern == "right but for one entry"


def test_the_entry_that_is_furthest_off_is_the_one_that_is_named() -> None:
    for worst in range(3):
        error = np.where(np.arange(3) == worst, 0.3, 0.1)
        report = check(Function(lambda x: 2 * x, lambda dy, x, e=error: 2 * dy + e), draw(3), mode="exact")
        assert report.disagreements[0].index == (worst,)


def test_errors_of_neighbours_do_not_cancel() -> None:
    for sign in (1, -1):
        error = np.array([1e-3, sign * 1e-3, -1e-3, -sign * 1e-3])
        report = check(Function(lambda x: 2 * x, lambda dy, x, e=error: 2 * dy + e), draw(4), mode="exact")
        assert report.disagreements[0].problem == "gradient is wrong, here and in 3 more entries"


def test_an_entry_that_is_constant_or_infinite_is_not_moved() -> None:
    x = np.array([0.5, -np.inf, 1.5, np.inf])
    assert check(Function(np.arctan, lambda dy, x: dy / (1 + x**2)), x, mode="exact").outcome == "agrees"
    layer = Matrix(spoil=lambda dx, dw, db: (dx, dw * [[1.0], [0.0], [1.0]], db))
    layer.weight.constant = np.array([[False], [True], [False]])
    assert check(layer, draw(2, 3), mode="exact").outcome == "agrees"
    layer.weight.constant = None
    assert [d.tensor for d in check(layer, draw(2, 3), mode="exact").disagreements] == ["weight"]


def test_a_layer_that_writes_to_its_inputs_is_visited_entry_by_entry() -> None:
    report = check(Careless(), draw(2, 3), mode="exact")
    assert report.outcome == "agrees", str(report)
    assert report.forwards > 100
    wrong = Careless()
    wrong.spoil = lambda dx, dw, db: (dx, dw, 2 * db)
    assert [d.tensor for d in check(wrong, draw(2, 3), mode="exact").disagreements] == ["bias"]


def test_the_layer_is_as_it_was_after_every_move() -> None:
    layer = Matrix()
    layer.weight = parameter(np.asfortranarray(draw(3, 4)))
    report = check(layer, draw(4, 3)[::2], mode="exact")
    assert report.outcome == "agrees"
    np.testing.assert_array_equal(layer.weight.data, draw(3, 4))


def test_a_bar_that_is_too_narrow_for_a_curved_layer_is_looked_at_again() -> None:
    # The third derivative of sin 1e4 x is 1e12: at a step of 6e-6 its third order hides the first.
    layer = Function(lambda x: np.sin(1e4 * x), lambda dy, x: 1e4 * np.cos(1e4 * x) * dy)
    report = check(layer, draw(6), mode="exact")
    assert report.outcome == "agrees", str(report)
    assert report.forwards > 60
    wrong = Function(lambda x: np.sin(1e4 * x), lambda dy, x: 1.001e4 * np.cos(1e4 * x) * dy)
    assert check(wrong, draw(6), mode="exact").outcome == "disagrees"


def test_float32_is_swept_with_steps_of_float32() -> None:
    x = draw(3, 4).astype(np.float32)
    report = check(Function(*ELEMENTWISE["sine"]), x, mode="exact")
    assert report.outcome == "agrees"
    assert 1e-5 < report.resolution < 1e-2
    wrong = Function(np.sin, lambda dy, x: np.cos(x) * dy * np.float32(1.1))
    assert check(wrong, x, mode="exact").outcome == "disagrees"


def test_the_resolution_is_ten_roundings_over_two_steps() -> None:
    layer = Function(lambda x: np.array([1.0, -3.0]), lambda dy, x: np.zeros(3))
    report = check(layer, draw(3), mode="exact", directions=1)
    eps = 2.0**-52
    # 10 bars of 2 eps ‖dy‖ 3 over 2 eps^(1/3), against a standard deviation of 2.
    assert report.resolution == pytest.approx(10 * 2 * eps * 3 / (2 * eps ** (1 / 3)) / 2, rel=1e-12, abs=0)
    assert report.seen == pytest.approx((report.resolution * np.sqrt(2 * 3),))


def test_the_chance_of_a_miss_is_that_of_the_cotangents_alone() -> None:
    report = check(Function(*ELEMENTWISE["sine"]), draw(3), mode="exact", directions=3)
    assert len(set(report.seen)) == 3
    chances = [missed(seen / 1e-6, product=False) for seen in report.seen]
    assert report.miss(1e-6) == pytest.approx(np.prod(chances))


def test_nothing_is_promised_without_cotangents() -> None:
    report = check(Matrix(), draw(2, 3), mode="exact", directions=0)
    assert (report.outcome, report.resolution, report.seen) == ("undecided", np.inf, ())


def test_only_entries_that_move_take_forwards() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, 0 * dw, db))
    layer.weight.constant = np.ones((3, 4), bool)
    assert check(layer, draw(2, 3), mode="exact").forwards == 2 + 2 * (2 + 1)
    # Where all is 0 there is no error, and a bar of 0.
    assert check(Function(lambda x: 0 * x, lambda dy, x: 0 * x), draw(4), mode="exact").forwards == 4


def drawn(layer: Any, x: Any) -> Draw:
    evaluation = Evaluation(layer, (x,), ())
    outputs = evaluation.forward(evaluation.point)
    dy = evaluation.cotangents(outputs, np.random.default_rng(0))
    *gradients, _ = evaluation.backward(dy)
    return Draw(evaluation, Centre.of(evaluation, outputs), dy, gradients)


def test_a_visited_entry_is_measured_by_the_whole_gradient() -> None:
    x = 3 * draw(5)
    draws = [drawn(Function(*ELEMENTWISE["sine"]), x)]
    ((entry, draw_, found),) = visit(draws, np.array([3]), accept=False)
    assert (entry, draw_) == (3, draws[0])
    whole = np.linalg.norm(draws[0].gradient * np.maximum(1, np.abs(x)))
    assert found.size == pytest.approx(max(whole, draws[0].spread))
    assert visit(draws, np.array([3]), accept=True)[0][2] == found


def test_visited_entries_count_in_the_resolution() -> None:
    report = check(Careless(), draw(2, 3), mode="exact")
    assert 0 < report.resolution < 1e-8
    assert len(report.seen) == 2
    assert report.seen == pytest.approx(2 * (report.resolution * np.sqrt(8 * 22),))
