"""The decoder block of LLaMA: order in time, residual paths, what it passes on."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import InputError
from nnlab.nn import LlamaDecoderLayer


def block(**kwargs: Any) -> LlamaDecoderLayer:
    return LlamaDecoderLayer(8, 2, 1, 5, rng=np.random.default_rng(7), **kwargs)


def draw(*shape: int) -> Any:
    return np.random.default_rng(8).standard_normal(shape)


def test_a_position_depends_on_earlier_ones_only() -> None:
    x = draw(2, 5, 8)
    layer = block()
    np.testing.assert_allclose(layer(x[:, :3]), layer(x)[:, :3], atol=1e-14)
    dy = np.zeros((2, 5, 8))
    dy[:, 2] = 1
    dx = layer.backward(dy)
    assert dx[:, :3].all()
    assert not dx[:, 3:].any()


def test_with_weights_of_zero_it_passes_everything_on() -> None:
    layer, x, dy = block(), draw(2, 3, 8), draw(2, 3, 8) + 1
    layer.load_state_dict({name: 0 * array for name, array in layer.state_dict().items()})
    np.testing.assert_array_equal(layer(x), x)
    np.testing.assert_array_equal(layer.backward(dy), dy)


def test_inputs_in_the_thousands_do_not_overflow() -> None:
    layer = block()
    y = layer(1000 * draw(2, 3, 8))
    assert np.isfinite(y).all()
    assert np.isfinite(layer.backward(np.ones_like(y))).all()


def test_there_is_no_bias_unless_asked_for_and_no_dropout() -> None:
    layer = block()
    assert sorted(layer.state_dict()) == [
        "linear2.weight",
        "norm1.weight",
        "norm2.weight",
        "self_attn.k_proj.weight",
        "self_attn.out_proj.weight",
        "self_attn.q_proj.weight",
        "self_attn.v_proj.weight",
        "swiglu.gate.weight",
        "swiglu.value.weight",
    ]
    assert sum(name.endswith(".bias") for name in block(bias=True).state_dict()) == 7
    np.testing.assert_array_equal(layer(draw(2, 3, 8)), layer.eval()(draw(2, 3, 8)))


def test_settings_go_to_the_layers_inside() -> None:
    for layer, settings in (
        (block(), (1e-5, 10000.0, True)),
        (block(norm_eps=0.1, rotary="halves", rotary_base=50.0), (0.1, 50.0, False)),
    ):
        rotary = layer.self_attn.rotary
        assert rotary is not None
        assert (layer.norm1.eps, rotary.base, rotary.interleaved) == settings
        assert layer.norm2.eps == layer.norm1.eps


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 3, 4)), "x has shape (2, 3, 4) but must have (*, *, 8)"),
        (np.zeros((3, 8)), "x has shape (3, 8) but must have (*, *, 8)"),
    ],
    ids=["another size", "no batch"],
)
def test_inputs_of_another_shape_are_refused(x: Any, message: str) -> None:
    wanted = f"LlamaDecoderLayer: {message}; reshape it or build the layer for its size"
    with pytest.raises(InputError, match=f"^{re.escape(wanted)}$"):
        block()(x)


def test_cotangents_of_another_shape_are_refused_in_the_name_of_the_block() -> None:
    layer = block()
    layer(draw(2, 3, 8))
    wanted = "LlamaDecoderLayer: dy has shape (3, 8) but must have (2, 3, 8)"
    with pytest.raises(InputError, match=f"^{re.escape(wanted)}; reshape it or build the layer for its size$"):
        layer.backward(np.zeros((3, 8)))
