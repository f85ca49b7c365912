"""Rotary embedding: positions, layouts, what it leaves as it is."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import RotaryEmbedding


def draw(*shape: int) -> Any:
    return np.random.default_rng(3).standard_normal(shape)


def test_a_pair_turns_by_its_position_times_its_frequency() -> None:
    x = np.array([[1.0, 0.0, 0.0, 1.0]])
    y = RotaryEmbedding(4, base=100.0)(x, 3)
    np.testing.assert_allclose(y, [[math.cos(3), math.sin(3), -math.sin(0.3), math.cos(0.3)]])


def test_position_zero_stays_as_it_is() -> None:
    x = draw(2, 1, 6)
    for interleaved in (True, False):
        np.testing.assert_array_equal(RotaryEmbedding(6, interleaved=interleaved)(x), x)


def test_an_offset_continues_the_positions() -> None:
    x, layer = draw(2, 7, 4), RotaryEmbedding(4)
    np.testing.assert_array_equal(layer(x[:, 3:], 3), layer(x)[:, 3:])


def test_the_layouts_differ_in_the_order_of_the_entries_only() -> None:
    x, order = draw(3, 5, 6), [0, 2, 4, 1, 3, 5]
    np.testing.assert_array_equal(
        RotaryEmbedding(6, interleaved=False)(x[..., order]), RotaryEmbedding(6)(x)[..., order]
    )


@pytest.mark.parametrize("interleaved", [True, False])
def test_products_of_rotated_vectors_depend_on_their_distance_only(interleaved: bool) -> None:
    layer = RotaryEmbedding(4, interleaved=interleaved)
    q, k = layer(np.tile(draw(4), (6, 1))), layer(np.tile(draw(2, 4)[1], (6, 1)))
    products = q @ k.T
    for distance in range(-5, 6):
        assert np.ptp(np.diagonal(products, distance)) < 1e-12
    assert np.ptp(products[0]) > 0.1


def test_lengths_stay_at_positions_in_the_millions() -> None:
    x = draw(3, 8)
    y = RotaryEmbedding(8)(x, 10**6)
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(x, axis=-1))


def test_angles_are_computed_in_float64_whatever_the_dtype() -> None:
    x, far = draw(2, 4).astype(np.float32), 10**6 + 1
    single = RotaryEmbedding(4)(x, far)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, RotaryEmbedding(4)(x.astype(np.float64), far), atol=1e-6)


def test_defaults_are_those_of_the_paper() -> None:
    layer = RotaryEmbedding(2)
    assert (layer.base, layer.interleaved) == (10000.0, True)


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: RotaryEmbedding(5), "dim is 5 but must be even, as pairs are rotated; add or drop one"),
    (
        lambda: RotaryEmbedding(4)(np.zeros((2, 3, 6))),
        "x has shape (2, 3, 6) but must have (..., *, 4); reshape it or build the layer for its size",
    ),
    (
        lambda: RotaryEmbedding(4)(np.zeros(4)),
        "x has shape (4,) but must have (..., *, 4); reshape it or build the layer for its size",
    ),
    (
        lambda: run(np.zeros((3, 4))),
        "dy has shape (3, 4) but must have (2, 4); reshape it or build the layer for its size",
    ),
    (
        lambda: run(np.zeros((2, 4), np.float32)),
        "dy has dtype float32 but the layer computes in float64; "
        "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
    ),
]


def run(dy: Any) -> None:
    """Forward, then backward."""
    layer = RotaryEmbedding(4)
    layer(np.zeros((2, 4)))
    layer.backward(dy)


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape('RotaryEmbedding: ' + message)}$"):
        call()
