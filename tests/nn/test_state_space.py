"""The state-space model: impulse, causality, first values and refusals."""

import re
from collections.abc import Callable
from math import e, pi
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import DiagonalSSM


def layer(*args: Any, **kwargs: Any) -> DiagonalSSM:
    return DiagonalSSM(*args, rng=np.random.default_rng(71), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(72).standard_normal(shape)


def test_one_state_that_halves_itself_answers_an_impulse_by_powers() -> None:
    """With step 1 and A = -1: powers of 1/e, and 1 - 1/e of the input goes in."""
    ssm = layer(1, 1)
    ssm.load_state_dict(
        {name: np.zeros((1, 1)) for name in ("log_A_real", "A_imag", "B_imag", "C_imag")}
        | {"B_real": [[3.0]], "C_real": [[0.5]], "D": [10.0], "log_dt": [0.0]}
    )
    y = ssm(np.array([[[1.0], [0.0], [0.0]]]))
    np.testing.assert_allclose(y[0, :, 0], 3 * (1 - 1 / e) * np.array([1, 1 / e, 1 / e**2]) + [10, 0, 0])


def test_the_output_does_not_see_later_inputs() -> None:
    ssm, x = layer(3, 4, 0.1, 0.9), draw(2, 7, 3)
    later = x.copy()
    later[:, 4:] += 5
    y, changed = ssm(x), ssm(later)
    np.testing.assert_allclose(changed[:, :4], y[:, :4], rtol=0, atol=1e-13)
    assert (abs(changed[:, 4:] - y[:, 4:]) > 0.1).all()


def test_features_do_not_mix() -> None:
    ssm, x = layer(3, 4), draw(2, 7, 3)
    other = x.copy()
    other[:, :, 1] = 9
    np.testing.assert_array_equal(ssm(other)[:, :, [0, 2]], ssm(x)[:, :, [0, 2]])


def test_the_last_impulse_does_not_come_round_to_the_first_step() -> None:
    ssm, x = layer(2, 3, 0.1, 0.9), np.zeros((1, 6, 2))
    x[:, -1] = 1
    assert abs(ssm(x)[:, :-1]).max() < 1e-15
    dx = ssm.backward(x[:, ::-1])
    assert abs(dx[:, 1:]).max() < 1e-15


def test_the_parameters_begin_as_in_the_paper() -> None:
    state = layer(500, 4, 0.01, 0.5).state_dict()
    np.testing.assert_allclose(np.exp(state["log_A_real"]), 0.5)
    np.testing.assert_allclose(state["A_imag"], pi * np.array([[0.0, 1, 2, 3]] * 500))
    assert (state["B_real"] == 1).all()
    assert not state["B_imag"].any()
    for name in ("C_real", "C_imag", "D"):
        assert state[name].std() == pytest.approx(1, abs=0.1)
    assert state["log_dt"].min() == pytest.approx(np.log(0.01), abs=0.05)
    assert state["log_dt"].max() == pytest.approx(np.log(0.5), abs=0.05)
    assert state["log_dt"].mean() == pytest.approx((np.log(0.01) + np.log(0.5)) / 2, abs=0.2)


def test_there_are_32_states_with_steps_from_a_thousandth_to_a_tenth_by_default() -> None:
    state = layer(300).state_dict()
    assert state["A_imag"].shape == (300, 32)
    assert state["log_dt"].min() == pytest.approx(np.log(0.001), abs=0.1)
    assert state["log_dt"].max() == pytest.approx(np.log(0.1), abs=0.1)


def test_steps_may_all_be_the_same() -> None:
    np.testing.assert_allclose(layer(3, 2, 0.25, 0.25).log_dt.data, np.log(0.25))


def test_very_long_and_very_short_steps_stay_finite() -> None:
    ssm, x = layer(2, 3), draw(1, 9, 2)
    ssm.log_dt.data[...] = [7, -30]
    assert np.isfinite(ssm(x)).all()
    assert np.isfinite(ssm.backward(x)).all()
    assert all(np.isfinite(parameter.grad).all() for parameter in ssm.parameters())


def test_short_steps_keep_their_digits() -> None:
    """For small steps B is multiplied by the step itself: exp(z) - 1 must not cancel."""
    ssm = layer(1, 1)
    ssm.log_dt.data[...] = np.log(1e-12)
    ssm.D.data[...] = 0
    np.testing.assert_allclose(ssm(np.ones((1, 1, 1))), 2e-12 * ssm.C_real.data[None], rtol=1e-10)


def run(x: Any, dy: Any) -> None:
    ssm = layer(3, 2)
    ssm(x)
    ssm.backward(dy)


def steps(low: object, high: object) -> str:
    return (
        f"DiagonalSSM: steps range from dt_min={low} to dt_max={high}, but 0 < dt_min <= dt_max must hold; "
        f"the paper takes 0.001 and 0.1"
    )


def misfit(name: str, got: str, wanted: str) -> str:
    return f"DiagonalSSM: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(name: str) -> str:
    return (
        f"DiagonalSSM: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


X = np.zeros((2, 5, 3))

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: layer(3, 2, 0), steps(0, 0.1)),
    (lambda: layer(3, 2, 0.2, 0.1), steps(0.2, 0.1)),
    (lambda: layer(3, 2)(X[0]), misfit("x", "(5, 3)", "(*, *, 3)")),
    (lambda: layer(3, 2)(X.astype(np.float32)), single("x")),
    (lambda: run(X, X[:1]), misfit("dy", "(1, 5, 3)", "(2, 5, 3)")),
    (lambda: run(X, X.astype(np.float32)), single("dy")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
