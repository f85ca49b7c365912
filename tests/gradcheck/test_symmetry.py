"""A sign or an absolute value that is forgotten shows in what is the same at x and -x."""

from typing import Any

import numpy as np

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, draw

X = draw(4, 5, seed=7)
NAME = "a sign or an absolute value forgotten: wrong where the tensor is negative, right where it is positive"


def pattern(value: Any, gradient: Any, x: Any = X) -> str | None:
    (wrong,) = check(Function(value, gradient), x).disagreements
    return wrong.pattern


def test_an_absolute_value_that_backward_forgets_is_named() -> None:
    assert pattern(lambda x: x / (1 + np.abs(x)), lambda dy, x: dy / (1 + x) ** 2) == NAME


def test_an_absolute_value_that_forward_forgets_is_named() -> None:
    assert pattern(lambda x: np.where(x > 0.3, x, 0), lambda dy, x: dy * (np.abs(x) > 0.3)) == NAME


def test_what_is_wrong_on_both_sides_is_not_named() -> None:
    assert pattern(lambda x: x / (1 + np.abs(x)), lambda dy, x: dy / (1 + np.abs(x)) ** 2 + dy * x) is None


def test_what_is_wrong_where_the_tensor_is_negative_alone_may_be_symmetric_nowhere_or_everywhere() -> None:
    crooked = pattern(np.exp, lambda dy, x: dy * np.exp(x) * np.where(x > 0, 1, 1 + x**2))
    assert crooked != NAME
    x = np.abs(X) * [1, -1, 1, -1, 1]
    even = pattern(np.sin, lambda dy, x: dy * np.cos(x) * np.where(np.abs(x) > 1, 1 + x**2, 1), x)
    assert even != NAME


def test_entries_that_count_in_other_outputs_have_no_symmetry() -> None:
    matrix = np.eye(5) + 0.1
    found = pattern(lambda x: np.sin(x) @ matrix, lambda dy, x: np.cos(x) * np.where(x > 0, 1, 1 + x) * (dy @ matrix.T))
    assert found != NAME
