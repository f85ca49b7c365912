"""Initial values: the distributions that torch draws from."""

from math import sqrt
from typing import Any

import numpy as np
import pytest

from nnlab import nn
from nnlab.nn import init


def rng() -> np.random.Generator:
    return np.random.default_rng(17)


def assert_uniform(values: Any, bound: float) -> None:
    """All of [-bound, bound], and nothing else, evenly."""
    assert np.abs(values).max() <= bound
    assert values.min() < -0.95 * bound
    assert values.max() > 0.95 * bound
    assert values.std() == pytest.approx(bound / sqrt(3), rel=0.1)
    assert abs(values.mean()) < 0.1 * bound


def test_uniform_fills_the_interval() -> None:
    values = init.uniform(rng(), (50, 40), 0.3, np.float32)
    assert values.shape == (50, 40)
    assert values.dtype == np.float32
    assert_uniform(values, 0.3)


def test_fan_in_uniform_narrows_with_the_fan_in() -> None:
    assert_uniform(init.fan_in_uniform(rng(), (50, 40), 16, np.float64), 0.25)


def test_xavier_uniform_narrows_with_both_fans() -> None:
    values = init.xavier_uniform(rng(), (50, 46), np.float32)
    assert values.dtype == np.float32
    assert_uniform(values, 0.25)


def test_normal_has_mean_0_and_variance_1() -> None:
    values = init.normal(rng(), (50, 40), np.float32)
    assert values.dtype == np.float32
    assert values.std() == pytest.approx(1, rel=0.05)
    assert abs(values.mean()) < 0.05


LAYERS: list[tuple[nn.Module, dict[str, float]]] = [
    (nn.Linear(16, 300, rng=rng()), {"weight": 1 / 4, "bias": 1 / 4}),
    (nn.Conv1d(8, 300, 4, groups=2, rng=rng()), {"weight": 1 / 4, "bias": 1 / 4}),
    (nn.Conv2d(4, 300, (2, 4), groups=2, rng=rng()), {"weight": 1 / 4, "bias": 1 / 4}),
    (nn.GRUCell(2, 100, rng=rng()), dict.fromkeys(("weight_ih", "bias_ih", "weight_hh", "bias_hh"), 1 / 10)),
    (nn.RNN(2, 400, rng=rng()), dict.fromkeys(("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0"), 1 / 20)),
    (nn.GRU(2, 100, rng=rng()), dict.fromkeys(("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0"), 1 / 10)),
    (nn.LSTM(2, 100, rng=rng()), dict.fromkeys(("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0"), 1 / 10)),
]


@pytest.mark.parametrize(("layer", "bounds"), LAYERS, ids=[type(layer).__name__ for layer, _ in LAYERS])
def test_layer_draws_its_parameters_from_torchs_interval(layer: nn.Module, bounds: dict[str, float]) -> None:
    parameters = dict(layer.named_parameters())
    assert parameters.keys() == bounds.keys()
    for name, bound in bounds.items():
        assert_uniform(parameters[name].data, bound)


def test_attention_starts_from_xavier_weights_and_zero_biases() -> None:
    attention = nn.MultiheadAttention(24, 2, rng=rng())
    assert_uniform(attention.in_proj_weight.data, sqrt(6 / (24 * 4)))
    assert_uniform(attention.out_proj.weight.data, 1 / sqrt(24))
    for bias in (attention.in_proj_bias, attention.out_proj.bias):
        assert bias is not None
        assert not bias.data.any()


def test_embedding_starts_normal_but_for_a_zero_padding_row() -> None:
    weight = nn.Embedding(50, 40, padding_idx=-3, rng=rng()).weight.data
    assert not weight[47].any()
    assert np.delete(weight, 47, axis=0).std() == pytest.approx(1, rel=0.05)


def test_norms_start_as_the_identity() -> None:
    for layer in (nn.LayerNorm((2, 3)), nn.BatchNorm1d(3)):
        assert layer.weight is not None
        assert layer.bias is not None
        assert (layer.weight.data == 1).all()
        assert (layer.bias.data == 0).all()


def test_capsule_weights_are_normal_and_narrow_with_the_input_dimension() -> None:
    weight = nn.CapsuleLayer(10, 16, 10, 5, rng=rng()).weight.data
    assert weight.std() == pytest.approx(0.25, rel=0.05)
    assert abs(weight.mean()) < 0.02
