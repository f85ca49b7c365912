"""A transformer block that attends to a memory, from the references of its parts."""

from typing import Any

from nnlab.detectors.references.attention import multihead_attention
from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.feed_forward import feed_forward
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.norm import layer_norm


def transformer_decoder_layer(
    given: Given,
    d_model: int,
    nhead: int,
    dim_feedforward: int = 2048,
    dropout: float = 0.1,
    activation: str = "relu",
    layer_norm_eps: float = 1e-5,
    batch_first: bool = False,
    norm_first: bool = False,
    bias: bool = True,
) -> Array:
    """Section 3.1 of Vaswani et al., dropout as in torch; a mask says itself whether it is causal."""
    x, memory = given.x, given.inputs[1]
    mask, memory_mask, padding, memory_padding, _, _ = given.optional(2, None, None, None, None, False, False)

    def norm(number: int, z: Array) -> Array:
        return layer_norm(given.part(f"norm{number}.", z), d_model, layer_norm_eps, bias=bias)

    def attend(name: str, z: Array, source: Array, hidden_keys: Any, hidden: Any) -> Array:
        inside = given.part(name, z, source, source, hidden_keys, False, hidden)
        return dropped(given, multihead_attention(inside, d_model, nhead, dropout, bias, batch_first)[0], dropout)

    def feed(z: Array) -> Array:
        inside = given.part("", z)
        return dropped(given, feed_forward(inside, d_model, dim_feedforward, dropout, activation, bias), dropout)

    junctions = (
        lambda z: attend("self_attn.", z, z, padding, mask),
        lambda z: attend("multihead_attn.", z, memory, memory_padding, memory_mask),
        feed,
    )
    for number, branch in enumerate(junctions, 1):
        x = x + branch(norm(number, x)) if norm_first else norm(number, x + branch(x))
    return x


REFERENCES = {"TransformerDecoderLayer": transformer_decoder_layer}
