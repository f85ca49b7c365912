"""SlidingWindowAttention: its reach, its masks, its limits."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import SlidingWindowAttention
from nnlab.nn.local_attention import near


def draw(*shape: int) -> Any:
    return np.random.default_rng(51).standard_normal(shape)


def reach(layer: SlidingWindowAttention, length: int, mask: Any = None) -> Any:
    """Which keys each query attends to: where its weights, which identity values show, are positive."""
    x = draw(length, 2)
    return layer(x, x, np.eye(length), mask) > 0


def test_a_query_attends_to_as_many_keys_on_either_side() -> None:
    distance = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    for window in (0, 1, 2, 5, 9):
        np.testing.assert_array_equal(reach(SlidingWindowAttention(window), 6), distance <= window)


def test_a_causal_query_attends_to_itself_and_to_keys_before_it() -> None:
    distance = np.subtract.outer(np.arange(6), np.arange(6))
    for window in (0, 1, 2, 9):
        layer = SlidingWindowAttention(window, causal=True)
        np.testing.assert_array_equal(reach(layer, 6), (distance >= 0) & (distance <= window))


def test_a_window_is_not_causal_unless_told_to() -> None:
    assert reach(SlidingWindowAttention(1), 3).tolist() == [[True, True, False], [True] * 3, [False, True, True]]


def test_a_padded_key_is_attended_to_by_nobody() -> None:
    found = reach(SlidingWindowAttention(1), 4, [False, True, False, False])
    assert found.tolist() == [
        [True, False, False, False],
        [True, False, True, False],
        [False, False, True, True],
        [False, False, True, True],
    ]


def test_a_query_that_may_attend_to_nothing_gets_zeros_and_gives_none() -> None:
    layer, x = SlidingWindowAttention(1), draw(2, 5, 3)
    padded = np.array([[True, True, True, False, False], [True] * 5])
    y = layer(x, x, x, padded)
    assert (np.abs(y).sum(-1) > 0).tolist() == [[False, False, True, True, True], [False] * 5]
    for dx in layer.backward(np.ones_like(y)):
        assert np.isfinite(dx).all()
        assert not dx[1].any()


def test_a_window_of_none_returns_the_values() -> None:
    v = draw(2, 4, 3)
    np.testing.assert_array_equal(SlidingWindowAttention(0)(draw(2, 4, 5), draw(2, 4, 5), v), v)


def test_great_scores_do_not_overflow() -> None:
    layer, x = SlidingWindowAttention(1), np.array([[1000.0], [-1000.0], [1000.0]])
    y = layer(x, x, np.eye(3))
    np.testing.assert_array_equal(y, [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert all(np.isfinite(dx).all() for dx in layer.backward(np.ones((3, 3))))


def test_near_is_a_view_of_neighbours_with_zeros_outside() -> None:
    windows = near(np.array([[1.0, 10], [2, 20], [3, 30]]), 1, 2)
    assert windows[:, 0].tolist() == [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 0]]
    assert windows[0, 1].tolist() == [0, 10, 20, 30]


def test_near_takes_memory_for_the_padded_array_only() -> None:
    windows = near(np.zeros((1000, 3)), 100, 100)
    assert windows.shape == (1000, 3, 201)
    assert windows.base is not None
    assert max(windows.strides) == 3 * 8


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (
            [draw(2, 4, 3), draw(2, 5, 3), draw(2, 5, 3)],
            "SlidingWindowAttention: key has shape (2, 5, 3) but must have (2, 4, 3); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 5, 3)],
            "SlidingWindowAttention: value has shape (2, 5, 3) but must have (2, 4, *); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(3), draw(3), draw(3)],
            "SlidingWindowAttention: query has shape (3,) but must have (..., *, *); "
            "reshape it or build the layer for its size",
        ),
        (
            [draw(2, 4, 3).astype(np.float32), draw(2, 4, 3), draw(2, 4, 3)],
            "SlidingWindowAttention: key has dtype float64 but the layer computes in float32; "
            "convert it with .astype(np.float32), or build the layer with dtype=np.float64",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3).astype(np.float32)],
            "SlidingWindowAttention: value has dtype float32 but the layer computes in float64; "
            "convert it with .astype(np.float64), or build the layer with dtype=np.float32",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3), np.zeros((2, 4), int)],
            "SlidingWindowAttention: key_padding_mask must be boolean, True where a key is padding, "
            "but has dtype int64; compare it with a number",
        ),
        (
            [draw(2, 4, 3), draw(2, 4, 3), draw(2, 4, 3), np.zeros(4, bool)],
            "SlidingWindowAttention: key_padding_mask has shape (4,) but must have (2, 4); "
            "reshape it or build the layer for its size",
        ),
    ],
    ids=["key", "value", "query", "dtype", "dtype of value", "integers", "mask"],
)
def test_inputs_that_do_not_fit_are_refused(inputs: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        SlidingWindowAttention(1)(*inputs)


def test_gradients_of_another_shape_or_dtype_are_refused() -> None:
    layer, x = SlidingWindowAttention(1), draw(2, 4, 3)
    layer(x, x, draw(2, 4, 5))
    with pytest.raises(InputError, match=r"^SlidingWindowAttention: dy has shape .* but must have \(2, 4, 5\);"):
        layer.backward(x)
    with pytest.raises(InputError, match=r"^SlidingWindowAttention: dy has dtype float32 but the layer computes in"):
        layer.backward(draw(2, 4, 5).astype(np.float32))


def test_a_negative_window_is_refused() -> None:
    message = (
        "SlidingWindowAttention: window is -1 but must be at least 0; count the neighbours to attend to on one side"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        SlidingWindowAttention(-1)
