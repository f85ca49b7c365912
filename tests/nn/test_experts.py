"""Mixture of experts: who is chosen, with what weight, and how balance is rewarded."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Dropout, FeedForward, Linear, MixtureOfExperts, Module, ReLU, Tanh

X = np.random.default_rng(5).standard_normal((2, 3, 4))


def mixture(num_experts: int = 5, top_k: int = 2, **kwargs: Any) -> MixtureOfExperts:
    kwargs = {"dim_feedforward": 3, "dropout": 0.0} | kwargs
    return MixtureOfExperts(4, num_experts, top_k, rng=np.random.default_rng(4), **kwargs)


def probabilities(layer: MixtureOfExperts, row: Any) -> Any:
    e = np.exp(layer.router.data @ row)
    return e / e.sum()


@pytest.mark.parametrize("renormalize", [True, False])
@pytest.mark.parametrize("top_k", [1, 2, 5])
def test_a_mixture_is_what_a_loop_over_positions_gives(top_k: int, renormalize: bool) -> None:
    layer = mixture(top_k=top_k, renormalize=renormalize)
    y, loss = layer(X)
    chosen, mean = np.zeros(5), np.zeros(5)
    for i, row in enumerate(X.reshape(6, 4)):
        p = probabilities(layer, row)
        best = sorted(range(5), key=lambda e: -p[e])[:top_k]
        total = sum(p[e] for e in best) if renormalize else 1
        wanted = sum(p[e] / total * layer.experts[e](row) for e in best)
        np.testing.assert_allclose(y.reshape(6, 4)[i], wanted, atol=1e-14)
        mean += p / 6
        for e in best:
            chosen[e] += 1 / (6 * top_k)
    assert loss.shape == ()
    np.testing.assert_allclose(loss, 5 * sum(chosen[e] * mean[e] for e in range(5)))


def test_the_loss_is_one_in_balance_and_the_number_of_experts_where_one_gets_all() -> None:
    layer = mixture(num_experts=4, top_k=1)
    layer.router.data[...] = np.eye(4) * 50
    np.testing.assert_allclose(layer(np.eye(4))[1], 1)
    np.testing.assert_allclose(layer(np.eye(4)[[2, 2, 2]])[1], 4)


def test_the_gradient_of_the_loss_flows_through_the_second_cotangent_alone() -> None:
    layer = mixture(top_k=1)
    layer(X)
    dx = layer.backward(np.zeros_like(X), np.array(0.01))
    rows, w = X.reshape(6, 4), layer.router.data
    p = np.array([probabilities(layer, row) for row in rows])
    f = np.bincount(p.argmax(1), minlength=5) / 6
    dlogits = 0.01 * 5 / 6 * p * (f - (p @ f)[:, None])
    np.testing.assert_allclose(layer.router.grad, dlogits.T @ rows, atol=1e-16)
    np.testing.assert_allclose(dx, (dlogits @ w).reshape(X.shape), atol=1e-16)
    assert not any(p.grad.any() for p in layer.experts.parameters())


def test_the_second_cotangent_may_be_left_out() -> None:
    layer, dy = mixture(), np.random.default_rng(6).standard_normal(X.shape)
    layer(X)
    np.testing.assert_array_equal(layer.backward(dy), layer.backward(dy, np.zeros(())))


def test_equal_experts_are_taken_in_their_order() -> None:
    layer = mixture(num_experts=40, top_k=3)
    layer.router.data[...] = 0.0
    layer.router.data[::2] = [1.0, 0.0, 0.0, 0.0]
    y, loss = layer(np.array([[2.0, 1.0, 0.5, -1.0]]))
    np.testing.assert_allclose(y, sum(layer.experts[e](np.array([[2.0, 1.0, 0.5, -1.0]])) for e in (0, 2, 4)) / 3)
    np.testing.assert_allclose(loss, 40 * np.exp(2) / (20 + 20 * np.exp(2)))


def test_an_expert_that_nobody_chose_learns_nothing() -> None:
    layer = mixture(top_k=1)
    layer.router.data[...] = 0.0
    y, _ = layer(X)
    layer.backward(np.ones_like(y))
    learned = [any(p.grad.any() for p in expert.parameters()) for expert in layer.experts]
    assert learned == [True, False, False, False, False]


def test_a_single_expert_teaches_the_router_only_with_its_probability_as_weight() -> None:
    for renormalize in (True, False):
        layer = mixture(top_k=1, renormalize=renormalize)
        layer(X)
        layer.backward(np.ones_like(X))
        assert np.allclose(layer.router.grad, 0, atol=1e-15) is renormalize


def test_a_router_that_is_very_sure_overflows_nowhere() -> None:
    layer = mixture()
    layer.router.data *= 1e4
    outputs = layer(X)
    gradients = [layer.backward(*outputs), layer.router.grad]
    assert all(np.isfinite(array).all() for array in (*outputs, *gradients))


def test_experts_are_feed_forward_networks_unless_given() -> None:
    layer = MixtureOfExperts(4, 3, rng=np.random.default_rng(0))
    assert (layer.top_k, layer.renormalize) == (2, True)
    for expert in layer.experts:
        assert isinstance(expert, FeedForward)
        assert isinstance(expert.activation, ReLU)
        assert isinstance(expert.dropout, Dropout)
        assert (expert.linear1.out_features, expert.dropout.p) == (2048, 0.1)
        assert expert.linear1.bias is not None
    given = [Tanh(), Linear(4, 4, rng=np.random.default_rng(0))]
    assert list(mixture(num_experts=2, experts=iter(given)).experts) == given


def test_parameters_of_experts_are_named_by_number() -> None:
    names = list(mixture(num_experts=2, bias=False).state_dict())
    assert names == ["router", *(f"experts.{e}.linear{i}.weight" for e in (0, 1) for i in (1, 2))]


class Half(Module):
    def forward(self, x: Any) -> Any:
        return x.astype(np.float32)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            lambda: mixture(top_k=0),
            "MixtureOfExperts: top_k is 0 but must be at least 1 and at most num_experts=5; choose it in between",
        ),
        (
            lambda: mixture(top_k=6),
            "MixtureOfExperts: top_k is 6 but must be at least 1 and at most num_experts=5; choose it in between",
        ),
        (
            lambda: mixture(num_experts=3, experts=[Tanh(), Tanh()]),
            "MixtureOfExperts: num_experts is 3 but experts holds 2 layers; make the two agree",
        ),
        (
            lambda: mixture(2, experts=[Tanh(), Linear(4, 3, rng=np.random.default_rng(0))])(np.ones((1, 4))),
            "MixtureOfExperts: experts[1](x) has shape (1, 3) but must have (1, 4); "
            "reshape it or build the layer for its size",
        ),
        (
            lambda: mixture(2, experts=[Tanh(), Half()])(np.ones((1, 4))),
            "MixtureOfExperts: experts[1](x) has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            lambda: mixture()(np.ones((2, 3))),
            "MixtureOfExperts: x has shape (2, 3) but must have (..., 4); reshape it or build the layer for its size",
        ),
        (
            lambda: mixture()(np.ones((2, 4), np.float32)),
            "MixtureOfExperts: x has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            lambda: run(mixture(), np.ones((2, 3))),
            "MixtureOfExperts: dy has shape (2, 3) but must have (2, 4); reshape it or build the layer for its size",
        ),
        (
            lambda: run(mixture(), np.ones((2, 4), np.float32)),
            "MixtureOfExperts: dy has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            lambda: run(mixture(), np.ones((2, 4)), np.ones(1)),
            "MixtureOfExperts: dloss has shape (1,) but must have (); reshape it or build the layer for its size",
        ),
        (
            lambda: run(mixture(), np.ones((2, 4)), np.ones((), np.float32)),
            "MixtureOfExperts: dloss has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
    ],
)
def test_a_mixture_refuses_what_does_not_fit(run: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        run()


def run(layer: MixtureOfExperts, *dy: Any) -> None:
    layer(np.ones((2, 4)))
    layer.backward(*dy)
