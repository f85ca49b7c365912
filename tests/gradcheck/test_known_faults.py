"""Faults that were made in real backward passes, some of which other checkers pass."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from tests.gradcheck.layers import Function, Matrix, draw

EPS = 1e-5


def layernorm(x: Any) -> Any:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + EPS)


def layernorm_backward(dy: Any, x: Any, eps: float = EPS, cross: float = 1.0) -> Any:
    inv_std = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    x_hat = (x - x.mean(-1, keepdims=True)) * inv_std
    return (dy - cross * (dy.mean(-1, keepdims=True) + x_hat * (dy * x_hat).mean(-1, keepdims=True))) * inv_std


def gelu(x: Any, cubic: float = 0.044715) -> Any:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + cubic * x**3)))


def gelu_backward(dy: Any, x: Any, cubic: float = 0.044715) -> Any:
    t = np.tanh(math.sqrt(2 / math.pi) * (x + cubic * x**3))
    return dy * 0.5 * (1 + t + x * (1 - t**2) * math.sqrt(2 / math.pi) * (1 + 3 * cubic * x**2))


def mse(x: Any) -> Any:
    return (x**2).mean()


LAYERS: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any], tuple[int, ...]]] = {
    "LayerNorm without cross-terms": (
        layernorm,
        layernorm_backward,
        lambda dy, x: layernorm_backward(dy, x, cross=0.0),
        (8, 16),
    ),
    "LayerNorm whose backward forgets eps": (
        layernorm,
        layernorm_backward,
        lambda dy, x: layernorm_backward(dy, x, eps=0.0),
        (8, 64),
    ),
    "GELU with 0.0447 for 0.044715": (
        gelu,
        gelu_backward,
        lambda dy, x: gelu_backward(dy, x, cubic=0.0447),
        (4, 16),
    ),
    "a loss divided by N-1 for N=2000": (
        mse,
        lambda dy, x: 2 * x * dy / 2000,
        lambda dy, x: 2 * x * dy / 1999,
        (2000,),
    ),
    "a loss that ignores dy": (mse, lambda dy, x: 2 * x * dy / 5, lambda dy, x: 2 * x / 5, (5,)),
    "a residual one way only": (
        lambda x: x + np.sin(x),
        lambda dy, x: dy + np.cos(x) * dy,
        lambda dy, x: np.cos(x) * dy,
        (3, 4),
    ),
    "a permutation for its inverse": (
        lambda x: np.roll(x, 1),
        lambda dy, x: np.roll(dy, -1),
        lambda dy, x: np.roll(dy, 1),
        (64,),
    ),
    "broadcasting not summed but averaged": (
        lambda x: x + np.zeros((6, 1)),
        lambda dy, x: dy.sum(0),
        lambda dy, x: dy.mean(0),
        (4,),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("seed", range(3))
def test_the_fault_is_seen_and_the_correct_layer_is_not_blamed(name: str, seed: int) -> None:
    value, right, wrong, shape = LAYERS[name]
    x = draw(*shape, seed=seed)
    assert str(check(Function(value, right), x, rng=np.random.default_rng(seed))).startswith("agrees")
    report = check(Function(value, wrong), x, rng=np.random.default_rng(seed))
    assert report.outcome == "disagrees"
    assert {(d.tensor, d.problem) for d in report.disagreements} == {("input 0", "gradient is wrong")}
    assert all(d.index is not None for d in report.disagreements)


class Assigning(Matrix):
    """Sets the weight's gradient where it should add to it."""

    def backward(self, dy: Any) -> Any:
        self.weight.grad[...] = 0.0
        return super().backward(dy)


class Twice:
    """y = the same layer for each row, one after the other."""

    def __init__(self, layer: Matrix) -> None:
        self.layer = layer

    def named_parameters(self) -> Any:
        return self.layer.named_parameters()

    def forward(self, x: Any) -> Any:
        self.x = x.copy()
        return np.concatenate([self.layer.forward(row) for row in np.split(x, 2)])

    def backward(self, dy: Any) -> Any:
        gradients = []
        for x, row in zip(np.split(self.x, 2), np.split(dy, 2), strict=True):
            self.layer.forward(x)
            gradients.append(self.layer.backward(row))
        return np.concatenate(gradients)


def test_assignment_for_accumulation_is_seen_only_where_a_layer_is_used_twice() -> None:
    assert check(Assigning(), draw(2, 3)).outcome == "agrees"
    assert check(Twice(Matrix()), draw(2, 3)).outcome == "agrees"
    assert [d.tensor for d in check(Twice(Assigning()), draw(2, 3)).disagreements] == ["weight"]


def test_an_error_of_a_thousand_resolutions_is_not_missed() -> None:
    # A direction sees it times a product of two Gaussians, which is below 1/1000 in 0.5 % of the draws; two are drawn.
    x, entry = draw(1, 4), np.zeros((4, 4))
    entry[1, 2] = 1.0
    for seed in range(30):
        clean = check(Function(lambda x: 1 * x, lambda dy, x: 1 * dy), x, rng=np.random.default_rng(seed))
        error = 1000 * clean.resolution * 2  # a Gaussian direction through 4 gradients of size 1
        layer = Function(lambda x: 1 * x, lambda dy, x, e=error: dy + e * dy @ entry)
        report = check(layer, x, rng=np.random.default_rng(seed))
        assert [d.index for d in report.disagreements] == [(0, 2)]
