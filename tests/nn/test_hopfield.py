"""Recall from a Hopfield memory, its defaults, and refusals."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Hopfield, Softmax


def draw(*shape: int) -> Any:
    return np.random.default_rng(65).standard_normal(shape)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_large_beta_recalls_the_stored_pattern_closest_in_direction_without_overflow(dtype: Any) -> None:
    layer, stored = Hopfield(1e3), np.array([[3, 4], [-4, 3], [0, -5]], dtype)
    assert layer(np.array([[-9, 8], [2, -7]], dtype), stored).tolist() == [[-4, 3], [0, -5]]


def test_stored_patterns_that_are_apart_are_fixed_points() -> None:
    stored = 9 * np.eye(4)
    np.testing.assert_allclose(Hopfield(1.0, 5)(stored, stored), stored, atol=1e-12)


def test_without_settings_it_is_one_step_of_attention() -> None:
    state, stored = draw(3, 4), draw(5, 4)
    np.testing.assert_allclose(Hopfield()(state, stored), Softmax(-1)(state @ stored.T / 2) @ stored, rtol=1e-13)


def test_two_update_steps_are_one_after_the_other() -> None:
    state, stored = draw(3, 4), draw(5, 4)
    np.testing.assert_allclose(Hopfield(0.7, 2)(state, stored), Hopfield(0.7)(Hopfield(0.7)(state, stored), stored))


def test_a_memory_of_one_pattern_always_recalls_it() -> None:
    layer, stored = Hopfield(), draw(2, 1, 4)
    np.testing.assert_array_equal(layer(draw(2, 3, 4), stored), np.broadcast_to(stored, (2, 3, 4)))
    dstate, dstored = layer.backward(np.ones((2, 3, 4)))
    assert not dstate.any()
    assert (dstored == 3).all()


def run(dy: Any) -> None:
    layer = Hopfield()
    layer(draw(3, 4), draw(5, 4))
    layer.backward(dy)


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: Hopfield(0.0), "Hopfield: beta is 0.0 but must be positive; leave it out for attention"),
    (lambda: Hopfield(1.0, 0), "Hopfield: update_steps is 0 but at least one is needed; the paper uses 1"),
    (
        lambda: Hopfield()(draw(3, 4), draw(0, 4)),
        "Hopfield: stored has shape (0, 4), no pattern; store at least one",
    ),
    (
        lambda: Hopfield()(draw(4), draw(5, 4)),
        "Hopfield: state has shape (4,) but must have (..., *, *); reshape it or build the layer for its size",
    ),
    (
        lambda: Hopfield()(draw(2, 3, 4), draw(3, 5, 4)),
        "Hopfield: stored has shape (3, 5, 4) but must have (2, *, 4); reshape it or build the layer for its size",
    ),
    (
        lambda: Hopfield()(draw(3, 4), draw(5, 4).astype(np.float32)),
        "Hopfield: stored has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
    (
        lambda: run(draw(5, 4)),
        "Hopfield: dy has shape (5, 4) but must have (3, 4); reshape it or build the layer for its size",
    ),
    (
        lambda: run(draw(3, 4).astype(np.float32)),
        "Hopfield: dy has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
