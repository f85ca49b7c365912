"""A gradient for what has none is named, unless it is 0."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, draw

ROWS = np.array([0, 2])


def taken(extra: Any, *inputs: Any, constant: tuple[int, ...] = ()) -> list[str]:
    """x[rows], whose backward gives `extra` for what follows x."""

    def gradient(dy: Any, x: Any, rows: Any, *more: Any) -> Any:
        dx = np.zeros_like(x)
        np.add.at(dx, rows, dy)
        return dx, *extra

    layer = Function(lambda x, rows, *more: x[rows], gradient)
    return [str(d) for d in check(layer, draw(3), ROWS, *inputs, constant=constant).disagreements]


def test_a_gradient_of_an_integer_input_is_spurious() -> None:
    assert taken([np.ones(2)]) == ["input 1: gradient is spurious: it is constant, of type int64"]


def test_a_gradient_of_a_setting_is_spurious() -> None:
    assert taken([None, np.float64(1.0)], 0.5) == ["input 2: gradient is spurious: it is constant, of type float"]


def test_a_gradient_of_a_constant_input_is_spurious() -> None:
    found = taken([None, np.array([0.0, np.nan])], draw(2), constant=(2,))
    assert found == ["input 2: gradient is spurious: it is constant, of type float64"]


def test_surplus_gradients_are_spurious() -> None:
    assert taken([None, np.ones(2), None, (0 * ROWS, np.ones(2))]) == [
        "input 2: gradient is spurious: there are 2 inputs",
        "input 5: gradient is spurious: there are 2 inputs",
    ]


@pytest.mark.parametrize(
    "nothing", [[None], [np.zeros(2)], [0], [ROWS], [None, None], [np.zeros(2), np.zeros(3), None]]
)
def test_none_zeros_and_integers_are_no_gradients(nothing: Any) -> None:
    assert taken(nothing) == []
