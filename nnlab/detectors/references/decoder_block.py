"""Blocks of language models, from the references of their parts."""

from nnlab.detectors.references.gate import swiglu
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.grouped_attention import grouped_query_attention
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.norm import rms_norm


def llama_decoder_layer(
    given: Given,
    d_model: int,
    nhead: int,
    num_kv_heads: int,
    dim_feedforward: int,
    norm_eps: float = 1e-5,
    bias: bool = False,
    rotary: str = "interleaved",
    rotary_base: float = 10000.0,
) -> Array:
    """Section 2.2 of both papers: norms at the inputs of attention and of feed-forward, and residuals around them."""
    x = given.x
    attended = grouped_query_attention(
        given.part("self_attn.", rms_norm(given.part("norm1.", x), d_model, norm_eps)),
        d_model,
        nhead,
        num_kv_heads,
        bias=bias,
        is_causal=True,
        rotary=rotary,
        rotary_base=rotary_base,
    )
    h = x + attended
    z = rms_norm(given.part("norm2.", h), d_model, norm_eps)
    hidden = swiglu(given.part("swiglu.", z), d_model, dim_feedforward, bias)
    return h + linear(given.part("linear2.", hidden), dim_feedforward, d_model, bias)


REFERENCES = {"LlamaDecoderLayer": llama_decoder_layer}
