"""Optimizers: one step by hand, and what step, update and zero_grad promise. Long runs are in test_peers.py."""

from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import SGD, Adam, Linear, Optimizer, Parameter

every_kind = pytest.mark.parametrize("kind", [SGD, Adam])


def parameter(value: float = 1.0, grad: float = 0.5, size: int = 1) -> Parameter:
    made = Parameter(np.full(size, value))
    made.grad[...] = grad
    return made


def test_sgd_moves_against_the_gradient() -> None:
    p = parameter()
    SGD([p], lr=0.1).step()
    assert p.data == pytest.approx(0.95)


def test_sgd_takes_the_first_gradient_as_momentum_whatever_the_dampening() -> None:
    p = parameter()
    SGD([p], lr=0.1, momentum=0.9, dampening=0.5).step()
    assert p.data == pytest.approx(0.95)


def test_adam_moves_by_the_learning_rate_at_first() -> None:
    p = parameter(grad=1e-3)
    Adam([p], lr=0.1, eps=0.0).step()
    assert p.data == pytest.approx(0.9)


def test_defaults_are_torchs() -> None:
    sgd, adam = SGD([parameter()]), Adam([parameter()])
    assert sgd.lr == adam.lr == 1e-3
    assert (sgd.momentum, sgd.dampening, sgd.weight_decay, sgd.nesterov) == (0, 0, 0, False)
    assert (adam.betas, adam.eps, adam.weight_decay, adam.amsgrad) == ((0.9, 0.999), 1e-8, 0, False)


@every_kind
def test_a_step_changes_data_in_place_and_gradients_not_at_all(kind: Any) -> None:
    p = parameter(size=3)
    data, grad = p.data, p.grad.copy()
    kind([p]).step()
    assert p.data is data
    np.testing.assert_array_equal(p.grad, grad)


@every_kind
def test_zero_settings_are_allowed(kind: Any) -> None:
    p = parameter()
    kind([p], lr=0.0, weight_decay=0.0).step()
    assert p.data == 1.0


@every_kind
def test_a_generator_of_parameters_will_do(kind: Any) -> None:
    layer = Linear(2, 2, rng=np.random.default_rng(0))
    optimizer = kind(p for p in layer.parameters())
    optimizer.step()
    optimizer.step()
    assert len(optimizer.parameters) == 2


@every_kind
def test_update_moves_one_parameter_and_counts_its_steps_alone(kind: Any) -> None:
    p, q = parameter(), parameter()
    optimizer = kind([p, q], lr=0.1)
    optimizer.update(p)
    optimizer.update(p)
    assert (optimizer.t[p], optimizer.t[q]) == (2, 0)
    assert q.data == 1.0
    optimizer.update(q)
    once = parameter()
    kind([once], lr=0.1).step()
    assert q.data == once.data


@every_kind
def test_update_refuses_a_stranger_and_moves_nothing(kind: Any) -> None:
    stranger = parameter()
    with pytest.raises(InputError, match="was not given to the constructor"):
        kind([parameter()]).update(stranger)
    assert stranger.data == 1.0


@every_kind
def test_zero_grad_clears_all_gradients(kind: Any) -> None:
    p, q = parameter(), parameter()
    kind([p, q]).zero_grad()
    assert not p.grad.any()
    assert not q.grad.any()


def test_adam_amsgrad_remembers_the_largest_second_moment() -> None:
    p = parameter(grad=10.0)
    optimizer = Adam([p], lr=0.1, betas=(0.0, 0.5), eps=0.0, amsgrad=True)
    optimizer.step()
    p.grad[...] = 1.0
    before = p.data.copy()
    optimizer.step()
    assert before - p.data == pytest.approx(0.1 / np.sqrt(50 / 0.75))


def test_adam_keeps_moments_of_the_parameters_shape_and_dtype() -> None:
    p = Parameter(np.ones((2, 3), np.float32))
    optimizer = Adam([p])
    for moments in (optimizer.m, optimizer.v, optimizer.v_max):
        assert moments[p].shape == (2, 3)
        assert moments[p].dtype == np.float32


def test_adam_takes_betas_of_zero() -> None:
    p = parameter()
    Adam([p], lr=0.1, betas=(0.0, 0.0)).step()
    assert p.data == pytest.approx(0.9)


def test_optimizers_have_state_of_their_own() -> None:
    p, q = parameter(), parameter()
    one, other = Adam([p], lr=0.1), Adam([q], lr=0.1)
    one.step()
    other.step()
    assert p.data == q.data


def test_the_base_moves_nothing_and_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"^Optimizer defines no move$"):
        Optimizer([parameter()], 0.1).step()
