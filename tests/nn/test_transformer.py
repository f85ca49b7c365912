"""Transformers: masks and hints, copies of a layer, defaults."""

import re
from typing import Any

import numpy as np
import pytest

from nnlab.errors import BackwardBeforeForward, InputError
from nnlab.nn import (
    Dropout,
    FeedForward,
    LayerNorm,
    Module,
    MultiheadAttention,
    Sequential,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

CAUSAL = np.triu(np.ones((3, 3), bool), 1)


def draw(*shape: int) -> Any:
    return np.random.default_rng(42).standard_normal(shape)


def encoder_layer(dropout: float = 0.0, **kwargs: Any) -> TransformerEncoderLayer:
    return TransformerEncoderLayer(4, 2, 5, dropout, batch_first=True, rng=np.random.default_rng(41), **kwargs)


def decoder_layer(dropout: float = 0.0, **kwargs: Any) -> TransformerDecoderLayer:
    return TransformerDecoderLayer(4, 2, 5, dropout, batch_first=True, rng=np.random.default_rng(41), **kwargs)


def test_feed_forward_is_two_linear_maps_with_a_rectifier_between() -> None:
    layer, x = FeedForward(3, 5, 0.0, rng=np.random.default_rng(0)), draw(2, 3)
    assert list(layer.state_dict()) == ["linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias"]
    np.testing.assert_allclose(layer(x), layer.linear2(np.maximum(layer.linear1(x), 0)))


def test_feed_forward_and_decoder_layer_have_torchs_defaults() -> None:
    feed = FeedForward(4, rng=np.random.default_rng(0))
    assert (feed.linear1.out_features, feed.dropout.p, type(feed.activation).__name__) == (2048, 0.1, "ReLU")
    assert feed.linear1.bias is not None
    assert feed.linear2.bias is not None
    layer = TransformerDecoderLayer(4, 2, rng=np.random.default_rng(0))
    assert (layer.linear1.out_features, type(layer.activation).__name__, layer.norm_first) == (2048, "ReLU", False)
    assert {drop.p for drop in layer.modules() if isinstance(drop, Dropout)} == {0.1}
    assert {norm.eps for norm in layer.modules() if isinstance(norm, LayerNorm)} == {1e-5}
    assert layer.self_attn.batch_first is layer.multihead_attn.batch_first is False
    assert len(layer.state_dict()) == 18


@pytest.mark.parametrize("norm_first", [False, True])
def test_each_mask_of_a_decoder_layer_hides_what_it_says(norm_first: bool) -> None:
    layer, tgt, memory = decoder_layer(norm_first=norm_first), draw(2, 3, 4), draw(2, 5, 4)[:, ::-1]
    padded, memory_padded = np.array([[False, False, True]] * 2), np.array([[False] * 3 + [True] * 2] * 2)
    memory_mask = np.array([[False] * 3 + [True] * 2] * 3)
    np.testing.assert_allclose(layer(tgt, memory, CAUSAL)[:, :2], layer(tgt[:, :2], memory, CAUSAL[:2, :2]))
    short = layer(tgt, memory[:, :3])
    np.testing.assert_allclose(layer(tgt, memory, memory_mask=memory_mask), short)
    np.testing.assert_allclose(layer(tgt, memory, memory_key_padding_mask=memory_padded), short)
    hidden = layer(tgt, memory, tgt_key_padding_mask=padded)
    np.testing.assert_allclose(hidden[:, :2], layer(tgt[:, :2], memory))
    assert not np.allclose(layer(tgt, memory), hidden)


@pytest.mark.parametrize("name", ["self_attn", "multihead_attn"])
def test_decoder_layer_asks_its_attentions_for_no_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    layer = decoder_layer()
    attention: MultiheadAttention = getattr(layer, name)
    asked: list[Any] = []

    def attend(*inputs: Any, need_weights: Any = None, **masks: Any) -> Any:
        asked.append(need_weights)
        return MultiheadAttention.forward(attention, *inputs, **masks)

    monkeypatch.setattr(attention, "forward", attend)
    layer(draw(2, 3, 4), draw(2, 5, 4))
    assert asked == [False]


FLOATING = np.where(CAUSAL, -np.inf, 0.0)
HINTS: dict[str, Any] = {
    "encoder layer": ("TransformerEncoderLayer: src_mask", lambda m: encoder_layer()(draw(2, 3, 4), m, None, True)),
    "encoder": (
        "TransformerEncoderLayer: src_mask",
        lambda m: TransformerEncoder(encoder_layer(), 2)(draw(2, 3, 4), m, is_causal=True),
    ),
} | {
    f"{kind} {name}": (
        f"TransformerDecoderLayer: {name}_mask",
        lambda m, make=make, name=name: make()(*[draw(2, 3, 4)] * 2, **{f"{name}_mask": m, f"{name}_is_causal": True}),
    )
    for kind, make in (("decoder layer", decoder_layer), ("decoder", lambda: TransformerDecoder(decoder_layer(), 2)))
    for name in ("tgt", "memory")
}
every_hint = pytest.mark.parametrize(("name", "run"), HINTS.values(), ids=list(HINTS))


@every_hint
def test_a_mask_that_is_said_to_be_causal_must_be(name: str, run: Any) -> None:
    rule = f"{name} must hide exactly the later positions for is_causal but "
    step = "; pass np.triu(np.ones((T, S), bool), 1), or leave is_causal out"
    with pytest.raises(InputError, match=f"^{re.escape(rule + 'is missing' + step)}$"):
        run(None)
    for wrong in (~CAUSAL, CAUSAL.T, np.zeros((3, 3), bool), FLOATING + 1, -FLOATING, CAUSAL * 1.0):
        with pytest.raises(InputError, match=f"^{re.escape(rule + 'does not' + step)}$"):
            run(wrong)


@every_hint
def test_a_causal_mask_may_be_boolean_or_floating_and_for_each_head(name: str, run: Any) -> None:
    boolean = run(CAUSAL)
    np.testing.assert_array_equal(run(FLOATING), boolean)
    np.testing.assert_array_equal(run(np.stack([CAUSAL] * 4)), boolean)


def test_a_stack_bears_torchs_names() -> None:
    encoder = TransformerEncoder(encoder_layer(bias=False), 2, LayerNorm(4))
    each = ["self_attn.in_proj_weight", "self_attn.out_proj.weight", "linear1.weight", "linear2.weight"]
    each += ["norm1.weight", "norm2.weight"]
    names = [f"layers.{i}.{name}" for i in range(2) for name in each]
    assert list(encoder.state_dict()) == [*names, "norm.weight", "norm.bias"]
    decoder = TransformerDecoder(decoder_layer(), 3)
    assert [name for name in decoder.state_dict() if "in_proj_weight" in name] == [
        f"layers.{i}.{attn}.in_proj_weight" for i in range(3) for attn in ("self_attn", "multihead_attn")
    ]


STACKS = [(TransformerEncoder, encoder_layer, 1), (TransformerDecoder, decoder_layer, 2)]
both = pytest.mark.parametrize(("stack", "layer", "inputs"), STACKS, ids=["encoder", "decoder"])


@both
def test_layers_of_a_stack_begin_with_the_same_values_and_share_no_arrays(stack: Any, layer: Any, inputs: int) -> None:
    given = layer()
    made = stack(given, 2)
    for original, first, second in zip(given.parameters(), *(m.parameters() for m in made.layers), strict=True):
        np.testing.assert_array_equal(first.data, original.data)
        np.testing.assert_array_equal(second.data, original.data)
        arrays = [a for p in (original, first, second) for a in (p.data, p.grad)]
        assert not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])
    assert len(made.parameters()) == 2 * len(given.parameters())


@both
def test_layers_of_a_stack_have_neither_gradients_nor_cache_of_the_layer(stack: Any, layer: Any, inputs: int) -> None:
    given, x = layer(), draw(2, 3, 4)
    given.backward(given(*[x] * inputs))
    made = stack(given, 1)
    assert any(p.grad.any() for p in given.parameters())
    assert not any(p.grad.any() for p in made.parameters())
    for module in (made, *made.layers[0].modules()):
        if "backward" in vars(type(module)):
            with pytest.raises(BackwardBeforeForward):
                module.backward(x)
    given.backward(x)


@both
def test_layers_of_a_stack_drop_different_entries_and_draw_from_one_generator(
    stack: Any, layer: Any, inputs: int
) -> None:
    given = layer(0.5)
    made = stack(given, 2)
    generators = {id(module.rng) for module in made.modules() if isinstance(module, Dropout)}
    assert generators == {id(given.dropout.rng)}
    made(*[draw(2, 3, 4)] * inputs)
    first, second = (m.dropout.backward(np.ones((2, 3, 5))) for m in made.layers)
    assert (first == 0).any()
    assert (first != second).any()


@both
def test_layers_of_a_stack_keep_the_mode_of_the_layer(stack: Any, layer: Any, inputs: int) -> None:
    assert not any(module.training for module in stack(layer().eval(), 2).layers[1].modules())


@both
def test_a_stack_is_its_layers_in_turn_and_a_norm(stack: Any, layer: Any, inputs: int) -> None:
    norm, x = LayerNorm(4, 0.3), draw(2, 3, 4)
    made, others = stack(layer(), 3, norm), [draw(2, 5, 4)] * (inputs - 1)
    assert made.norm is norm
    for i, p in enumerate(made.parameters()):
        p.data += 0.1 * np.random.default_rng(i).standard_normal(p.data.shape)
    y = made.layers[2](made.layers[1](made.layers[0](x, *others), *others), *others)
    np.testing.assert_array_equal(made(x, *others), norm(y))
    made.norm = None
    np.testing.assert_array_equal(made(x, *others), y)


@both
@pytest.mark.parametrize("number", [0, -1])
def test_a_stack_without_layers_is_refused(stack: Any, layer: Any, inputs: int, number: int) -> None:
    message = f"^{stack.__name__}: num_layers is {number} but at least one is needed; raise it$"
    with pytest.raises(InputError, match=message):
        stack(layer(), number)


def test_a_stack_of_any_layer_keeps_generators_deep_inside() -> None:
    class Masked(Module):
        def __init__(self) -> None:
            self.inner = Sequential(Dropout(0.5, rng=np.random.default_rng(3)))

        def forward(self, x: Any, *masks: Any) -> Any:
            return self.inner(x)

    made = TransformerEncoder(Masked(), 2)
    first, second = (drop.rng for drop in made.modules() if isinstance(drop, Dropout))
    assert first is second


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (
            lambda: FeedForward(4, activation="tanh", rng=np.random.default_rng(0)),  # type: ignore[arg-type]
            "FeedForward: activation is 'tanh' but must be 'relu' or 'gelu'; choose one of them",
        ),
        (
            lambda: decoder_layer(activation="tanh"),
            "TransformerDecoderLayer: activation is 'tanh' but must be 'relu' or 'gelu'; choose one of them",
        ),
        (
            lambda: decoder_layer()(draw(3, 4), draw(2, 3, 4)),
            "TransformerDecoderLayer: tgt has shape (3, 4) but must have (*, *, *); "
            "reshape it or build the layer for its size",
        ),
    ],
)
def test_a_transformer_refuses_what_does_not_fit(run: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        run()
