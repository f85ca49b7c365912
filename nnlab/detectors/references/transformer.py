"""Transformer blocks, from the references of their parts."""

from nnlab.detectors.references.attention import multihead_attention
from nnlab.detectors.references.dropout import dropped
from nnlab.detectors.references.feed_forward import feed_forward
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.norm import layer_norm


def transformer_encoder_layer(
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
    x = given.x
    mask, padding, _ = given.optional(1, None, None, False)

    def norm(number: int, z: Array) -> Array:
        return layer_norm(given.part(f"norm{number}.", z), d_model, layer_norm_eps, bias=bias)

    def attend(z: Array) -> Array:
        inside = given.part("self_attn.", z, z, z, padding, False, mask)
        return dropped(given, multihead_attention(inside, d_model, nhead, dropout, bias, batch_first)[0], dropout)

    def feed(z: Array) -> Array:
        inside = given.part("", z)
        return dropped(given, feed_forward(inside, d_model, dim_feedforward, dropout, activation, bias), dropout)

    if norm_first:
        h = x + attend(norm(1, x))
        return h + feed(norm(2, h))
    h = norm(1, x + attend(x))
    return norm(2, h + feed(h))


REFERENCES = {"TransformerEncoderLayer": transformer_encoder_layer}
