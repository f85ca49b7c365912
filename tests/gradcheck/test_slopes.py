"""Slopes, gates and averages that are missing are named, factors of another kind are not."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.paths import Paths
from nnlab.gradcheck.slopes import NAME, missing
from tests.gradcheck.layers import Function, draw

RIGHT = draw(6, 5, seed=1)


def named(own: Any, right: Any = RIGHT, shape: tuple[int, ...] = (2, 3)) -> bool:
    paths = Paths(right, own, np.zeros(right.shape, bool), 1e-6)
    with np.errstate(invalid="ignore"):
        return any(paths.explained(candidate) > 0.999 for _, candidate in missing(paths, shape))


def pattern(value: Any, gradient: Any, *inputs: Any, **options: Any) -> str | None:
    (wrong,) = check(Function(value, gradient), *inputs, **options).disagreements
    return wrong.pattern


def slopes(*shape: int) -> Any:
    return np.random.default_rng(3).uniform(1.1, 3, shape)


def test_a_slope_of_each_entry_output_or_axis_is_named() -> None:
    assert named(RIGHT * slopes(6, 1))
    assert named(RIGHT * slopes(1, 5))
    assert named((RIGHT.reshape(2, 3, 5) * slopes(2, 1, 5)).reshape(6, 5))
    assert not named(RIGHT * slopes(6, 5))


def test_a_factor_below_1_is_no_missing_slope() -> None:
    few = slopes(6, 1)
    few[2] = 0.9
    assert not named(RIGHT * few)
    assert not named(-RIGHT * slopes(6, 1))
    for one in (1, 0.9996, 1.0004):
        few[2] = one
        assert named(RIGHT * few)


@pytest.mark.parametrize(("few", "found"), [(3, False), (4, True)])
def test_four_factors_must_be_wrong(few: int, found: bool) -> None:
    assert named(RIGHT * np.where(np.arange(6)[:, None] < few, slopes(6, 1), 1)) == found


@pytest.mark.parametrize(("outputs", "found"), [(1, False), (2, True)])
def test_an_entry_must_count_in_two_outputs(outputs: int, found: bool) -> None:
    right = np.where(np.arange(5) < outputs, RIGHT, 0)
    assert named(right * slopes(6, 1), right) == found


def test_right_entries_that_count_more_often_do_not_help() -> None:
    right = np.where((np.arange(5) < 1) | (np.arange(6)[:, None] > 3), RIGHT, 0)
    assert not named(right * np.where(np.arange(6)[:, None] > 3, 1, slopes(6, 1)), right)


def test_what_does_not_count_has_no_factor() -> None:
    right = RIGHT.copy()
    right[5] = 0
    assert named(right * slopes(6, 1), right)


def test_a_slope_that_is_left_out_before_a_matrix_is_found_by_the_check() -> None:
    matrix = draw(5, 6, seed=4)
    found = pattern(lambda x: np.tanh(x) @ matrix, lambda dy, x: dy @ matrix.T, draw(2, 5))
    assert found == NAME


@pytest.mark.parametrize(
    ("name", "function", "slope"),
    [
        ("exp(x)", np.exp, np.exp),
        ("1/x", np.log, lambda x: 1 / x),
        ("1/(x (1 - x))", lambda x: np.log(x / (1 - x)), lambda x: 1 / (x * (1 - x))),
    ],
)
def test_the_slope_of_a_usual_function_is_named(name: str, function: Any, slope: Any) -> None:
    x = np.random.default_rng(0).uniform(0.2, 0.8, (4, 3))
    found = pattern(lambda x: np.sin(function(x)).sum(), lambda dy, x: dy * np.cos(function(x)), x)
    assert found == f"a slope missing: {name}, with x the tensor"


@pytest.mark.parametrize(("shape", "axis"), [((3, 4, 5), 0), ((4, 3, 5), 1), ((4, 5, 3), 2)])
def test_an_array_of_the_layer_that_counts_twice_is_named_with_its_axis(shape: tuple[int, ...], axis: int) -> None:
    weights = np.array([0.5, 2.0, 1.5]).reshape([3 if a == axis else 1 for a in range(3)])
    layer = Function(lambda x: (weights * np.sin(x)).sum(), lambda dy, x: dy * weights**2 * np.cos(x) / 4)
    layer.weight = weights.ravel()  # type: ignore[attr-defined]
    (wrong,) = check(layer, draw(*shape)).disagreements
    assert wrong.pattern == f"a factor of weight along axis {axis} too many"


def test_two_numbers_are_too_few_to_count_twice() -> None:
    weights = np.array([0.5, 2.0])
    layer = Function(lambda x: (weights * np.sin(x)).sum(), lambda dy, x: dy * weights**2 * np.cos(x) / 4)
    layer.weight = weights  # type: ignore[attr-defined]
    (wrong,) = check(layer, draw(4, 2)).disagreements
    assert wrong.pattern != "a factor of weight along axis 1 too many"


def test_an_average_over_what_shares_an_entry_is_no_sum() -> None:
    found = pattern(lambda b: np.tile(np.sin(b), (7, 1)), lambda dy, b: np.cos(b) * dy.mean(0), draw(3))
    assert found == "a factor 1/7: averaged, not summed over the 7 places that share an entry"
    found = pattern(
        lambda x, v: ((x - v) ** 2).sum(),
        lambda dy, x, v: (2 * (x - v) * dy, -2 * (x - v).mean(0) * dy),
        draw(7, 3),
        draw(3, seed=2),
    )
    assert found == "a factor 1/7: averaged, not summed over the 7 places that share an entry"
    found = pattern(lambda b: np.append(np.tile(b, 7), 0.0), lambda dy, b: dy[:-1].reshape(7, 3).mean(0), draw(3))
    assert found == "a factor 0.1428571"


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (0.37, "a factor 0.37, as if 1/temperature were missing"),
        (1 / 0.37, "a factor 2.7027, as if temperature were missing"),
        (0.5, "a factor 1/2"),
        (1 + 1e-6, "a factor 1"),
        (-0.5, "a factor -1/2"),
    ],
)
def test_a_factor_that_is_a_setting_is_named_with_it(factor: float, said: str) -> None:
    layer = Function(lambda x: np.sin(x).sum(), lambda dy, x: factor * np.cos(x) * dy)
    settings = {"temperature": 0.37, "one": 1.0, "negative": -0.5, "zero": 0.0, "endless": np.inf, "steps": 4}
    vars(layer).update(settings)
    (wrong,) = check(layer, draw(5)).disagreements
    assert wrong.pattern == said


def test_a_half_is_a_setting_where_there_is_one() -> None:
    layer = Function(lambda x: np.sin(x).sum(), lambda dy, x: np.cos(x) * dy / 2)
    layer.temperature = 0.5  # type: ignore[attr-defined]
    (wrong,) = check(layer, draw(5)).disagreements
    assert wrong.pattern == "a factor 0.5, as if 1/temperature were missing"
