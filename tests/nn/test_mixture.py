"""Mixtures of Gaussians: by hand, at their limits, gradients left out, and refusals."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Linear, MixtureDensity, MixtureDensityLoss

RNG = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return np.random.default_rng(66).standard_normal(shape)


def density(dtype: Any = np.float64) -> MixtureDensity:
    return MixtureDensity(2, 3, 4, rng=np.random.default_rng(67), dtype=dtype)


def test_the_outputs_are_the_pieces_of_a_linear_map_with_weights_that_add_up_to_one() -> None:
    layer, x = density(), draw(5, 2)
    log_pi, mu, log_sigma = layer(x)
    z = Linear(2, 20, rng=np.random.default_rng(67))(x)
    np.testing.assert_allclose(np.exp(log_pi).sum(-1), 1)
    np.testing.assert_allclose(log_pi - log_pi[:, :1], z[:, :4] - z[:, :1])
    np.testing.assert_array_equal(mu.reshape(5, 12), z[:, 4:16])
    np.testing.assert_array_equal(log_sigma, z[:, 16:])


def test_a_mixture_of_one_component_has_the_weight_one() -> None:
    assert not MixtureDensity(2, 3, 1, rng=RNG)(draw(5, 2))[0].any()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_cotangents_left_out_count_as_zero(dtype: Any) -> None:
    layer = density(dtype)
    log_pi, mu, log_sigma = layer(draw(5, 2).astype(dtype))
    np.testing.assert_array_equal(layer.backward(log_pi), layer.backward(log_pi, 0 * mu, 0 * log_sigma))
    np.testing.assert_array_equal(layer.backward(log_pi, mu), layer.backward(log_pi, mu, 0 * log_sigma))


def test_one_component_is_a_gaussian() -> None:
    layer = MixtureDensityLoss("sum")
    loss = layer(np.zeros((1, 1)), np.array([[[1.0, 2.0]]]), np.log([[3.0]]), np.array([[4.0, 6.0]]))
    assert loss == pytest.approx(25 / 18 + 2 * math.log(3) + math.log(2 * math.pi))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_loss_does_not_overflow_where_all_components_are_a_thousand_away(dtype: Any) -> None:
    layer = MixtureDensityLoss()
    log_pi, mu = np.array([-1e3, 0], dtype), np.array([[0], [-500]], dtype)
    loss = layer(log_pi, mu, np.zeros(2, dtype), np.array([1e3], dtype))
    assert loss == pytest.approx(501e3 + math.log(2 * math.pi) / 2, rel=1e-6)
    gradients = [gradient.tolist() for gradient in layer.backward()]
    assert gradients == [[-1, 0], [[-1000], [0]], [1 - 1e6, 0], [1000]]


def test_the_mean_is_over_the_targets_not_their_entries() -> None:
    inputs = draw(6, 2), draw(6, 2, 3), draw(6, 2), draw(6, 3)
    losses = MixtureDensityLoss("none")(*inputs)
    assert losses.shape == (6,)
    assert MixtureDensityLoss()(*inputs) == pytest.approx(losses.mean())


def lose(**changed: Any) -> None:
    inputs = {"log_pi": draw(6, 2), "mu": draw(6, 2, 3), "log_sigma": draw(6, 2), "target": draw(6, 3)}
    MixtureDensityLoss()(**(inputs | changed))


def back(*dy: Any) -> None:
    layer = density()
    layer(draw(5, 2))
    layer.backward(*dy)


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


OF_64 = draw(5, 4)

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: MixtureDensity(2, 3, 0, rng=RNG),
        "MixtureDensity: num_mixtures is 0 but at least one is needed; raise it",
    ),
    (lambda: density()(draw(5, 3)), misfit("Linear", "x", "(5, 3)", "(..., 2)")),
    (lambda: back(draw(5, 3)), misfit("MixtureDensity", "dlog_pi", "(5, 3)", "(5, 4)")),
    (lambda: back(OF_64.astype(np.float32)), single("MixtureDensity", "dlog_pi")),
    (lambda: back(OF_64, draw(5, 4, 2)), misfit("MixtureDensity", "dmu", "(5, 4, 2)", "(5, 4, 3)")),
    (lambda: back(OF_64, draw(5, 4, 3).astype(np.float32)), single("MixtureDensity", "dmu")),
    (lambda: back(OF_64, None, draw(5, 3)), misfit("MixtureDensity", "dlog_sigma", "(5, 3)", "(5, 4)")),
    (lambda: back(OF_64, None, OF_64.astype(np.float32)), single("MixtureDensity", "dlog_sigma")),
    (lambda: lose(mu=draw(3)), misfit("MixtureDensityLoss", "mu", "(3,)", "(..., *, *)")),
    (lambda: lose(log_pi=draw(6, 3)), misfit("MixtureDensityLoss", "log_pi", "(6, 3)", "(6, 2)")),
    (lambda: lose(log_pi=draw(6, 2).astype(np.float32)), single("MixtureDensityLoss", "log_pi")),
    (lambda: lose(log_sigma=draw(6, 1)), misfit("MixtureDensityLoss", "log_sigma", "(6, 1)", "(6, 2)")),
    (lambda: lose(log_sigma=draw(6, 2).astype(np.float32)), single("MixtureDensityLoss", "log_sigma")),
    (lambda: lose(target=draw(6, 2)), misfit("MixtureDensityLoss", "target", "(6, 2)", "(6, 3)")),
    (lambda: lose(target=draw(6, 3).astype(np.float32)), single("MixtureDensityLoss", "target")),
    (
        lambda: lose(target=np.full((6, 3), np.nan)),
        "MixtureDensityLoss: target is NaN at (0, 0); fill it in, or leave that sample out of the batch",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
