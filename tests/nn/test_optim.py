"""Optimizers: one step by hand, and what step, update and zero_grad promise. Long runs are in test_peers.py."""

from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError
from nnlab.nn import SGD, Adam, Linear, Optimizer, Parameter

KINDS = [thing for thing in vars(nn).values() if isinstance(thing, type) and issubclass(thing, Optimizer)]
KINDS.remove(Optimizer)
every_kind = pytest.mark.parametrize("kind", KINDS)


def parameter(value: float = 1.0, grad: float = 0.5, size: int = 1) -> Parameter:
    made = Parameter(np.full((size, 1), value))
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
    sgd = SGD([parameter()])
    assert sgd.defaults == {"lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False}


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
    kind([p], **{name: 0.0 for name in kind.at_least_zero if name != "ns_steps"}).step()
    assert np.isfinite(p.data)
    if kind is not nn.Rprop:
        assert p.data == 1.0


@every_kind
def test_a_generator_of_parameters_will_do(kind: Any) -> None:
    layer = Linear(2, 2, bias=False, rng=np.random.default_rng(0))
    optimizer = kind(p for p in layer.parameters())
    optimizer.step()
    optimizer.step()
    assert list(optimizer.t.values()) == [2]


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
    optimizer.step()
    for name in ("m", "v", "v_max"):
        assert optimizer.state[p][name].shape == (2, 3)
        assert optimizer.state[p][name].dtype == np.float32


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
        Optimizer([parameter()], lr=0.1, weight_decay=0.0).step()


def test_rmsprop_takes_the_variance_of_equal_gradients_for_zero_however_it_is_rounded() -> None:
    p = parameter(grad=0.7)  # one for which s - mean² is rounded below 0
    optimizer = nn.RMSprop([p], lr=1e-9, alpha=0.5, eps=1.0, centered=True)
    for _ in range(80):
        optimizer.step()
    assert np.isfinite(p.data)


def test_rprop_moves_by_the_learning_rate_at_its_first_step_whatever_it_was_before() -> None:
    p = parameter()
    optimizer = nn.Rprop([p], lr=0.3)
    optimizer.param_groups[0]["lr"] = 0.1
    optimizer.step()
    assert p.data == pytest.approx(0.9)


def test_lamb_moves_by_the_learning_rate_where_a_norm_is_zero() -> None:
    p, q = parameter(value=0.0, grad=2.0), parameter(value=3.0, grad=0.0)
    nn.LAMB([p, q], lr=0.1, eps=0.0 + 1e-12, weight_decay=0.0).step()
    assert p.data == pytest.approx(-0.1)
    assert q.data == 3.0


def test_lamb_and_adafactor_measure_lengths_over_all_dimensions() -> None:
    for kind in (nn.LAMB, nn.Adafactor):
        flat, deep = Parameter(np.arange(1.0, 13.0)), Parameter(np.arange(1.0, 13.0).reshape(2, 3, 2))
        flat.grad[...] = 1.0
        deep.grad[...] = 1.0
        kind([flat, deep], lr=0.1).step()
        np.testing.assert_allclose(deep.data.ravel(), flat.data, rtol=1e-12)


@pytest.mark.parametrize("shape", [(40, 3), (3, 40), (5, 5)])
def test_muon_steps_along_a_matrix_whose_singular_values_are_near_one(shape: tuple[int, int]) -> None:
    p = Parameter(np.zeros(shape))
    p.grad[...] = np.random.default_rng(3).standard_normal(shape)
    nn.Muon([p], lr=1.0, adjust_lr_fn="original").step()
    values = np.linalg.svd(p.data, compute_uv=False) / np.sqrt(max(1, shape[0] / shape[1]))
    assert values.min() > 0.3
    assert values.max() < 1.3


def test_muon_works_on_the_shorter_side_of_a_matrix() -> None:
    p = Parameter(np.ones((200_000, 1)))
    p.grad[...] = 1.0
    nn.Muon([p]).step()
    assert np.isfinite(p.data).all()


def test_muon_leaves_a_matrix_alone_that_has_no_gradient() -> None:
    p = parameter(grad=0.0, size=3)
    nn.Muon([p], weight_decay=0.0).step()
    assert (p.data == 1.0).all()


def test_gradients_of_several_backwards_add_up_to_one_step_on_the_sum_of_the_losses() -> None:
    rng = np.random.default_rng(5)
    whole, parts = (Linear(3, 2, rng=np.random.default_rng(6)) for _ in range(2))
    x, dy = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    one, other = Adam(whole.parameters(), lr=0.1), Adam(parts.parameters(), lr=0.1)
    whole(x)
    whole.backward(dy)
    one.step()
    for rows in (slice(0, 2), slice(2, 6)):
        parts(x[rows])
        parts.backward(dy[rows])
    other.step()
    for p, q in zip(whole.parameters(), parts.parameters(), strict=True):
        np.testing.assert_allclose(p.data, q.data, rtol=1e-12)


@every_kind
def test_the_state_has_the_dtype_of_the_parameter(kind: Any) -> None:
    p = Parameter(np.ones((2, 3), np.float32))
    p.grad[...] = [[0.5, -1.0, 2.0], [0.25, 0.0, 1.0]]
    optimizer = kind([p])
    for _ in range(3):
        optimizer.step()
        assert {array.dtype for array in optimizer.state[p].values() if array.ndim} <= {np.dtype(np.float32)}


def test_centered_rmsprop_remembers_the_mean_of_the_gradients() -> None:
    p = parameter(grad=0.5)
    optimizer = nn.RMSprop([p], centered=True)
    optimizer.step()
    assert optimizer.state[p]["mean"] == pytest.approx(0.005)


def test_radam_begins_to_adapt_above_five_and_not_at_five() -> None:
    beta2 = 0.8397685748659791  # for which ρ is exactly 5 at step 6
    assert 2 / (1 - beta2) - 1 - 2 * 6 * beta2**6 / (1 - beta2**6) == 5.0
    p = parameter(value=0.0, grad=2.0)
    optimizer = nn.RAdam([p], lr=0.1, betas=(0.0, beta2))
    for _ in range(6):
        optimizer.step()
    assert p.data == pytest.approx(-6 * 0.1 * 2.0)
    optimizer.step()
    assert p.data > -6 * 0.1 * 2.0 - 0.1 * 2.0 + 0.01
