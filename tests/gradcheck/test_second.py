"""Second order: the Hessian by differences of backward is symmetric."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, Matrix, draw
from tests.gradcheck.test_agreement import ELEMENTWISE


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_hessian_of_a_function_is_symmetric(name: str) -> None:
    report = check(Function(*ELEMENTWISE[name]), draw(2, 3), second=True)
    assert report.outcome == "agrees", str(report)


def test_parameters_and_inputs_are_in_one_hessian() -> None:
    assert check(Matrix(), draw(2, 3), second=True).outcome == "agrees"
    assert check(
        lambda x, y: x**2 * y, draw(3), draw(3, seed=2), vjp=lambda dy, x, y: (2 * dy * x * y, dy * x**2), second=True
    )


def test_a_gradient_that_is_right_only_at_the_point_is_found() -> None:
    x = 5 * draw(3)

    def stale(dy: Any, a: Any, b: Any) -> Any:
        return dy * b, dy * x  # x stands for a, which it is where the check is made

    assert check(np.multiply, x, draw(3, seed=2), vjp=stale).outcome == "agrees"
    report = check(np.multiply, x, draw(3, seed=2), vjp=stale, second=True)
    (wrong,) = report.disagreements
    assert wrong.tensor == "all tensors"
    assert wrong.problem == "gradient is no gradient: its Hessian is not symmetric along two directions"
    assert abs(wrong.expected - wrong.got) > 1e6 * wrong.bar
    # w · H v and v · H w, where the lower left block of H, diag(dy), is missing: v_a dy w_b against w_a dy v_b.
    rng = np.random.default_rng(0)
    dy, _ = rng.standard_normal((2, 3))
    rng.standard_normal((2, 6))
    scale = np.maximum(1, np.abs(np.concatenate([x, draw(3, seed=2)])))
    v, w = rng.standard_normal((2, 6)) * scale
    assert wrong.expected == pytest.approx((w[:3] * dy * v[3:]).sum(), rel=1e-8)
    assert wrong.got == pytest.approx((v[:3] * dy * w[3:]).sum(), rel=1e-8)


def test_the_bar_is_ten_of_both_roundings() -> None:
    x = np.zeros(3)
    off = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 0]]) * 1.0
    layer = Function(lambda x: 0 * x, lambda dy, x: off @ x)  # right at 0, and with a Hessian that is all but symmetric
    (wrong,) = check(layer, x, second=True).disagreements
    assert wrong.expected == pytest.approx(-wrong.got)
    assert wrong.bar == pytest.approx(0.0, abs=1e-12)


def test_the_bar_has_the_rounding_of_the_gradient() -> None:
    x, eps = np.array([1.0, 3.0]), 2.0**-52
    layer = Function(lambda x: 6 * x, lambda dy, x: 6 * dy + np.array([0.0, 1e-3]) * (x[0] - 1))
    (wrong,) = check(layer, x, second=True, directions=1).disagreements
    rng = np.random.default_rng(0)
    dy = rng.standard_normal(2)
    d, v, w = rng.standard_normal((3, 2)) * np.array([1, 3])
    # The step of a straight layer is that of its screen: of the way on which outputs change by their deviation of 6.
    step = eps**0.125 * min(1, 6 * np.linalg.norm(dy) / np.linalg.norm(6 * dy * d))
    rounding = 2 * eps * (np.linalg.norm(6 * dy * v) + np.linalg.norm(6 * dy * w))
    assert wrong.expected == pytest.approx(1e-3 * v[0] * w[1], rel=1e-6)
    assert wrong.got == pytest.approx(1e-3 * w[0] * v[1], rel=1e-6)
    assert 1.0 <= wrong.bar / (10 * rounding / step) < 1.4


def test_a_first_order_that_disagrees_is_reported_alone() -> None:
    report = check(Function(np.sin, lambda dy, x: dy * np.sin(x)), draw(3), second=True)
    assert [d.tensor for d in report.disagreements] == ["input 0"]


def test_without_request_nothing_is_looked_at() -> None:
    layer = Function(np.sin, lambda dy, x: dy * np.cos(x))
    assert check(layer, draw(3)).forwards < check(layer, draw(3), second=True).forwards
    assert check(layer, draw(3), second=True, directions=0).outcome == "undecided"
