"""Gated layers: their parts, initial values, ties and refusals."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return np.random.default_rng(51).standard_normal(shape)


def test_glu_gates_the_first_half_by_the_sigmoid_of_the_second() -> None:
    x = draw(2, 6)
    np.testing.assert_allclose(nn.GLU()(x), x[:, :3] * nn.Sigmoid()(x[:, 3:]), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_glu_is_torchs_at_a_thousand(dtype: Any) -> None:
    layer = nn.GLU()
    assert layer(np.array([2.0, 3.0, -1e3, 1e3], dtype)).tolist() == [0, 3]
    assert layer.backward(np.array([5.0, 7.0], dtype)).tolist() == [0, 7, 0, 0]


@pytest.mark.parametrize(("kind", "activation"), [(nn.SwiGLU, nn.SiLU()), (nn.GEGLU, nn.GELU())])
def test_a_gated_unit_is_an_activation_of_one_linear_map_times_another(kind: Any, activation: Any) -> None:
    layer, x = kind(4, 3, rng=np.random.default_rng(52)), draw(2, 4)
    np.testing.assert_allclose(layer(x), activation(layer.gate(x)) * layer.value(x), rtol=1e-14)


@pytest.mark.parametrize("kind", [nn.SwiGLU, nn.GEGLU])
def test_a_gated_unit_draws_its_two_maps_one_after_the_other(kind: Any) -> None:
    layer, rng = kind(4, 3, rng=np.random.default_rng(53)), np.random.default_rng(53)
    for name in ("gate", "value"):
        for key, array in nn.Linear(4, 3, rng=rng).state_dict().items():
            np.testing.assert_array_equal(layer.state_dict()[f"{name}.{key}"], array)


def test_highway_passes_its_input_while_the_gate_is_shut_and_only_the_transform_once_it_is_open() -> None:
    x = draw(2, 3)
    np.testing.assert_array_equal(nn.Highway(3, -1e3, rng=RNG)(x), x)
    layer = nn.Highway(3, 1e3, rng=RNG)
    np.testing.assert_array_equal(layer(x), np.maximum(layer.transform(x), 0))


def test_highway_starts_with_a_gate_that_is_rather_shut() -> None:
    for layer, bias in ((nn.Highway(2, rng=RNG), -1), (nn.Highway(2, -3.0, rng=RNG), -3)):
        assert layer.state_dict()["gate.bias"].tolist() == [bias, bias]


def maxout(*z: float) -> nn.Maxout:
    """A Maxout of one number whose pieces are `z` whatever the number is."""
    layer = nn.Maxout(1, 1, len(z), rng=RNG)
    layer.load_state_dict({"linear.weight": np.zeros((len(z), 1)), "linear.bias": z})
    return layer


def test_maxout_gives_the_gradient_to_the_first_of_equal_pieces() -> None:
    layer = maxout(1.0, 2.0, 2.0)
    assert layer(np.ones((1, 1))).tolist() == [[2]]
    layer.backward(np.full((1, 1), 3.0))
    assert layer.linear.bias is not None
    assert layer.linear.bias.grad.tolist() == [0, 3, 0]


def test_maxout_of_one_piece_is_linear() -> None:
    layer, x = nn.Maxout(4, 3, 1, rng=RNG), draw(2, 4)
    np.testing.assert_array_equal(layer(x), layer.linear(x))


def test_maxout_and_the_gated_units_take_a_batch_of_nothing() -> None:
    for layer in (nn.Maxout(4, 3, rng=RNG), nn.SwiGLU(4, 3, rng=RNG), nn.Highway(4, rng=RNG)):
        y = layer(np.zeros((0, 4)))
        assert layer.backward(y).shape == (0, 4)


def run(layer: Any, x: Any, dy: Any) -> None:
    """Forward, then backward."""
    layer(x)
    layer.backward(dy)


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


ROW, WIDE, SINGLE = np.zeros((2, 4)), np.zeros((2, 5)), np.zeros((2, 4), np.float32)

REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: nn.GLU()(WIDE), "GLU: x has 5 entries along dim -1, which cannot be halved; make their number even"),
    (
        lambda: nn.GLU(0)(np.zeros((3, 2))),
        "GLU: x has 3 entries along dim 0, which cannot be halved; make their number even",
    ),
    (lambda: nn.GLU()(np.zeros(())), misfit("GLU", "x", "()", "(..., *)")),
    (
        lambda: nn.GLU()([1, 2]),
        "GLU: x must be a floating-point array but has dtype int64; convert it with .astype(np.float64)",
    ),
    (lambda: run(nn.GLU(), ROW, ROW), misfit("GLU", "dy", "(2, 4)", "(2, 2)")),
    (lambda: run(nn.GLU(), ROW, SINGLE[:, :2]), single("GLU", "dy")),
    (lambda: nn.SwiGLU(4, 3, rng=RNG)(WIDE), misfit("Linear", "x", "(2, 5)", "(..., 4)")),
    (lambda: run(nn.SwiGLU(4, 3, rng=RNG), ROW, ROW), misfit("SwiGLU", "dy", "(2, 4)", "(2, 3)")),
    (lambda: run(nn.GEGLU(4, 4, rng=RNG), ROW, SINGLE), single("GEGLU", "dy")),
    (lambda: nn.Highway(4, rng=RNG)(WIDE), misfit("Highway", "x", "(2, 5)", "(..., 4)")),
    (lambda: nn.Highway(4, rng=RNG)(SINGLE), single("Linear", "x")),
    (lambda: run(nn.Highway(4, rng=RNG), ROW, WIDE), misfit("Highway", "dy", "(2, 5)", "(2, 4)")),
    (lambda: run(nn.Highway(4, rng=RNG), ROW, SINGLE), single("Highway", "dy")),
    (lambda: nn.Maxout(4, 3, 0, rng=RNG), "Maxout: pieces is 0 but at least one is needed; raise it"),
    (lambda: nn.Maxout(4, 3, rng=RNG)(WIDE), misfit("Linear", "x", "(2, 5)", "(..., 4)")),
    (lambda: run(nn.Maxout(4, 3, rng=RNG), ROW, ROW), misfit("Maxout", "dy", "(2, 4)", "(2, 3)")),
    (lambda: run(nn.Maxout(4, 4, rng=RNG), ROW, SINGLE), single("Maxout", "dy")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
