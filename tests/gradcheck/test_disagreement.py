"""Wrong gradients: each in its own words, with tensor, index, both sides and the bar."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import Disagreement, Report, assert_gradients, check
from tests.gradcheck.layers import PROMISED, Function, Matrix, draw, first_cotangents, parameter

ROWS, COLUMNS = 3, 4
PLACES = {"first": 0, "middle": 5, "last": -1}


def only(report: Report, promised: float = PROMISED) -> Disagreement:
    assert report.outcome == "disagrees", str(report)
    assert report.promised == pytest.approx(promised, rel=1e-12)
    (disagreement,) = report.disagreements
    return disagreement


def gives(gradient: Any) -> Function:
    """y = 2 x with this gradient."""
    return Function(lambda x: 2 * x, lambda dy, x: gradient(dy) if callable(gradient) else gradient)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("index", [(0, 0), (1, 0), (1, 2)])
def test_a_gradient_that_is_not_finite_is_named_with_its_index(value: float, index: tuple[int, int]) -> None:
    def spoil(dy: Any) -> Any:
        dx = 2 * dy
        dx[index] = value
        dx[1, 2] = np.nan if index != (1, 2) else value
        return dx

    report = check(gives(spoil), draw(2, 3))
    assert only(report) == Disagreement("input 0", f"gradient is {value}", index)
    assert report.resolution == np.inf
    assert report.forwards == 2


@pytest.mark.parametrize(
    ("gradient", "gave"),
    [(None, "None"), ((), "None"), ((None, 1), "None"), (2.0, "float"), ([2.0, 2.0], "list"), (np.int64(2), "int64")],
    ids=str,
)
def test_a_missing_gradient_is_named(gradient: Any, gave: str) -> None:
    assert only(check(gives(gradient), draw(2))) == Disagreement(
        "input 0", f"gradient is missing: backward gave {gave}"
    )


def test_too_few_gradients_are_missing_for_the_last_inputs() -> None:
    layer = Function(lambda a, b, c: a + b + c, lambda dy, *inputs: (dy, dy))
    assert str(check(layer, draw(2), draw(2), draw(2))) == "input 2: gradient is missing: backward gave None"


def test_a_gradient_in_the_place_of_another_input_is_missing() -> None:
    layer = Function(lambda rows, table: table[rows], lambda dy, rows, table: np.ones(3))
    assert str(check(layer, np.array([0, 1]), draw(3))).splitlines() == [
        "input 1: gradient is missing: backward gave None",
        "input 0: gradient is spurious: it is constant, of type int64",
    ]


def test_a_parameter_whose_gradient_is_never_set_is_missing() -> None:
    class Forgetful(Matrix):
        def backward(self, dy: Any) -> Any:
            return dy @ self.weight.data.T

    layer = Forgetful()
    layer.weight.grad = None
    assert str(check(layer, draw(2, 3))) == "weight: gradient is missing: backward gave None"


@pytest.mark.parametrize("shape", [(3, 2), (2, 1), (3,), (), (1, 2, 3)], ids=str)
def test_a_wrong_shape_is_named(shape: tuple[int, ...]) -> None:
    wrong = only(check(gives(np.full(shape, np.nan)), draw(2, 3)))
    assert wrong == Disagreement("input 0", f"gradient has shape {shape}, the tensor (2, 3)")


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "complex128", "object"])
def test_a_wrong_dtype_is_named(dtype: str) -> None:
    wrong = only(check(gives(lambda dy: (2 * dy).astype(dtype)), draw(2, 3)))
    assert wrong == Disagreement("input 0", f"gradient has dtype {dtype}, the tensor float64")
    single = 60 * 2.0**-11.5
    wrong = only(check(gives(lambda dy: 2.0 * dy.astype(float)), draw(2, 3).astype("float32")), single)
    assert wrong == Disagreement("input 0", "gradient has dtype float64, the tensor float32")


def test_a_gradient_of_a_constant_entry_is_named_with_its_value() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, np.where(np.arange(4) == 2, 0.5, 0 * dw), db))
    layer.weight.constant = np.ones((3, 4), bool)
    assert only(check(layer, draw(2, 3))) == Disagreement(
        "weight", "gradient is 0.5 where the parameter is constant", (0, 2)
    )


def test_a_gradient_beside_the_constant_entries_is_no_reason() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, np.array([[0.0], [1.0], [-1.0]]) * dw, db))
    layer.weight.constant = np.array([[True], [False], [True]])
    wrong = only(check(layer, draw(2, 3)))
    assert wrong.problem.endswith("where the parameter is constant")
    assert wrong.index == (2, 0)


def test_every_malformed_gradient_is_listed() -> None:
    layer = Function(lambda a, b, c, d: a + b + c + d, lambda dy, *inputs: (None, dy[:1], dy, np.float32([1, 2])))
    assert str(check(layer, draw(2), draw(2), draw(2), draw(2))).splitlines() == [
        "input 0: gradient is missing: backward gave None",
        "input 1: gradient has shape (1,), the tensor (2,)",
        "input 3: gradient has dtype float32, the tensor float64",
    ]


def spoiled(which: int, place: int, change: Callable[[float], float]) -> Matrix:
    """A Matrix with one wrong entry in dx, dW or db."""

    def spoil(*gradients: Any) -> Any:
        gradients[which].flat[place] = change(gradients[which].flat[place])
        return gradients

    return Matrix(spoil=spoil)


CHANGES: dict[str, Callable[[float], float]] = {
    "one in a million too large": lambda g: g * (1 + 1e-6),
    "wrong sign": lambda g: -g,
    "factor 2": lambda g: 2 * g,
    "zero": lambda g: 0.0,
    "off by one": lambda g: g + 1,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("which", "name"), [(0, "input 0"), (1, "weight"), (2, "bias")])
def test_a_single_wrong_entry_is_found_with_both_sides(which: int, name: str, place: str, change: str) -> None:
    x = draw(5, ROWS)
    at = min(PLACES[place], 2) if which == 2 else PLACES[place]
    wrong = only(check(spoiled(which, at, CHANGES[change]), x))
    (dy,) = first_cotangents((5, COLUMNS))
    expected = (dy @ Matrix().weight.data.T, x.T @ dy, dy.sum(axis=0))[which]
    index = tuple(int(i) for i in np.unravel_index(at % expected.size, expected.shape))
    assert (wrong.tensor, wrong.problem, wrong.index) == (name, "gradient is wrong", index)
    assert wrong.got == pytest.approx(CHANGES[change](expected[index]), rel=1e-14, abs=1e-14)
    assert wrong.bar is not None
    assert abs(wrong.expected - expected[index]) < wrong.bar / 2 < 1e-8
    assert abs(wrong.expected - wrong.got) > wrong.bar


def test_an_entry_in_each_wrong_tensor_is_found() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (-dx, dw, np.append(db[:-1], 7.0)))
    report = check(layer, draw(2, 3))
    assert [d.tensor for d in report.disagreements] == ["input 0", "bias"]
    assert report.disagreements[1].index == (3,)
    assert report.disagreements[1].got == pytest.approx(7.0, rel=1e-15)
    assert report.resolution < 1e-8


def test_a_wrong_entry_in_one_of_two_inputs_and_outputs_is_found() -> None:
    layer = Function(lambda a, b: (a * b, a - b), lambda d0, d1, a, b: (d0 * b + d1, d0 * a + d1))
    wrong = only(check(layer, draw(1), draw(1, seed=2)))
    d0, d1 = first_cotangents((1,), (1,))
    assert (wrong.tensor, wrong.index) == ("input 1", (0,))
    assert wrong.expected == pytest.approx((d0 * draw(1) - d1)[0], rel=1e-8)
    assert wrong.got == pytest.approx((d0 * draw(1) + d1)[0], rel=1e-14)


def test_the_bar_of_an_entry_is_10_times_roundings_over_the_step() -> None:
    # A layer of zeros has no other error than its gradient's: 2 eps ‖g max(1, |x|)‖ / step + eps |g x|.
    x, g = np.array([0.5, -64.0, 0.25]), np.array([0.0, 3.0, 0.0])
    report = check(Function(lambda x: 0 * x, lambda dy, x: g), x)
    eps = 2.0**-52
    rng = np.random.default_rng(0)
    rng.standard_normal((2, 3))
    d = rng.standard_normal(3)[1]
    wrong = only(report)
    assert (wrong.index, wrong.expected, wrong.got) == ((1,), 0.0, pytest.approx(3.0))
    # The entry is moved by d of its unit, and the first part of the bar stays what it is.
    assert wrong.bar == pytest.approx(10 * (2 * eps * 3 / (eps**0.2 / 2) / abs(d) + eps * 3), rel=1e-12, abs=0)
    # The whole direction: the same bar against the size of the gradient along it.
    assert report.resolution == pytest.approx(wrong.bar / 3, rel=1e-12, abs=0)


def test_numbers_of_an_entry_are_per_unit_whatever_its_size() -> None:
    x = np.array([1e6, 2.0, -3e6])
    wrong = only(check(Function(lambda x: x**2, lambda dy, x: 2 * x * dy * np.array([1, 1, 1.001])), x))
    (dy,) = first_cotangents((3,))
    assert wrong.index == (2,)
    assert wrong.expected == pytest.approx(-6e6 * dy[2], rel=1e-9)
    assert wrong.got == pytest.approx(-6.006e6 * dy[2], rel=1e-12)


def test_an_error_spread_too_thin_is_reported_for_the_entries_together() -> None:
    # Each of 4096 entries is wrong by 1e-11, a tenth of what the rounding of their sum hides; together by far more.
    n = 4096
    layer = Function(lambda x: np.array(x.sum()), lambda dy, x: np.full(n, dy * (1 + 1e-11)))
    wrong = only(check(layer, draw(n)))
    assert (wrong.tensor, wrong.index) == ("input 0", None)
    words = wrong.problem.split()
    entries = int(words[-2])
    assert wrong.problem == f"gradient is wrong along a direction through {entries} entries"
    assert 1 < entries < n
    assert wrong.bar < abs(wrong.expected - wrong.got) < 3 * wrong.bar


def test_an_error_spread_over_tensors_is_reported_for_all_together() -> None:
    # What hides one tensor's error is the rounding of the large output.
    n, d = 40, np.random.default_rng(0).standard_normal(42)[2:]
    off = [np.array(1 + 2e-6 * np.sign(s)) for s in d]
    layer = Function(lambda *x: np.array(1e6 + sum(x)), lambda dy, *x: tuple(dy * f for f in off))
    wrong = only(check(layer, *np.zeros((n, 1))[:, 0]))
    (dy,) = first_cotangents(())
    assert (wrong.tensor, wrong.problem) == ("all tensors", "gradient is wrong along a direction")
    assert wrong.index is None
    assert wrong.expected == pytest.approx(dy * d.sum(), abs=wrong.bar)
    assert wrong.got == pytest.approx(dy * (d * off).sum(), rel=1e-12)
    assert abs(wrong.expected - wrong.got) > wrong.bar


def test_bisection_takes_few_forwards() -> None:
    # 1 at the point and 8 for the screen, whose trouble a thorough comparison confirms with 6; all that again, since
    # backward may work only once; then 6 for the tensor and both halves of 16, 8, 4 and 2; 2 for each entry's pattern.
    layer = Function(np.sin, lambda dy, x: np.cos(x) * dy * np.where(np.arange(16) == 9, -1, 1))
    report = check(layer, draw(16))
    assert only(report).index == (9,)
    assert report.forwards == 15 + 16 + 6 * (1 + 2 * 4) + 2 * 16 + 16  # the last for each output alone


def test_errors_that_cancel_in_a_tensor_do_not_hide_the_wrong_half() -> None:
    layer = Function(lambda x: 2 * x, lambda dy, x: 2 * dy + np.array([1e-3, 0, 0, 1e3]))
    assert only(check(layer, draw(4))).index == (3,)


def test_an_undecided_tensor_among_wrong_ones_is_not_blamed() -> None:
    layer = Matrix(spoil=lambda dx, dw, db: (dx, 1.5 * dw, db))
    layer.weight, layer.bias = parameter(draw(3, 4)), parameter(np.zeros(4))
    assert only(check(layer, np.zeros((1, 3)) + 1e-3)).tensor == "weight"


def test_assert_gradients_raises_with_the_layers_name_and_the_report() -> None:
    layer, x = spoiled(1, 5, lambda g: -g), draw(5, ROWS)
    with pytest.raises(AssertionError) as error:
        assert_gradients(layer, x)
    assert str(error.value) == f"Matrix: {check(layer, x)}"
    assert str(error.value).startswith("Matrix: weight[1, 1]: gradient is wrong: expected ")
    with pytest.raises(AssertionError) as error:
        assert_gradients(layer, x, rng=np.random.default_rng(1))
    assert str(error.value) == f"Matrix: {check(layer, x, rng=np.random.default_rng(1))}"


def test_assert_gradients_raises_where_nothing_is_decided() -> None:
    with pytest.raises(
        AssertionError, match=r"^Function: undecided: an error of .* in 61 forwards; forward is not smo"
    ):
        assert_gradients(Function(np.abs, lambda dy, x: dy), np.zeros(3), kinks="keep")


@pytest.mark.parametrize("mode", ["screen", "exact"])
def test_no_more_wrong_tensors_are_explained_than_asked_for(mode: Any) -> None:
    layer = Function(
        lambda a, b, c, d: a * b + c * d, lambda dy, a, b, c, d: (dy * b, 2 * dy * a, 3 * dy * d, 4 * dy * c)
    )
    inputs = draw(3), draw(3), draw(3), draw(3)
    every = check(layer, *inputs, mode=mode)
    assert [wrong.tensor for wrong in every.disagreements] == ["input 1", "input 2", "input 3"]
    for number in (1, 2, 3, 4):
        assert check(layer, *inputs, mode=mode, explain=number).disagreements == every.disagreements[:number]
    unexplained = check(layer, *inputs, mode=mode, explain=0)
    assert unexplained.outcome == "disagrees"
    assert str(unexplained) == "all tensors: gradient is wrong"
    assert unexplained.forwards < every.forwards
