"""Mistakes along an axis that tensor and output share are named with it."""

from typing import Any

import numpy as np
import pytest

from nnlab.gradcheck import check
from nnlab.gradcheck.axes import Block
from tests.gradcheck.layers import Function, draw

X, W, A = draw(2, 4, 3, seed=7), draw(3, 2, seed=8), draw(4, 4, seed=9)


def pattern(value: Any, gradient: Any, x: Any = X) -> str | None:
    (wrong,) = check(Function(value, gradient), x).disagreements
    return wrong.pattern


def named(block: Block) -> list[str]:
    """All mistakes that give exactly the derivatives that backward has."""
    with np.errstate(all="ignore"):
        found = [name for name, candidate in block.mistakes() if np.allclose(candidate, block.own, equal_nan=True)]
    return list(dict.fromkeys(found))


def block(x: Any, y: Any, right: Any, own: Any) -> Block:
    return Block(x, y, right, own, 1e-6)


def test_a_graph_against_whose_edges_the_gradient_does_not_flow_is_transposed() -> None:
    found = pattern(lambda x: A @ x @ W, lambda dy, x: A @ dy @ W.T)
    assert found == "transposed along axis 1: backward runs forward"


def test_axes_of_other_lengths_are_not_transposed() -> None:
    x, y = draw(3), draw(4)
    right = draw(3, 4)
    assert not [name for name, _ in block(x, y, right, right).mistakes() if name.startswith("transposed")]


@pytest.mark.parametrize(("word", "tap"), [("first", -1), ("last", 1)])
def test_a_tap_that_is_forgotten_is_named(word: str, tap: int) -> None:
    kernel = {-1: 0.5, 0: 1.0, 1: 2.0}

    def conv(x: Any, taps: Any) -> Any:
        padded = np.pad(x, [(1, 1), (0, 0)])
        return sum(kernel[t] * padded[1 + t : 1 + t + len(x)] for t in taps)

    found = pattern(lambda x: conv(x, kernel), lambda dy, x: conv_back(dy, kernel, tap), draw(6, 2))
    assert found == f"right but for the {word} of 3 taps on axis 0"


def test_two_taps_are_a_window() -> None:
    x = draw(4)
    right = np.eye(4) + 2 * np.eye(4, k=1)
    names = named(block(x, x, right, np.eye(4)))
    assert "right but for the first of 2 taps on axis 0" in names


def conv_back(dy: Any, kernel: dict[int, float], without: int) -> Any:
    padded = np.pad(dy, [(1, 1), (0, 0)])
    return sum(kernel[t] * padded[1 - t : 1 - t + len(dy)] for t in kernel if t != without)


def test_one_tap_alone_is_no_window() -> None:
    x = draw(3)
    assert not [n for n, _ in block(x, x, np.eye(3), np.eye(3)).mistakes() if "taps" in n]
    assert not [n for n, _ in block(x, x, np.zeros((3, 3)), np.eye(3)).mistakes() if "taps" in n]


@pytest.mark.parametrize(("word", "mask"), [("later", np.tril), ("earlier", np.triu)])
def test_a_causal_mask_too_many_is_named(word: str, mask: Any) -> None:
    found = pattern(lambda x: A @ x @ W, lambda dy, x: mask(A).T @ dy @ W.T)
    assert found == f"masked as for causality: entries {word} than the output on axis 1 have no gradient"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mask_is_named_with_its_axis(axis: int) -> None:
    x = draw(4, 4, 4)
    right = draw(*x.shape, *x.shape)
    places = np.indices(right.shape)
    own = np.where(places[axis] > places[axis + 3], 0, right)
    name = f"masked as for causality: entries later than the output on axis {axis} have no gradient"
    assert named(block(x, x, right, own)) == [name]


def test_a_mask_is_told_where_the_output_has_more_axes() -> None:
    x, y, right = draw(4), draw(4, 2), draw(4, 4, 2)
    own = right * np.tri(4).T[..., None]
    name = "masked as for causality: entries later than the output on axis 0 have no gradient"
    assert named(block(x, y, right, own)) == [name]


def test_a_product_whose_second_factor_is_taken_for_constant_is_named() -> None:
    name = "a term missing: the gradient is y/x, as if what x is multiplied by were constant"
    assert pattern(lambda x: x * np.tanh(x), lambda dy, x: dy * np.tanh(x)) == name
    x = draw(3, 2)
    right = np.eye(6).reshape(3, 2, 3, 2) * x
    gate = np.eye(6).reshape(3, 2, 3, 2) * 0.3
    assert named(block(x, 0.3 * x, right, gate)) == [name]
    assert named(block(x, 0.3 * x, right + 1, gate)) == []  # other entries count
    assert named(block(np.where(x == x[0, 0], 0, x), 0.3 * x, right, gate)) == []
    assert named(block(x, 0.3 * x.ravel(), right.reshape(3, 2, 6), gate.reshape(3, 2, 6))) == []


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


DIVIDED = "a term proportional to the output along axis {} missing, such as of a division by a sum"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_divisor_without_gradient_is_named_with_its_axis(axis: int) -> None:
    y = draw(3, 4, 5, seed=3)
    x, right = draw(2, 2), draw(2, 2, 3, 4, 5)
    own = right + y * draw(2, 2, *np.delete(y.shape, axis)).reshape(2, 2, *np.where(np.arange(3) == axis, 1, y.shape))
    assert named(block(x, y, right, own)) == [DIVIDED.format(axis)]


def test_a_divisor_without_gradient_is_found_by_the_check() -> None:
    values = draw(6, 4, seed=3)

    def mix(x: Any) -> Any:
        return np.exp(x) @ values / np.exp(x).sum(-1, keepdims=True)

    found = pattern(
        mix, lambda dy, x: np.exp(x) * (dy / np.exp(x).sum(-1, keepdims=True) @ values.T), draw(2, 6, seed=5)
    )
    assert found == DIVIDED.format(1)


def test_each_half_of_an_axis_may_have_its_divisor_and_zeros_do_not_spoil_it() -> None:
    y = draw(3, 6, seed=3)
    y[1] = 0
    x, right = draw(4), draw(4, 3, 6)
    own = right + y * np.repeat(draw(4, 3, 2, seed=4), 3, 2)
    assert named(block(x, y, right, own)) == [DIVIDED.format(1)]
    third = right + y * np.repeat(draw(4, 3, 3, seed=4), 2, 2)
    assert named(block(x, y, right, third)) == []


def test_an_axis_of_one_or_halves_of_one_have_no_divisor() -> None:
    x = draw(4)
    for shape in ((1,), (2,)):
        y, right = draw(*shape), draw(4, *shape)
        own = right + draw(4, *shape, seed=5)
        assert named(block(x, y, right, own)) == []


def test_the_derivatives_of_one_of_two_outputs_are_named() -> None:
    found = pattern(
        lambda x: (np.sin(x), A @ x @ W),
        lambda da, db, x: np.cos(x) * da + A @ db @ W.T,
    )
    assert found == "transposed along axis 1: backward runs forward"
