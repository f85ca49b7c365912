"""Reparameterize: what is drawn, when, and the divergence."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Reparameterize


def layer(kl: bool = False) -> Any:
    return Reparameterize(kl, rng=np.random.default_rng(67))


def test_samples_have_the_mean_and_variance_that_were_asked_for() -> None:
    z = layer()(np.full((4, 9000), 3.0), np.full((4, 9000), np.log(0.25)))
    assert z.mean() == pytest.approx(3, abs=0.01)
    assert z.std() == pytest.approx(0.5, abs=0.01)


def test_every_forward_in_training_draws_anew() -> None:
    sampler, zero = layer(), np.zeros((2, 3))
    assert (sampler(zero, zero) != sampler(zero, zero)).all()


def test_evaluation_gives_a_copy_of_the_mean_and_draws_nothing() -> None:
    sampler, mu = layer().eval(), np.arange(6.0).reshape(2, 3)
    z = sampler(mu, np.ones((2, 3)))
    np.testing.assert_array_equal(z, mu)
    assert not np.shares_memory(z, mu)
    assert sampler.rng.bit_generator.state == np.random.default_rng(67).bit_generator.state
    dmu, dlog_var = sampler.backward(mu)
    np.testing.assert_array_equal(dmu, mu)
    assert not dlog_var.any()


def test_the_divergence_of_a_standard_normal_is_zero_and_so_is_its_gradient() -> None:
    sampler = layer(True).eval()
    assert sampler(np.zeros((2, 3)), np.zeros((2, 3)))[1].tolist() == [0, 0]
    dmu, dlog_var = sampler.backward(np.zeros((2, 3)), np.ones(2))
    assert not dmu.any()
    assert not dlog_var.any()


def test_the_divergence_is_the_integral_of_log_p_over_q() -> None:
    mu, log_var = 0.7, -0.6
    t = np.linspace(-12, 12, 4801)
    log_p = -0.5 * ((t - mu) ** 2 / np.exp(log_var) + log_var)
    integral = (np.exp(log_p) / np.sqrt(2 * np.pi) * (log_p + t**2 / 2)).sum() * (t[1] - t[0])
    assert layer(True)(np.array([mu]), np.array([log_var]))[1] == pytest.approx(integral, rel=1e-9)


def test_without_a_cotangent_of_the_divergence_it_counts_as_zero() -> None:
    sampler, x = layer(True), np.ones((2, 3))
    sampler(x, x)
    for bare, full in zip(sampler.backward(x), sampler.backward(x, np.zeros(2)), strict=True):
        np.testing.assert_array_equal(bare, full)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_log_variance_of_minus_a_thousand_is_no_variance(dtype: Any) -> None:
    sampler = layer(True)
    z, kl = sampler(np.full(2, 3, dtype), np.full(2, -1e3, dtype))
    assert z.tolist() == [3, 3]
    assert kl == 9 + 999
    dmu, dlog_var = sampler.backward(np.ones(2, dtype), np.ones((), dtype))
    assert dmu.tolist() == [4, 4]
    assert dlog_var.tolist() == [-0.5, -0.5]


def test_the_divergence_keeps_its_digits_near_a_standard_normal() -> None:
    _, kl = layer(True)(np.zeros(1), np.full(1, 1e-7))
    assert kl == pytest.approx(1e-14 / 4, rel=1e-6)


def run(*dz: Any) -> None:
    sampler, x = layer(True), np.zeros((2, 3))
    sampler(x, x)
    sampler.backward(*dz)


def misfit(name: str, got: str, wanted: str) -> str:
    return f"Reparameterize: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(name: str) -> str:
    return (
        f"Reparameterize: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


X, SINGLE = np.zeros((2, 3)), np.zeros((2, 3), np.float32)

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: layer()(np.zeros(()), np.zeros(())), misfit("mu", "()", "(..., *)")),
    (lambda: layer()(X, X[:1]), misfit("log_var", "(1, 3)", "(2, 3)")),
    (lambda: layer()(X, SINGLE), single("log_var")),
    (lambda: run(X[:1]), misfit("dz", "(1, 3)", "(2, 3)")),
    (lambda: run(SINGLE), single("dz")),
    (lambda: run(X, X), misfit("dkl", "(2, 3)", "(2,)")),
    (lambda: run(X, SINGLE[:, 0]), single("dkl")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
