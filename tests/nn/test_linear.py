"""Linear maps: initial values, what is frozen, refusals."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.errors import InputError

RNG = np.random.default_rng(0)


def draw(*shape: int) -> Any:
    return np.random.default_rng(61).standard_normal(shape)


def test_bilinear_with_equal_rows_is_a_quadratic_form() -> None:
    layer, x = nn.Bilinear(3, 3, 1, bias=False, rng=RNG), draw(3)
    np.testing.assert_allclose(layer(x, x), [x @ layer.weight.data[0] @ x], rtol=1e-13)


def test_bilinear_starts_within_torchs_bound() -> None:
    layer = nn.Bilinear(4, 5, 200, rng=np.random.default_rng(62))
    assert layer.bias is not None
    for array in (layer.weight.data, layer.bias.data):
        assert 0.45 < np.abs(array).max() <= 0.5


def test_lora_starts_as_the_linear_layer_that_it_adapts() -> None:
    linear = nn.Linear(5, 4, rng=np.random.default_rng(63))
    lora = nn.LoRALinear(5, 4, 2, rng=np.random.default_rng(64))
    lora.load_state_dict(lora.state_dict() | linear.state_dict())
    x = draw(3, 5)
    np.testing.assert_array_equal(lora(x), linear(x))


def test_lora_starts_with_a_weight_bias_and_first_factor_like_those_of_a_linear_layer() -> None:
    lora = nn.LoRALinear(4, 200, 50, rng=np.random.default_rng(65))
    assert lora.bias is not None
    for array in (lora.weight, lora.bias, lora.lora_A.data):
        assert 0.45 < np.abs(array).max() <= 0.5
    assert not lora.lora_B.data.any()


def test_lora_learns_only_its_two_factors() -> None:
    lora = nn.LoRALinear(5, 4, 2, rng=RNG)
    assert [name for name, _ in lora.named_parameters()] == ["lora_A", "lora_B"]
    before = lora.state_dict()
    optimizer = nn.SGD(lora.parameters(), 0.1, weight_decay=0.1)
    lora.backward(lora(draw(3, 5)))
    optimizer.step()
    for name, array in lora.state_dict().items():
        assert np.array_equal(array, before[name]) == (name in ("weight", "bias"))


def test_lora_may_have_rank_one() -> None:
    lora = nn.LoRALinear(5, 4, 1, rng=RNG)
    assert lora.lora_A.data.shape == (1, 5)
    assert lora.lora_B.data.shape == (4, 1)


def test_lora_scales_by_alpha_over_the_rank() -> None:
    assert nn.LoRALinear(5, 4, 2, 3.0, rng=RNG).scaling == 1.5
    assert nn.LoRALinear(5, 4, 2, rng=RNG).scaling == 0.5


def test_lora_without_bias_has_none_in_its_state() -> None:
    assert sorted(nn.LoRALinear(5, 4, 2, bias=False, rng=RNG).state_dict()) == ["lora_A", "lora_B", "weight"]


def run(layer: Any, inputs: tuple[Any, ...], dy: Any) -> None:
    """Forward, then backward."""
    layer(*inputs)
    layer.backward(dy)


def misfit(layer: str, name: str, got: str, wanted: str) -> str:
    return f"{layer}: {name} has shape {got} but must have {wanted}; reshape it or build the layer for its size"


def single(layer: str, name: str) -> str:
    return (
        f"{layer}: {name} has dtype float32 but the layer computes in float64; "
        f"convert it with .astype(np.float64), or build the layer with dtype=np.float32"
    )


def bilinear() -> nn.Bilinear:
    return nn.Bilinear(4, 3, 5, rng=RNG)


def lora() -> nn.LoRALinear:
    return nn.LoRALinear(4, 3, 2, rng=RNG)


def zeros(*shape: int, d: Any = np.float64) -> Any:
    return np.zeros(shape, d)


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: bilinear()(zeros(2, 3), zeros(2, 3)), misfit("Bilinear", "input1", "(2, 3)", "(..., 4)")),
    (lambda: bilinear()(zeros(2, 4), zeros(2, 4)), misfit("Bilinear", "input2", "(2, 4)", "(2, 3)")),
    (lambda: bilinear()(zeros(2, 4), zeros(1, 3)), misfit("Bilinear", "input2", "(1, 3)", "(2, 3)")),
    (lambda: bilinear()(zeros(2, 4, d=np.float32), zeros(2, 3)), single("Bilinear", "input1")),
    (lambda: bilinear()(zeros(2, 4), zeros(2, 3, d=np.float32)), single("Bilinear", "input2")),
    (
        lambda: run(bilinear(), (zeros(2, 4), zeros(2, 3)), zeros(2, 3)),
        misfit("Bilinear", "dy", "(2, 3)", "(2, 5)"),
    ),
    (
        lambda: run(bilinear(), (zeros(2, 4), zeros(2, 3)), zeros(2, 5, d=np.float32)),
        single("Bilinear", "dy"),
    ),
    (
        lambda: nn.LoRALinear(4, 3, 0, rng=RNG),
        "LoRALinear: r is 0 but the rank must be at least 1; raise it, or use Linear",
    ),
    (lambda: lora()(zeros(2, 3)), misfit("LoRALinear", "x", "(2, 3)", "(..., 4)")),
    (lambda: lora()(zeros(2, 4, d=np.float32)), single("LoRALinear", "x")),
    (lambda: run(lora(), (zeros(2, 4),), zeros(2, 4)), misfit("LoRALinear", "dy", "(2, 4)", "(2, 3)")),
    (lambda: run(lora(), (zeros(2, 4),), zeros(2, 3, d=np.float32)), single("LoRALinear", "dy")),
]


@pytest.mark.parametrize(("call", "message"), REFUSALS, ids=[message for _, message in REFUSALS])
def test_the_refusal_says_rule_value_and_next_step(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        call()
