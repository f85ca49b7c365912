"""Attention whose heads share keys and values, from the references of its parts."""

import numpy as np

from nnlab.detectors.references.attention_core import scaled_dot_product_attention
from nnlab.detectors.references.given import Array, Given
from nnlab.detectors.references.linear import linear
from nnlab.detectors.references.rotary import rotary_embedding


def grouped_query_attention(
    given: Given,
    embed_dim: int,
    num_heads: int,
    num_kv_heads: int,
    dropout: float = 0.0,
    bias: bool = True,
    is_causal: bool = False,
    rotary: str | None = None,
    rotary_base: float = 10000.0,
) -> Array:
    """Head h of the query uses head h // (num_heads / num_kv_heads) of key and value; only query and key are turned."""
    x = given.x
    (mask,) = given.optional(1, None)
    size = embed_dim // num_heads

    def heads(name: str, count: int, turned: bool) -> Array:
        projected = linear(given.part(f"{name}_proj.", x), embed_dim, count * size, bias)
        split = np.stack([projected[..., h * size : (h + 1) * size] for h in range(count)], 1)
        if turned and rotary is not None:
            return rotary_embedding(given.part("", split), size, rotary_base, rotary == "interleaved")
        return split

    q, k, v = heads("q", num_heads, True), heads("k", num_kv_heads, True), heads("v", num_kv_heads, False)
    y = scaled_dot_product_attention(given.part("", q, k, v, mask), dropout, is_causal, enable_gqa=True)
    joined = np.concatenate([y[:, h] for h in range(num_heads)], -1)
    return linear(given.part("out_proj.", joined), embed_dim, embed_dim, bias)


REFERENCES = {"GroupedQueryAttention": grouped_query_attention}
