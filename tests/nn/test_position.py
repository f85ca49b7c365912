"""Positions: the codes of the paper, the slopes of ALiBi, and what does not fit."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)


def test_sinusoids_are_those_of_the_paper() -> None:
    y = nn.SinusoidalPositionalEncoding(4, rng=RNG)(np.zeros((3, 4)))
    np.testing.assert_allclose(y[0], [0, 1, 0, 1])
    np.testing.assert_allclose(y[2], [np.sin(2), np.cos(2), np.sin(0.02), np.cos(0.02)])


def test_an_odd_number_of_columns_ends_with_a_sine() -> None:
    y = nn.SinusoidalPositionalEncoding(3, rng=RNG)(np.zeros((2, 3)))
    np.testing.assert_allclose(y[1], [np.sin(1), np.cos(1), np.sin(10000 ** (-2 / 3))])
    np.testing.assert_allclose(nn.SinusoidalPositionalEncoding(1, rng=RNG)(np.zeros((2, 1))), [[0], [np.sin(1)]])


def test_sinusoids_reach_five_thousand_positions_without_dropout_unless_told_otherwise() -> None:
    layer = nn.SinusoidalPositionalEncoding(2, rng=RNG)
    assert layer(np.zeros((5000, 2))).shape == (5000, 2)
    assert layer.dropout.p == 0
    assert layer.state_dict() == {}


def test_sinusoids_are_added_and_then_dropped_out_in_training() -> None:
    layer = nn.SinusoidalPositionalEncoding(6, 0.5, rng=np.random.default_rng(3))
    y = layer(np.full((40, 6), 10.0))
    assert 0.3 < (y == 0).mean() < 0.7
    np.testing.assert_array_equal(layer.backward(np.ones((40, 6))), np.where(y == 0, 0.0, 2.0))
    assert (layer.eval()(np.full((40, 6), 10.0)) > 8).all()


def test_a_learned_embedding_starts_small_and_takes_gradients_where_there_are_positions() -> None:
    layer = nn.LearnedPositionalEmbedding(200, 30, rng=np.random.default_rng(4))
    assert layer.weight.data.std() == pytest.approx(0.02, abs=0.001)
    layer(np.zeros((3, 2, 30)))
    layer.backward(np.ones((3, 2, 30)))
    np.testing.assert_array_equal(layer.weight.grad[:3, 0], [3, 3, 0])


def test_a_learned_embedding_is_of_the_dtype_that_was_asked_for() -> None:
    layer = nn.LearnedPositionalEmbedding(3, 2, rng=RNG, dtype=np.float32)
    assert layer.weight.data.dtype == layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("heads", "exponents"),
    [
        (1, [8]),
        (2, [4, 8]),
        (3, [4, 8, 2]),
        (6, [2, 4, 6, 8, 1, 3]),
        (8, [1, 2, 3, 4, 5, 6, 7, 8]),
        (12, [1, 2, 3, 4, 5, 6, 7, 8, 0.5, 1.5, 2.5, 3.5]),
    ],
)
def test_slopes_are_those_of_the_paper(heads: int, exponents: list[float]) -> None:
    y = nn.ALiBi(heads)(np.zeros((heads, 1, 2)))
    np.testing.assert_allclose(-np.log2(-y[:, 0, 0]), exponents)
    assert not y[:, 0, 1].any()


def test_the_bias_falls_with_the_distance_in_both_directions() -> None:
    slope = 2.0**-8
    np.testing.assert_allclose(nn.ALiBi(1)(np.zeros((1, 2, 2)))[0] / slope, [[0, -1], [-1, 0]])
    y = nn.ALiBi(1)(np.ones((1, 2, 4)))[0]
    np.testing.assert_allclose((y - 1) / slope, [[-2, -1, 0, -1], [-3, -2, -1, 0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.ALiBi(0), "ALiBi: num_heads is 0 but must be at least 1; name the heads of the scores"),
        (
            lambda: nn.ALiBi(3)(np.zeros((2, 4, 4))),
            "ALiBi: scores has shape (2, 4, 4) but must have (..., 3, *, *); "
            "reshape it or build the layer for its size",
        ),
        (
            lambda: nn.SinusoidalPositionalEncoding(4, max_len=3, rng=RNG)(np.zeros((4, 4))),
            "SinusoidalPositionalEncoding: x has 4 positions but max_len is 3; raise it, or cut x",
        ),
        (
            lambda: nn.SinusoidalPositionalEncoding(2, rng=RNG)(np.zeros((5001, 2))),
            "SinusoidalPositionalEncoding: x has 5001 positions but max_len is 5000; raise it, or cut x",
        ),
        (
            lambda: nn.SinusoidalPositionalEncoding(4, rng=RNG)(np.zeros((2, 3))),
            "SinusoidalPositionalEncoding: x has shape (2, 3) but must have (..., *, 4); "
            "reshape it or build the layer for its size",
        ),
        (
            lambda: nn.SinusoidalPositionalEncoding(4, rng=RNG)(np.zeros(4)),
            "SinusoidalPositionalEncoding: x has shape (4,) but must have (..., *, 4); "
            "reshape it or build the layer for its size",
        ),
        (
            lambda: nn.LearnedPositionalEmbedding(3, 4, rng=RNG)(np.zeros((2, 5, 4))),
            "LearnedPositionalEmbedding: x has 5 positions but max_len is 3; raise it, or cut x",
        ),
        (
            lambda: nn.LearnedPositionalEmbedding(3, 4, rng=RNG)(np.zeros((2, 3), np.float32)),
            "LearnedPositionalEmbedding: x has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            lambda: nn.LearnedPositionalEmbedding(3, 4, rng=RNG)(np.zeros((2, 3))),
            "LearnedPositionalEmbedding: x has shape (2, 3) but must have (..., *, 4); "
            "reshape it or build the layer for its size",
        ),
        (
            lambda: nn.LearnedPositionalEmbedding(3, 4, rng=RNG)(np.zeros(4)),
            "LearnedPositionalEmbedding: x has shape (4,) but must have (..., *, 4); "
            "reshape it or build the layer for its size",
        ),
    ],
    ids=[
        "heads",
        "scores",
        "too long",
        "by default",
        "width",
        "vector",
        "too long to learn",
        "dtype",
        "width to learn",
        "a vector",
    ],
)
def test_the_refusal_says_rule_value_and_next_step(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.SinusoidalPositionalEncoding(4, rng=RNG), (2, 3, 4)),
        (nn.LearnedPositionalEmbedding(3, 4, rng=RNG), (2, 3, 4)),
        (nn.ALiBi(2), (2, 3, 4)),
    ],
    ids=["sinusoidal", "learned", "alibi"],
)
def test_gradients_of_another_shape_or_dtype_are_refused(layer: nn.Module, shape: tuple[int, ...]) -> None:
    name = type(layer).__name__
    layer(np.zeros(shape))
    with pytest.raises(InputError, match=rf"^{name}: dy has shape \(3,\) but must have \(2, 3, 4\);"):
        layer.backward(np.zeros(3))
    with pytest.raises(InputError, match=rf"^({name}|Dropout): dy has dtype float32 but the layer computes in float64"):
        layer.backward(np.zeros(shape, np.float32))
