"""Layers made of layers."""

from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import Embedding, Linear, Module, Residual, Sequential, Tanh


def test_sequential_names_its_layers_by_number() -> None:
    layer = Sequential(Tanh(), Linear(2, 3, rng=np.random.default_rng(0)))
    assert [name for name, _ in layer.children()] == ["0", "1"]
    assert [name for name, _ in layer.named_parameters()] == ["1.weight", "1.bias"]


def test_sequential_applies_its_layers_in_order_and_their_backwards_in_reverse() -> None:
    rng = np.random.default_rng(0)
    first, second = Linear(2, 3, rng=rng), Linear(3, 4, rng=rng)
    layer, x = Sequential(first, second), rng.standard_normal((5, 2))
    np.testing.assert_array_equal(layer(x), second(first(x)))
    np.testing.assert_allclose(
        layer.backward(np.ones((5, 4))), np.ones((5, 4)) @ second.weight.data @ first.weight.data
    )


def test_sequential_passes_integers_in_and_none_back() -> None:
    rng = np.random.default_rng(0)
    layer = Sequential(Embedding(4, 3, rng=rng), Tanh())
    assert layer([1, 3]).shape == (2, 3)
    assert layer.backward(np.ones((2, 3))) is None


def test_sequential_counts_ten_layers_in_order() -> None:
    layer = Sequential(*(Tanh() for _ in range(12)))
    assert [name for name, _ in layer.children()] == [str(i) for i in range(12)]


def test_residual_refuses_a_layer_that_changes_the_dtype() -> None:
    class Half(Module):
        def forward(self, x: Any) -> Any:
            return x.astype(np.float32)

    with pytest.raises(InputError, match=r"^Residual: module\(x\) has dtype float32"):
        Residual(Half())(np.ones(3))


def test_residual_adds_its_input_and_its_cotangent() -> None:
    layer, x = Residual(Tanh()), np.array([0.5, -1.0])
    np.testing.assert_allclose(layer(x), x + np.tanh(x))
    np.testing.assert_allclose(layer.backward(np.ones(2)), 2 - np.tanh(x) ** 2)
