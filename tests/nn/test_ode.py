"""Runge-Kutta's order, time, layers with a state inside, and refusals."""

import copy
import re
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return np.random.default_rng(68).standard_normal(shape)


def growth(rate: float) -> nn.Linear:
    """dy/dt = rate · y."""
    func = nn.Linear(1, 1, False, rng=RNG)
    func.weight.data[...] = rate
    return func


def test_a_step_of_growth_is_its_series_to_the_fourth_power_and_so_is_the_gradient() -> None:
    layer = nn.NeuralODE(growth(1.0), 0.0, 0.5, 1)
    series = 1 + 0.5 + 0.5**2 / 2 + 0.5**3 / 6 + 0.5**4 / 24
    np.testing.assert_allclose(layer(np.array([2.0])), [2 * series], rtol=1e-15)
    np.testing.assert_allclose(layer.backward(np.array([3.0])), [3 * series], rtol=1e-15)


def test_four_steps_lead_from_zero_to_one_by_default_and_close_to_the_solution() -> None:
    layer = nn.NeuralODE(growth(-1.0))
    np.testing.assert_array_equal(layer(np.ones(1)), nn.NeuralODE(growth(-1.0), 3.0, 4.0, 4)(np.ones(1)))
    np.testing.assert_allclose(layer(np.ones(1)), np.exp([-1]), rtol=1e-4)
    np.testing.assert_allclose(nn.NeuralODE(growth(-1.0), steps=40)(np.ones(1)), np.exp([-1]), rtol=1e-8)


def test_the_way_back_in_time_undoes_the_way_there() -> None:
    func = nn.Sequential(nn.Linear(3, 3, rng=RNG), nn.Tanh())
    x = draw(2, 3)
    there = nn.NeuralODE(func, 0.0, 1.0, 50)(x)
    np.testing.assert_allclose(nn.NeuralODE(func, 1.0, 0.0, 50)(there), x, rtol=1e-6)


def test_time_is_the_last_entry_that_func_sees() -> None:
    func = nn.Linear(2, 1, False, rng=RNG)
    func.weight.data[...] = [[0.0, 2.0]]
    layer = nn.NeuralODE(func, 1.0, 3.0, 3, time=True)
    np.testing.assert_allclose(layer(np.array([[5.0]])), [[5 + 9 - 1]])


@pytest.mark.parametrize(
    "func",
    [
        nn.Dropout(0.5, rng=np.random.default_rng(69)),
        nn.CapsuleLayer(3, 2, 3, 2, rng=np.random.default_rng(70)),
        nn.Sequential(nn.Residual(nn.Tanh()), nn.Dropout(0.3, rng=np.random.default_rng(71))),
    ],
    ids=["Dropout", "CapsuleLayer", "Sequential"],
)
def test_each_evaluation_of_func_keeps_its_own_values_for_backward(func: nn.Module) -> None:
    layer, x, dy, direction = nn.NeuralODE(func, steps=2), draw(4, 3, 2), draw(4, 3, 2), 1e-6 * draw(4, 3, 2)[::-1]
    up, down = (float((copy.deepcopy(layer)(x + step) * dy).sum()) for step in (direction, -direction))
    layer(x)
    assert (layer.backward(dy) * direction).sum() * 2 == pytest.approx(up - down, rel=1e-6)


def test_every_evaluation_of_func_draws_anew() -> None:
    func = nn.Sequential(nn.Dropout(0.5, rng=np.random.default_rng(72)))
    many = 4 * 3 * 1000
    y = nn.NeuralODE(func, steps=3)(np.ones(1000))
    assert len(np.unique(y.round(9))) > 50
    rng = np.random.default_rng(72)
    rng.random(many)
    np.testing.assert_array_equal(func(np.ones(1000)) > 0, rng.random(1000) >= 0.5)


def test_statistics_inside_take_note_of_every_evaluation() -> None:
    func = nn.BatchNorm1d(2)
    nn.NeuralODE(func, steps=3)(draw(5, 2))
    assert func.num_batches_tracked == 12
    assert func.running_mean.all()


def test_func_itself_is_left_without_values() -> None:
    func = nn.Tanh()
    layer = nn.NeuralODE(func)
    layer(draw(2, 3))
    assert func._cache is None


def test_a_span_of_no_time_changes_nothing() -> None:
    layer, x = nn.NeuralODE(nn.Tanh(), 2.0, 2.0), draw(2, 3)
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer.backward(x), x)


class Rounded(nn.Tanh):
    """A layer that changes the dtype."""

    def forward(self, x: Any) -> Any:
        return super().forward(x).astype(np.float32)


def refusal(message: str) -> Any:
    return pytest.raises(InputError, match=f"^{re.escape(message)}$")


def misfit(name: str, got: str, wanted: str) -> str:
    return f"NeuralODE: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def test_at_least_one_step_is_needed() -> None:
    with refusal("NeuralODE: steps is 0 but at least one is needed; more make it more exact"):
        nn.NeuralODE(nn.Tanh(), steps=0)


def test_func_must_keep_the_shape_and_dtype() -> None:
    with refusal(misfit("func(y)", "(2, 4)", "(2, 3)")):
        nn.NeuralODE(nn.Linear(3, 4, rng=RNG))(draw(2, 3))
    with refusal(misfit("func(y)", "(2, 4)", "(2, 3)")):
        nn.NeuralODE(nn.Tanh(), time=True)(draw(2, 3))
    with pytest.raises(InputError, match=r"^NeuralODE: func\(y\) has dtype float32 but the layer computes in float64;"):
        nn.NeuralODE(Rounded())(draw(2, 3))


def test_inputs_and_cotangents_that_misfit_are_refused() -> None:
    layer = nn.NeuralODE(nn.Tanh())
    with refusal(misfit("x", "()", "(..., *)")):
        layer(np.zeros(()))
    layer(draw(2, 3))
    with refusal(misfit("dy", "(3, 2)", "(2, 3)")):
        layer.backward(draw(3, 2))
    with pytest.raises(InputError, match=r"^NeuralODE: dy has dtype float32 but the layer computes in float64;"):
        layer.backward(draw(2, 3).astype(np.float32))
