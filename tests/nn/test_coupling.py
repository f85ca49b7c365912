"""The coupling layer: its inverse, its determinant, its parts."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import AffineCoupling
from nnlab.nn.module import Module

RNG = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return np.random.default_rng(63).standard_normal(shape)


def layer(swap: bool) -> AffineCoupling:
    """Of 5 numbers 2 are one part and 3 the other."""
    ends = (3, 4) if swap else (2, 6)
    net = nn.Sequential(nn.Linear(ends[0], 7, rng=np.random.default_rng(64)), nn.Tanh())
    return AffineCoupling(nn.Sequential(net, nn.Linear(7, ends[1], rng=np.random.default_rng(65))), 2, swap)


both_ways = pytest.mark.parametrize("swap", [False, True])


@both_ways
def test_the_inverse_leads_back_and_forth(swap: bool) -> None:
    coupling, x = layer(swap), draw(3, 4, 5)
    y, _ = coupling(x)
    assert abs(y - x).max() > 0.1
    np.testing.assert_allclose(coupling.inverse(y), x, rtol=0, atol=1e-14)
    np.testing.assert_allclose(coupling(coupling.inverse(x))[0], x, rtol=0, atol=1e-14)


@both_ways
def test_one_part_passes_unchanged(swap: bool) -> None:
    x = draw(4, 5)
    (y, _), part = layer(swap)(x), slice(2, None) if swap else slice(2)
    np.testing.assert_array_equal(y[:, part], x[:, part])


@both_ways
def test_log_det_is_that_of_the_jacobian_by_differences(swap: bool) -> None:
    coupling, x, step = layer(swap), draw(5), 1e-5
    ways = step * np.eye(5)
    jacobian = (coupling(x + ways)[0] - coupling(x - ways)[0]) / (2 * step)
    sign, log_det = np.linalg.slogdet(jacobian)
    assert sign == 1
    assert coupling(x)[1] == pytest.approx(log_det, abs=1e-9)


@both_ways
def test_the_inverse_does_not_disturb_backward(swap: bool) -> None:
    coupling, x = layer(swap), draw(3, 5)
    wanted = layer(swap)
    wanted(x)
    coupling(x)
    coupling.inverse(2 * x)
    np.testing.assert_array_equal(coupling.backward(x), wanted.backward(x))


def test_without_a_cotangent_of_log_det_it_counts_as_zero() -> None:
    coupling, x = layer(False), draw(3, 4, 5)
    coupling(x)
    np.testing.assert_array_equal(coupling.backward(x), coupling.backward(x, np.zeros((3, 4))))


class Fixed(Module):
    """Returns the numbers it was given."""

    def __init__(self, *st: float) -> None:
        self.st = np.array([st])

    def forward(self, x: Any) -> Any:
        return self.st

    def backward(self, dy: Any) -> Any:
        return np.zeros((1, 1))


def test_the_module_gives_the_scale_before_the_shift() -> None:
    coupling, x = AffineCoupling(Fixed(np.log(2), 7.0), 1), np.array([[3.0, 5.0]])
    y, log_det = coupling(x)
    np.testing.assert_allclose(y, [[3, 17]])
    np.testing.assert_allclose(log_det, [np.log(2)])
    np.testing.assert_allclose(coupling.inverse(y), x)


def test_a_scale_of_exp_minus_a_thousand_leaves_the_shift_alone() -> None:
    coupling = AffineCoupling(Fixed(-1000.0, 7.0), 1)
    y, log_det = coupling(np.array([[3.0, 5.0]]))
    assert y.tolist() == [[3, 7]]
    assert log_det.tolist() == [-1000]
    assert coupling.backward(np.ones((1, 2))).tolist() == [[1, 0]]


def run(module: Module, x: Any, *dy: Any) -> None:
    coupling = AffineCoupling(module, 2)
    coupling(x)
    coupling.backward(*dy)


def misfit(name: str, got: str, wanted: str) -> str:
    return f"AffineCoupling: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def too_short(name: str) -> str:
    return (
        f"AffineCoupling: {name} has 2 entries along its last axis, of which the first 2 are one part; "
        f"split it earlier, so that the other part holds at least one"
    )


NET, X = nn.Linear(2, 2, rng=RNG), np.zeros((4, 3))

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: AffineCoupling(NET, 0), "AffineCoupling: split is 0 but must be at least 1; raise it"),
    (lambda: AffineCoupling(NET, 2)(np.zeros((3, 4, 2))), too_short("x")),
    (lambda: AffineCoupling(NET, 2).inverse(X[:, :2]), too_short("y")),
    (lambda: AffineCoupling(NET, 2).inverse(np.zeros(())), misfit("y", "()", "(..., *)")),
    (lambda: AffineCoupling(NET, 2)(np.zeros(())), misfit("x", "()", "(..., *)")),
    (lambda: AffineCoupling(nn.Linear(2, 3, rng=RNG), 2)(X), misfit("module(x)", "(4, 3)", "(4, 2)")),
    (
        lambda: AffineCoupling(Fixed(1.0, 2.0), 1)(np.zeros((1, 2), np.float32)),
        "AffineCoupling: module(x) has dtype float64 but the layer computes in float32; "
        "convert it with .astype(np.float32), or build the layer with dtype=np.float64",
    ),
    (lambda: run(NET, X, X[:3]), misfit("dy", "(3, 3)", "(4, 3)")),
    (lambda: run(NET, X, X, X), misfit("dlog_det", "(4, 3)", "(4,)")),
    (
        lambda: run(NET, X, X, np.zeros(4, np.float32)),
        "AffineCoupling: dlog_det has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()


def test_one_entry_is_enough_for_each_part() -> None:
    coupling = AffineCoupling(nn.Linear(1, 2, rng=RNG), 1)
    assert coupling(np.ones((3, 2)))[0].shape == (3, 2)
